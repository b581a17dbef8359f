"""A conversation in a terminal: lines come in, answers go to stdout, and everything else to stderr.

A line is a question, or a command that begins with a slash. Ctrl-C stops an answer and what there is of it stays; at the prompt it
clears the line, and a second one ends.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from glob import escape, glob
from pathlib import Path
from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:  # who only asks for help does not wait for torch
    from PIL import Image

    from .answer import Answer
    from .chat import Chat


try:
    import readline
except ImportError:  # as on Windows; lines can be typed all the same
    readline = None

PROMPT = "> "
LINES_KEPT = 1000
COMMANDS = {
    "/image FILE": "add a picture to the next question",
    "/system TEXT": "instruct the model, `default` as released, `none` not at all; without a text, say how it is",
    "/retry": "ask the last question again",
    "/undo": "take the last question and its answer back",
    "/edit N TEXT": "put question N differently; what came after it goes",
    "/history": "show the conversation",
    "/save FILE.jsonl": "add the conversation to a file of training rows, its pictures beside it",
    "/reset": "start anew",
    "/help": "show this",
    "/quit": "end, as Ctrl-D does",
}


class Terminal:
    """Hold a conversation with a person.

    Args:
        chat: The conversation.
        sampling: How answers are drawn, see `Sampling`.
        write: Prints an answer while it is written.
        open_picture: Reads a picture's file, or raises `ValueError`.
        pictures: For the first question.
    """

    def __init__(
        self,
        chat: Chat,
        sampling: dict[str, Any],
        write: Callable[[Answer], None],
        open_picture: Callable[[str], Image.Image],
        pictures: list[Image.Image],
    ):
        self.chat, self.sampling, self.write, self.open_picture = chat, sampling, write, open_picture
        self.pictures = list(pictures)

    def run(self) -> None:
        """Read lines to the end."""
        notice("A line is a question. /image FILE adds a picture to the next one, /help shows more, /quit ends.")
        with remembered_lines():
            for line in lines():
                word, rest = [*line.split(None, 1), "", ""][:2]
                if word == "/quit":
                    return
                try:
                    self.obey(word, rest.strip())
                except BrokenPipeError:
                    raise
                except (ValueError, OSError, RuntimeError) as error:  # a failing model, too, leaves the conversation
                    notice(" ".join(str(error).split()) or type(error).__name__)
                except KeyboardInterrupt:
                    notice("[stopped]")

    def obey(self, word: str, rest: str) -> None:
        """Do what one line says."""
        command = getattr(self, f"_{word[1:]}", None) if word in {name.split()[0] for name in COMMANDS} else None
        if command is not None:
            command(rest)
        elif word.startswith("/"):
            notice(f"There is no command {word}; /help shows those that there are.")
        elif word:
            self._show(self.chat.ask(f"{word} {rest}".strip(), self.pictures, **self.sampling), len(self.pictures))

    def _show(self, answer: Answer, num_pictures: int = 0) -> None:
        """Print an answer; so many of the pictures that wait belong to its question."""
        if number := answer.num_turns_left_out:
            turns = "the first turn is" if number == 1 else f"the first {number} turns are"
            notice(f"[the context is full: {turns} left out]")
        try:
            with closing(answer):
                self.write(answer)
        finally:
            if answer.text:
                del self.pictures[:num_pictures]
            else:
                notice("[no answer: the question is withdrawn, and its pictures wait for the next one]")
        if answer.is_cut:
            notice(f"[cut after {len(answer.token_ids)} tokens]")

    def _image(self, name: str) -> None:
        if not name:
            raise ValueError("Found /image without a file; name one.")
        self.pictures.append(self.open_picture(unquoted(name)))
        notice(f"[{len(self.pictures)} for the next question]")

    def _system(self, text: str) -> None:
        if text:
            self.chat.system = {"default": None, "none": ""}.get(text, text)
        names = {None: "the released instruction", "": "no instruction"}
        notice(f"[{names.get(self.chat.system, self.chat.system)}]")

    def _retry(self, rest: str) -> None:
        waiting = self.chat.withdrawn.images if self.chat.withdrawn else ()
        self._show(self.chat.retry(**self.sampling), len(waiting))

    def _undo(self, rest: str) -> None:
        turn = self.chat.undo()
        self.pictures = [*turn.images, *self.pictures]
        pictures = f", its {len(turn.images)} pictures wait for the next question" if turn.images else ""
        notice(f"[taken back: {turn.question}{pictures}]")

    def _edit(self, rest: str) -> None:
        number, _, text = rest.partition(" ")
        if not number.isdecimal() or not text.strip():
            raise ValueError(f"Found /edit {rest}, expected the number of a question and its new text; see /history.")
        self._show(self.chat.edit(int(number) - 1, text.strip(), **self.sampling))

    def _history(self, rest: str) -> None:
        for number, turn in enumerate(self.chat.turns, 1):
            pictures = "".join(f"[{image.width}x{image.height}] " for image in turn.images)
            notice(f"{number}. {pictures}{turn.question}\n   {turn.answer}")
        if not self.chat.turns:
            notice("[nothing was said yet]")

    def _save(self, name: str) -> None:
        name = unquoted(name)
        if not name.endswith(".jsonl"):
            raise ValueError(f"Found /save {name}, expected the name of a file that ends in .jsonl.")
        if not self.chat.turns:
            raise ValueError("Nothing was said yet that could be saved.")
        try:
            save(self.chat, Path(name).expanduser())
        except OSError as error:
            raise ValueError(f"Cannot save to {name} ({error}); give another place.") from error
        notice(f"[{len(self.chat.turns)} turns saved to {name}]")

    def _reset(self, rest: str) -> None:
        self.chat.reset()
        self.pictures = []
        notice("[started anew]")

    def _help(self, rest: str) -> None:
        width = max(map(len, COMMANDS))
        notice("\n".join(f"{name:<{width}}  {what}" for name, what in COMMANDS.items()))


def notice(text: str) -> None:
    """Tell the person, not the program that reads the answer."""
    print(text, file=sys.stderr, flush=True)


def lines() -> Iterator[str]:
    """Lines of stdin; edited and remembered where a person types them, and the prompt never among the answers."""
    num_interrupts = 0
    while True:
        try:
            if sys.stdin.isatty() and sys.stdout.isatty():
                line = input(PROMPT)
            else:
                print(PROMPT, end="", file=sys.stderr, flush=True)
                line = sys.stdin.readline()
                if not line:
                    return
            num_interrupts = 0
            yield line
        except EOFError:
            notice("")
            return
        except KeyboardInterrupt:
            num_interrupts += 1
            if num_interrupts == 2:
                raise
            notice("\n[Ctrl-C again, Ctrl-D or /quit ends]")


def unquoted(name: str) -> str:
    """The name of a file as a shell would take it, for one that was dragged into the terminal; as it stands where it exists so.

    Raises:
        ValueError: if no file can have this name.
    """
    try:
        if Path(name).expanduser().exists():
            return name
    except (OSError, RuntimeError) as error:
        raise ValueError(f"{name:.80} is no name of a file ({error}); check the path.") from error
    if os.name == "nt":  # where backslashes part folders
        return name.strip('"')
    with suppress(ValueError):
        words = shlex.split(name)
        return words[0] if len(words) == 1 else name
    return name


@contextmanager
def remembered_lines() -> Iterator[None]:
    """Arrow keys bring back lines of this conversation and earlier ones; tab completes the names of files."""
    if readline is None or not sys.stdin.isatty():
        yield
        return
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    path = state / "deepseek_vl_hf" / "history"
    with suppress(OSError):
        readline.read_history_file(path)
    readline.set_completer_delims(" ")
    readline.set_completer(complete)
    readline.parse_and_bind("tab: complete")
    try:
        yield
    finally:
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            readline.set_history_length(LINES_KEPT)
            readline.write_history_file(path)
            path.chmod(0o600)  # what was asked is nobody else's business


def complete(text: str, state: int) -> str | None:
    """The `state`-th command or file that begins with `text`."""
    if text.startswith("/") and readline.get_begidx() == 0:
        found = [name.split()[0] for name in COMMANDS if name.startswith(text)]
    else:
        found = sorted(glob(escape(os.path.expanduser(text)) + "*"))
        found = [f"{name}/" if os.path.isdir(name) else name for name in found]
    return found[state] if state < len(found) else None


def save(chat: Chat, path: Path) -> None:
    """Add the conversation to a file of rows, in the form that training reads, with its pictures in a folder beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = path.with_suffix("")
    names = []
    for turn in chat.turns:
        for digest, image in zip(turn.names, turn.images, strict=True):
            names.append(f"{folder.name}/{digest}.png")
            folder.mkdir(exist_ok=True)
            image.save(path.parent / names[-1])
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps({"messages": chat.messages, "images": names}, ensure_ascii=False) + "\n")
