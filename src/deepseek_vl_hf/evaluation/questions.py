"""A folder of questions comes in, checked byte by byte; the questions go out, all or some of them.

    questions.jsonl     a `Question` a line, UTF-8
    pictures/           what the questions are about
    SHA256SUMS          as `sha256sum` writes it, over questions.jsonl and every picture; without it nothing is compared

Whatever is wrong with a folder is said here, before any model is loaded.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from typing import Any

from ..data.picture_files import PictureError, locate, look_at
from ..data.taxonomy import NODES, TEXT, check_task
from ..turns import is_unicode


SHIPPED = Path(__file__).with_name("benchmark")
FILE, PICTURES, SUMS = "questions.jsonl", "pictures", "SHA256SUMS"
LANGUAGES = ("en", "zh")
SCORINGS = (
    "characters",
    "name",
    "exact",
    "number",
    "relaxed",
    "yes_no",
    "unknown",
    "answered",
    "choice",
)  # see `scoring`
CHOICES = (2, 8)  # fewest and most of a question


@dataclass(frozen=True)
class Question:
    """What is asked of a checkpoint, and what it should answer.

    Args:
        id: Unique in its folder: "lines/en/0007".
        task: A node of the taxonomy, or "text".
        source: The renderer, or wherever it comes from.
        language: "en" or "zh".
        pictures: Names below `pictures/`. An image token in the question marks the place of one; without any, they come first.
        question: The text.
        answers: Those accepted; the first is shown.
        scoring: How an answer is scored, one of `SCORINGS`.
        choices: For the scoring "choice": texts, one of them the first answer. They are not in the question: `prompt` adds them.
    """

    id: str
    task: str
    source: str
    language: str
    pictures: tuple[str, ...]
    question: str
    answers: tuple[str, ...]
    scoring: str
    choices: tuple[str, ...] = ()

    def __post_init__(self):
        """Check every field.

        Raises:
            ValueError: at the first that is not as described.
        """
        check_task(self.task)
        for name in ("pictures", "answers", "choices"):
            if not isinstance(getattr(self, name), tuple) or not all(_is_text(each) for each in getattr(self, name)):
                raise ValueError(f"found {name} {getattr(self, name)!r:.80}, expected texts that are not empty")
        for name in ("id", "source", "question"):
            if not _is_text(getattr(self, name)):
                raise ValueError(f"found {name} {getattr(self, name)!r:.80}, expected a text that is not empty")
        for name, allowed in (("language", LANGUAGES), ("scoring", SCORINGS)):
            if getattr(self, name) not in allowed:
                raise ValueError(f"found {name} {getattr(self, name)!r:.80}, expected one of {', '.join(allowed)}")
        if not self.answers:
            raise ValueError("found no answers, expected at least one that is accepted")
        few, many = CHOICES if self.scoring == "choice" else (0, 0)
        if not few <= len(self.choices) <= many or len(set(self.choices)) < len(self.choices):
            raise ValueError(
                f"found {len(self.choices)} choices for scoring {self.scoring!r}, expected "
                + (f"{few} to {many}, all different" if many else "none")
            )
        if self.choices and self.answers[0] not in self.choices:
            raise ValueError(f"found answer {self.answers[0]!r:.80}, expected one of the choices, word for word")

    @property
    def prompt(self) -> str:
        """The question as it is put: with its choices, a line each, after a letter."""
        return "\n".join(
            [self.question, *(f"{letter}. {text}" for letter, text in zip("ABCDEFGH", self.choices, strict=False))]
        )


@dataclass(frozen=True)
class QuestionSet:
    """Questions of one folder, in its order.

    Args:
        folder: Where they lie.
        questions: All of them, or some.
        hashes: Of every question: hexadecimal SHA-256 over its fields and the bytes of its pictures.
    """

    folder: Path
    questions: tuple[Question, ...]
    hashes: tuple[str, ...]

    @property
    def hash(self) -> str:
        """SHA-256 over the hashes of all questions; another question, order or picture gives another."""
        return hashlib.sha256("\n".join(self.hashes).encode()).hexdigest()

    def picture(self, name: str) -> Path:
        """Where a picture lies."""
        return self.folder / PICTURES / name

    def only(self, places: Iterable[int]) -> "QuestionSet":
        """Some of the questions, by their places."""
        places = list(places)
        return replace(
            self,
            questions=tuple(self.questions[place] for place in places),
            hashes=tuple(self.hashes[place] for place in places),
        )


def read_questions(folder: str | Path = SHIPPED) -> QuestionSet:
    """Read the questions of a folder, and compare every file with its hash.

    Raises:
        ValueError: if a line is no question, an id is there twice, a file is missing or not what its hash says, or a
            picture cannot be read; one sentence, for the user.
    """
    folder = Path(folder).expanduser()
    if not (folder / FILE).is_file():
        raise ValueError(f"There is no {FILE} in {folder}; give a folder of questions.")
    listed = _compared(folder)
    questions: dict[str, Question] = {}
    for number, line in enumerate((folder / FILE).read_bytes().split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            question = _parsed(line)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{folder / FILE}, line {number}: {error}; mend the line.") from error
        if question.id in questions:
            raise ValueError(f"{folder / FILE}, line {number}: found id {question.id!r} twice; rename one.")
        questions[question.id] = question
    if not questions:
        raise ValueError(f"{folder / FILE} is empty; put a question on each line.")
    names = dict.fromkeys(name for question in questions.values() for name in question.pictures)
    hashes = {name: _picture_hash(folder, name, listed) for name in names}
    return QuestionSet(
        folder, tuple(questions.values()), tuple(_question_hash(question, hashes) for question in questions.values())
    )


def write_questions(folder: str | Path, questions: Sequence[Question]) -> None:
    """Write `questions.jsonl` and `SHA256SUMS` into a folder whose `pictures/` are there already."""
    folder = Path(folder)
    lines = (json.dumps(asdict(question), ensure_ascii=False) + "\n" for question in questions)
    (folder / FILE).write_bytes("".join(lines).encode())
    files = [folder / FILE, *sorted(path for path in (folder / PICTURES).rglob("*") if path.is_file())]
    sums = (f"{_hash(path.read_bytes())}  {path.relative_to(folder).as_posix()}\n" for path in files)
    (folder / SUMS).write_bytes("".join(sums).encode())


def choose(asked: QuestionSet, tasks: Sequence[str] = (), limit: int | None = None) -> QuestionSet:
    """Choose some of the questions.

    Args:
        asked: All of them.
        tasks: Nodes of the taxonomy or what they begin with: "recognition", "recognition/ocr-and-transcription"; none is all.
        limit: Most questions, spread evenly over tasks and, within one, over languages.

    Raises:
        ValueError: if a task is none of the taxonomy, no question is of it, or the limit is below 1.
    """
    known = {"/".join(node.split("/")[:depth]) for node in NODES for depth in (1, 2, 3)} | {TEXT}
    places = range(len(asked.questions))
    for task in (task.strip("/") for task in tasks):
        if task not in known:
            near = get_close_matches(task, known, 3, 0.5) or [name for name in sorted(known) if task in name][:3]
            raise ValueError(
                f"found task {task!r}, expected {TEXT!r} or a node of the taxonomy or its beginning, such as "
                f"{', '.join(near or sorted(known - {TEXT})[:3])}"
            )
        if not any(_is_below(asked.questions[place].task, task) for place in places):
            there = ", ".join(dict.fromkeys(question.task for question in asked.questions))
            raise ValueError(f"{asked.folder} has no questions of task {task!r}; it has those of {there}.")
    if tasks:
        wanted = [task.strip("/") for task in tasks]
        places = [place for place in places if any(_is_below(asked.questions[place].task, task) for task in wanted)]
    if limit is not None:
        if limit < 1:
            raise ValueError(f"found a limit of {limit} questions, expected at least 1")
        places = sorted(_in_turn(asked, places)[:limit])
    return asked.only(places)


def _in_turn(asked: QuestionSet, places: Iterable[int]) -> list[int]:
    """Places in the order in which a limit takes them: one of each task in turn, its languages taking turns too."""
    turns, seen = [], {}
    for place in places:
        question = asked.questions[place]
        group = (question.task, question.language)
        seen[group] = seen.get(group, -1) + 1
        turns.append((seen[group], LANGUAGES.index(question.language), place))
    return [place for *_, place in sorted(turns)]


def _is_below(task: str, prefix: str) -> bool:
    return task == prefix or task.startswith(f"{prefix}/")


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and is_unicode(value)


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _parsed(line: bytes) -> Question:
    values = json.loads(line)
    names = {field.name for field in fields(Question)}
    if not isinstance(values, dict) or not names - {"choices"} <= set(values) <= names:
        found = ", ".join(map(str, values)) if isinstance(values, dict) else type(values).__name__
        raise ValueError(
            f"found {found:.120}, expected the fields {', '.join(field.name for field in fields(Question))}"
        )
    return Question(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})


def _compared(folder: Path) -> dict[str, str]:
    """Hash of every file that `SHA256SUMS` names, by its path there, each compared with the file."""
    if not (folder / SUMS).is_file():
        return {}
    try:
        lines = (folder / SUMS).read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{folder / SUMS} is no text in UTF-8 ({error.reason}); make it anew with sha256sum."
        ) from error
    hashes = {}
    for line in filter(str.strip, lines):
        expected, _, name = line.partition(" ")
        expected, name = expected.lower(), name[1:]  # after a second space, or the star of a binary file
        if len(expected) != 64 or not name:
            raise ValueError(
                f"found {line!r:.100} in {folder / SUMS}, expected a line as sha256sum writes it; make it anew with sha256sum."
            )
        name = PurePosixPath(name).as_posix()  # "./questions.jsonl" is questions.jsonl
        path = _below(folder, name)[0]
        found = _hash(path.read_bytes()) if path.is_file() else "no such file"
        if found != expected:
            raise ValueError(
                f"{folder / name} is not what {SUMS} says: found {found:.12}, expected {expected:.12}; fetch the questions again."
            )
        hashes[name] = expected
    if FILE not in hashes:
        raise ValueError(f"{folder / SUMS} does not name {FILE}; make it anew with sha256sum.")
    return hashes


def _below(folder: Path, name: str) -> tuple[Path, str]:
    """Where a file lies that must be below a folder, and its name for messages."""
    try:
        path, shown = locate(name, folder)
    except PictureError as error:
        raise ValueError(f"{folder}: {error}") from error
    if not isinstance(path, Path):
        raise ValueError(f"{folder}: found {name!r:.60}, expected the name of a file in it; put the picture there.")
    return path, shown


def _picture_hash(folder: Path, name: str, listed: dict[str, str]) -> str:
    """Hash of a picture, which is read once to see that it can be."""
    path, shown = _below(folder / PICTURES, name)
    try:
        look_at(path, f"{PICTURES}/{shown}")
    except PictureError as error:
        raise ValueError(f"{folder}: {error}") from error
    except OSError as error:
        raise ValueError(f"{folder}: {PICTURES}/{shown:.80} cannot be read ({error.strerror}); rename it.") from error
    if listed and f"{PICTURES}/{name}" not in listed:
        raise ValueError(f"{folder / SUMS} does not name {PICTURES}/{name}; make it anew with sha256sum.")
    return listed.get(f"{PICTURES}/{name}") or _hash(path.read_bytes())


def _question_hash(question: Question, hashes: dict[str, str]) -> str:
    seen = [hashes[name] for name in question.pictures]
    return _hash(json.dumps([asdict(question), seen], ensure_ascii=False, sort_keys=True).encode())
