"""Renderers that draw at once, to test what is around them."""

import os
import time

from PIL import Image, ImageDraw

from deepseek_vl_hf.data.damage import save
from deepseek_vl_hf.data.rendering import Ask, Rendered, Renderer


TASK = "recognition/local-description/counting"


class Dots(Renderer):
    """A number of dots in places that say which picture it is."""

    name = "dots"
    tasks = (TASK, "safety/counterfactual-questioning")
    licence = "CC0-1.0"

    def __init__(self, assets, *, most: int = 9, slow: float = 0.0, die_at: int = -1):
        super().__init__(assets)
        if most < 1:
            raise ValueError(f"dots: found most={most}, expected at least 1")
        self.most, self.slow, self.die_at, self.count = most, slow, die_at, 0

    def render(self, draw):
        time.sleep(self.slow)
        self.count += 1
        if self.count == self.die_at and not os.environ.get("LIVE"):
            os._exit(9)
        cells = draw.made("cells", lambda rng: sorted(rng.choice(64, rng.integers(1, self.most + 1), False).tolist()))
        picture = Image.new("RGB", (64, 64), "white")
        for cell in cells:
            left, top = cell % 8 * 8, cell // 8 * 8
            ImageDraw.Draw(picture).ellipse((left + 1, top + 1, left + 6, top + 6), fill="black")
        question = draw.phrase({"en": ("How many dots?", "Count the dots."), "zh": ("有几个点？",)})
        false = Ask("safety/counterfactual-questioning", "Which colour is the square?", "There is no square.")
        return Rendered([save(draw, picture)], [Ask(TASK, question, str(len(cells)))], [false])


class Sums(Renderer):
    """A text alone; few of them, so that they come again."""

    name = "sums"
    tasks = ("text",)
    licence = "CC0-1.0"

    def render(self, draw):
        one, other = draw.made("sum", lambda rng: rng.integers(0, 30, 2).tolist())
        return Rendered(asks=[Ask("text", f"{one} + {other} = ?", str(one + other))])
