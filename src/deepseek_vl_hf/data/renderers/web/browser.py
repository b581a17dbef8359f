"""The source of a page comes in; a screenshot goes out, and what the browser says of each element and text on it.

One Chromium is kept for many pages. It is started when first needed, sees no network, is started anew if it breaks, is killed when a
page takes too long, and ends with its process. It belongs to the thread that uses it: playwright's interface is not for several.
"""

import atexit
import base64
import contextlib
import io
import os
import shutil
import signal
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from ...rendering import CannotRenderError


VARIABLE = "DEEPSEEK_VL_BROWSER"  # of the environment: path of a browser
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# No network, no surprises, and glyphs drawn alike on every machine: grey edges, no hinting, no GPU.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-lcd-text",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
    "--allow-file-access-from-files",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
PAGES_OF_A_TAB = 100  # after so many a tab is closed, that memory stays flat
HIGHEST = 4000  # CSS pixels of a page; what is below is cut
LOOK, EMPTY = (Path(__file__).resolve().with_name(name) for name in ("look.js", "empty.html"))


@dataclass(frozen=True)
class Seen:
    """What the browser showed.

    Args:
        picture: The whole page.
        width: Of the page in CSS pixels, in which all boxes are given as left, top, right, bottom.
        height: Of the page.
        scrolls: Whether something is wider than the window.
        elements: For the body and every element inside it: tag, box, text, value, placeholder, checked.
        texts: Every piece of visible text in order: text, boxes of its lines, and whether it fits what it is in.
    """

    picture: Image.Image
    width: float
    height: float
    scrolls: bool
    elements: list[dict[str, Any]]
    texts: list[dict[str, Any]]


def find_browser(browser: str | Path | None = None) -> str:
    """Find a Chromium.

    Args:
        browser: Path or name of a program; by default the one that the environment names, one that is installed, or playwright's own.

    Raises:
        FileNotFoundError: if there is none, saying where it was looked for.
    """
    named = browser or os.environ.get(VARIABLE)
    if named:
        found = shutil.which(str(named))
        if found is None:
            raise FileNotFoundError(
                f"found no program {str(named)!r}, expected a Chromium; correct browser= or {VARIABLE}"
            )
        return found
    for name in NAMES:
        if found := shutil.which(name):
            return found
    caches = [
        os.environ.get("PLAYWRIGHT_BROWSERS_PATH"),
        Path.home() / ".cache" / "ms-playwright",
        Path.home() / "Library" / "Caches" / "ms-playwright",
    ]
    for cache in filter(None, caches):
        for pattern in (
            "chromium-*/chrome-*/chrome",
            "chromium-*/chrome-*/*.app/Contents/MacOS/*",
            "chromium-*/chrome-*/chrome.exe",
        ):
            if own := sorted(Path(cache).glob(pattern)):
                return str(own[-1])
    raise FileNotFoundError(
        f"found none of {', '.join(NAMES)} in PATH and no browser of playwright, expected a Chromium to show pages with; "
        f"run `playwright install chromium`, or name one by browser= or {VARIABLE}"
    )


class _Driver:
    """Playwright's own process: one for all browsers of a process, as it allows no second one in a thread."""

    playwright = None
    process = 0
    users = 0

    @classmethod
    def take(cls):
        from playwright.sync_api import sync_playwright

        if cls.process != os.getpid():  # a fork has a copy that it cannot use
            cls.playwright, cls.users, cls.process = None, 0, os.getpid()
        if cls.playwright is None:
            cls.playwright = sync_playwright().start()
        cls.users += 1
        return cls.playwright

    @classmethod
    def give_back(cls) -> None:
        cls.users -= 1
        if cls.users == 0 and cls.playwright is not None:
            playwright, cls.playwright = cls.playwright, None
            playwright.stop()


class Browser:
    """A Chromium that shows one page after another.

    Args:
        executable: Path of the program; see `find_browser`.
        patience: Seconds that a page may take; after that the browser is killed and the page tried once more.
    """

    def __init__(self, executable: str | None = None, patience: float = 30.0):
        self.executable, self.patience = executable, patience
        self.process = self.pid = 0
        self.browser = None
        self.tab: tuple | None = None
        self.pages = 0  # that the tab has shown

    def show(self, source: str, width: int, scale: float, least: int = 360) -> Seen:
        """Show a page, and look at it.

        Args:
            source: HTML; it may name fonts by `file:` addresses, and nothing else outside itself.
            width: Of the window, CSS pixels; it is made as high as the page.
            scale: Pixels of the screenshot for each CSS pixel.
            least: Height of the window for a shorter page, CSS pixels.

        Raises:
            CannotRenderError: if the browser does not take a font.
            RuntimeError: if it broke twice at this page.
        """
        from playwright.sync_api import Error

        for attempt in (0, 1):
            if self.browser is None or self.process != os.getpid():
                self._open()
            watchdog = threading.Timer(self.patience, self._kill)
            watchdog.daemon = True
            watchdog.start()
            try:
                return self._show(source, width, scale, least)
            except Error as error:
                self.close()
                if attempt:
                    raise RuntimeError(
                        f"found the browser {self.executable} broken twice at one page: {error}; expected a screenshot within "
                        f"{self.patience} seconds; try another one by browser= or {VARIABLE}"
                    ) from error
            finally:
                watchdog.cancel()
        raise AssertionError("unreachable")

    def _show(self, source: str, width: int, scale: float, least: int) -> Seen:
        tab, session = self._tab()
        # One tab for all scales; playwright's own viewport has one scale for good.
        size = {"width": width, "height": least, "deviceScaleFactor": scale, "mobile": False}
        session.send("Emulation.setDeviceMetricsOverride", size)
        tab.set_content(source)
        seen = tab.evaluate(LOOK.read_text(encoding="utf-8"))
        if "error" in seen["fonts"]:
            raise CannotRenderError("found a font that the browser does not take, expected TrueType or OpenType")
        height = min(HIGHEST, max(1, round(seen["height"])))
        session.send("Emulation.setDeviceMetricsOverride", {**size, "height": height})
        file = session.send("Page.captureScreenshot", {"format": "png", "optimizeForSpeed": True})["data"]
        picture = Image.open(io.BytesIO(base64.b64decode(file))).convert("RGB")
        expected = width * scale, height * scale
        if max(abs(side - wanted) for side, wanted in zip(picture.size, expected, strict=True)) > 1:
            raise CannotRenderError(f"found a screenshot of {picture.size} pixels, expected {expected}")
        return Seen(picture, width, height, seen["scrolls"], seen["elements"], seen["texts"])

    def _tab(self) -> tuple:
        """The tab and its connection; an old one is replaced."""
        if self.tab is not None and self.pages >= PAGES_OF_A_TAB:
            self.tab[0].context.close()
            self.tab = None
        if self.tab is None:
            context = self.browser.new_context(offline=True, reduced_motion="reduce", no_viewport=True)
            context.set_default_timeout(1000 * self.patience)
            page = context.new_page()
            page.goto(EMPTY.as_uri())
            self.tab, self.pages = (page, context.new_cdp_session(page)), 0
        self.pages += 1
        return self.tab

    def _open(self) -> None:
        if self.process != os.getpid():  # after a fork the parent's browser is not ours to close
            self.browser = self.tab = None
        self.executable = find_browser(self.executable)
        self.process = os.getpid()
        playwright = _Driver.take()
        atexit.register(self.close)
        try:
            self.browser = playwright.chromium.launch(
                executable_path=self.executable, args=list(FLAGS), timeout=1000 * self.patience
            )
        except BaseException:
            self.close(opened=True)
            raise
        session = self.browser.new_browser_cdp_session()
        processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
        self.pid = next((process["id"] for process in processes if process["type"] == "browser"), 0)
        session.detach()

    def _kill(self) -> None:
        """End a browser that hangs; the call that waits for it then fails."""
        if self.pid:
            with contextlib.suppress(OSError):
                os.kill(self.pid, getattr(signal, "SIGKILL", signal.SIGTERM))

    def close(self, opened: bool = False) -> None:
        """End the browser; showing a page starts another one."""
        atexit.unregister(self.close)
        if (self.browser is None and not opened) or self.process != os.getpid():
            return
        browser = self.browser
        self.browser = self.tab = None
        self.pid = 0
        try:
            if browser is not None:
                with contextlib.suppress(Exception):  # it may be dead already
                    browser.close()
        finally:
            _Driver.give_back()
