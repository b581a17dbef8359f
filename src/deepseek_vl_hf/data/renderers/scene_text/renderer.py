"""A draw comes in; a picture of things with text on them, and questions about what they say, go out."""

from collections.abc import Callable, Mapping

from PIL import Image

from ...damage import save
from ...rendering import Draw, Rendered, Renderer
from .facts import Facts
from .indoors import device, library, market, shelf, wardrobe
from .kinds import banner, bilingual, car, hoarding, signs, street
from .kit import Kit
from .questions import TASKS, ask_scene
from .stage import Stage
from .walls import painted, shop


# How often each scene comes, if a recipe does not say.
SCENES: dict[str, tuple[Callable[[Kit, tuple[int, int]], Stage], float]] = {
    "signs": (signs, 3),
    "bilingual": (bilingual, 1),
    "banner": (banner, 0.7),
    "shop": (shop, 2),
    "street": (street, 1.5),
    "car": (car, 1),
    "library": (library, 1.5),
    "hoarding": (hoarding, 1.5),
    "wardrobe": (wardrobe, 1),
    "device": (device, 1.2),
    "shelf": (shelf, 1.5),
    "market": (market, 1.5),
    "painted": (painted, 1.5),
}
SHAPES = ((4, 3), (4, 3), (3, 2), (1, 1), (16, 9), (3, 4))
UNTOUCHED = 0.2  # of the pictures: no camera changes their colours, so that all of these may be asked about
LEAST = 320  # pixels of the longer side, below which most scenes do not fit


class SceneText(Renderer):
    """Text on signs, shops, goods and walls.

    Args:
        assets: Where fonts, words and photographs come from.
        longest: Pixels of the longer side, at most; a picture has at least 0.7 of it.
        shares: How often each scene comes: any of `SCENES`.

    Raises:
        ValueError: if an option makes no sense, saying why.
    """

    name = "scene_text"
    tasks = TASKS
    licence = "CC0-1.0"  # as the photographs of the assets are
    packages = ("fontTools",)

    def __init__(self, assets, *, longest: int = 640, shares: Mapping[str, float] | None = None):
        super().__init__(assets)
        if longest < LEAST:
            raise ValueError(
                f"found longest={longest}, expected at least {LEAST}; for smaller pictures use renderer 'lines'"
            )
        shares = {name: share for name, (_, share) in SCENES.items()} if shares is None else dict(shares)
        unknown = sorted(set(shares) - set(SCENES))
        if unknown or not shares or min(shares.values()) < 0 or max(shares.values()) <= 0:
            raise ValueError(f"found shares={shares}, expected some above 0 and none below, of {', '.join(SCENES)}")
        self.longest = longest
        self.shares = {name: shares.get(name, 0) for name in SCENES}

    def render(self, draw: Draw) -> Rendered:
        """Make a scene, and ask about it."""
        facts, picture = self.compose(draw)
        medium = "clean" if facts.is_untouched else "photo"
        asks, false_asks = ask_scene(draw, facts, self.assets.words(draw.language))
        return Rendered([save(draw, picture, medium, self.longest)], asks, false_asks)

    def compose(self, draw: Draw) -> tuple[Facts, Image.Image]:
        """Make a scene: what stands in it, and the picture."""
        name = draw.pick(tuple(self.shares), tuple(self.shares.values()))
        across, down = draw.pick(SHAPES)
        side = draw.whole(max(LEAST, round(0.7 * self.longest)), self.longest)
        size = (side, round(side * down / across)) if across >= down else (round(side * across / down), side)
        stage = SCENES[name][0](Kit(draw, self.assets), size)
        return Facts(name, size, tuple(stage.shown), stage.is_photograph, draw.chance(UNTOUCHED)), stage.picture
