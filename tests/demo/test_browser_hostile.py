"""What a visitor, a file or a program sends to do harm: it is refused with a sentence, and nothing of it runs or is fetched.

pytest -m browser tests/demo
"""

import concurrent.futures
import http.server
import struct
import threading
import zlib
from pathlib import Path

import pytest


pytest.importorskip("gradio")

import httpx
from browser import ELEPHANT, SIX
from gradio import processing_utils
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from deepseek_vl_hf.demo import answering
from deepseek_vl_hf.demo.answering import Written


pytestmark = pytest.mark.browser
MARKUP = (
    "<img src=x onerror=\"window.hacked='img'\"><script>window.hacked='script'</script><svg onload=\"window.hacked='svg'\">"
    "<iframe srcdoc=\"<script>parent.hacked='frame'</script>\"></iframe> **bold** [link](javascript:window.hacked='link') "
    "<a href=\"javascript:window.hacked='a'\">a</a> </style><script>window.hacked='style'</script>"
)


@pytest.fixture
def elsewhere(monkeypatch):
    """A server of somebody else's: its address, and what was asked for, be it only of Gradio, which spares this machine."""
    asked = []

    async def fetch(address, *args, **kwargs):
        asked.append(address)
        raise ConnectionError(address)

    monkeypatch.setattr(processing_utils, "async_ssrf_protected_download", fetch)
    monkeypatch.setattr(processing_utils, "save_url_to_cache", lambda address, *args: asked.append(address))

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.send_header("content-type", "image/png")
            self.end_headers()
            self.wfile.write(Path(ELEPHANT).read_bytes())

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def client(app):
    return Client(app.address, verbose=False)


def harm(visitor):
    """What of `MARKUP` came to life on the page."""
    for link in visitor.page.locator("#chat .message a, .toast-body a").all():
        link.evaluate("(link) => link.protocol === 'javascript:' && link.click()")
    return visitor.page.evaluate(
        """() => {
            const alive = "[onerror], [onload], iframe, a[href^='javascript']";
            const script = "#tabs script, .toast-body script, #side script, #chat svg[onload]";
            return [window.hacked ?? "", ...[...document.querySelectorAll(`#tabs :is(${alive}), .toast-body :is(${alive}), ${script}`)]
                .map((each) => each.outerHTML)].filter(Boolean);
        }"""
    )


def claiming(path, width, height):
    """A PNG of a few bytes that says it is so large."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1000))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))


# Files


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("text.png", "text.png is no picture"),
        ("claims.png", "more than 40 million"),
        ("vast.png", "more than 40 million"),
    ],
)
def test_a_file_that_is_no_picture_or_a_bomb_is_refused_and_the_question_stays(visit, tmp_path, name, sentence):
    (tmp_path / "text.png").write_text("plain text")
    claiming(tmp_path / "claims.png", 60_000, 60_000)
    Image.new("1", (9000, 9000)).save(tmp_path / "vast.png")
    visitor = visit()
    visitor.put("What is this?", str(tmp_path / name))
    assert sentence in visitor.toast()
    assert visitor.waiting == "What is this?"
    assert visitor.questions == visitor.answers == []
    visitor.empty()
    assert visitor.ask("What is this?", ELEPHANT) == "It is an elephant."


@pytest.mark.parametrize(("language", "sentence"), [("en", "File(s) exceed"), ("zh", "文件超过")])
def test_an_upload_of_30_megabytes_is_refused_with_a_message(visit, tmp_path, language, sentence):
    large = tmp_path / "large.png"
    large.write_bytes(Path(ELEPHANT).read_bytes() + bytes(30 * 2**20))
    visitor = visit(language)
    visitor.page.set_input_files("#composer input[type=file]", str(large))
    visitor.until_text("[data-testid=toast-text]", sentence)
    assert "15.0 M" in visitor.toast()
    visitor.forgive("Failed to load resource")  # the upload that was refused
    assert visitor.count("#composer .thumbnail-item") == 0
    assert visitor.ask("What is this?", ELEPHANT) == "It is an elephant."


# Markup


def test_markup_in_a_question_stays_text(visit):
    visitor = visit()
    visitor.ask(MARKUP, ELEPHANT)
    visitor.edit(0, f"{MARKUP} {MARKUP}")
    visitor.until(
        "() => document.querySelector('#chat .user-row:not(:has(.component))').innerText.split('bold').length === 3"
    )
    visitor.until_idle()
    assert harm(visitor) == []
    visitor.forgive("404")  # a picture that is not there


def test_markup_in_an_answer_stays_text_in_both_tabs(visit, monkeypatch, elsewhere):
    address, asked = elsewhere
    written = f"{MARKUP} ![spy]({address}/spy.png) <img src='{address}/spy2.png'>"
    monkeypatch.setattr(answering, "Written", lambda text, figures: Written(written, figures))
    visitor = visit()
    visitor.ask("What is this?", ELEPHANT)
    assert harm(visitor) == []
    visitor.click("#tab-seen-button")
    visitor.page.wait_for_selector("#seen-words label")
    assert harm(visitor) == []
    assert asked == []
    visitor.forgive("404", "Content Security Policy")


def test_markup_in_the_name_of_a_file_stays_text(visit, tmp_path):
    name = "a<img src=x onerror=window.hacked=1>.png"
    (tmp_path / name).write_text("plain text")
    visitor = visit()
    visitor.put("What is this?", str(tmp_path / name))
    assert "no picture" in visitor.page.locator(".toast-body").first.inner_text()
    assert harm(visitor) == []
    visitor.toast()
    (tmp_path / name).write_bytes(Path(ELEPHANT).read_bytes())
    visitor.empty()
    assert visitor.ask("What is this?", str(tmp_path / name)) == "It is an elephant."
    visitor.click("#chat .image-container > button")
    visitor.page.wait_for_selector("dialog.enlarged[open]")
    assert harm(visitor) == []


# Programs


def test_markup_from_a_program_is_text_and_does_not_come_back_in_errors(app, client, tmp_path):
    assert (
        client.predict(MARKUP, [handle_file(ELEPHANT)], api_name="/ask")
        == app.would_say(MARKUP, pictures=[ELEPHANT])[0]
    )
    told = [{"role": "user", "content": MARKUP}, {"role": "assistant", "content": MARKUP}]
    assert "<" not in client.predict("What is this?", [handle_file(ELEPHANT)], told, api_name="/ask")
    named = tmp_path / "<img src=x onerror=alert(1)>.png"
    named.write_text("plain text")
    with pytest.raises(AppError, match="no picture") as caught:
        client.predict("What is this?", [handle_file(str(named))], api_name="/ask")
    assert "<img" not in str(caught.value)


def test_a_programs_values_are_moved_into_range(client):
    low = {"max_new_tokens": -3, "temperature": -1, "top_p": -1, "repetition_penalty": -7, "seed": -1}
    high = {"max_new_tokens": 1e12, "temperature": 0, "top_p": 1e9, "repetition_penalty": 1, "seed": 2**80}
    picture = [handle_file(ELEPHANT)]
    assert len(client.predict("What is this?", picture, **low, api_name="/ask")) < 12
    assert client.predict("What is this?", picture, **high, api_name="/ask") == "It is an elephant."


def test_programs_that_call_at_once_know_nothing_of_each_other(app):
    before = [
        {
            "role": "user",
            "content": [{"type": "file", "file": handle_file(ELEPHANT)}, {"type": "text", "text": "What is this?"}],
        },
        {"role": "assistant", "content": "It is an elephant."},
    ]
    wanted = [
        (("What is this?", [handle_file(ELEPHANT)]), "It is an elephant."),
        (("What is this?", [handle_file(SIX)]), "It is the digit 6."),
        (("Is it an animal?", None, before), "Yes, it is an animal."),
        (("What is this?",), app.would_say("What is this?")[0]),
    ] * 3
    clients = [Client(app.address, verbose=False) for _ in range(2)]
    with app.pace.slowed(0.01), concurrent.futures.ThreadPoolExecutor(len(wanted)) as pool:
        calls = [
            pool.submit(clients[index % 2].predict, *given, api_name="/ask") for index, (given, _) in enumerate(wanted)
        ]
        assert [call.result() for call in calls] == [answer for _, answer in wanted]


@pytest.mark.parametrize("place", ["pictures", "history"])
def test_a_program_cannot_have_files_read_or_addresses_fetched(client, elsewhere, place):
    address, asked = elsewhere
    up = "../" * 12
    for path in ("/etc/passwd", f"{up}etc/passwd", f"{Path(ELEPHANT).parent}/{up}etc/passwd", f"{address}/a.png"):
        file = {"path": path, "url": path if "//" in path else None, "meta": {"_type": "gradio.FileData"}}
        told = [{"role": "user", "content": [file, "What is this?"]}, {"role": "assistant", "content": "It is."}]
        given = {"pictures": [file]} if place == "pictures" else {"history": told}
        with pytest.raises((AppError, ValueError)) as caught:
            client.predict("What is this?", **given, api_name="/ask")
        assert "root:" not in str(caught.value)
    assert asked == []


def test_the_events_of_the_page_itself_fetch_no_address_for_a_program(app, elsewhere):
    address, asked = elsewhere
    refused = 0
    for index, function in app.blocks.fns.items():
        if getattr(function.fn, "__name__", "") not in {"put", "retry", "undo", "reply", "open"}:
            continue
        file = {
            "path": f"{address}/{index}.png",
            "url": f"{address}/{index}.png",
            "meta": {"_type": "gradio.FileData"},
        }
        history = [{"role": "user", "content": [{"type": "file", "file": file}]}, {"role": "user", "content": "Hm?"}]
        given = {"composer": {"text": "Hm?", "files": [file]}, "chat": history, "language": "en"}
        data = [given.get(field.elem_id) for field in function.inputs]
        session = f"program{index}"
        body = {"data": data, "fn_index": index, "session_hash": session, "trigger_id": None}
        httpx.post(f"{app.address}gradio_api/queue/join", json=body).raise_for_status()
        with httpx.stream("GET", f"{app.address}gradio_api/queue/data?session_hash={session}", timeout=20) as events:
            told = next(line for line in events.iter_lines() if "process_completed" in line)
        refused += '"success":false' in told
    assert refused >= 5
    assert asked == []


@pytest.mark.parametrize(
    "way", ["/etc/passwd", "../../../../etc/passwd", "%2e%2e/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd"]
)
def test_no_file_of_the_machine_is_served(app, way):
    answer = httpx.get(f"{app.address}gradio_api/file={way}", follow_redirects=True)
    assert answer.status_code in (403, 404)
    assert "root:" not in answer.text
