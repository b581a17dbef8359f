"""What a picture shows comes in; things that it surely does not show go out: wrong guesses, and what to ask in vain."""

from collections.abc import Sequence

from ..rendering import CannotRenderError, Draw
from ..things import BY_NAME, Thing, alike


TRIES = 200
NEAR = 0.5  # of the wrong guesses: of the same category as something in the picture, and so harder
BY_CATEGORY: dict[str, list[Thing]] = {}
for _thing in BY_NAME.values():
    BY_CATEGORY.setdefault(_thing.category, []).append(_thing)


def not_shown(draw: Draw, shown: Sequence[Thing], things: Sequence[Thing]) -> Thing:
    """A thing that nobody would see in a picture.

    Args:
        draw: Decides.
        shown: All that the picture shows.
        things: To choose from.

    Raises:
        CannotRenderError: if none was found.
    """
    for _ in range(TRIES):
        near = draw.chance(NEAR)
        found = draw.pick(BY_CATEGORY[draw.pick(shown).category] if near else things)
        if not found.bare and not any(alike(found, other) for other in shown):
            return found
    raise CannotRenderError(f"found nothing that is surely not among {[thing.name for thing in shown]}")


def apart(draw: Draw, things: Sequence[Thing], count: int) -> list[Thing]:
    """Several things of which none may be taken for another.

    Raises:
        CannotRenderError: if so many were not found.
    """
    chosen: list[Thing] = []
    for _ in range(TRIES):
        if len(chosen) == count:
            return chosen
        found = draw.pick(things)
        if not any(alike(found, other) for other in chosen):
            chosen.append(found)
    raise CannotRenderError(f"found only {len(chosen)} things that nobody confuses, expected {count}")
