"""A model comes in, questions to begin with go out: one for each thing it can do, with a picture.

Where the pictures come from, and their licences, stands beside them in `pictures/README.md`.
"""

from typing import Any

from .uploads import PICTURES


Example = tuple[str, tuple[str, ...]]  # question, file names

# What the nano learned: names, kinds, guesses, handwriting.
NANO: tuple[Example, ...] = (
    ("What is this?", ("elephant.png",)),
    ("Which digit is this?", ("digit_6.png",)),
    ("What kind of thing is this?", ("pineapple.png",)),
    ("Is this a sailboat?", ("sailboat.png",)),
)
# What the released models learned besides: description, comparison, charts, formulas, Chinese.
RELEASED: tuple[Example, ...] = (
    ("Describe this picture.", ("elephant.png",)),
    ("What do these two pictures have in common?", ("pineapple.png", "sailboat.png")),
    ("In which year were there the fewest learners?", ("chart.png",)),
    ("Write this formula in LaTeX.", ("formula.png",)),
    ("图中的动物是什么？它是什么颜色的？", ("elephant.png",)),
    ("星期二第二节上什么课？", ("timetable.png",)),
)
NANO_SIZE = 50_000_000  # parameters; the smallest released model has more than a billion


def is_nano(model: Any) -> bool:
    """Whether a model is the embedded one, or made from it."""
    return model.num_parameters() < NANO_SIZE


def examples_for(model: Any) -> list[dict]:
    """Examples as Gradio's Chatbot takes them."""
    chosen = NANO if is_nano(model) else RELEASED
    return [
        {
            "text": text,
            "files": [str(PICTURES / name) for name in names],
            "icon": str(PICTURES / names[0]),
            "display_text": text,
        }
        for text, names in chosen
    ]
