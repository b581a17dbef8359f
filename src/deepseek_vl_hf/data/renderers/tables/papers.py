"""A `Draw` comes in; tables that are papers of their own go out: timetables, receipts, statements of accounts."""

from decimal import Decimal

from ...rendering import Draw
from .kinds import PERIOD, choose, values, words
from .sheet import Format, Sheet, numeric


def timetable(draw: Draw, assets) -> Sheet:
    """Lessons of a school week."""
    zh = draw.language == "zh"
    days = assets.names("weekday", draw.language)[:5]
    subjects, others = choose(draw, words("subject", draw.language), 5, 8)
    hours = draw.whole(4, 8)
    if zh:
        labels = [f"第{'一二三四五六七八'[hour]}节" for hour in range(hours)]
    else:
        start = draw.pick((8, 9))
        labels = draw.pick(([str(hour + 1) for hour in range(hours)], [f"{start + hour}:00" for hour in range(hours)]))
    rows = tuple((label, *(draw.pick(subjects) for _ in days)) for label in labels)
    cells = {
        "en": (
            "Which subject is taught on {column} in the row {row}?",
            "What does the timetable say for {column}, {row}?",
        ),
        "zh": ("{column}{row}上什么课？", "课程表上{column}{row}是什么课？"),
    }
    title = draw.pick(
        ("课程表", "班级课程表", "周课表") if zh else ("Timetable", "Class timetable", "Weekly schedule")
    )
    first = "节次" if zh else "Time" if ":" in labels[0] else draw.pick(("Period", "Lesson"))
    header = (first, *days)
    return Sheet(
        "timetable",
        title,
        header,
        rows,
        others=others[:0],
        other_columns=assets.names("weekday", draw.language)[5:],
        cell_questions=cells,
    )


def trains(draw: Draw, assets) -> Sheet:
    """Departures with the minutes of each journey."""
    zh = draw.language == "zh"
    names = assets.names("city", draw.language)
    cities, _ = choose(draw, names, 4, min(9, len(names)))
    numbers = draw.sample(range(100, 999), len(cities) + 2)
    codes = [f"{draw.pick('GDKTZ' if zh else ('IC ', 'RE ', 'EC '))}{number}" for number in numbers]
    leave = sorted(draw.sample(range(5 * 60, 18 * 60), len(cities)))
    minutes = [draw.whole(25, 300) for _ in cities]
    texts = {
        1: cities,
        2: [f"{start // 60:02d}:{start % 60:02d}" for start in leave],
        3: [
            f"{(start + long) // 60:02d}:{(start + long) % 60:02d}" for start, long in zip(leave, minutes, strict=True)
        ],
        5: [str(draw.whole(1, 14)) for _ in cities],
    }
    rows, numbers, formats = numeric(codes[:-2], {4: (minutes, Format())}, texts)
    header = (
        ("车次", "终点站", "发车", "到达", "历时（分钟）", "站台")
        if zh
        else ("Train", "Destination", "Departs", "Arrives", "Minutes", "Platform")
    )
    absent = ("票价", "座位") if zh else ("Fare", "Seat")
    title = draw.pick(("列车时刻表", "发车时刻表") if zh else ("Departures", "Train times", "Timetable"))
    cells = {
        "en": ("What is the {column} entry of {row}?", "Look up train {row}: what is under {column}?"),
        "zh": ("{row}次列车的“{column}”一栏是什么？", "查一下{row}次列车，“{column}”写的是什么？"),
    }
    return Sheet("trains", title, header, rows, numbers, formats, tuple(codes[-2:]), absent, cell_questions=cells)


def receipt(draw: Draw, assets) -> Sheet:
    """What was bought, the total, what was paid and given back."""
    zh = draw.language == "zh"
    goods, others = choose(draw, words("goods", draw.language), 2, 9)
    counts = [draw.pick((1, 1, 1, 2, 3, 4)) for _ in goods]
    each = values(draw, len(goods), 1, 40, 2)
    amounts = [count * price for count, price in zip(counts, each, strict=True)]
    total = sum(amounts)
    paid = (total // 10 + draw.whole(1, 3)) * 10
    labels = ("合计", "实收", "找零") if zh else ("Total", "Cash", "Change")
    money = Format(2)
    rows = [
        (name, str(count), money(price), money(amount))
        for name, count, price, amount in zip(goods, counts, each, amounts, strict=True)
    ]
    rows += [(label, "", "", money(value)) for label, value in zip(labels, (total, paid, paid - total), strict=True)]
    header = ("商品", "数量", "单价", "金额") if zh else ("Item", "Qty", "Price", "Amount")
    numbers = {1: tuple(map(Decimal, counts)), 2: tuple(each), 3: (*amounts, total, paid, paid - total)}
    formats = {1: Format(), 2: money, 3: money}
    cells = {
        "en": ("What does the receipt show under {column} for {row}?", "What is listed under {column} for {row}?"),
        "zh": ("小票上{row}的{column}是多少？", "{row}的{column}是多少？"),
    }
    absent = ("折扣",) if zh else ("Discount",)
    return Sheet(
        "receipt", draw.pick(words("shop", draw.language)), header, tuple(rows), numbers, formats, others, absent, (), 3, False, cells,
    )  # fmt: skip


def _years(draw: Draw) -> list[str]:
    last = draw.whole(2001, 2031)
    count = draw.pick((2, 2, 3))
    return [f"{last - back}年" if draw.language == "zh" else str(last - back) for back in range(count)]


def _statement(draw: Draw, kind: str, lines: list[tuple[str, list[Decimal]]], title: str, years: list[str]) -> Sheet:
    zh = draw.language == "zh"
    form = Format(has_commas=True, has_brackets=True)
    columns = {place + 1: ([row[place] for _, row in lines], form) for place in range(len(years))}
    texts, numbers, formats = numeric([label for label, _ in lines], columns)
    units = (
        ("单位：万元", "单位：千元", "单位：百万元")
        if zh
        else ("In thousands of dollars", "In millions of euros", "Figures in £000")
    )
    absent = ("商誉", "投资收益") if zh else ("Goodwill", "Dividends paid")
    company = draw.pick(words("company", draw.language))
    header = ("项目" if zh else draw.pick(("Item", "Line item")), *years)
    return Sheet(
        kind, f"{company} {title}" if zh else f"{company}: {title}", header, texts, numbers, formats, absent,
        cell_questions=PERIOD, note=draw.pick(units),
    )  # fmt: skip


def income(draw: Draw, assets) -> Sheet:
    """An income statement; costs are printed as positive numbers and taken away."""
    years = _years(draw)
    names = words("income", draw.language)
    columns = []
    for _ in years:
        revenue = draw.whole(2000, 90000)
        cost = revenue * draw.whole(35, 85) // 100
        gross = revenue - cost
        expenses = [max(1, gross * draw.whole(5, 45) // 100) for _ in range(3)]
        operating = gross - sum(expenses)
        finance = draw.whole(5, 400)
        before = operating - finance
        tax = max(0, before * 25 // 100)
        columns.append([revenue, cost, gross, *expenses, operating, finance, before, tax, before - tax])
    lines = [(name, [Decimal(column[index]) for column in columns]) for index, name in enumerate(names)]
    title = "利润表" if draw.language == "zh" else draw.pick(("Income statement", "Statement of profit or loss"))
    return _statement(draw, "income", lines, title, years)


def balance(draw: Draw, assets) -> Sheet:
    """A balance sheet; assets are liabilities and equity."""
    years = _years(draw)
    names = words("balance", draw.language)
    columns = []
    for _ in years:
        own = [draw.whole(200, 30000) for _ in range(4)]
        total = sum(own)
        payables = total * draw.whole(8, 40) // 100
        loans = total * draw.whole(5, 35) // 100
        equity = total - payables - loans
        capital = equity * draw.whole(20, 80) // 100
        columns.append([*own, total, payables, loans, payables + loans, capital, equity - capital, equity])
    lines = [(name, [Decimal(column[index]) for column in columns]) for index, name in enumerate(names)]
    title = "资产负债表" if draw.language == "zh" else draw.pick(("Balance sheet", "Statement of financial position"))
    return _statement(draw, "balance", lines, title, years)


PAPERS = {maker.__name__: maker for maker in (timetable, trains, receipt, income, balance)}
