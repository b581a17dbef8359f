"""Icon sets become one file of drawings, once; a held-out vendor never gets into training."""

import json

import pytest
from PIL import Image

from deepseek_vl_hf.data import drawings
from deepseek_vl_hf.data.damage import encode
from deepseek_vl_hf.data.drawings import HELD_OUT_VENDOR, Drawing, Drawings, build, licence_of
from deepseek_vl_hf.data.rendering import Draw
from deepseek_vl_hf.data.things import BY_NAME


CAT = BY_NAME["cat"]


@pytest.fixture
def icon_sets(tmp_path, monkeypatch):
    """A vendor whose icons are green squares, and how often it was read."""
    pytest.importorskip("resvg_py")
    square = '<path fill="#008000" d="M4 4h24v24H4z"/>'
    icons = {"icons": {name: {"body": square} for name in ("cat", "dog", "bug")}, "width": 32, "height": 32}
    reads = []

    def fetch(package, folder):
        own = tmp_path / package.folder
        own.mkdir(parents=True, exist_ok=True)
        (own / "icons.json").write_text(json.dumps(icons))
        (own / "info.json").write_text(json.dumps({"license": {"spdx": package.licence}}))
        reads.append(package.name)
        return own

    monkeypatch.setattr(drawings, "fetch", fetch)
    return reads


def painted(*keys):
    file = encode(Image.new("RGB", (8, 8), "red"))
    return Drawings([Drawing(*key.split("/"), CAT, "MIT", "nobody") for key in keys], [file] * len(keys))


def test_drawings_are_made_once_and_read_back(icon_sets, tmp_path):
    found = Drawings.load(tmp_path)
    times = len(icon_sets)
    assert build(tmp_path).exists()
    assert len(icon_sets) == times, "made again"
    assert {thing.name for thing in found.things} == {"cat", "dog", "caterpillar"}
    drawing = found.pick(Draw(0, "things", "train", 0))
    red, green, blue, alpha = found.sticker(drawing).getpixel((drawings.SIDE // 2, drawings.SIDE // 2))
    assert (red, green, blue, alpha) == (0, 128, 0, 255)
    assert [path.name for path in tmp_path.glob(".*")] == [], "something unfinished lies about"


def test_a_drawing_that_shows_something_else_is_left_out(icon_sets):
    assert ("noto-v1", "bug") not in drawings.wanted()
    assert ("noto", "bug") in drawings.wanted()


def test_an_icon_set_under_another_licence_is_refused(icon_sets, tmp_path, monkeypatch):
    monkeypatch.setattr(
        drawings, "check_licence", lambda vendor, folder: (_ for _ in ()).throw(ValueError("says it is"))
    )
    with pytest.raises(ValueError, match="says it is"):
        Drawings.load(tmp_path)


def test_training_never_shows_the_held_out_vendor():
    found = painted(*[f"{HELD_OUT_VENDOR}/cat-{number}" for number in range(40)], "noto/cat", "noto/cat-face")
    vendors = {found.pick(Draw(0, "things", "train", index)).vendor for index in range(60)}
    assert vendors == {"noto"}
    assert HELD_OUT_VENDOR in {found.pick(Draw(0, "things", "test", index)).vendor for index in range(60)}


def test_a_thing_of_the_held_out_vendor_alone_is_not_for_training():
    with pytest.raises(ValueError, match="expected as many"):
        Drawings([], [])
    assert painted(f"{HELD_OUT_VENDOR}/cat").things == ()


def test_the_licences_of_a_picture_are_those_of_its_drawings():
    one, other = (Drawing("a", "b", CAT, licence, "nobody") for licence in ("MIT", "CC-BY-4.0"))
    assert licence_of([one, other, one]) == "CC-BY-4.0 AND MIT"


def test_colours_are_known_only_where_they_are_beyond_doubt():
    circle = BY_NAME["circle"]
    assert Drawing("noto", "red-circle", circle, "MIT", "nobody").colour == "red"
    assert Drawing("fluent", "red-circle", circle, "MIT", "nobody").colour == ""
    assert Drawing("noto", "red-apple", BY_NAME["apple"], "MIT", "nobody").colour == ""
