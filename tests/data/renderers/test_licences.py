"""A row names the licences of all that it shows: python -m pytest tests/data/renderers/test_licences.py."""

import inspect
import re

import pytest

from deepseek_vl_hf.data import names, prose
from deepseek_vl_hf.data.assets import Assets
from deepseek_vl_hf.data.packages import named
from deepseek_vl_hf.data.renderers.charts.renderer import Charts
from deepseek_vl_hf.data.renderers.staging import ground
from deepseek_vl_hf.data.renderers.web.parts import Site
from deepseek_vl_hf.data.rendering import Ask, Draw, Rendered, Renderer, all_of, render, render_row


class KnownAssets(Assets):
    """Assets whose texts are at hand, so that nothing is fetched."""

    def _kept(self, kind, language, split=None):
        return tuple(f"{kind} {number}" for number in range(100))


class Told(Renderer):
    """Asks its assets as it is told."""

    name, tasks, licence = "told", ("text",), "CC0-1.0"
    own = None

    def ask(self, assets, draw):
        """Take something."""

    def render(self, draw):
        self.ask(self.assets, draw)
        draw.made("text", lambda rng: str(rng.integers(10**6)))
        return Rendered([], [Ask("text", "What?", "That.")], licence=self.own)


def licence(tmp_path, ask, own=None):
    renderer = Told(KnownAssets(tmp_path))
    renderer.ask, renderer.own = ask, own
    return render_row(renderer, 0, "train", 0)["licence"]


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (lambda assets, draw: None, "CC0-1.0"),
        (lambda assets, draw: assets.sentences("en", draw.split), "CC0-1.0 AND MIT"),
        (lambda assets, draw: assets.paragraphs("zh", draw.split), "CC0-1.0 AND MIT"),
        (lambda assets, draw: assets.words("zh"), "CC0-1.0 AND MIT"),
        (lambda assets, draw: assets.take_names("city"), "CC0-1.0 AND Unicode-3.0"),
        (lambda assets, draw: assets.take_names("person"), "CC0-1.0"),
        (lambda assets, draw: assets.names("person", "en"), "CC0-1.0"),
    ],
)
def test_what_is_taken_from_assets_is_named(tmp_path, ask, expected):
    assert licence(tmp_path, ask) == expected


def test_the_licence_of_a_row_holds_its_own_and_nothing_of_the_row_before(tmp_path):
    assert licence(tmp_path, lambda assets, draw: assets.sentences("en", "train"), "BSD-3-Clause") == (
        "BSD-3-Clause AND CC0-1.0 AND MIT"
    )
    renderer = Told(KnownAssets(tmp_path))
    renderer.assets.sentences("en", "train")
    assert render(renderer, Draw(0, "told", "train", 0)).licence == "CC0-1.0"


def test_a_photograph_is_credited_where_it_is_shown(tmp_path):
    from PIL import Image

    class Photographed(KnownAssets):
        def photographs(self):
            path = self.folder / named("scikit-image").folder / "coffee.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (80, 60), "brown").save(path)
            return (path,)

    assets = Photographed(tmp_path)
    assets.photographs()
    assert assets.taken == set()
    ground(Draw(0, "told", "train", 0), assets, (40, 30), {"blurred": 1})
    assert all_of(assets.taken) == "BSD-3-Clause AND CC0-1.0"


def test_what_renderers_keep_from_an_earlier_row_is_named_again(tmp_path, monkeypatch):
    assets = KnownAssets(tmp_path)
    monkeypatch.setattr(
        Assets, "names", lambda self, subject, language: (self.take_names(subject), ("Oslo", "Bern"))[1]
    )
    charts = Charts(assets)
    charts.names("city")
    assets.taken.clear()
    charts.names("city")
    assert assets.taken == {"Unicode-3.0"}


def test_a_sentence_of_a_page_is_credited_on_every_page(tmp_path):
    assets = KnownAssets(tmp_path)
    monkey = Site.__new__(Site)
    monkey.draw, monkey.assets, monkey.is_chinese = Draw(0, "web", "train", 0), assets, False
    for _ in range(2):
        assets.taken.clear()
        with pytest.raises(ValueError, match="found no sentences"):  # those at hand end without a mark
            monkey.sentence()
        assert assets.taken == {"CC0-1.0", "MIT"}


def test_every_package_that_texts_and_names_are_read_from_is_credited():
    read = {
        name for module in (prose, names) for name in re.findall(r'named\(\s*"([^"]+)"', inspect.getsource(module))
    }
    read |= {f"cldr-{part}-full" for part in re.findall(r'_cldr\(folder, "(\w+)"', inspect.getsource(names))}
    credited = {*prose.SOURCES["en"], *prose.SOURCES["zh"], *names.SOURCES.values()}
    assert len(read) >= 9
    assert read == credited
