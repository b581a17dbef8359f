"""A subject comes in; its names in English and in Chinese go out, the same thing at the same place in both."""

import json
from pathlib import Path

from .names_chosen import (
    ANIMALS,
    BETTER,
    CITIES,
    COUNTRIES,
    CURRENCIES,
    FAMILY,
    FOODS,
    GIVEN,
    LANGUAGES,
    MORE_CITIES,
    UNITS,
)
from .packages import fetch, named


SUBJECTS = ("country", "language", "currency", "month", "weekday", "unit", "animal", "food", "person", "city")
# Which package has the names of a subject; those of persons are our own.
SOURCES = {
    **dict.fromkeys(("country", "language"), "cldr-localenames-full"),
    **dict.fromkeys(("month", "weekday", "city"), "cldr-dates-full"),
    **dict.fromkeys(("animal", "food"), "emojibase-data"),
    "currency": "cldr-numbers-full",
    "unit": "cldr-units-full",
}
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
PERSON_STEPS = (0, 7, 23)  # every given name goes with so many family names; distances between them


def read_names(subject: str, language: str, folder: Path) -> tuple[str, ...]:
    """Fetch the names of a subject.

    Args:
        subject: One of SUBJECTS.
        language: "en" or "zh".
        folder: Of all packages.

    Raises:
        ValueError: if there is no such subject.
    """
    if subject not in SUBJECTS:
        raise ValueError(f"found subject {subject!r}, expected one of {', '.join(SUBJECTS)}; ask for one of these")
    if subject == "person":
        return tuple(_persons(language))
    found = _emoji(subject, language, folder) if subject in ("animal", "food") else _table(subject, language, folder)
    names = [BETTER[language].get(key, name) for key, name in found.items()]
    return tuple(name.replace(" & ", " and ") for name in names)


def _table(subject: str, language: str, folder: Path) -> dict[str, str]:
    """Names of a subject from the tables of the Unicode Consortium, by their keys."""
    if subject == "country":
        table = _cldr(folder, "localenames", language, "territories", "localeDisplayNames", "territories")
        return {key: table[key] for key in COUNTRIES.split()}
    if subject == "language":
        table = _cldr(folder, "localenames", language, "languages", "localeDisplayNames", "languages")
        return {key: table[key] for key in LANGUAGES.split()}
    if subject == "currency":
        table = _cldr(folder, "numbers", language, "currencies", "numbers", "currencies")
        return {key: table[key]["displayName"] for key in CURRENCIES.split()}
    if subject == "unit":
        table = _cldr(folder, "units", language, "units", "units", "long")
        return {key: table[key]["displayName"] for key in UNITS.split()}
    if subject == "city":
        return _cities(language, folder)
    calendar = _cldr(folder, "dates", language, "ca-gregorian", "dates", "calendars", "gregorian")
    if subject == "month":
        return {key: calendar["months"]["stand-alone"]["wide"][key] for key in map(str, range(1, 13))}
    return {key: calendar["days"]["stand-alone"]["wide"][key] for key in WEEKDAYS}


def _cldr(folder: Path, package: str, language: str, file: str, *keys: str) -> dict:
    """What stands below some keys in one file of the Common Locale Data Repository."""
    path = fetch(named(f"cldr-{package}-full"), folder) / "main" / language / f"{file}.json"
    table = json.loads(path.read_text(encoding="utf-8"))["main"][language]
    for key in keys:
        table = table[key]
    return table


def _cities(language: str, folder: Path) -> dict[str, str]:
    """Cities that have given their name to a time zone, and some more."""
    zones = _cldr(folder, "dates", language, "timeZoneNames", "dates", "timeZoneNames", "zone")
    cities = {}
    for key in CITIES.split():
        continent, city = key.split("/")
        cities[key] = zones[continent].get(city, {}).get("exemplarCity", city.replace("_", " "))
    return cities | {english: english if language == "en" else chinese for english, chinese in MORE_CITIES.items()}


def _emoji(subject: str, language: str, folder: Path) -> dict[str, str]:
    """Names of drawn things, by their English label."""
    place = fetch(named("emojibase-data"), folder)
    labels = {}
    for name in ("en", language):
        entries = json.loads((place / name / "data.json").read_text(encoding="utf-8"))
        labels[name] = {entry["hexcode"]: entry["label"] for entry in entries}
    labels_of_subject = ANIMALS if subject == "animal" else FOODS
    code_of = {label: code for code, label in labels["en"].items()}
    return {label: labels[language][code_of[label]] for label in labels_of_subject.split(", ")}


def _persons(language: str) -> list[str]:
    given, family = GIVEN[language].split(), FAMILY[language].split()
    persons = []
    for step in PERSON_STEPS:
        for place, first in enumerate(given):
            last = family[(place + step) % len(family)]
            persons.append(f"{first} {last}" if language == "en" else f"{last}{first}")
    return persons
