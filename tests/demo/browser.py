"""A visitor of the demo's page: what one can do and see there, by name; and a model whose pace tests set."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from appearance import CONTRASTS, STRINGS

from deepseek_vl_hf.chat import Chat
from deepseek_vl_hf.demo import uploads
from deepseek_vl_hf.demo.words import WORDS


ELEPHANT, SIX = str(uploads.PICTURES / "elephant.png"), str(uploads.PICTURES / "digit_6.png")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SECONDS = 20  # that anything may take

IDLE = (
    "() => !document.querySelector('#composer .stop-button') && !!document.querySelector('#composer .submit-button')"
)


class Pace:
    """Holds a model's passes back for a while; register it as a forward pre-hook."""

    def __init__(self):
        self.passes = 0
        self._seconds = 0.0
        self._hurry = threading.Event()

    def __call__(self, module: Any, inputs: Any) -> None:
        self.passes += 1
        self._hurry.wait(self._seconds)

    @contextmanager
    def slowed(self, seconds: float = 0.4) -> Iterator[None]:
        """Each token takes so long, up to the end of the block or to `hurry`."""
        self._seconds = seconds
        self._hurry.clear()
        try:
            yield
        finally:
            self.hurry()

    def hurry(self) -> None:
        self._seconds = 0.0
        self._hurry.set()


@dataclass
class App:
    """A running page and what is behind it."""

    address: str
    model: Any
    processor: Any
    blocks: Any
    sessions: Any
    pace: Pace = field(default_factory=Pace)

    def would_say(self, *questions: str, pictures: Iterable[str] = ()) -> list[str]:
        """The model's answers to questions of which the first comes with pictures, without the page."""
        chat = Chat(self.model, self.processor)
        shown = [uploads.read(pictures), *[()] * len(questions)]
        return ["".join(chat.ask(question, images)) for question, images in zip(questions, shown, strict=False)]


def writing_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "deepseek-vl-answer"]


class Visitor:
    """One tab.

    Args:
        page: Playwright's.
    """

    def __init__(self, page: Any):
        self.page = page
        self.errors: list[str] = []
        page.set_default_timeout(SECONDS * 1000)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: message.type == "error" and self.errors.append(message.text))
        page.on("dialog", self._refuse)

    def _refuse(self, dialog: Any) -> None:
        self.errors.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    def forgive(self, *words: str) -> None:
        """Forget the errors so far that have one of these words in them."""
        self.errors = [error for error in self.errors if not any(word in error for word in words)]

    # What a visitor does

    def open(self, address: str, language: str | None = "en", theme: str = "light") -> "Visitor":
        self.page.goto(f"{address}?__theme={theme}" + (f"&lang={language}" if language else ""))
        self.page.wait_for_selector("#chat .examples button")
        if language:
            self.until_text("#tab-seen-button", WORDS["tab_seen"][language])  # the last to be translated
            self.settle()
        return self

    def attach(self, *pictures: str) -> None:
        before = self.count("#composer .thumbnail-item")
        self.page.set_input_files("#composer input[type=file]", list(pictures))
        self.until_count("#composer .thumbnail-item", before + len(pictures))

    def put(self, question: str, *pictures: str) -> None:
        """Send a question and do not wait."""
        if pictures:
            self.attach(*pictures)
        self.page.fill("#composer textarea", question)
        self.page.press("#composer textarea", "Enter")

    def ask(self, question: str, *pictures: str) -> str:
        """Send a question and wait for its answer."""
        number = self.count("#chat .bot-row") + 1
        self.put(question, *pictures)
        self.until_count("#chat .bot-row", number)
        self.until(IDLE)
        return self.answers[-1]

    def empty(self) -> None:
        """Take the picture out of the composer."""
        self.page.click("#composer .delete-button")
        self.until_count("#composer .thumbnail-item", 0)

    def click(self, selector: str) -> None:
        self.page.click(selector)

    def do(self, button: str) -> None:
        """Press a button below the last message that has it."""
        self.page.locator(f"#chat [aria-label={button}]").last.click()

    def edit(self, number: int, question: str) -> None:
        """Put the question of this number, from 0, differently."""
        self.page.locator("#chat [aria-label=Edit]").nth(number).click()
        self.page.fill("#chat textarea", question)
        self.page.click("#chat [aria-label=Submit]")

    # What a visitor waits for

    def until(self, condition: str, argument: Any = None) -> None:
        self.page.wait_for_function(condition, arg=argument, polling=50)

    def until_count(self, selector: str, number: int) -> None:
        self.until("([name, number]) => document.querySelectorAll(name).length === number", [selector, number])

    def until_text(self, selector: str, text: str) -> None:
        self.until(
            "([name, text]) => document.querySelector(name)?.innerText.trim().replace(/\\s+/g, ' ').startsWith(text)",
            [selector, text],
        )

    def until_idle(self) -> None:
        self.until(IDLE)

    def until_writing(self, characters: int = 3) -> None:
        """Wait until an answer has begun and has not ended."""
        self.until(
            "(least) => [...document.querySelectorAll('#chat .bot-row')].at(-1)?.innerText.trim().length >= least",
            characters,
        )
        assert self.count("#composer .stop-button") == 1

    def settle(self) -> None:
        """Wait until nothing moves or fades."""
        brief = "(each) => each.effect.getComputedTiming().endTime < 2000"  # a message's own clock runs longer
        self.until(f"() => document.getAnimations().filter({brief}).every((each) => each.playState !== 'running')")

    def toast(self) -> str:
        """Wait for a message to the visitor, read it and put it away."""
        toast = self.page.locator(".toast-body").first
        text = toast.inner_text()
        toast.locator("button").first.click()
        self.until_count(".toast-body", 0)
        return text

    # What a visitor sees

    def count(self, selector: str) -> int:
        return self.page.locator(selector).count()

    def texts(self, selector: str) -> list[str]:
        return [text.strip() for text in self.page.locator(selector).all_inner_texts()]

    @property
    def answers(self) -> list[str]:
        return self.texts("#chat .bot-row")

    @property
    def questions(self) -> list[str]:
        return [text for text in self.texts("#chat .user-row") if text]

    @property
    def pictures(self) -> list[str]:
        """File names of the pictures in the conversation."""
        sources = self.page.locator("#chat .user-row .image-frame img").evaluate_all(
            "(all) => all.map((img) => img.src)"
        )
        return [Path(source).name for source in sources]

    @property
    def waiting(self) -> str:
        """What stands in the composer."""
        return self.page.input_value("#composer textarea")

    @property
    def figures(self) -> list[str]:
        """What stands below each answer."""
        return [
            content.strip('"')
            for content in self.page.locator("#chat .bot-row + .message-buttons").evaluate_all(
                "(all) => all.map((each) => getComputedStyle(each, '::after').content)"
            )
        ]

    def overflow(self) -> int:
        """Pixels by which the page is wider than its window."""
        return self.page.evaluate("document.documentElement.scrollWidth - innerWidth")

    def faint(self, least: float = 4.5) -> dict[str, float]:
        """Texts whose contrast with what lies behind them is less, by the definition of WCAG 2."""
        measured = self.page.evaluate(CONTRASTS)
        assert measured
        return {text: ratio for text, ratio in measured if ratio < least}

    def strings(self) -> list[str]:
        """All that is written on the page or told to those who cannot see it."""
        return sorted(set(filter(None, map(str.strip, self.page.evaluate(STRINGS)))))
