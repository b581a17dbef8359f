"""A `Draw` and names come in; made-up tables of many kinds go out: sales, marks, prices, surveys, weather, standings.

None says anything about the world: shops, teams and figures are made up, so what is true of them is what the table says.
"""

import functools
import json
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from ...rendering import CannotRenderError, Draw
from .sheet import Format, Sheet, numeric


PLAIN, POINT, COMMAS = Format(), Format(1), Format(has_commas=True)
CELL = {
    "en": ("What does the table give for {row} under {column}?", "What is listed under {column} for {row}?"),
    "zh": ("表中“{row}”这一行的“{column}”一栏是什么？", "{row}的“{column}”一栏写的是什么？"),
}
PERIOD = {
    "en": ("What is the figure for {row} in {column}?", "What does the table give for {row} under {column}?"),
    "zh": ("表中“{row}”这一行的“{column}”是多少？", "{row}在“{column}”一栏的数值是多少？"),
}


@functools.cache
def words(subject: str, language: str) -> tuple[str, ...]:
    """Labels of a subject, in the same order in both languages."""
    table = json.loads(Path(__file__).with_name("words.json").read_text(encoding="utf-8"))
    return tuple(table[subject][language])


def choose(draw: Draw, options, least: int, most: int) -> tuple[list[str], tuple[str, ...]]:
    """Some of the options in random order, and those left over.

    Raises:
        CannotRenderError: if there are fewer than wanted.
    """
    options = list(dict.fromkeys(options))
    count = draw.whole(least, most)
    if len(options) < count:
        raise CannotRenderError(f"found {len(options)} labels, expected {count}; draw fewer")
    mixed = draw.sample(options, len(options))
    return mixed[:count], tuple(mixed[count:])


def values(draw: Draw, count: int, low: int, high: int, decimals: int = 0) -> list[Decimal]:
    """Numbers between two whole numbers, with some decimals."""
    scale = 10**decimals
    return [Decimal(draw.whole(low * scale, high * scale)) / scale for _ in range(count)]


def sales(draw: Draw, assets) -> Sheet:
    """Units or money by product and month, quarter or year, perhaps with totals."""
    zh = draw.language == "zh"
    rows, others = choose(draw, words(draw.pick(("product", "department", "branch")), draw.language), 3, 8)
    months = assets.names("month", draw.language)
    first = draw.whole(0, 6)
    year = draw.whole(1998, 2031)
    periods = draw.pick(
        (
            months[first : first + draw.whole(3, 6)],
            ("第一季度", "第二季度", "第三季度", "第四季度") if zh else ("Q1", "Q2", "Q3", "Q4"),
            tuple(f"{year - back}年" if zh else str(year - back) for back in (3, 2, 1, 0)),
        )
    )
    form = draw.pick((PLAIN, COMMAS, POINT, Format(2, prefix="¥" if zh else "$", has_commas=True)))
    high = draw.pick((90, 900, 9000))
    columns = {place: values(draw, len(rows), high // 20, high, form.decimals) for place in range(1, len(periods) + 1)}
    header, totals = ["项目" if zh else "Item", *periods], 0
    if draw.chance(0.3):
        header.append("合计" if zh else "Total")
        columns[len(header) - 1] = [sum(row) for row in zip(*columns.values(), strict=True)]
    if draw.chance(0.3):
        rows.append("总计" if zh else "Total")
        columns = {place: [*numbers, sum(numbers)] for place, numbers in columns.items()}
        totals = 1
    texts, numbers, formats = numeric(rows, {place: (column, form) for place, column in columns.items()})
    is_even = len(columns) == len(periods)
    titles = (
        (f"{year}年销售统计表", f"{year}年度销售情况", "各项目销售额")
        if zh
        else (f"Sales in {year}", f"Sales report {year}", "Sales by item")
    )
    return Sheet(
        "sales", draw.pick(titles), tuple(header), texts, numbers, formats, others,
        tuple(month for month in months if month not in periods)[:4], (), totals, is_even, PERIOD,
    )  # fmt: skip


def marks(draw: Draw, assets) -> Sheet:
    """Marks of pupils in school subjects."""
    zh = draw.language == "zh"
    pupils, others = choose(
        draw, assets.names("person", draw.language), 3, min(9, len(assets.names("person", draw.language)) - 1)
    )
    subjects, absent = choose(draw, words("subject", draw.language), 2, 5)
    form = draw.pick((PLAIN, PLAIN, POINT))
    columns = {
        place: (values(draw, len(pupils), 40, 100, form.decimals), form) for place in range(1, len(subjects) + 1)
    }
    texts, numbers, formats = numeric(pupils, columns)
    titles = (
        ("期末考试成绩表", "期中考试成绩单", "班级成绩统计")
        if zh
        else ("Exam results", "Class marks", "End-of-term marks")
    )
    cells = {
        "en": ("How many marks did {row} get in {column}?", "What is {row}'s mark in {column}?"),
        "zh": ("{row}的{column}考了多少分？", "{row}的{column}成绩是多少？"),
    }
    return Sheet(
        "marks", draw.pick(titles), ("姓名" if zh else "Name", *subjects), texts, numbers, formats, others, absent, (), 0, True, cells,
    )  # fmt: skip


def prices(draw: Draw, assets) -> Sheet:
    """A price list with stock."""
    zh = draw.language == "zh"
    goods, others = choose(draw, words(draw.pick(("product", "goods")), draw.language), 3, 9)
    money = Format(2, prefix=draw.pick(("¥", "￥", "")) if zh else draw.pick(("$", "€", "£", "")))
    units = draw.pick((("件",), ("箱", "盒", "件"))) if zh else draw.pick((("piece",), ("box", "pack", "case")))
    columns = {
        2: (values(draw, len(goods), 1, draw.pick((30, 400)), 2), money),
        3: (values(draw, len(goods), 0, 500), PLAIN),
    }
    texts, numbers, formats = numeric(goods, columns, {1: [draw.pick(units) for _ in goods]})
    header = ("品名", "单位", "单价", "库存") if zh else ("Item", "Unit", "Price", "Stock")
    absent = ("产地", "重量", "折扣") if zh else ("Weight", "Discount", "Origin")
    titles = ("商品价目表", "产品报价单", "库存清单") if zh else ("Price list", "Our prices", "Stock list")
    return Sheet("prices", draw.pick(titles), header, texts, numbers, formats, others, absent, cell_questions=CELL)


def weather(draw: Draw, assets) -> Sheet:
    """Made-up weather of cities."""
    zh = draw.language == "zh"
    names = assets.names("city", draw.language)
    cities, others = choose(draw, names, 3, min(8, len(names) - 1))
    low = values(draw, len(cities), -12, 18)
    high = [cold + draw.whole(2, 14) for cold in low]
    form = draw.pick((PLAIN, Format(suffix="°C")))
    columns = {
        1: (high, form),
        2: (low, form),
        3: (values(draw, len(cities), 0, 60, 1), POINT),
        4: (values(draw, len(cities), 2, 70), PLAIN),
    }
    texts, numbers, formats = numeric(cities, columns)
    header = (
        ("城市", "最高气温", "最低气温", "降水量（毫米）", "风速（公里/时）")
        if zh
        else ("City", "Max temp", "Min temp", "Rain (mm)", "Wind (km/h)")
    )
    absent = ("湿度", "气压", "日照时数") if zh else ("Humidity", "Pressure", "Sunshine (h)")
    titles = (
        ("今日天气", "城市天气预报", "气象观测记录")
        if zh
        else ("Weather today", "Forecast by city", "Weather records")
    )
    return Sheet("weather", draw.pick(titles), header, texts, numbers, formats, others, absent, cell_questions=CELL)


def standings(draw: Draw, assets) -> Sheet:
    """A league table: three points for a win, one for a draw, most points first."""
    zh = draw.language == "zh"
    teams, others = choose(draw, words("team", draw.language), 4, 9)
    played = draw.whole(8, 30)
    results = []
    for _ in teams:
        won = round(played * draw.between(0.15, 0.75))
        drawn = round((played - won) * draw.between(0.1, 0.6))
        results.append((3 * won + drawn, won, drawn, played - won - drawn))
    results.sort(reverse=True)
    points, won, drawn, lost = (list(column) for column in zip(*results, strict=True))
    columns = {1: [played] * len(teams), 2: won, 3: drawn, 4: lost, 5: points}
    texts, numbers, formats = numeric(teams, {place: (column, PLAIN) for place, column in columns.items()})
    header = ("球队", "场次", "胜", "平", "负", "积分") if zh else ("Team", "Played", "Won", "Drawn", "Lost", "Points")
    absent = ("进球", "失球", "净胜球") if zh else ("Goals for", "Goals against", "Goal difference")
    titles = ("联赛积分榜", "赛季积分表") if zh else ("League table", "Standings", "Season standings")
    return Sheet("standings", draw.pick(titles), header, texts, numbers, formats, others, absent, cell_questions=CELL)


def staff(draw: Draw, assets) -> Sheet:
    """People with department, extension and years."""
    zh = draw.language == "zh"
    names = assets.names("person", draw.language)
    people, others = choose(draw, names, 3, min(8, len(names) - 1))
    ages = values(draw, len(people), 22, 64)
    columns = {3: (ages, PLAIN), 4: ([Decimal(draw.whole(0, int(age) - 20)) for age in ages], PLAIN)}
    extensions = draw.sample(range(1000, 9999), len(people))
    departments = [draw.pick(words("department", draw.language)) for _ in people]
    texts, numbers, formats = numeric(people, columns, {1: departments, 2: [str(number) for number in extensions]})
    header = (
        ("姓名", "部门", "分机号", "年龄", "工龄")
        if zh
        else ("Name", "Department", "Extension", "Age", "Years of service")
    )
    absent = ("工资", "邮箱", "学历") if zh else ("Salary", "E-mail", "Degree")
    titles = ("员工通讯录", "人员名单", "职工信息表") if zh else ("Staff list", "Team directory", "Employees")
    return Sheet("staff", draw.pick(titles), header, texts, numbers, formats, others, absent, cell_questions=CELL)


def survey(draw: Draw, assets) -> Sheet:
    """Shares of answers by age; every row makes 100%."""
    zh = draw.language == "zh"
    ages = list(words("age", draw.language))[: draw.whole(3, 6)]
    answers = words("answer", draw.language)
    form = Format(suffix="%")
    rows = []
    for _ in ages:
        cuts = sorted(draw.sample(range(4, 97), 3))
        rows.append([high - low for low, high in zip([0, *cuts], [*cuts, 100], strict=True)])
    columns = {place: ([row[place - 1] for row in rows], form) for place in range(1, 5)}
    texts, numbers, formats = numeric(ages, columns)
    titles = ("满意度调查结果", "各年龄段满意度") if zh else ("Customer survey", "Satisfaction by age")
    others = ("18岁以下",) if zh else ("Under 18",)
    absent = ("不清楚", "拒绝回答") if zh else ("Don't know", "No answer")
    header = ("年龄" if zh else "Age", *answers)
    return Sheet("survey", draw.pick(titles), header, texts, numbers, formats, others, absent, (), 0, True, PERIOD)


def nutrition(draw: Draw, assets) -> Sheet:
    """Made-up contents of packed food."""
    zh = draw.language == "zh"
    nutrients = list(words("nutrient", draw.language))[: draw.whole(4, 7)]
    portion = draw.pick((25, 30, 40, 50, 60))
    protein, fat, fibre = (values(draw, 1, 0, high, 1)[0] for high in (25, 30, 9))
    sugar = values(draw, 1, 0, 22, 1)[0]
    starch = sugar + fibre + values(draw, 1, 0, 18, 1)[0]
    energy = 4 * protein + 9 * fat + 4 * starch
    hundred = [energy, protein, fat, starch, sugar, fibre, values(draw, 1, 2, 900, 1)[0]][: len(nutrients)]
    columns = {
        1: (hundred, POINT),
        2: ([(value * portion / 100).quantize(Decimal("0.1"), ROUND_HALF_UP) for value in hundred], POINT),
    }
    texts, numbers, formats = numeric(nutrients, columns)
    header = (
        ("项目", "每100克", f"每份（{portion}克）") if zh else ("Nutrition", "Per 100 g", f"Per serving ({portion} g)")
    )
    others = ("维生素C（毫克）", "钙（毫克）") if zh else ("Vitamin C (mg)", "Calcium (mg)")
    title = "营养成分表" if zh else draw.pick(("Nutrition facts", "Nutrition information"))
    return Sheet("nutrition", title, header, texts, numbers, formats, others, cell_questions=PERIOD)


def grouped(draw: Draw, assets) -> Sheet:
    """Numbers by branch, year and quarter, with a header of two levels."""
    zh = draw.language == "zh"
    branches, others = choose(draw, words(draw.pick(("branch", "department", "product")), draw.language), 3, 7)
    year = draw.whole(1995, 2030)
    halves = ("上半年", "下半年") if zh else draw.pick((("H1", "H2"), ("Spring", "Autumn")))
    tops = tuple(f"{year + step}年" if zh else str(year + step) for step in range(draw.whole(2, 3)))
    header = ("部门" if zh else "Unit", *(half for _ in tops for half in halves))
    form = draw.pick((PLAIN, COMMAS, POINT))
    high = draw.pick((80, 800, 8000))
    columns = {place: (values(draw, len(branches), 5, high, form.decimals), form) for place in range(1, len(header))}
    texts, numbers, formats = numeric(branches, columns)
    groups = (("", 1), *((top, len(halves)) for top in tops))
    titles = ("年度数据对比", "分部门统计表") if zh else ("Figures by year", "Comparison by unit")
    absent = (f"{year - 1}年上半年",) if zh else (f"{halves[0]} {year - 1}",)
    return Sheet(
        "grouped", draw.pick(titles), header, texts, numbers, formats, others, absent, groups, 0, True, PERIOD,
    )  # fmt: skip


Maker = Callable[[Draw, object], Sheet]
KINDS: dict[str, Maker] = {
    maker.__name__: maker for maker in (sales, marks, prices, weather, standings, staff, survey, nutrition, grouped)
}
