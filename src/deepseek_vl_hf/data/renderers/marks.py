"""A seeded generator comes in; something short that people write with digits and signs goes out: a price, a date, a licence plate.

Random codes leave out letters that some fonts draw alike (I, l, 1, O, 0). Every maker takes the generator and English words to
build names from.
"""

from collections.abc import Sequence

import numpy as np


CLEAR_LETTERS, CLEAR_DIGITS = "ABCDEFGHJKLMNPRSTUVWXYZ", "23456789"
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def _of(rng: np.random.Generator, options: Sequence):
    return options[int(rng.integers(len(options)))]


def _mark(rng: np.random.Generator, alphabet: str, count: int) -> str:
    return "".join(alphabet[index] for index in rng.integers(0, len(alphabet), count).tolist())


def _amount(rng: np.random.Generator) -> str:
    """A number as people write it: more often small than large."""
    value = int(10 ** rng.uniform(0, 6))
    return f"{value:,}" if rng.random() < 0.7 else f"{10 ** rng.uniform(0, 3):.{rng.integers(1, 3)}f}"


def price(rng, words):
    value = 10 ** rng.uniform(-0.3, 3.5)
    return f"{_of(rng, ('$', '£', '€'))}{value:,.2f}" if rng.random() < 0.8 else f"${int(value) + 1:,}"


def date(rng, words):
    day, month, year = rng.integers(1, 29), rng.integers(0, 12), rng.integers(1890, 2031)
    name = MONTHS[month]
    return _of(
        rng,
        (
            f"{day} {name} {year}",
            f"{name} {day}, {year}",
            f"{year}-{month + 1:02}-{day:02}",
            f"{name[:3]} {day}, {year}",
        ),
    )


def time(rng, words):
    hour, minute = rng.integers(0, 24), rng.integers(0, 60)
    half = ("am", "pm")[hour // 12]
    return _of(rng, (f"{hour:02}:{minute:02}", f"{(hour - 1) % 12 + 1}:{minute:02} {half}"))


def phone(rng, words):
    digits = _mark(rng, "0123456789", 10)
    patterns = (
        "+{}{} {}{}{} {}{}{} {}{}",
        "({}{}{}) {}{}{}-{}{}{}{}",
        "0{}{}{} {}{}{}{}{}{}",
        "{}{}{}-{}{}{}-{}{}{}{}",
    )
    return _of(rng, patterns).format(*digits)


def quantity(rng, words):
    units = ("km", "kg", "cm", "ml", "%", "years", "miles", "pages", "people", "minutes", "°C", "m²", "GB", "kWh")
    unit = _of(rng, units)
    return _amount(rng) + ("" if unit in ("%", "°C") else " ") + unit


def _plain(rng, words):
    return _amount(rng)


def _label(rng, words):
    return f"{_of(rng, ('Room', 'No.', 'Page', 'Gate', 'Chapter', 'Bus', 'Platform', 'Total:', 'Size', 'Level'))} {rng.integers(1, 1000)}"


def _sum(rng, words):
    one, other = rng.integers(1, 100, 2)
    return _of(
        rng,
        (f"{one} + {other} = {one + other}", f"{one} × {other} = {one * other}", f"{one + other} - {other} = {one}"),
    )


def _assignment(rng, words):
    name, other, value = _of(rng, words), _of(rng, words), rng.integers(0, 1000)
    patterns = ("{0} = {2}", "{0} += {2}", "if {0} > {2}:", "return {0} * {2}", "{0}[{2}] = {1}", "{0} = {1}({2})")
    more = (
        'print("{0}")',
        "for {0} in {1}:",
        "let {0} = {2};",
        "def {0}({1}):",
        "{0}.{1}({2})",
        "import {0}",
        "x = {2}",
    )
    return _of(rng, patterns + more).format(name, other, value)


def email(rng, words):
    ending = _of(rng, ("com", "org", "net", "co.uk", "de", "cn", "edu"))
    user = _of(
        rng, (_of(rng, words), f"{_of(rng, words)}.{_of(rng, words)}", f"{_of(rng, words)}{rng.integers(2, 100)}")
    )
    return f"{user}@{_of(rng, words)}.{ending}".lower()


def website(rng, words):
    place = f"{_of(rng, words)}{_of(rng, ('', '-'))}{_of(rng, words)}.{_of(rng, ('com', 'org', 'io', 'net', 'cn'))}".lower()
    return _of(rng, (f"www.{place}", f"https://{place}", f"{place}/{_of(rng, words).lower()}"))


def _path(rng, words):
    parts = "/".join(_of(rng, words).lower() for _ in range(int(rng.integers(1, 4))))
    return (
        f"{_of(rng, ('', '/', '~/', 'C:/', './'))}{parts}.{_of(rng, ('txt', 'py', 'jpg', 'pdf', 'html', 'csv', 'md'))}"
    )


def plate(rng, words):
    first, digits = (
        _mark(rng, CLEAR_LETTERS, int(rng.integers(2, 4))),
        _mark(rng, CLEAR_DIGITS, int(rng.integers(2, 5))),
    )
    return _of(rng, (f"{first} {digits}", f"{first}-{digits}", f"{first}{digits[:2]} {_mark(rng, CLEAR_LETTERS, 3)}"))


def _serial(rng, words):
    both = CLEAR_LETTERS + CLEAR_DIGITS
    groups = [_mark(rng, both, int(rng.integers(2, 6))) for _ in range(int(rng.integers(1, 5)))]
    return _of(rng, ("", "", "SN ", "ID: ", "v", "#")) + _of(rng, ("-", "-", " ", ".")).join(groups)


def yuan(rng, words):
    value = 10 ** rng.uniform(-0.3, 4)
    return _of(rng, (f"¥{value:,.2f}", f"{value:.2f}元", f"{int(value) + 1}元", f"人民币{int(value) + 1}元"))


def zh_date(rng, words):
    day, month, year = rng.integers(1, 29), rng.integers(1, 13), rng.integers(1890, 2031)
    return _of(
        rng, (f"{year}年{month}月{day}日", f"{month}月{day}日", f"{year}年{month}月", f"{year}-{month:02}-{day:02}")
    )


def zh_time(rng, words):
    hour, minute = rng.integers(1, 13), rng.integers(0, 60)
    half = _of(rng, ("上午", "下午", ""))
    return _of(rng, (f"{half}{hour}:{minute:02}", f"{half}{hour}点{rng.integers(2, 60)}分", f"{half}{hour}点半"))


def zh_phone(rng, words):
    digits = _mark(rng, "0123456789", 12)
    patterns = (
        "1{}{} {}{}{}{} {}{}{}{}",
        "电话：0{}{}-{}{}{}{}{}{}{}{}",
        "400-{}{}{}-{}{}{}{}",
        "0{}{}{}-{}{}{}{}{}{}{}",
    )
    return _of(rng, patterns).format(*digits)


def _zh_quantity(rng, words):
    units = (
        "公里",
        "千克",
        "厘米",
        "毫升",
        "%",
        "年",
        "页",
        "人",
        "分钟",
        "℃",
        "平方米",
        "本书",
        "个苹果",
        "层楼",
        "次",
        "米",
    )
    return _of(rng, ("", "", "共", "约")) + _amount(rng) + _of(rng, units)


def _zh_label(rng, words):
    return _of(
        rng, ("第{}页", "{}号楼", "{}路公交车", "第{}章", "{}房间", "总计：{}", "序号：{}", "第{}届", "{}班")
    ).format(rng.integers(1, 1000))


def zh_plate(rng, words):
    place, both = _of(rng, "京沪粤苏浙川鄂湘鲁豫冀辽吉黑闽赣皖桂云贵陕甘"), CLEAR_LETTERS + CLEAR_DIGITS
    return f"{place}{_mark(rng, CLEAR_LETTERS, 1)}{_of(rng, ('·', ' '))}{_mark(rng, both, 2)}{_mark(rng, CLEAR_DIGITS, 3)}"


def _zh_serial(rng, words):
    return _of(rng, ("编号：", "型号：", "订单号：", "密码：", "验证码：", "航班：", "座位：")) + _mark(
        rng, CLEAR_LETTERS + CLEAR_DIGITS, int(rng.integers(3, 9))
    )


MAKERS = {
    "en": {
        "numbers": {"price": price, "date": date, "time": time, "phone": phone, "quantity": quantity, "number": _plain}
        | {"label": _label, "sum": _sum},
        "codes": {"code": _assignment, "email": email, "website": website, "path": _path, "plate": plate}
        | {"serial": _serial},
    },
    "zh": {
        "numbers": {"price": yuan, "date": zh_date, "time": zh_time, "phone": zh_phone, "quantity": _zh_quantity}
        | {"number": _plain, "label": _zh_label, "sum": _sum},
        "codes": {"code": _assignment, "email": email, "website": website, "path": _path, "plate": zh_plate}
        | {"serial": _zh_serial},
    },
}
