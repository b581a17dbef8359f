"""Numbers from sliders or from an API call come in, settings that the model takes go out.

Nothing is trusted: a value out of range is moved to the nearest that is in range, one that is no number becomes the default.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any


# name -> least, most; sliders show them, `Settings.clamped` holds to them
RANGES: dict[str, tuple[float, float]] = {
    "max_new_tokens": (1, 1024),
    "temperature": (0.0, 2.0),
    "top_p": (0.01, 1.0),
    "repetition_penalty": (1.0, 2.0),
    "seed": (0, 2**32 - 1),
}
MAX_SYSTEM = 2000  # characters


@dataclass(frozen=True)
class Settings:
    """How an answer is drawn; see `deepseek_vl_hf.answer.Sampling`.

    Args:
        system: Instruction before the conversation; `None` is the chat template's own, an empty one none.
        max_new_tokens: Bound of the answer.
        temperature: 0 takes the likeliest token each time.
        top_p: Draw from the likeliest tokens that together hold this probability.
        repetition_penalty: Above 1, tokens that were there before are less likely.
        seed: Unset, each answer is drawn anew.
    """

    system: str | None = None
    max_new_tokens: int = 256
    temperature: float = 0.0
    top_p: float = 1.0
    repetition_penalty: float = 1.0
    seed: int | None = None

    @classmethod
    def clamped(cls, **values: Any) -> "Settings":
        """Settings that are in range, whatever comes."""
        taken: dict[str, Any] = {}
        system = values.pop("system", None)
        if isinstance(system, str):
            taken["system"] = system[:MAX_SYSTEM]
        kinds = {field.name: int if "int" in str(field.type) else float for field in fields(cls)}
        for name, value in values.items():
            least, most = RANGES[name]
            try:
                value = float(value)
            except (TypeError, ValueError, OverflowError):
                continue
            if math.isnan(value):
                continue
            taken[name] = kinds[name](min(max(value, least), most))
        return cls(**taken)

    @classmethod
    def of_page(cls, values: Sequence[Any]) -> "Settings":
        """Settings from the page's fields, which stand in the order of this class's; an empty system prompt is none of its own."""
        given = dict(zip([field.name for field in fields(cls)], values, strict=True))
        return cls.clamped(**{**given, "system": given["system"] or None})

    @property
    def sampling(self) -> dict[str, Any]:
        """What `Chat.ask` takes."""
        return {name: value for name, value in asdict(self).items() if name != "system"}
