"""Tune on preferences (DPO): of two answers about a picture, one is preferred.

    accelerate launch examples/train_preference.py --config examples/recipes/nano/preference.yaml \
        --model_name_or_path stage3 --dataset_name path/to/pairs --output_dir preference

With `use_peft` an adapter learns, else SigLIP, the aligner and the language model. Rows are
`{"prompt": [...], "chosen": [...], "rejected": [...], "images": [...]}`, plain ones have `images: []`. The recipe gives the
nano's values, and any of them can be changed on the command line.
"""

from trl import DPOConfig, ModelConfig, ScriptArguments, TrlParser

from deepseek_vl_hf.training import DeepSeekVLHFPreferenceTrainer, load_model, load_rows, peft_config_for


if __name__ == "__main__":
    parser = TrlParser((ScriptArguments, DPOConfig, ModelConfig))
    script_args, training_args, model_args = parser.parse_args_and_config()

    # Model and processor
    model, processor = load_model(model_args)

    # Data
    source, config = script_args.dataset_name, script_args.dataset_config
    train_dataset = load_rows(script_args.dataset_train_split, source, config, script_args.dataset_streaming)
    eval_dataset = None
    if training_args.eval_strategy != "no":
        eval_dataset = load_rows(script_args.dataset_test_split, source, config)

    # Training
    trainer = DeepSeekVLHFPreferenceTrainer(
        model=model,
        args=training_args,
        train_dataset=train_dataset,
        eval_dataset=eval_dataset,
        processing_class=processor,
        peft_config=peft_config_for(model_args),
    )
    trainer.train(resume_from_checkpoint=training_args.resume_from_checkpoint)

    # Save model and processor
    trainer.save_model(training_args.output_dir)
    if training_args.push_to_hub:
        trainer.push_to_hub(dataset_name=script_args.dataset_name)
    trainer.accelerator.wait_for_everyone()
