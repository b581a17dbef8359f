"""What a chat request may say: everything else is refused with a sentence, before any engine sees it.

python -m pytest tests/serving/test_serving_requests.py
"""

import base64
import contextlib
import io
import json
import sys
from pathlib import Path
from threading import Event

import pytest
from PIL import Image
from questions import ELEPHANT, ask, body, picture

from deepseek_vl_hf.serving.refusals import RequestError, show
from deepseek_vl_hf.serving.request import Limits, parse
from deepseek_vl_hf.serving.shown_pictures import open_pictures


sys.path.append(str(Path(__file__).parents[2] / "examples" / "benchmarks"))

from malformed_requests import WRONG_CONTENTS, WRONG_PARTS, WRONG_TURNS, WRONG_VALUES, malformed


HELLO = [{"role": "user", "content": "Hello"}]
# What only an engine can tell: see `test_serving_answers.py`.
LEFT_TO_ENGINES = {
    *("n", "logprobs", "top_logprobs", "presence_penalty", "frequency_penalty", "logit_bias", "response_format"),
    *("tools", "tool_choice", "model"),
}


def read(fields, **limits):
    data = fields if isinstance(fields, bytes) else json.dumps(fields).encode()
    limits = Limits(**limits)
    return open_pictures(parse(data, limits), limits, see=lambda picture: picture.size)


def data_url(image: Image.Image, format: str, **options) -> dict:
    file = io.BytesIO()
    image.save(file, format, **options)
    return {
        "type": "image_url",
        "image_url": {"url": "data:image/x;base64," + base64.b64encode(file.getvalue()).decode()},
    }


def test_a_right_request_is_taken_apart():
    messages = [
        {"role": "system", "content": "Be short."},
        {"role": "user", "content": [picture(ELEPHANT), {"type": "text", "text": "What is this?"}]},
        {"role": "assistant", "content": "An elephant.", "refusal": None, "tool_calls": None},
        {"role": "user", "content": "Sure?", "name": "Ann"},
    ]
    request = read(body(messages, temperature=None, stop="\n", max_tokens=9, max_completion_tokens=5))
    assert [message["role"] for message in request.messages] == ["system", "user", "assistant", "user"]
    assert request.messages[1]["content"] == [{"type": "image"}, {"type": "text", "text": "What is this?"}]
    assert request.messages[3]["content"] == [{"type": "text", "text": "Sure?"}]
    assert request.pictures == (Image.open(ELEPHANT).size,)
    assert request.stop == ("\n",)
    assert request.max_tokens == 5
    assert "temperature" not in request.fields


def test_a_developer_is_the_system():
    assert read(body([{"role": "developer", "content": "Be short."}, *HELLO])).messages[0]["role"] == "system"


@pytest.mark.parametrize("format", ["BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP"])
def test_pictures_of_every_common_format_are_taken(format):
    part = data_url(Image.new("RGB", (9, 7), "blue"), format)
    assert read(body([{"role": "user", "content": [part]}])).pictures == ((9, 7),)


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, value) for name, values in WRONG_VALUES.items() for value in values if name not in LEFT_TO_ENGINES],
    ids=lambda value: ascii(value)[:30],
)
def test_a_field_of_another_kind_or_range_is_refused_by_name(name, value):
    with pytest.raises(RequestError) as caught:
        read({**body(HELLO), "stream": True, name: value})
    assert caught.value.status == 400
    assert caught.value.param.startswith(name)
    assert caught.value.body["error"]["param"] == caught.value.param
    json.dumps(caught.value.body, ensure_ascii=False).encode()


@pytest.mark.parametrize("content", WRONG_CONTENTS, ids=ascii)
def test_a_message_without_words_is_refused(content):
    with pytest.raises(RequestError) as caught:
        read(body([{"role": "user", "content": content}]))
    assert caught.value.param.startswith("messages[0].content")


@pytest.mark.parametrize("part", WRONG_PARTS, ids=lambda part: ascii(part)[:60])
def test_a_part_that_is_no_text_and_no_picture_is_refused_with_its_place(part):
    with pytest.raises(RequestError) as caught:
        read(body([{"role": "user", "content": [{"type": "text", "text": "What?"}, part]}]))
    assert caught.value.param in ("messages[0].content[1]", "messages[0].content[1].text")


@pytest.mark.parametrize("roles", WRONG_TURNS, ids=" ".join)
def test_turns_that_do_not_alternate_are_refused(roles):
    with pytest.raises(RequestError, match="role"):
        read(body([{"role": role, "content": "Hello"} for role in roles]))


def test_pictures_are_shown_by_the_user_alone():
    messages = [*HELLO, {"role": "assistant", "content": [picture(ELEPHANT)]}, *HELLO]
    with pytest.raises(RequestError, match="only the user shows any"):
        read(body(messages))


def test_a_picture_cut_short_is_refused():
    data = base64.b64encode(ELEPHANT.read_bytes()[:-2000]).decode()
    part = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}
    with pytest.raises(RequestError, match="cannot be read") as caught:
        read(body([{"role": "user", "content": [part]}]))
    assert caught.value.code == "invalid_image"


def test_a_small_file_with_too_many_pixels_is_refused():
    part = data_url(Image.new("1", (9000, 9000)), "PNG")
    with pytest.raises(RequestError, match="pixels"):
        read(body([{"role": "user", "content": [part]}]))


def test_a_picture_that_is_all_length_is_refused():
    part = data_url(Image.new("1", (2**16 + 1, 1)), "PNG")
    with pytest.raises(RequestError, match="Found a picture of 65537 x 1, expected sides of up to 65536"):
        read(body([{"role": "user", "content": [part]}]))


def test_a_file_of_the_server_is_no_picture_however_it_is_called(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (9, 9)).save("own;base64,x.png")
    part = {"type": "image_url", "image_url": {"url": "own;base64,x.png"}}
    with pytest.raises(RequestError) as caught:
        read(body([{"role": "user", "content": [part]}]))
    assert caught.value.code == "invalid_image_url"


def test_more_pictures_than_fit_are_refused_before_any_is_opened():
    messages = ask("What?", *[ELEPHANT] * 4)
    with pytest.raises(RequestError, match="Found 4 pictures, more than the 3 that fit"):
        parse(json.dumps(body(messages)).encode(), Limits(max_pictures=3))


def test_more_text_than_any_context_holds_is_refused():
    with pytest.raises(RequestError, match="more than 100 characters"):
        read(body([{"role": "user", "content": "a" * 101}]), max_text_chars=100)


@pytest.mark.parametrize("field", ["tool_calls", "function_call", "audio"])
def test_what_a_message_says_besides_its_content_is_refused(field):
    with pytest.raises(RequestError, match=f'Found "{field}" in a message'):
        read(body([{**HELLO[0], field: [{"id": "1"}]}]))


@pytest.mark.parametrize("name", ["tool_choice", "model", "stop", "metadata", "messages"])
@pytest.mark.parametrize("depth", [65, *range(960, 1000, 3)])
def test_a_body_nested_deeply_is_refused_wherever_it_is(name, depth):
    with pytest.raises(RequestError, match="nested deeper than 64"):
        read(json.dumps(body(HELLO)).encode()[:-1] + f',"{name}":{"[" * depth}{"]" * depth}}}'.encode())


def test_showing_a_value_never_fails():
    deep = []
    for _ in range(10**4):
        deep = [deep]
    for value in (deep, 10**5000, {1, 2}, "a" * 10**6, "\ud800"):
        assert 0 < len(show(value)) <= 60


@pytest.mark.parametrize(
    "fields",
    [{"request_id": "\ud800"}, {"\udc00": 1}, {"x": [{"y": "a\ud800"}]}, {"x": {"\ud800": 1}}],
    ids=ascii,
)
def test_half_a_character_is_refused_anywhere(fields):
    with pytest.raises(RequestError, match="half a surrogate pair"):
        read({**body(HELLO), **fields})


@pytest.mark.parametrize("value", [[[]] * 2**16, {str(index): 1 for index in range(2**16)}], ids=["list", "object"])
def test_a_body_of_very_many_values_is_refused(value):
    with pytest.raises(RequestError, match="more than 65536 values"):
        read({**body(HELLO), "x": value})


def test_a_body_that_is_large_without_pictures_is_refused():
    with pytest.raises(RequestError, match="more than 2000 characters besides"):
        read({**body(HELLO), "x": "data:" + "a" * 3000}, max_text_chars=1000, max_other_chars=1000)
    assert read(body(ask("What?", ELEPHANT)), max_text_chars=1000, max_other_chars=1000)


def test_an_engine_is_asked_before_anything_costly():
    def refuse(fields):
        assert fields["model"] == "nano"
        raise RequestError("not here")

    with pytest.raises(RequestError, match="not here"):
        parse(json.dumps(body([{"role": "nobody"}])).encode(), Limits(), refuse)


@pytest.mark.parametrize("head", ["DATA:image/PNG;BASE64", "data:;base64", " data:image/png;base64"])
def test_the_head_of_a_picture_may_be_written_in_any_case(head):
    data = base64.encodebytes(ELEPHANT.read_bytes()).decode()  # in lines
    part = {"type": "image_url", "image_url": {"url": f"{head}, {data}"}}
    assert read(body([{"role": "user", "content": [part]}])).pictures


def test_pictures_of_too_many_pixels_are_refused_alone_and_together():
    part = data_url(Image.new("1", (100, 100)), "PNG")
    assert read(body([{"role": "user", "content": [part] * 2}]), max_pixels=10**4, max_pixels_in_all=2 * 10**4)
    with pytest.raises(RequestError, match="Found a picture of 100 x 100, expected up to 9999 pixels"):
        read(body([{"role": "user", "content": [part]}]), max_pixels=9999)
    with pytest.raises(RequestError, match="more than 20000 pixels together") as caught:
        read(body([{"role": "user", "content": [part] * 3}]), max_pixels_in_all=2 * 10**4)
    assert caught.value.param == "messages[0].content[2]"


def test_nobodys_pictures_are_opened_once_the_client_has_gone():
    request, gone, opened = parse(json.dumps(body(ask("What?", *[ELEPHANT] * 4))).encode(), Limits()), Event(), []

    def see(picture):
        opened.append(picture)
        if len(opened) == 2:
            gone.set()

    assert open_pictures(request, Limits(), see, gone) is None
    assert len(opened) == 2


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"5", b"null", b"\xff\xfe", b"[" * 10**5, b'{"n": ' + b"1" * 5000 + b"}"]
)
def test_a_body_that_is_no_object_is_refused(data):
    with pytest.raises(RequestError) as caught:
        parse(data, Limits())
    assert caught.value.status == 400


def test_requests_broken_at_random_are_the_same_for_the_same_seed():
    bodies = list(malformed(200, seed=3))
    assert bodies == list(malformed(200, seed=3))
    assert len({*bodies} - {*malformed(200, seed=4)}) > 100


def test_requests_broken_at_random_raise_nothing_else():
    for data in malformed(2000, seed=5):
        with contextlib.suppress(RequestError):
            read(data, max_pictures=15)
