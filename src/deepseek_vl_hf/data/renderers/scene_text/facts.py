"""What is known of a scene: what its questions are made of."""

from dataclasses import dataclass

from ..inks import LASTING, NAMED
from ..lettering import Piece
from ..typefaces import is_chinese
from .stage import Shown


SURE = tuple(name for name in NAMED if name != "pink")  # dark pink is red to some, light pink white


@dataclass(frozen=True)
class Facts:
    """What is known of a scene.

    Args:
        scene: Its name.
        size: Width and height in pixels.
        shown: What stands in it, in the order in which it is read.
        is_photograph: Whether it stands before a photograph, of which nothing is known.
        is_untouched: Whether its colours stay as they are, or a camera may tint them.
    """

    scene: str
    size: tuple[int, int]
    shown: tuple[Shown, ...]
    is_photograph: bool
    is_untouched: bool

    @property
    def pieces(self) -> list[Piece]:
        """All texts as they are read."""
        return [piece for shown in self.shown for piece in shown.pieces]

    def can_name(self, colour: str) -> bool:
        """Whether people would agree on the name of a colour when they see the finished picture."""
        return colour in LASTING or (self.is_untouched and colour in SURE)

    def of_role(self, role: str) -> list[str]:
        """What is written in a role, each on one line."""
        return [flat(piece.text) for piece in self.pieces if piece.role == role]


def flat(text: str) -> str:
    """A text on one line."""
    return text.replace("\n", "" if is_chinese(text) else " ")
