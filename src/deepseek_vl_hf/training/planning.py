"""Arguments and sets of rows come in; a collator, the rows as the plan asks for them, and the plan, go out."""

import math
from collections.abc import Mapping

from accelerate import PartialState
from datasets import Dataset, IterableDataset
from transformers import ProcessorMixin

from .bad_rows import BadRows
from .collation import DeepSeekVLHFCollator
from .configuration import DeepSeekVLHFTrainingConfig
from .mixing import Modality, ModalityPlan
from .sampling import PlannedRows
from .stages import stage_of


INSTRUCTIONS = "instructions"  # name of the set that `instruction_share` speaks of


def check_columns(name: str, rows: Dataset | IterableDataset | None) -> None:
    """Refuse rows that lack a column.

    Raises:
        ValueError: if there are no pictures, or neither conversations nor texts.
    """
    columns = None if rows is None else rows.column_names
    if columns is not None and ("images" not in columns or not {"messages", "text"} & set(columns)):
        raise ValueError(
            f"{name}: found columns {columns}, expected 'images' and one or both of 'messages' and 'text'; "
            "a set of text alone has 'images': [] in every row"
        )


def make_collator(
    args: DeepSeekVLHFTrainingConfig, processor: ProcessorMixin, bad_rows: BadRows | None
) -> DeepSeekVLHFCollator:
    """Make the collator that a stage's arguments ask for."""
    return DeepSeekVLHFCollator(
        processor,
        max_length=args.max_length,
        count_image_tokens=args.count_image_tokens,
        assistant_only_loss=args.assistant_only_loss,
        needs_images=stage_of(args.stage).needs_images,
        bad_rows=bad_rows,
        isolate_rows=args.isolate_rows,
        pad_to_multiple_of=args.pad_to_multiple_of,
    )


def plan_rows(
    args: DeepSeekVLHFTrainingConfig,
    sets: Mapping[str, Dataset | IterableDataset],
    streamed: Mapping[str, tuple[Modality, ...]],
    collator: DeepSeekVLHFCollator | None,
    batch_size: int,
    needs_images: bool,
) -> tuple[PlannedRows, ModalityPlan]:
    """Plan which rows come when.

    Args:
        args: Where `max_steps` is left to the epochs, it is set.
        sets: Rows by name of their set.
        streamed: Modalities of the sets that are streams.
        collator: Measures rows for packing; `None` leaves rows as they are.
        batch_size: Rows, or packs, of a step over all processes and micro-steps.
        needs_images: Whether text alone reaches nothing that learns.

    Raises:
        ValueError: if streams lack a number of steps, there are rows without the pictures that they need, or shares and rows do not agree.
    """
    if streamed and args.max_steps <= 0:
        raise ValueError(
            f"found streamed sets {list(streamed)} and max_steps={args.max_steps}, expected a number of steps, as nobody knows how "
            "many rows a stream has; set max_steps"
        )
    lanes = (args.stream_lanes or args.world_size) if streamed else 1
    instructions = {INSTRUCTIONS: args.instruction_share} if INSTRUCTIONS in sets else {}
    with PartialState().main_process_first():  # measures rows for all
        rows = PlannedRows(
            sets,
            {**instructions, **(args.set_shares or {})},
            collator,
            args.seed,
            args.packing_lookahead,
            args.dataset_num_proc,
            streamed,
            lanes,
            args.stream_shuffle_buffer,
        )
    language = [source for source in rows.sources if source.modality == "language"]
    if language and needs_images:
        raise ValueError(
            f"found {', '.join(f'{source.num_rows} rows in {source.name}' for source in language)}, expected a picture in "
            f"each row of stage {args.stage}, where text alone reaches nothing that learns; filter such rows out, or have the "
            "language model or an adapter of it learn"
        )
    if args.max_steps <= 0:
        args.max_steps = math.ceil(args.num_train_epochs * len(rows) / batch_size)
    schedule, sampling = args.share_schedule, args.language_share_sampling
    return rows, ModalityPlan(rows.sources, batch_size, schedule, args.seed, sampling, lanes)
