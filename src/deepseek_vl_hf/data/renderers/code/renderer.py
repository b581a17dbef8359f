"""A `Draw` comes in; pictures of source code go out, with the code as text, and what little programs print."""

from dataclasses import dataclass

from ...damage import save
from ...rendering import Ask, CannotRenderError, Draw, Rendered, Renderer
from ..labels import label_font
from ..typefaces import covers, glyph_share
from .drawing import DARK, FRAMES, LIGHT, PRINT, Look, draw_code
from .excerpts import Excerpt, excerpts
from .programs import make_program
from .wordings import (
    DEFINED,
    FILE,
    LANGUAGE,
    LINE,
    LINES,
    NO_CLASS,
    NO_IMPORT,
    NO_LINE,
    OUTPUT,
    READ,
    TITLES,
    TRANSCRIBE,
)


FORMAT = "recognition/ocr-and-transcription/specified-format"
PRINTED = "recognition/ocr-and-transcription/printed-text"
CODE = "logical-reasoning/other/code"
COUNTING = "recognition/local-description/counting"
ABSENCE = "safety/counterfactual-questioning"
# Languages that a short piece does not tell apart; the name of the file must be shown.
ALIKE = frozenset({"css", "scss", "less", "javascript", "typescript", "jsx", "tsx", "c", "cpp", "c++", "objective-c"})
TYPICAL = 0.7  # height of a capital by the size of a font; fonts with smaller letters are set larger
FILES = ("main.py", "test.py", "solution.py", "demo.py", "exercise.py", "task.py", "hello.py", "script.py")


@dataclass(frozen=True)
class _Shown:
    """What is in the picture."""

    text: str
    language: str
    file: str
    licence: str
    defined: str | None = None
    output: str | None = None


class CodePictures(Renderer):
    """Source code in editors, terminals, slides and printed listings.

    Args:
        assets: Where source files and fonts come from.
        longest: Pixels that the longer side of a picture may have.
        program_share: How often a small program is shown whose output is asked, from 0 to 1.
        most_lines: Of an excerpt.

    Raises:
        ValueError: if an argument is out of range.
    """

    name = "code"
    tasks = (FORMAT, PRINTED, CODE, COUNTING, ABSENCE)
    licence = "CC0-1.0"
    packages = ("pygments", "fontTools")

    def __init__(self, assets, *, longest: int = 1440, program_share: float = 0.35, most_lines: int = 30):
        super().__init__(assets)
        if longest < 512:
            raise ValueError(f"found longest {longest}, expected at least 512 pixels for code to be legible; raise it")
        if not 0 <= program_share <= 1:
            raise ValueError(f"found program_share {program_share}, expected a number from 0 to 1; change it")
        if not 8 <= most_lines <= 60:
            raise ValueError(f"found most_lines {most_lines}, expected from 8 to 60; change it")
        self.longest, self.program_share, self.most_lines = longest, program_share, most_lines

    def render(self, draw: Draw) -> Rendered:
        """Show an excerpt, or a program."""
        shown = self._program(draw) if draw.chance(self.program_share) else self._excerpt(draw)
        mono = [font for font in self.assets.fonts("en", ("mono",)) if covers(font.path, shown.text + shown.file)]
        font = draw.item("font", mono, key=lambda font: font.name)
        look = _choose_look(draw, shown, TYPICAL / glyph_share(font.path, False))
        fonts = (font, label_font(draw, self.assets, look.title or "A"))
        picture, medium = draw_code(draw, shown.text, shown.language, look, fonts)
        if max(picture.size) > 1.15 * self.longest:
            raise CannotRenderError(f"found a picture of {picture.size}, expected at most about {self.longest} pixels")
        asks = _reading(draw, shown, look) + _thinking(draw, shown, look)
        return Rendered([save(draw, picture, medium, self.longest)], asks, _absent(draw, shown, look), shown.licence)

    def _program(self, draw: Draw) -> _Shown:
        program = draw.made("code", make_program, key=lambda program: program.text)
        return _Shown(program.text, "python", draw.pick(FILES), self.licence, None, program.output)

    def _excerpt(self, draw: Draw) -> _Shown:
        pool = excerpts(self.assets.code(), most=self.most_lines)
        by_language: dict[str, list[Excerpt]] = {}
        for excerpt in pool:
            by_language.setdefault(excerpt.language, []).append(excerpt)
        # Languages with few files are shown more often than their share, but not so often that they repeat.
        some = draw.pick([*by_language.values()], [len(some) ** 0.5 for some in by_language.values()])
        found: Excerpt = draw.item("code", some, key=lambda excerpt: excerpt.key)
        return _Shown(found.text, found.language, found.file.split("/")[-1], found.licence, found.defined)


def _choose_look(draw: Draw, shown: _Shown, enlarge: float) -> Look:
    frame = draw.pick(FRAMES, (4, 2, 2, 3))
    has_numbers = draw.chance({"editor": 0.85, "terminal": 0.2, "slide": 0.3, "listing": 0.45}[frame])
    starts_later = frame == "editor" and shown.output is None and draw.chance(0.4)
    first = (draw.whole(2, 400) if starts_later else 1) if has_numbers else None
    style = draw.pick(DARK if frame == "terminal" else PRINT if frame == "listing" else LIGHT + DARK)
    title = f"{draw.pick(TITLES[draw.language])}" if frame == "slide" else ""
    file = shown.file if frame in ("editor", "terminal") else ""
    small = 18 if shown.text.count("\n") < 12 else 14
    size = round(draw.whole(13, small + 6) * enlarge)
    return Look(frame, style, file, title, first, size, draw.between(1.0, 1.35))


def _reading(draw: Draw, shown: _Shown, look: Look) -> list[Ask]:
    """Reading the code, all of it or a line."""
    weight = 3.0 if shown.output is None else 1.0
    asks = [Ask(FORMAT, draw.phrase(TRANSCRIBE), f"```{shown.language}\n{shown.text}\n```", weight)]
    if look.frame == "listing" and look.first is None:  # nothing else is there to read
        asks.append(Ask(PRINTED, READ[draw.language], shown.text, weight))
    lines = shown.text.split("\n")
    if look.first is not None or len(lines) <= 12:
        full = [place for place, line in enumerate(lines) if line.strip()]
        for place in draw.sample(full, 2):
            question = draw.phrase(LINE, number=(look.first or 1) + place)
            asks.append(Ask(PRINTED, question, lines[place].strip(), 0.6))
    if look.file:
        asks.append(Ask(PRINTED, draw.phrase(FILE), look.file, 0.25))
    return asks


def _thinking(draw: Draw, shown: _Shown, look: Look) -> list[Ask]:
    """What the code is, defines and prints."""
    from pygments.lexers import get_lexer_by_name

    asks = []
    if shown.output is not None:
        asks.append(Ask(CODE, draw.phrase(OUTPUT), shown.output, 4.0))
    if look.file or shown.language not in ALIKE:
        asks.append(Ask(CODE, draw.phrase(LANGUAGE), get_lexer_by_name(shown.language).name, 0.5))
    if shown.defined is not None:
        asks.append(Ask(CODE, draw.phrase(DEFINED), shown.defined, 0.8))
    count = shown.text.count("\n") + 1
    if look.first is not None or count <= 12:
        asks.append(Ask(COUNTING, draw.phrase(LINES), str(count), 0.3))
    return asks


def _absent(draw: Draw, shown: _Shown, look: Look) -> list[Ask]:
    count, first = shown.text.count("\n") + 1, look.first or 1
    number = first + count + draw.whole(1, 30)
    answer = draw.phrase(NO_LINE, number=number, first=first, last=first + count - 1)
    asks = [Ask(ABSENCE, draw.phrase(LINE, number=number), answer)]
    for (questions, reply), words in (
        (NO_CLASS[draw.language], ("class", "struct", "interface")),
        (NO_IMPORT[draw.language], ("import", "include", "require", "use ", "@use", "using")),
    ):
        if not any(word in shown.text.lower() for word in words):
            asks.append(Ask(ABSENCE, draw.pick(questions), reply))
    return asks
