"""The name of a record comes in; how its question is put goes out.

Captions and readings are published without a question. The same record is always asked the same way, and records differ.
"""

from collections.abc import Sequence
from zlib import crc32


# The first of each stands for half of all rows.
READ = {
    "en": (
        "Read the text.",
        "What does the text in the picture say?",
        "Transcribe all text in this picture.",
        "Write down every word that can be read here.",
    ),
    "zh": ("读出文字。", "图片里写了什么？", "请把图中的文字抄写下来。", "图中能看清的文字有哪些？"),
}
DESCRIBE = {
    "en": (
        "Describe this picture in detail.",
        "What can be seen in this picture?",
        "Give a full description of the picture.",
        "Tell me everything that you notice here.",
    ),
    "zh": ("请详细描述这张图片。", "这张图片里有什么？", "请完整地说明图中的内容。", "你在图中都看到了什么？"),
}
SUMMARIZE_CHART = (
    "Summarize this chart.",
    "What does this chart show?",
    "Describe the main points of the chart.",
    "Write a short text about this chart.",
)
CHART_TO_TABLE = (
    "Write the data of this chart as a table.",
    "Which data does the chart show? Give a table.",
    "Turn the chart back into its table.",
    "List the values behind this chart.",
)
EXPLAIN_FIGURE = (
    "What does this figure show?",
    "Write a caption for this figure.",
    "Explain this figure.",
    "Describe the diagram.",
)
SUMMARIZE_SCREEN = (
    "What is this screen for?",
    "Summarize this screen in a sentence.",
    "What does this screen of an app show?",
    "Describe the screen briefly.",
)
PAGE_TO_HTML = (
    "Write the HTML of this page.",
    "Which HTML gives this page?",
    "Turn this screenshot into HTML.",
    "Rebuild this web page as code.",
)
PLOT_TO_CODE = (
    "Write the Python code that draws this plot.",
    "Which code made this figure?",
    "Reproduce the plot in Python.",
    "Give the code for this plot.",
)
PAGE_TO_MARKDOWN = (
    "Read the page as Markdown.",
    "Convert this page to Markdown.",
    "Transcribe the page, with formulas and tables, as Markdown.",
    "Write the text of this page in Markdown.",
)


def wording(options: Sequence[str], name: object) -> str:
    """How the question about a record is put.

    Args:
        options: The ways there are; the first is taken for half of the records.
        name: Of the record: an id, a path, or what it says.
    """
    drawn = crc32(str(name).encode("utf-8", "replace"))
    return options[0] if drawn & 1 else options[(drawn >> 1) % len(options)]
