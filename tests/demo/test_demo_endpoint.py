"""Programs ask the page through gradio_client; nothing they send is trusted."""

import asyncio
import time

import pytest


pytest.importorskip("gradio")

import gradio as gr
from browser import writing_threads
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from spoken import ELEPHANT, SIX, wait_until

from deepseek_vl_hf import demo


@pytest.fixture(scope="module")
def server(nano_parts, tmp_path_factory):
    page = demo.build(*nano_parts, "nano")
    _, address, _ = page.launch(prevent_thread_lock=True, quiet=True, server_name="127.0.0.1", **demo.launch_options())
    yield address
    page.close()


@pytest.fixture(scope="module")
def client(server):
    return Client(server, verbose=False)


def test_the_page_shows_programs_one_endpoint(client):
    assert list(client.view_api(return_format="dict")["named_endpoints"]) == ["/ask"]
    assert not client.view_api(return_format="dict")["unnamed_endpoints"]


def test_a_program_asks_about_a_picture(client):
    assert client.predict("What is this?", [handle_file(ELEPHANT)], api_name="/ask") == "It is an elephant."
    job = client.submit("Which digit is this?", [handle_file(SIX)], api_name="/ask")
    assert job.result() == "It is the digit 6."
    assert len(job.outputs()) > 3


def test_a_program_need_not_put_a_list_around_one_picture(client):
    assert client.predict("What is this?", handle_file(ELEPHANT), api_name="/ask") == "It is an elephant."
    elsewhere = {"path": "https://example.org/a", "meta": {"_type": "gradio.FileData"}}
    with pytest.raises(AppError, match="not uploaded"):
        client.predict("What is this?", elsewhere, api_name="/ask")


def test_a_program_goes_on_from_a_history_and_calls_know_nothing_of_each_other(client):
    before = [
        {
            "role": "user",
            "content": [{"type": "file", "file": handle_file(ELEPHANT)}, {"type": "text", "text": "What is this?"}],
        },
        {"role": "assistant", "content": "It is an elephant."},
    ]
    assert client.predict("Is it an animal?", None, before, api_name="/ask") == "Yes, it is an animal."
    assert "picture" in client.predict("What is this?", api_name="/ask")


def test_a_programs_values_are_moved_into_range(client):
    given = {"max_new_tokens": -3, "temperature": -9, "top_p": 77, "repetition_penalty": 1e9, "seed": 2**70}
    assert len(client.predict("What is this?", [handle_file(ELEPHANT)], **given, api_name="/ask")) < 12


def test_a_program_that_cancels_its_call_ends_the_writing(client, nano_parts, monkeypatch):
    model, forward = nano_parts[0], nano_parts[0].forward

    def slow(*args, **kwargs):
        time.sleep(0.2)
        return forward(*args, **kwargs)

    monkeypatch.setattr(model, "forward", slow)
    job = client.submit("What is this?", [handle_file(ELEPHANT)], api_name="/ask")
    wait_until(job.outputs)
    assert writing_threads()
    job.cancel()
    wait_until(lambda: not writing_threads())
    assert len(job.outputs()) < 6


def test_a_seed_repeats_a_drawn_answer(client):
    drawn = {
        client.predict("What is this?", temperature=2, seed=5, max_new_tokens=24, api_name="/ask") for _ in range(3)
    }
    assert len(drawn) == 1


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "http://127.0.0.1:1/a.png", "http://169.254.169.254/latest/meta-data", "https://example.org/a"],
)
@pytest.mark.parametrize("place", ["pictures", "history"])
def test_a_program_cannot_have_files_or_addresses_read(client, path, place):
    file = {"path": path, "url": path, "meta": {"_type": "gradio.FileData"}}
    bare = {"path": path, "url": path}
    for each in (file, bare):
        told = [{"role": "user", "content": [each, "What is this?"]}, {"role": "assistant", "content": "It is."}]
        given = {"pictures": [each]} if place == "pictures" else {"history": told}
        with pytest.raises((AppError, ValueError)) as caught:
            client.predict("What is this?", **given, api_name="/ask")
        assert "root:" not in str(caught.value)


@pytest.mark.parametrize("address", ["https://example.org/a.png", "http://127.0.0.1:1/a.png"])
def test_gradio_fetches_no_address_for_any_field_of_the_page(nano_parts, address):
    page = demo.build(*nano_parts, "nano")
    fields = {field for function in page.fns.values() for field in function.inputs}
    takes_files = [each for each in fields if isinstance(each, gr.Chatbot | gr.MultimodalTextbox | gr.File | gr.JSON)]
    assert len(takes_files) == 4
    for field in takes_files:
        with pytest.raises(gr.Error, match="not uploaded"):
            asyncio.run(field.async_move_resource_to_block_cache(address))


def test_a_program_is_told_what_is_wrong(client, tmp_path):
    fake = tmp_path / "fake.png"
    fake.write_text("plain text")
    with pytest.raises(AppError, match="no picture"):
        client.predict("What is this?", [handle_file(str(fake))], api_name="/ask")
    with pytest.raises(AppError, match="at least one word"):
        client.predict(" ", api_name="/ask")
    with pytest.raises(AppError, match="list of messages"):
        client.predict("Hm?", history={"no": "list"}, api_name="/ask")
