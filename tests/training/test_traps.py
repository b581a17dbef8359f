"""Ten traps that other trainers of vision-language models fell into; each test also puts its trap back, and must notice.

 1 rows of a pack see each other                 6 a tower that never learns is in the optimizer
 2 a rank without pictures beside one with them   7 the loss changes with gradient accumulation
 3 the encoder's gradient is diluted              8 a mask for padding or packs costs causality
 4 image tokens are cut, their picture is not     9 pictures are ignored while text works
 5 a resumed stream begins anew                  10 memory grows with every pack, or evaluation gives no loss

python -m pytest tests/training/test_traps.py
"""

import copy
import tracemalloc
from itertools import count, islice

import numpy as np
import pytest
import torch
from accelerate.data_loader import BatchSamplerShard
from datasets import Dataset
from tiny_rows import picture, row
from torch.utils.data import BatchSampler, RandomSampler

from deepseek_vl_hf.training import DeepSeekVLHFCollator, ModalityPlan, ShareSchedule, Source, freeze_for, pack
from deepseek_vl_hf.training.collation import IGNORED
from deepseek_vl_hf.training.sampling import PlanSampler
from deepseek_vl_hf.training.streaming import StreamedRows


@pytest.fixture
def collator(tiny_processor):
    return DeepSeekVLHFCollator(tiny_processor, assistant_only_loss=False)


def logits_of(model, batch):
    inputs = {name: value for name, value in batch.items() if name != "labels"}
    with torch.no_grad():
        return model(**inputs, use_cache=False).logits[0]


def test_1_rows_of_a_pack_do_not_see_each_other(tiny_model, tiny_processor):
    tiny_model.eval()
    second = row("What is two?", "A dog", seed=5)

    def check(isolate_rows):
        collator = DeepSeekVLHFCollator(tiny_processor, isolate_rows=isolate_rows)
        # One changed word and another picture, of the same length.
        found = [
            logits_of(tiny_model, collator([[row(question, "A cat", seed=seed), second]]))
            for question, seed in (("What is 1?", 1), ("What is 2?", 2))
        ]
        length = collator.tokenize([second])[0].length
        assert torch.equal(found[0][-length:], found[1][-length:])

    check(isolate_rows=True)
    with pytest.raises(AssertionError):
        check(isolate_rows=False)


def modalities(sampler, plan, ranks, steps):
    """Modality of what each rank draws at each step: one set, or two where a rank's rows are mixed."""
    size = plan.batch_size // ranks
    found = [[set() for _ in range(ranks)] for _ in range(steps)]
    for rank in range(ranks):
        batches = BatchSamplerShard(BatchSampler(sampler, size, drop_last=False), ranks, rank)
        for step, batch in enumerate(islice(batches, steps)):
            found[step][rank] = {plan.sources[source].modality for source, _ in batch}
    return found


@pytest.fixture
def plan():
    return ModalityPlan([Source("a", 40, "language"), Source("b", 40, "multimodal")], 8, ShareSchedule(((0, 0.5),)))


class Mixed(RandomSampler):
    """Rows in random order, whatever their modality."""

    def __iter__(self):
        return iter([(index % 2, index // 2) for index in super().__iter__()])


def test_2_all_ranks_have_pictures_or_none(plan):
    def check(sampler):
        for ranks in modalities(sampler, plan, ranks=4, steps=10):
            assert len(set.union(*ranks)) == 1

    check(PlanSampler(plan, 10))
    with pytest.raises(AssertionError):
        check(Mixed(range(80)))


def test_3_the_encoders_gradient_is_that_of_the_rows_with_pictures(tiny_model, collator):
    """Two ranks' gradients are averaged. If one has text alone, that halves what the other's pictures say."""
    rows = {
        "multimodal": [row(f"What is {i}?", "A cat", seed=i) for i in range(4)],
        "language": [row(f"What is {i}?", "A cat", 0) for i in range(4)],
    }
    freeze_for(tiny_model, 3)

    def gradient(ranks):
        total = 0
        for members in ranks:
            tiny_model.zero_grad()
            tiny_model(**collator(members)).loss.backward()
            found = tiny_model.model.aligner.proj.weight.grad
            total = total + (
                torch.zeros_like(tiny_model.model.aligner.proj.weight) if found is None else found.clone()
            )
        return total / len(ranks)

    expected = gradient([rows["multimodal"]])

    def check(ranks):
        torch.testing.assert_close(gradient(ranks), expected, rtol=1e-4, atol=1e-6)

    check([rows["multimodal"][:2], rows["multimodal"][2:]])
    with pytest.raises(AssertionError):
        check([rows["multimodal"], rows["language"]])


def test_4_a_picture_is_cut_with_its_image_tokens(tiny_model, tiny_processor):
    rows = [row("What?", "A cat", 3, seed=1)]
    whole = DeepSeekVLHFCollator(tiny_processor, assistant_only_loss=False)(rows)
    first = int((whole["input_ids"][0] == tiny_processor.image_token_id).int().argmax())

    def check(batch):
        assert len(batch["input_ids"][0]) <= max_length
        assert (batch["input_ids"] == tiny_processor.image_token_id).sum() == 16 * len(batch["pixel_values"])
        assert tiny_model(**batch).loss.isfinite()

    for max_length in range(first + 17, first + 40, 5):
        check(DeepSeekVLHFCollator(tiny_processor, max_length, assistant_only_loss=False)(rows))
        flat = {name: value[:, :max_length] if value.ndim == 2 else value for name, value in whole.items()}
        with pytest.raises((AssertionError, ValueError)):
            check(flat)


def test_5_a_resumed_stream_goes_on_where_it_was(collator):
    rows = [row(f"What is {i}?", "A cat" + " and a dog" * (i % 5), i % 2, seed=i) for i in range(60)]
    stream = Dataset.from_list(rows).to_iterable_dataset(num_shards=4)
    collator.max_length = 400

    def reader():
        return StreamedRows("s", stream, "language", True, lanes=2, collator=collator, lookahead=8)

    first = reader()
    unbroken = [str(first.read(number)) for number in range(14)]

    def check(resumed):
        assert resumed == unbroken[6:]

    resumed = reader()
    check([str(resumed.read(number)) for number in range(6, 14)])
    with pytest.raises(AssertionError):  # as if the run had begun anew
        check([str(reader().read(number)) for number in range(8)])


LAYERS_OF_SAM = "model.vision_model.high_res.layers"


def test_6_what_never_learns_is_not_in_the_optimizer(tiny_model, make_trainer, text_rows, picture_rows):
    def check(trainer):
        trainer.train()
        in_optimizer = {id(parameter) for group in trainer.optimizer.param_groups for parameter in group["params"]}
        names = {name for name, parameter in tiny_model.named_parameters() if id(parameter) in in_optimizer}
        assert len(names) == len(in_optimizer)
        assert {"model.aligner.proj.weight", "lm_head.weight"} <= names
        assert not [name for name in names if name.startswith(("model.vision_model.low_res", LAYERS_OF_SAM))]
        # Steps of text alone give the aligner no gradient, which DDP must know.
        assert trainer.args.ddp_find_unused_parameters

    check(make_trainer(tiny_model, text_rows, 2))
    check(make_trainer(tiny_model, picture_rows, 2))
    trainer = make_trainer(tiny_model, text_rows, 2)
    tiny_model.requires_grad_(True)
    with pytest.raises(ValueError, match="parameters that learn and belong to no part"):
        check(trainer)


def test_7_accumulation_changes_no_loss(tiny_model, make_trainer):
    # Answers of very different length: a mean of means would be another number.
    rows = [row("What?", "A cat" + " and a dog" * 6 * (i % 2), 1, seed=i) for i in range(4)]

    def losses(micro_steps, ignores_count=False):
        trainer = make_trainer(
            copy.deepcopy(tiny_model),
            rows,
            3,
            max_steps=2,
            per_device_train_batch_size=4 // micro_steps,
            gradient_accumulation_steps=micro_steps,
            num_train_epochs=2,
            learning_rate=1e-2,
            optim="sgd",
        )
        if ignores_count:
            compute_loss = trainer.compute_loss
            trainer.compute_loss = lambda model, inputs, *args, num_items_in_batch=None, **kwargs: (
                compute_loss(model, inputs, *args, **kwargs) / micro_steps
            )
        trainer.train()
        return [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]

    def check(found):
        assert found == pytest.approx(losses(1), rel=1e-6)

    check(losses(4))
    check(losses(2))
    with pytest.raises(AssertionError):
        check(losses(4, ignores_count=True))


@pytest.mark.parametrize("packed", [False, True])
def test_8_no_token_sees_a_later_one(tiny_model, collator, packed):
    tiny_model.eval()
    rows = [row("What is one?", "A cat", seed=1), row("What is two?", "A dog", seed=2)]
    batch = collator([rows] if packed else rows[:1])
    place = batch["input_ids"].shape[1] - 3
    changed = {**batch, "input_ids": batch["input_ids"].clone()}
    changed["input_ids"][0, place] += 1

    def check(**mask):
        one, two = (logits_of(tiny_model, {**each, **mask})[:place] for each in (batch, changed))
        assert torch.equal(one, two)

    check()
    length = batch["input_ids"].shape[1]
    with pytest.raises(AssertionError):  # a mask that lets every token see every other
        check(attention_mask=torch.zeros(1, 1, length, length))


def test_9_the_picture_decides_the_loss(tiny_model, collator):
    tiny_model.eval()

    def check(model):
        found = []
        for seed in (1, 2):
            with torch.no_grad():
                found.append(model(**collator([row("What is it?", "A cat", seed=seed)])).loss.item())
        assert abs(found[0] - found[1]) > 1e-3

    check(tiny_model)
    blind = copy.deepcopy(tiny_model)
    blind.model.aligner.register_forward_hook(lambda module, args, output: torch.zeros_like(output))
    with pytest.raises(AssertionError):
        check(blind)


def test_9_weights_under_other_names_are_not_passed_over(tiny_model, tmp_path):
    from safetensors.torch import load_file, save_file

    from deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration

    tiny_model.save_pretrained(tmp_path)

    def check():
        _, report = DeepSeekVLHFForConditionalGeneration.from_pretrained(tmp_path, output_loading_info=True)
        assert not report["missing_keys"]
        assert not report["unexpected_keys"]

    check()
    weights = load_file(tmp_path / "model.safetensors")
    save_file(
        {name.replace("low_res.encoder", "low_res.blocks"): value for name, value in weights.items()},
        tmp_path / "model.safetensors",
        metadata={"format": "pt"},
    )
    with pytest.raises((AssertionError, ValueError)):
        check()


def test_10_packing_holds_no_more_rows_than_its_look_ahead():
    sizes = np.random.default_rng(0).integers(1, 300, 1000)

    def check(packs):
        next(packs)
        tracemalloc.start()
        for _ in islice(packs, 500):
            pass
        before = tracemalloc.get_traced_memory()[0]
        for _ in islice(packs, 5000):
            pass
        after = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        assert after - before < 100_000

    check(pack(count(), lambda index: int(sizes[index % 1000]), 1000, 64))

    def keeping():
        kept = []
        for each in pack(count(), lambda index: int(sizes[index % 1000]), 1000, 64):
            kept.append(each)
            yield each

    with pytest.raises(AssertionError):
        check(keeping())


def test_10_evaluation_gives_a_loss_for_text_for_pictures_and_for_a_stream_in_training(
    tiny_model, make_trainer, mixed_rows, text_rows, picture_rows
):
    stream = Dataset.from_list(mixed_rows).to_iterable_dataset()
    sets = {"text": Dataset.from_list(text_rows), "pictures": Dataset.from_list(picture_rows)}
    trainer = make_trainer(
        tiny_model,
        stream,
        2,
        train_sampling_strategy="random",
        eval_dataset=sets,
        eval_strategy="steps",
        eval_steps=1,
    )
    trainer.train()
    for name in sets:
        found = [entry[f"eval_{name}_loss"] for entry in trainer.state.log_history if f"eval_{name}_loss" in entry]
        assert len(found) == 2
        assert all(loss > 0 for loss in found)


def test_no_label_is_an_image_token_or_padding(collator):
    batch = collator(
        [row("What?", "A cat", 2), row("What?", "A cat and a dog", 1, seed=4), {"text": "A.", "images": []}]
    )
    image, padding = collator.processor.image_token_id, batch["attention_mask"] == 0
    assert (batch["labels"][batch["input_ids"] == image] == IGNORED).all()
    assert (batch["labels"][padding] == IGNORED).all()
    assert picture(0).size == (48, 48)
