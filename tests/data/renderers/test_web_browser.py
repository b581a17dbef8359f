"""The browser: found or named, alike in any process, back when it dies; it reaches no network and outlives nobody."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from tiny_site import TinyAssets, web_pages, write_font

from deepseek_vl_hf.data.renderers.web import browser as web_browser
from deepseek_vl_hf.data.renderers.web.browser import Browser, find_browser
from deepseek_vl_hf.data.renderers.web.renderer import WebPages
from deepseek_vl_hf.data.rendering import render_row


SIMPLE = "<!DOCTYPE html><html><head><style>body { margin: 0 }</style></head><body><p>Hello</p></body></html>"


@pytest.fixture(scope="module")
def assets(tmp_path_factory):
    folder = tmp_path_factory.mktemp("assets")
    write_font(folder)
    return TinyAssets(folder)


@pytest.fixture(scope="module")
def renderer(assets):
    renderer = web_pages(assets)
    yield renderer
    renderer.close()


def test_a_browser_that_is_not_there_is_named(monkeypatch, tmp_path):
    with pytest.raises(FileNotFoundError, match="no program 'nowhere/chromium'"):
        find_browser("nowhere/chromium")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv(web_browser.VARIABLE, raising=False)
    monkeypatch.delenv("PLAYWRIGHT_BROWSERS_PATH", raising=False)
    with pytest.raises(FileNotFoundError, match="playwright install chromium"):
        find_browser()
    program = tmp_path / "google-chrome"
    program.write_text("")
    program.chmod(0o755)
    assert find_browser() == str(program)
    monkeypatch.setenv(web_browser.VARIABLE, str(tmp_path / "missing"))
    with pytest.raises(FileNotFoundError, match=web_browser.VARIABLE):
        find_browser()


def digest(folder):
    """Of some rows, as another process makes them."""
    renderer = WebPages(TinyAssets(folder))
    sha = hashlib.sha256()
    for index in range(6):
        row = render_row(renderer, 5, "train", index, ("en", "zh")[index % 2])
        sha.update(row["images"][0]["bytes"] + json.dumps([row["messages"], row["items"]]).encode())
    renderer.close()
    return sha.hexdigest()


def test_another_process_makes_the_same_bytes(renderer):
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "77",
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path]),
    }
    code = f"import pathlib, test_web_browser; print(test_web_browser.digest(pathlib.Path({str(renderer.assets.folder)!r})))"
    other = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert other.stdout.strip() == digest(renderer.assets.folder)


def test_a_browser_that_died_is_started_anew_and_shows_the_same(renderer):
    browser = Browser()
    first, pid = browser.show(SIMPLE, 400, 1.0), browser.pid
    os.kill(pid, signal.SIGKILL)
    second = browser.show(SIMPLE, 400, 1.0)
    assert browser.pid != pid
    assert first.picture.tobytes() == second.picture.tobytes()
    assert [text["text"] for text in second.texts] == ["Hello"]
    browser.close()


def test_a_page_that_never_ends_is_given_up(renderer):
    browser = Browser(patience=3)
    start = time.monotonic()
    with pytest.raises(RuntimeError, match="broken twice at one page"):
        browser.show(SIMPLE.replace("<p>", "<script>while (true) {}</script><p>"), 400, 1.0)
    assert time.monotonic() - start < 40
    assert browser.show(SIMPLE, 400, 1.0).width == 400
    browser.close()


def test_a_page_reaches_no_network(renderer):
    asked = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    picture = f"<img src='http://127.0.0.1:{server.server_port}/x.png'>"
    renderer.browser.show(SIMPLE.replace("<p>", f"{picture}<p>"), 400, 1.0)
    server.shutdown()
    assert not asked


def test_the_browser_ends_with_its_process(renderer):
    code = (
        "from deepseek_vl_hf.data.renderers.web.browser import Browser; import time; b = Browser();"
        f"b.show({SIMPLE!r}, 400, 1.0); print(b.pid, flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    pid = int(process.stdout.readline())
    process.kill()
    process.wait()
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        stat = Path(f"/proc/{pid}/stat")
        if (
            stat.exists() and stat.read_text().split(")")[1].split()[0] == "Z"
        ):  # dead, its new parent has not looked yet
            return
        time.sleep(0.1)
    os.kill(pid, signal.SIGKILL)
    raise AssertionError("the browser outlived its process")
