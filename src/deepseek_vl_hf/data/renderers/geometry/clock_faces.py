"""A seeded generator comes in; the face of a clock goes out, with the time that it shows."""

import numpy as np

from .figure import Figure
from .plane_angles import CENTRE, pick, polar, whole


ROMAN = ("XII", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI")


def clock(rng: np.random.Generator) -> Figure:
    """A clock with numbers or marks, an hour hand that moves with the minutes, and a longer minute hand."""
    has_minutes = bool(rng.random() < 0.7)
    # Without a mark for each minute only every fifth can be read off for sure.
    hour, minute = whole(rng, 0, 11), whole(rng, 0, 59) if has_minutes else 5 * whole(rng, 0, 11)
    figure = Figure("clock", (hour, minute), turns=False, strict=False)
    figure.circle(CENTRE, 1.0)
    if rng.random() < 0.5:
        figure.circle(CENTRE, 1.06)
    style = pick(rng, ("numbers", "numbers", "roman", "quarters", "marks"))
    for mark in range(60):
        is_hour = mark % 5 == 0
        if is_hour or has_minutes:
            ends = (polar(CENTRE, reach, 90 - 6 * mark) for reach in (0.9 if is_hour else 0.96, 1.0))
            figure.line(*ends, "solid" if is_hour else "thin")
    for place in range(12):
        if style == "marks" or (style == "quarters" and place % 3):
            continue
        text = ROMAN[place] if style == "roman" else str(place or 12)
        figure.text(polar(CENTRE, 0.78, 90 - 30 * place), CENTRE, text)
    figure.shapes.append(("hand", CENTRE, polar(CENTRE, 0.5, 90 - 30 * hour - minute / 2), 3.2))
    figure.shapes.append(
        ("hand", CENTRE, polar(CENTRE, 0.84 if style in ("marks", "quarters") else 0.66, 90 - 6 * minute), 1.8)
    )
    figure.dot(CENTRE)
    figure.ask("time", f"{hour or 12}:{minute:02d}")
    return figure
