"""Launching the demo: where it listens, where uploads lie, and what is left at the end."""

import re
import socket
from pathlib import Path

import pytest


pytest.importorskip("gradio")

from browser import ELEPHANT
from gradio import routes
from gradio_client import Client, handle_file

from deepseek_vl_hf import demo
from deepseek_vl_hf.demo import uploads


def test_launch_says_where_the_page_is_and_ends_at_ctrl_c(nano_parts, monkeypatch, capsys):
    def interrupt():
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "_wait", interrupt)
    demo.launch(*nano_parts, name="nano", port=0)
    assert re.search(r"nano is at http://127\.0\.0\.1:[1-9]\d*", capsys.readouterr().out)


@pytest.mark.parametrize("own", ["", "own"])
def test_uploads_lie_in_a_folder_that_no_other_user_has_and_that_goes_at_the_end(
    nano_parts, monkeypatch, tmp_path, own
):
    seen_there = []

    def ask_and_end():
        address = next(iter(pages)).local_url
        Client(address, verbose=False).predict("What is this?", [handle_file(ELEPHANT)], api_name="/ask")
        seen_there.extend([Path(uploads.get_upload_folder()), *Path(uploads.get_upload_folder()).rglob("*.png")])

    pages = []
    locked = tmp_path / "gradio"
    locked.write_text("another user's")
    monkeypatch.setattr(routes, "DEFAULT_TEMP_DIR", str(tmp_path / "fine" if own else locked))
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / own) if own else "")
    build = demo.build
    monkeypatch.setattr(demo, "build", lambda *args: pages.append(build(*args)) or pages[-1])
    monkeypatch.setattr(demo, "_wait", ask_and_end)
    demo.launch(*nano_parts, name="nano")
    folder, *files = seen_there
    assert files
    assert (folder == tmp_path / own) is folder.exists() is bool(own)
    assert Path(routes.DEFAULT_TEMP_DIR) == (tmp_path / "fine" if own else locked)


def test_where_nothing_can_listen_is_told_before_the_page_is_built(nano_parts, monkeypatch):
    monkeypatch.setattr(demo, "build", lambda *args: pytest.fail("built"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ValueError, match=rf"127\.0\.0\.1, port {port} .*choose another port"):
            demo.launch(*nano_parts, port=port)
    for port in (-1, 65536):
        with pytest.raises(ValueError, match="expected 0 to 65535"):
            demo.launch(*nano_parts, port=port)
    with pytest.raises(ValueError, match=r"203\.0\.113\.1.*address of this machine"):
        demo.launch(*nano_parts, host="203.0.113.1")
