"""Stage 1: warm the aligner up. It alone learns, with what brings SAM's features onto its grid.

    accelerate launch examples/train_stage1_aligner.py --config examples/recipes/1.3b/stage1.yaml \
        --model_name_or_path path/to/model --dataset_name path/to/captions --output_dir stage1

Every row is one picture and its caption or its text; text-only rows are refused. The recipe gives the paper's values,
and any of them can be changed on the command line. `deepseek-vl train RECIPE.yaml` does the same.
"""

from trl import ModelConfig, TrlParser

from deepseek_vl_hf.training import (
    DeepSeekVLHFScriptArguments,
    DeepSeekVLHFTrainer,
    DeepSeekVLHFTrainingConfig,
    load_eval_sets,
    load_model,
    load_sets,
    peft_config_for,
)


STAGE = 1

if __name__ == "__main__":
    parser = TrlParser((DeepSeekVLHFScriptArguments, DeepSeekVLHFTrainingConfig, ModelConfig))
    parser.set_defaults(stage=STAGE)
    script_args, training_args, model_args = parser.parse_args_and_config()
    if training_args.stage != STAGE:
        raise ValueError(f"found stage={training_args.stage}, expected {STAGE}; use the script of that stage")

    # Model and processor
    model, processor = load_model(model_args)

    # Data
    train_dataset = load_sets(script_args, training_args)
    eval_dataset = None
    if training_args.eval_strategy != "no":
        eval_dataset = load_eval_sets(script_args)

    # Training
    trainer = DeepSeekVLHFTrainer(
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
