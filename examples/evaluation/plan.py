"""What the benchmark asks: for each renderer with its options, how many questions of which kind, in English and in Chinese."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Want:
    """Questions of one kind.

    Args:
        node: How the node's path ends.
        en, zh: How many.
        form: Which forms of answer, as `judging.Judged` names them, with "|" between; any by default.
        asked: What the question must match.
        answer: What the answer must match.
        most: Share of the questions that may have the same answer.
        choice: Whether they are multiple-choice.
    """

    node: str
    en: int
    zh: int
    form: str = ""
    asked: str = ""
    answer: str = ""
    most: float = 0.34
    choice: bool = False


def choose(node: str, en: int = 2, zh: int = 2, **wanted: Any) -> Want:
    """The same as multiple-choice questions."""
    return Want(node, en, zh, choice=True, **wanted)


@dataclass(frozen=True)
class Group:
    """Pictures of one renderer, and what is asked of them.

    Args:
        renderer: Its name.
        options: Of the renderer.
        wants: What is asked.
        rows: How many rows of each language are drawn to choose from.
        longest: Pixels of the longer side of a picture, at most.
        shared: Most questions about one picture.
        fonts: Names of the fonts to write with; all by default.
        name: Of the group, the renderer's by default.
    """

    renderer: str
    options: dict[str, Any]
    wants: tuple[Want, ...]
    rows: int = 80
    longest: int = 512
    shared: int = 2
    fonts: str = ""
    name: str = field(default="")


HALF = 0.5  # share of a reply where there are two
NEW = "unknown"  # form of answers that say that something is not there
# Half of what is asked for is not there, half is.
UNSHOWN = Want("counterfactual-questioning", 1, 1, NEW)
SHOWN = Want("counterfactual-questioning", 1, 1, "shown", most=1)
PLAIN = r"Read the text\.$|读出文字。$"
NAMED = r"What is in the picture\?$|图片里是什么？$"
# Fonts of every build, for training, beside those held out: there the text alone is new.
PLAIN_FONTS = r"DejaVu (Sans|Serif|Sans Mono)$|Noto (Sans|Serif) SC$"

PLAN = (
    Group(
        "lines",
        {"longest": 256, "characters": [3, 20], "lines": [1, 1], "height": [13, 40]},
        (Want("printed-text", 24, 16, asked=PLAIN),),
        rows=40,
        fonts=PLAIN_FONTS,
        name="plain",
    ),
    Group(
        "lines",
        {"longest": 320, "characters": [3, 24], "lines": [2, 3], "height": [13, 40]},
        (
            Want("printed-text", 3, 2, "written", asked="(?<!Read the text.)$"),
            Want("printed-text", 4, 2, "reply", most=HALF),
            Want("specified-language", 4, 4, "written"),
            Want("specified-language", 2, 2, "text", asked="line|行", most=HALF),
            Want("specified-format", 3, 2),
            Want("counting", 2, 2),
            UNSHOWN,
            SHOWN,
            choose("printed-text", form="written"),
        ),
        rows=120,
    ),
    Group(
        "things",
        {"longest": 224, "shortest": 144},
        (
            Want("global-description/others", 14, 8, "thing", NAMED, most=0.08),
            Want("global-description/others", 2, 2, "reply", most=HALF),
            Want("food-recognition", 4, 3, "thing", NAMED),
            Want("person-recognition", 3, 3, "thing", NAMED),
            Want("food-clothing-housing-transportation", 4, 0, "reply", most=HALF),
            Want("food-clothing-housing-transportation", 1, 2, "text|number"),
            choose("food-clothing-housing-transportation", 1, 1, form="either"),
            Want("natural-environment", 4, 4, "reply", r"\?$|生物|生命|水", most=HALF),
            Want("function/hardware", 2, 0, "reply", most=HALF),
            Want("biology", 4, 4, "number"),
            Want("object-attribute", 2, 2, "text"),
            Want("local-description/position", 2, 2, "place"),
            Want("image-to-prompt", 4, 4, "thing", most=0.25),
            UNSHOWN,
            SHOWN,
            choose("global-description/others", 3, 2, form="thing", asked=NAMED, most=0.3),
            choose("food-recognition", form="thing", asked=NAMED),
            choose("person-recognition", form="thing", asked=NAMED),
            choose("art-and-culture", 4, 3, form="group", most=0.75),
            choose("food-clothing-housing-transportation", 1, 2, form="group"),
            choose("relationship/species", 4, 4, form="group"),
            choose("function/hardware", 3, 4, form="use"),
            choose("emotion-mood", 4, 4, form="feeling"),
            choose("object-attribute", 1, 1, form="category"),
        ),
        rows=300,
        longest=224,
    ),
    Group(
        "compositions",
        {"longest": 384},
        (
            Want(
                "local-description/counting",
                16,
                12,
                "number",
                "How many|Count the|What is the number|几|多少",
                r"[1-5]\D{0,2}$",
                0.22,
            ),
            Want("relationship/spatial", 12, 9, "side", most=0.3),
            Want("relationship/spatial", 2, 1, "thing"),
            Want("relationship/size", 2, 2, "thing"),
            choose("relationship/size", form="either"),
            Want("relationship/size", 1, 1, "reply"),
            Want("other/attribute-comparison", 2, 2, "thing"),
            Want("algebra-and-operation", 2, 2, "number"),
            Want("iq-questions", 2, 2, "thing"),
            Want("global-description/others", 2, 2, "reply", most=HALF),
            Want("global-description/theme", 2, 2, "kind"),
            Want("object-attribute", 2, 2, "text|thing"),
            Want("pointing", 4, 3, "thing"),
            Want("local-description/position", 3, 3, "place"),
            UNSHOWN,
            SHOWN,
            choose("pointing", 1, 1, form="thing"),
            choose("relationship/spatial", 1, 1, form="thing"),
            choose("local-description/position", 1, 1, form="place"),
            choose("global-description/theme", 1, 1, form="kind"),
            choose("local-description/counting", 1, 1, form="number", asked="How many|几"),
        ),
        rows=160,
        longest=384,
        shared=3,
    ),
    Group(
        "differences",
        {"longest": 448},
        (
            Want("similarity", 4, 4, "reply", most=HALF),
            Want("attribute-comparison", 3, 2, "picture", most=0.5),
            Want("attribute-comparison", 2, 2, "number"),
            Want("finding-associations", 4, 4, "thing"),
            Want("image-discrimination", 2, 2, "picture", most=0.5),
            Want("image-discrimination", 2, 2, "reply", most=HALF),
            Want("image-text-matching", 2, 2, "picture", most=0.5),
            Want("image-text-matching", 2, 2, "reply", most=HALF),
            Want("spotting-differences", 4, 3, "thing"),
            Want("image-sequencing", 4, 4, "order", most=HALF),
            UNSHOWN,
            SHOWN,
            choose("image-discrimination", form="picture"),
            choose("image-text-matching", form="picture"),
            choose("finding-associations", 1, 1, form="thing"),
            choose("spotting-differences", 1, 1, form="thing"),
        ),
        rows=130,
        longest=288,
    ),
    Group(
        "charts",
        {"longest": 440},
        (
            Want("graph-interpretation", 6, 5, "number", r"^(?!How many)", r"\d"),
            Want("graph-interpretation", 3, 3, "text", most=0.34),
            Want("graph-interpretation", 2, 2, "reply", most=HALF),
            Want("financial-chart", 3, 3, "number|text"),
            Want("counting", 1, 1),
            Want("printed-text", 2, 2),
            Want("specified-format", 2, 2),
            Want("suggestive-questioning", 4, 4, most=HALF),
            UNSHOWN,
            SHOWN,
            choose("graph-interpretation", 2, 2, form="number|text"),
            choose("financial-chart", form="number"),
            choose("chart-to-code", 4, 4, form="line"),
        ),
        rows=80,
        longest=440,
    ),
    Group(
        "tables",
        {"longest": 512},
        (
            Want("table-interpretation", 4, 4, "number"),
            Want("table-interpretation", 4, 4, "text"),
            Want("financial-chart", 3, 2, "number|text"),
            Want("counting", 1, 1),
            Want("printed-text", 2, 2),
            Want("specified-format", 2, 2),
            UNSHOWN,
            SHOWN,
            choose("table-interpretation", form="number"),
        ),
        rows=50,
    ),
    Group(
        "documents",
        {"longest": 768},
        (
            Want("text-interpretation", 4, 4, "number|text", r"^(?!What accuracy)"),
            Want("printed-text", 2, 2),
            Want("specified-format", 1, 1),
            Want("counting", 1, 1),
            Want("formula-to-code", 1, 1),
            Want("table-interpretation", 1, 1),
            UNSHOWN,
            SHOWN,
            choose("global-description/theme", form="prose"),
            choose("text-summary", 4, 4, form="prose"),
            choose("text-interpretation", 1, 1, form="text"),
        ),
        rows=90,
        longest=640,
    ),
    Group(
        "exams",
        {"longest": 768, "most": 4},
        (
            Want("algebra-and-operation", 4, 3, "number|text"),
            Want("algebra-and-operation", 2, 2, "reply", most=HALF),
            Want("plane-geometry", 1, 1, "number"),
            Want("iq-questions", 2, 2, "number|text"),
            Want("counting", 1, 1),
            Want("printed-text", 1, 1, asked="[1-9]"),
            Want("specified-format", 1, 1),
            UNSHOWN,
            SHOWN,
            choose("algebra-and-operation", 1, 1, form="number"),
            choose("iq-questions", 1, 1, form="number"),
        ),
        rows=60,
        longest=544,
    ),
    Group(
        "formulas",
        {"longest": 384},
        (
            Want("formula-to-code", 4, 3, "written"),
            Want("algebra-and-operation", 3, 3, "number|text"),
            Want("counting", 1, 1),
            Want("specified-format", 1, 1),
            UNSHOWN,
            SHOWN,
            choose("formula-to-code", form="written"),
        ),
        rows=70,
        longest=384,
    ),
    Group(
        "geometry",
        {"longest": 512},
        (
            Want("plane-geometry", 5, 4, "number"),
            Want("plane-geometry", 2, 2, "text"),
            Want("solid-geometry", 3, 2, "number"),
            Want("solid-geometry", 2, 2, "text"),
            UNSHOWN,
            SHOWN,
            choose("plane-geometry", 1, 1, form="number"),
            choose("solid-geometry", form="number|text"),
        ),
        rows=70,
        longest=448,
    ),
    Group(
        "handwriting",
        {"longest": 256},
        (
            Want("handwritten-text", 14, 9, "written", most=0.1),
            Want("algebra-and-operation", 3, 2, "number"),
            Want("algebra-and-operation", 2, 2, "text", most=HALF),
            Want("counting", 2, 2),
            UNSHOWN,
            Want("counterfactual-questioning", 1, 0, "shown"),
            choose("handwritten-text", form="written"),
        ),
        rows=320,
        longest=256,
    ),
    Group(
        "scene_text",
        {"longest": 448},
        (
            Want("printed-text", 4, 3, "written"),
            Want("printed-text", 2, 2, "reply", most=HALF),
            Want("specified-language", 1, 1),
            Want("other/attribute-comparison", 1, 1, "text"),
            Want("text-interpretation", 1, 1, "reply"),
            Want("local-description/position", 2, 2, "written"),
            Want("object-attribute", 2, 2, "text", "colour|颜色"),
            Want("specified-format", 2, 1),
            Want("counting", 1, 1),
            Want("algebra-and-operation", 1, 1),
            UNSHOWN,
            SHOWN,
            choose("text-interpretation", form="translation"),
        ),
        rows=160,
        longest=448,
    ),
    Group(
        "code",
        {"longest": 560, "most_lines": 10, "program_share": 0.6},
        (
            Want("other/code", 5, 4, "number|text", r"print|output|输出|打印|结果"),
            Want("other/code", 2, 2, "text", r"language|语言", most=0.5),
            Want("printed-text", 6, 5, "written", r"line|行"),
            Want("specified-format", 2, 2),
            Want("counting", 1, 1),
            UNSHOWN,
            SHOWN,
            choose("other/code", form="number"),
        ),
        rows=60,
        longest=512,
    ),
    Group(
        "diagrams",
        {"longest": 1024},
        (
            Want("analysis/flowchart", 3, 3, "text"),
            Want("analysis/flowchart", 2, 2, "number"),
            Want("analysis/others", 4, 3, "number|text"),
            choose("flowchart-to-code", 4, 4, form="edge"),
            Want("counting", 1, 1),
            UNSHOWN,
            SHOWN,
            choose("analysis/flowchart", form="text"),
            choose("analysis/others", form="text"),
        ),
        rows=70,
        longest=512,
    ),
    Group(
        "web",
        {"longest": 640},
        (
            Want("function/software", 4, 3),
            Want("other/state", 4, 0, "reply", most=HALF),
            Want("other/state", 2, 5, "text"),
            Want("graph-interpretation", 1, 1, "number"),
            Want("table-interpretation", 1, 1, "number|text"),
            Want("other/attribute-comparison", 2, 2),
            Want("relationship/spatial", 2, 2, "text"),
            Want("style-recognition", 2, 2, most=HALF),
            choose("style-recognition", form="either", most=HALF),
            Want("counting", 1, 1),
            Want("object-attribute", 2, 2, "text|number"),
            Want("local-description/position", 1, 1, "place"),
            Want("printed-text", 1, 1, "written", r"\["),
            Want("printed-text", 1, 1, "written", r"^[^\[]+$"),
            Want("specified-format", 1, 1),
            Want("counterfactual-questioning", 1, 1, NEW, r"^[^\[]+$"),
            SHOWN,
            choose("function/software", 1, 1, form="text"),
            choose("global-description/theme", form="prose"),
            choose("ui-to-code", 4, 4, form="line"),
        ),
        rows=56,
        longest=576,
    ),
    Group(
        "texts",
        {},
        (
            Want("text", 7, 6, "number", r"[+×-]"),
            Want("text", 4, 0, "number", r"letters|long"),
            Want("text", 6, 7, "word"),
            Want("text", 4, 5, "text"),
            Want("text", 1, 0, NEW),
        ),
        rows=600,
    ),
)
