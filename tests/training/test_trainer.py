"""The trainer trains what the stage says, with the loss of the model.

python -m pytest tests/training/test_trainer.py
"""

import copy

import pytest
import torch
from datasets import Dataset
from tiny_rows import picture, row
from transformers import AutoModelForImageTextToText, AutoProcessor

from deepseek_vl_hf.training import STAGES, DeepSeekVLHFTrainingConfig


def losses(trainer):
    return [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]


def changed(before, model):
    return {name for name, value in model.state_dict().items() if not torch.equal(value, before[name])}


@pytest.mark.parametrize("stage", STAGES)
def test_the_loss_is_the_models_own(tiny_model, make_trainer, mixed_rows, picture_rows, stage):
    trainer = make_trainer(tiny_model, picture_rows if stage == 1 else mixed_rows, stage)
    batch = next(iter(trainer.get_train_dataloader()))
    batches = [dict(batch)]
    own = tiny_model(**batch).loss
    _, num_items = trainer.get_batch_samples(iter(batches), 1, torch.device("cpu"))
    through_trainer = trainer.compute_loss(tiny_model, dict(batch), num_items_in_batch=num_items)
    assert own.item() > 1
    assert through_trainer.item() == pytest.approx(own.item(), rel=1e-6)


@pytest.mark.parametrize("stage", STAGES)
def test_a_step_changes_the_parts_of_the_stage_and_no_other(tiny_model, make_trainer, picture_rows, stage):
    before = copy.deepcopy(tiny_model.state_dict())
    trainer = make_trainer(tiny_model, picture_rows, stage, learning_rate=1e-2)
    trainer.train()
    assert changed(before, tiny_model) == {name for name, p in tiny_model.named_parameters() if p.requires_grad}


@pytest.mark.parametrize("gradient_checkpointing", [True, False])
@pytest.mark.parametrize("stage", [2, 3])
def test_rows_with_and_without_pictures_share_a_batch(
    tiny_model, make_trainer, mixed_rows, text_rows, stage, gradient_checkpointing
):
    # The second batch of four has text alone.
    rows = [*mixed_rows[:4], *text_rows[:4]]
    trainer = make_trainer(tiny_model, rows, stage, gradient_checkpointing=gradient_checkpointing)
    trainer.train()
    assert len(losses(trainer)) == 2
    assert all(0 < loss < 100 for loss in losses(trainer))


def test_a_low_res_model_trains(tiny_low_res_model, make_trainer, tiny_processor, mixed_rows):
    tiny_processor.image_processor.high_res_size = None
    before = copy.deepcopy(tiny_low_res_model.state_dict())
    make_trainer(tiny_low_res_model, mixed_rows, 3, learning_rate=1e-2).train()
    assert changed(before, tiny_low_res_model) == set(before)


def test_checkpointing_activations_changes_no_loss(tiny_model, make_trainer, mixed_rows):
    twin = copy.deepcopy(tiny_model)
    found = []
    for model, checkpointing in ((tiny_model, True), (twin, False)):
        # Not AdamW, which makes a step of the last bit of a gradient near zero.
        settings = {"gradient_checkpointing": checkpointing, "optim": "sgd", "learning_rate": 1e-1}
        trainer = make_trainer(model, mixed_rows, 3, **settings)
        trainer.train()
        found.append(losses(trainer))
    assert found[0] == pytest.approx(found[1], rel=1e-5)


def test_one_batch_of_four_equals_four_batches_of_one(tiny_model, make_trainer, mixed_rows):
    twin = copy.deepcopy(tiny_model)
    found = []
    for model, size in ((tiny_model, 4), (twin, 1)):
        trainer = make_trainer(
            model,
            mixed_rows,
            3,
            per_device_train_batch_size=size,
            gradient_accumulation_steps=4 // size,
            optim="sgd",
            learning_rate=1e-1,
        )
        trainer.train()
        found.append(losses(trainer))
    assert found[0] == pytest.approx(found[1], abs=1e-5)
    for name, value in tiny_model.state_dict().items():
        torch.testing.assert_close(twin.state_dict()[name], value, atol=1e-5, rtol=0, msg=name)


def test_resuming_repeats_the_losses_of_an_unbroken_run(tiny_model, make_trainer, mixed_rows, tmp_path):
    twin, fresh = copy.deepcopy(tiny_model), copy.deepcopy(tiny_model)
    settings = {"train_sampling_strategy": "random", "max_steps": 6, "learning_rate": 1e-2}
    unbroken = make_trainer(tiny_model, mixed_rows, 3, **settings)
    unbroken.train()
    # A cosine over six steps, left after three.
    broken = make_trainer(twin, mixed_rows, 3, save_strategy="steps", save_steps=3, **settings)
    broken.train()
    resumed = make_trainer(fresh, mixed_rows, 3, **settings)
    resumed.train(resume_from_checkpoint=str(tmp_path / "out" / "checkpoint-3"))
    assert len(losses(unbroken)) == 6
    assert losses(broken) == losses(unbroken)
    assert losses(resumed) == losses(unbroken)
    assert not changed(tiny_model.state_dict(), fresh)


def test_the_loss_depends_on_the_picture(tiny_model, make_trainer):
    found = []
    for seed in (0, 1):
        trainer = make_trainer(copy.deepcopy(tiny_model), [row("What?", "A cat.", seed=seed)], 3, max_steps=1)
        trainer.train()
        found += losses(trainer)
    assert abs(found[0] - found[1]) > 1e-3


def test_every_part_has_its_learning_rate(tiny_model, make_trainer, picture_rows):
    trainer = make_trainer(
        tiny_model,
        picture_rows,
        3,
        learning_rate=1e-3,
        lr_scheduler_type="constant",
        weight_decay=0.1,
        vision_lr_scale=0.1,
        language_model_lr_scale=0.5,
    )
    trainer.train()
    rates = {
        parameter: (group["lr"], group["weight_decay"])
        for group in trainer.optimizer.param_groups
        for parameter in group["params"]
    }
    model = tiny_model.model
    assert rates[model.vision_model.low_res.embeddings.patch_embedding.weight] == pytest.approx((1e-4, 0.1))
    assert rates[model.vision_model.high_res.alpha] == pytest.approx((1e-3, 0.1))
    assert rates[model.aligner.proj.weight] == pytest.approx((1e-3, 0.1))
    assert rates[model.aligner.proj.bias] == pytest.approx((1e-3, 0.0))
    assert rates[tiny_model.lm_head.weight] == pytest.approx((5e-4, 0.1))
    assert set(rates) == {parameter for parameter in tiny_model.parameters() if parameter.requires_grad}


def test_what_is_saved_loads_through_the_auto_classes(tiny_model, make_trainer, mixed_rows, tmp_path):
    trainer = make_trainer(tiny_model, mixed_rows, 3, learning_rate=1e-2)
    trainer.train()
    trainer.save_model(tmp_path / "saved")
    model = AutoModelForImageTextToText.from_pretrained(tmp_path / "saved")
    processor = AutoProcessor.from_pretrained(tmp_path / "saved")
    assert not changed(tiny_model.state_dict(), model)
    assert processor.num_image_tokens == 16
    assert processor.apply_chat_template(mixed_rows[0]["messages"]) == trainer.processing_class.apply_chat_template(
        mixed_rows[0]["messages"]
    )


def test_several_sets_are_evaluated_by_name(tiny_model, make_trainer, mixed_rows, text_rows):
    sets = {"pictures": Dataset.from_list(mixed_rows), "texts": Dataset.from_list(text_rows)}
    trainer = make_trainer(tiny_model, mixed_rows, 2, eval_dataset=sets, eval_strategy="steps", eval_steps=2)
    trainer.train()
    found = {name: entry[name] for entry in trainer.state.log_history for name in entry if name.endswith("_loss")}
    assert {"eval_pictures_loss", "eval_texts_loss"} <= set(found)
    assert found["eval_pictures_loss"] != found["eval_texts_loss"]


@pytest.mark.parametrize("assistant_only_loss", [True, False])
@pytest.mark.parametrize("text_first", [True, False])
def test_texts_and_conversations_of_one_table_train_together(
    tiny_model, make_trainer, text_first, assistant_only_loss
):
    conversation = {**row("What is it?", "A cat."), "text": None}
    text = {"messages": None, "text": "A <image_placeholder> there.", "images": [picture(3)]}
    rows = [text, conversation] * 4 if text_first else [conversation, text] * 4
    trainer = make_trainer(tiny_model, rows, 2, assistant_only_loss=assistant_only_loss)
    trainer.train()
    assert len(losses(trainer)) == 2
    assert trainer.args.assistant_only_loss == assistant_only_loss


def test_cut_rows_are_in_the_log_whichever_process_cut_them(tiny_model, make_trainer):
    rows = [row("What?", "cat " * 50, seed=seed) for seed in range(8)]
    trainer = make_trainer(tiny_model, rows, 3, max_length=180, dataloader_num_workers=1)
    trainer.train()
    assert [entry["rows_cut"] for entry in trainer.state.log_history if "rows_cut" in entry][-1] == 8


def test_text_alone_is_refused_in_stage_1(tiny_model, make_trainer, mixed_rows):
    with pytest.raises(
        ValueError, match="found 3 rows in train_dataset/language, expected a picture in each row of stage 1"
    ):
        make_trainer(tiny_model, mixed_rows, 1, train_sampling_strategy="random")
    with pytest.raises(ValueError, match=r"found 3 bad rows among 8(.|\n)*picture is missing . 3"):
        make_trainer(tiny_model, mixed_rows, 1).train()
    with pytest.raises(ValueError, match=r"row 1 of the batch.*What is 1\?.*found no image"):
        make_trainer(tiny_model, mixed_rows, 1, max_bad_share=0.0).train()


def test_data_without_a_column_of_images_is_refused(tiny_model, make_trainer):
    rows = Dataset.from_list([{"text": "A cat."}])
    with pytest.raises(ValueError, match=r"train_dataset: found columns \['text'\], expected 'images'"):
        make_trainer(tiny_model, rows, 2)


def test_a_trainer_without_a_processor_is_refused(tiny_model, make_trainer, picture_rows):
    from deepseek_vl_hf.training import DeepSeekVLHFTrainer

    args = make_trainer(tiny_model, picture_rows, 3).args
    with pytest.raises(ValueError, match="processing_class=NoneType"):
        DeepSeekVLHFTrainer(tiny_model, args, Dataset.from_list(picture_rows))


def test_a_processor_of_another_model_is_refused(tiny_model, make_trainer, picture_rows, tiny_processor):
    tiny_processor.num_image_tokens = 9
    with pytest.raises(ValueError, match="image token 2 9 times per picture, and a model that expects 2 16 times"):
        make_trainer(tiny_model, picture_rows, 3)


@pytest.mark.parametrize("stage", STAGES)
def test_unset_fields_are_the_papers(tmp_path, stage):
    args = DeepSeekVLHFTrainingConfig(str(tmp_path), stage=stage, use_cpu=True)
    expected = {
        1: (1e-3, "cosine", 128, 512, False, True, False, None, 0, {}),
        2: (3e-5, "constant_with_warmup", 2000, 4096, True, False, True, 0.7, 2000, {0.8: 0.316, 0.9: 0.1}),
        3: (2e-5, "cosine", 256, 4096, True, True, False, None, 0, {}),
    }[stage]
    found = (
        args.learning_rate,
        args.lr_scheduler_type,
        args.warmup_steps,
        args.max_length,
        args.count_image_tokens,
        args.assistant_only_loss,
        args.packing,
        args.language_share,
        args.language_warmup_steps,
        args.lr_drops,
    )
    assert found == expected
    assert (args.adam_beta1, args.adam_beta2, args.weight_decay, args.max_grad_norm) == (0.9, 0.95, 0.0, 1.0)
    assert not args.bf16


def test_fields_that_are_set_stay(tmp_path):
    args = DeepSeekVLHFTrainingConfig(str(tmp_path), stage=1, warmup_steps=0, assistant_only_loss=False, max_length=64)
    assert (args.warmup_steps, args.assistant_only_loss, args.max_length) == (0, False, 64)


@pytest.mark.parametrize("stage", [None, 4])
def test_a_configuration_names_its_stage(tmp_path, stage):
    with pytest.raises(ValueError, match=f"found stage={stage}, expected one of 1, 2, 3"):
        DeepSeekVLHFTrainingConfig(str(tmp_path), stage=stage)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"stage": 2, "padding_free": True}, "found padding_free=True, expected False"),
        ({"stage": 1, "packing": True}, "found packing=True with count_image_tokens=False"),
        ({"stage": 2, "language_share": 1.4}, "found language shares .1.4., expected shares between 0 and 1"),
        ({"stage": 3, "language_warmup_steps": 5}, "without a share to fall to, expected language_share as well"),
        (
            {"stage": 2, "language_share": 0.5, "language_share_schedule": {0: 1}},
            "found language_share_schedule beside",
        ),
        ({"stage": 2, "lr_drops": {80: 0.3}}, "expected factors of at least 0 by shares of all steps between 0 and 1"),
    ],
)
def test_fields_out_of_range_are_refused(tmp_path, arguments, message):
    with pytest.raises(ValueError, match=message):
        DeepSeekVLHFTrainingConfig(str(tmp_path), use_cpu=True, **arguments)


@pytest.fixture
def one_bad_step(make_trainer, tiny_model, text_rows):
    """A trainer whose second step has an infinite loss."""

    def make(**kwargs):
        trainer = make_trainer(
            tiny_model, text_rows, 2, train_sampling_strategy="random", language_share=1.0, max_steps=4, **kwargs
        )
        compute_loss = trainer.compute_loss

        def compute(model, inputs, *args, **kwargs):
            loss = compute_loss(model, inputs, *args, **kwargs)
            return loss * float("inf") if trainer.state.global_step == 1 else loss

        trainer.compute_loss = compute
        return trainer

    return make


def test_an_infinite_loss_stops_training_and_names_step_rows_and_parts(one_bad_step):
    trainer = one_bad_step()
    with pytest.raises(FloatingPointError, match="Step 2: found a loss of inf") as error:
        trainer.train()
    rows = ", ".join(map(str, sorted(trainer.plan.rows(1)[1].tolist())))
    assert f"Its rows: train_dataset/language {rows}." in str(error.value)
    assert "not finite in aligner" not in str(error.value)  # text reaches it in no step
    assert "not finite in language_model" in str(error.value)


def test_a_bad_step_is_left_out_on_request(one_bad_step, tiny_model):
    trainer = one_bad_step(skip_bad_steps=1)
    trainer.train()
    assert trainer.state.global_step == 4
    assert trainer.guards.num_bad_steps == 1
    assert all(parameter.isfinite().all() for parameter in tiny_model.parameters())
    assert losses(trainer)[2] < losses(trainer)[0]


def test_a_second_trainer_on_the_same_model_computes_in_bf16_as_the_first_did(make_trainer, tiny_model):
    rows = Dataset.from_list([row("What?", "A cat.", seed=seed) for seed in range(8)])
    dtypes = []
    layer = tiny_model.model.language_model.layers[0].mlp.down_proj
    layer.register_forward_hook(lambda module, args, output: dtypes.append(output.dtype))
    for stage in (1, 3):
        make_trainer(tiny_model, rows, stage, bf16=True, max_steps=1).train()
        assert set(dtypes) == {torch.bfloat16}
        dtypes.clear()
