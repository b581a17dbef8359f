"""A draw comes in; what is written on things in the street, in shops and at home goes out.

Every text is an item of the draw. A name is made of parts, so that there are far more than tables could hold; notices, which are
the same everywhere, come in both languages, and some with a question about what they mean.
"""

from dataclasses import dataclass

import numpy as np

from ...assets import Assets
from ...rendering import Draw
from ..marks import date, phone, plate, website, zh_date, zh_phone, zh_plate
from . import tables


@dataclass(frozen=True)
class Notice:
    """What a sign tells people, in both languages.

    Args:
        texts: English, Chinese.
        question: About what it means, in both, if it has one.
        answer: Yes or no.
    """

    texts: tuple[str, str]
    question: tuple[str, str] | None = None
    answer: bool = False


NOTICES = tuple(Notice(tuple(entry[:2]), *entry[2:]) for entry in tables.NOTICES)
NOTICE_OF = {text: notice for notice in NOTICES for text in notice.texts}


def _of(rng: np.random.Generator, options):
    return options[int(rng.integers(len(options)))]


class Words:
    """What is written in one scene.

    Args:
        draw: Decides; each text becomes one of its items.
        assets: Has words and names.
    """

    def __init__(self, draw: Draw, assets: Assets):
        self.draw, self.assets = draw, assets
        self.is_chinese = draw.language == "zh"

    def made(self, make) -> str:
        """A text that is made up."""
        return self.draw.made("text", make, key=str)

    def shop(self) -> str:
        """The name of a shop, cafe or firm."""
        people = self.assets.names("person", self.draw.language)
        return self.made(lambda rng: _zh_shop(rng, people) if self.is_chinese else _shop(rng, people))

    def trade(self) -> str:
        """What a shop offers, or what it says of itself."""
        table = tables.ZH_SLOGANS if self.is_chinese else tables.SLOGANS
        return self.draw.item("text", table)

    def street(self) -> str:
        """The name of a street."""
        if self.is_chinese:
            return self.made(lambda rng: f"{_of(rng, tables.ZH_STREETS)}{_of(rng, tables.ZH_WAYS)}")
        return self.made(
            lambda rng: (
                f"{_of(rng, tables.STREETS)} {_of(rng, tables.WAYS)}"
                if rng.random() < 0.6
                else f"{_of(rng, tables.ADJECTIVES)} {_of(rng, tables.NOUNS)} {_of(rng, tables.WAYS)}"
            )
        )

    def price(self) -> str:
        """What something costs in a shop."""

        def make(rng):
            value = 10 ** rng.uniform(-0.3, 2.2)
            if self.is_chinese:
                return _of(rng, (f"¥{value:.2f}", f"{value:.1f}元", f"{int(value) + 1}元", f"¥{int(value) + 1}"))
            return f"{_of(rng, ('$', '$', '£', '€'))}{value:.2f}" if rng.random() < 0.8 else f"${int(value) + 1}"

        return self.made(make)

    def phone(self) -> str:
        """A phone number."""
        return self.made(lambda rng: (zh_phone if self.is_chinese else phone)(rng, ()))

    def plate(self) -> str:
        """A license plate."""
        return self.made(lambda rng: (zh_plate if self.is_chinese else plate)(rng, ()))

    def date(self) -> str:
        """A day."""
        return self.made(lambda rng: (zh_date if self.is_chinese else date)(rng, ()))

    def website(self) -> str:
        """A web address."""
        words = self.assets.words("en")
        return self.made(lambda rng: website(rng, words))

    def hours(self) -> str:
        """When a shop is open."""

        def make(rng):
            begin, end = int(rng.integers(5, 12)), int(rng.integers(15, 24))
            one, other = (f"{hour}:{_of(rng, ('00', '00', '30'))}" for hour in (begin, end))
            if self.is_chinese:
                return f"{_of(rng, ('', '营业时间 ', '周一至周五 ', '每天 '))}{one}-{other}"
            days = _of(rng, ("", "Open ", "Mon-Fri ", "Daily ", "Mon-Sat "))
            return f"{days}{one} - {other}" if rng.random() < 0.6 else f"{days}{begin} am - {end - 12} pm"

        return self.made(make)

    def product(self) -> str:
        """The name of something that is sold."""
        foods = self.assets.names("food", self.draw.language)
        if self.is_chinese:
            return self.made(lambda rng: f"{_of(rng, tables.ZH_QUALITIES)}{_of(rng, foods)}")
        return self.made(lambda rng: f"{_of(rng, tables.QUALITIES)} {_of(rng, foods)}".title())

    def title(self) -> str:
        """The title of a book, film or concert."""
        return self.made(_zh_title if self.is_chinese else _title)

    def author(self) -> str:
        """The name of a person."""
        people = self.assets.names("person", self.draw.language)
        if self.is_chinese:
            return self.made(lambda rng: f"{_of(rng, tables.ZH_SURNAMES)}{_of(rng, tables.ZH_GIVEN)}")
        return self.made(lambda rng: f"{_of(rng, people).split()[0]} {_of(rng, tables.SURNAMES)}")

    def motto(self) -> str:
        """What people wear on a shirt."""
        if self.is_chinese:
            return self.made(lambda rng: f"{_of(rng, tables.ZH_VERBS)}{_of(rng, tables.ZH_AIMS)}")
        return self.made(_motto)

    def message(self) -> str:
        """What a screen says."""

        def make(rng):
            number, hour, minute = rng.integers(2, 400), rng.integers(0, 24), rng.integers(0, 60)
            city = _of(rng, self.assets.names("city", self.draw.language))
            patterns = tables.ZH_MESSAGES if self.is_chinese else tables.MESSAGES
            return _of(rng, patterns).format(
                number=number, percent=number % 99 + 1, time=f"{hour:02}:{minute:02}", city=city
            )

        return self.made(make)

    def room(self) -> str:
        """The number of a room, house, line or gate."""
        patterns = tables.ZH_PLACES if self.is_chinese else tables.PLACES
        return self.made(lambda rng: _of(rng, patterns).format(rng.integers(1, 900)))

    def notice(self, places: bool = False) -> Notice:
        """What a sign tells people; or only the name of a place in a building or town."""
        options = tuple(each for each in NOTICES if each.texts[0] in tables.PLACE_NOTICES) if places else NOTICES
        return self.draw.item("text", options, key=lambda notice: notice.texts[self.is_chinese])

    def foreign(self) -> tuple[str, str]:
        """A text in another European language, and the name of that language in the language of the row."""
        names, texts = self.draw.pick(tables.FOREIGN)
        return self.draw.item("text", texts), names[self.is_chinese]


def _shop(rng, people) -> str:
    name, adjective, noun = _of(rng, people).split()[-1], _of(rng, tables.ADJECTIVES), _of(rng, tables.NOUNS)
    trade = _of(rng, tables.TRADES)
    patterns = (
        "{0}'s {3}",
        "{1} {2} {3}",
        "The {1} {2}",
        "{2} & {4}",
        "{2} {3}",
        "{0} & Sons {3}",
        "{5} {3}",
        "Café {5}",
    )
    other = _of(rng, [each for each in tables.NOUNS if each != noun])
    return _of(rng, patterns).format(name, adjective, noun, trade, other, _of(rng, tables.SURNAMES))


def _zh_shop(rng, people) -> str:
    lucky, other, trade = _of(rng, tables.ZH_LUCKY), _of(rng, tables.ZH_LUCKY), _of(rng, tables.ZH_TRADES)
    name, thing = _of(rng, people), _of(rng, tables.ZH_NOUNS)
    patterns = ("{0}{1}{2}", "老{3}{2}", "{4}{2}", "{3}记{2}", "{5}{4}{2}", "{6}{2}")
    adjective = _of(rng, tables.ZH_ADJECTIVES)
    return _of(rng, patterns).format(lucky, other, trade, _of(rng, tables.ZH_SURNAMES), thing, adjective, name)


def _plural(noun: str) -> str:
    if noun.endswith("f"):
        return f"{noun[:-1]}ves"
    if noun.endswith("y"):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "x", "ch")) else f"{noun}s"


def _motto(rng) -> str:
    noun = _of(rng, tables.NOUNS)
    return _of(rng, tables.MOTTOS).format(noun, _of(rng, tables.ADJECTIVES), _plural(noun))


def _title(rng) -> str:
    one, other = (tables.NOUNS[index] for index in rng.choice(len(tables.NOUNS), 2, replace=False).tolist())
    patterns = (
        "The {1} {0}",
        "{0} and {2}",
        "The {0} of {3}",
        "A {4} of the {0}",
        "{1} {5}",
        "The Last {0}",
        "Beyond the {0}",
    )
    adjective, surname, kind = (
        _of(rng, tables.ADJECTIVES),
        _of(rng, tables.SURNAMES),
        _of(rng, ("History", "Theory", "Year", "Song")),
    )
    return _of(rng, patterns).format(one, adjective, other, surname, kind, _plural(one))


def _zh_title(rng) -> str:
    one, other = (tables.ZH_NOUNS[index] for index in rng.choice(len(tables.ZH_NOUNS), 2, replace=False).tolist())
    patterns = ("{0}与{1}", "{2}{0}", "最后的{0}", "{0}的秘密", "{0}简史", "寻找{0}", "{2}的{0}", "{0}之歌", "{0}往事")
    return _of(rng, patterns).format(one, other, _of(rng, tables.ZH_ADJECTIVES))
