"""A `Draw` and names come in; small tables of few, short words go out, whose every letter is large in a small picture.

As all tables here they say nothing about the world: names and numbers are put together by lot.
"""

from dataclasses import dataclass

from ...rendering import Draw
from .kinds import CELL, PLAIN, choose, values, words
from .sheet import Format, Sheet, numeric


ROWS, COLUMNS = (2, 4), (1, 2)  # fewest and most, of columns beside that of the labels
LONGEST_LABEL = {"en": 9, "zh": 4}  # letters
TITLE_SHARE = 0.35
MONEY = "money"


@dataclass(frozen=True)
class Topic:
    """What a table is about.

    Args:
        kind: As `Sheet` calls it, which decides whether its columns are added up.
        head: Above the labels; this and all that follow in English and Chinese.
        labels: Subjects of `Assets.names`, or of words.json, that the labels are of.
        columns: With the least and the greatest number in it, or `MONEY`.
        titles: That may stand above.
    """

    kind: str
    head: tuple[str, str]
    labels: tuple[str, ...]
    columns: tuple[tuple[tuple[str, str], tuple[int, int] | str], ...]
    titles: tuple[tuple[str, str], ...]


SOLD, STOCK, PRICE = (("Sold", "销量"), (1, 999)), (("Stock", "库存"), (0, 500)), (("Price", "单价"), MONEY)
POINTS, GAMES, WINS = (("Points", "积分"), (0, 100)), (("Games", "场次"), (1, 40)), (("Wins", "胜"), (0, 30))
AGE, ROOM, PHONE = (("Age", "年龄"), (4, 90)), (("Room", "房间"), (1, 999)), (("Phone", "分机"), (1000, 9999))
HIGH, LOW, RAIN = (("High", "最高温"), (12, 39)), (("Low", "最低温"), (1, 11)), (("Rain", "降水"), (0, 60))
COUNT, VISITS, PAGES = (("Count", "数量"), (1, 60)), (("Visits", "人次"), (10, 9999)), (("Pages", "页数"), (2, 800))
TOPICS = (
    Topic("prices", ("Item", "品名"), ("food", "product", "goods"), (PRICE, STOCK, SOLD), (("Prices", "价目表"), ("Shop", "商店"))),
    Topic("stock", ("Item", "品名"), ("food", "product", "goods"), (STOCK, SOLD, COUNT), (("Stock", "库存"), ("Store", "仓库"))),
    Topic("points", ("Name", "姓名"), ("person",), (POINTS, GAMES, WINS, PAGES), (("Scores", "成绩"), ("Results", "结果"))),
    Topic("staff", ("Name", "姓名"), ("person",), (AGE, ROOM, PHONE), (("Staff", "员工"), ("Club", "俱乐部"))),
    Topic("weather", ("Day", "日期"), ("weekday",), (HIGH, LOW, RAIN), (("Weather", "天气"), ("This week", "本周"))),
    Topic("weather", ("City", "城市"), ("city",), (HIGH, LOW, RAIN), (("Weather", "天气"),)),
    Topic("visits", ("Day", "日期"), ("weekday",), (VISITS, SOLD), (("Visits", "客流"), ("Museum", "博物馆"))),
    Topic("animals", ("Animal", "动物"), ("animal",), (COUNT, VISITS), (("Zoo", "动物园"), ("Farm", "农场"))),
)  # fmt: skip


def simple_sheet(draw: Draw, assets) -> Sheet:
    """A small table about any of the topics.

    Raises:
        CannotRenderError: if there are too few short labels.
    """
    zh = draw.language == "zh"
    topic = draw.pick(TOPICS)
    subject = draw.pick(topic.labels)
    names = words(subject, draw.language) if subject in ("product", "goods") else assets.names(subject, draw.language)
    short = [name for name in names if len(name) <= LONGEST_LABEL[draw.language]]
    labels, others = choose(draw, short, *ROWS)
    mixed = draw.sample(topic.columns, len(topic.columns))
    count = draw.whole(*COLUMNS)
    money = Format(2, prefix=draw.pick(("¥", "") if zh else ("$", "£", "")))
    columns = {}
    for place, (_, span) in enumerate(mixed[:count], 1):
        form = money if span == MONEY else PLAIN
        low, high = (1, draw.pick((9, 99))) if span == MONEY else span
        columns[place] = (values(draw, len(labels), low, high, form.decimals), form)
    texts, numbers, formats = numeric(labels, columns)
    heads = [head[zh] for head, _ in mixed]
    title = draw.pick(topic.titles)[zh] if draw.chance(TITLE_SHARE) else ""
    return Sheet(
        topic.kind, title, (topic.head[zh], *heads[:count]), texts, numbers, formats, others, tuple(heads[count:]),
        cell_questions=CELL,
    )  # fmt: skip
