"""A seeded generator comes in; a tiny Python program and what it prints go out. The output comes from running the program.

Programs are made of loops, conditions, arithmetic, strings, lists and functions, and finish after a few hundred steps at most.
"""

import builtins
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


ALLOWED = ("abs", "all", "any", "dict", "enumerate", "int", "len", "list", "max", "min", "range", "reversed", "round",
           "set", "sorted", "str", "sum", "tuple", "zip")  # fmt: skip
WORDS = ("apple", "banana", "river", "python", "window", "garden", "silver", "orange", "planet", "coffee", "letter",
         "music", "winter", "summer", "rocket", "monkey", "castle", "pepper", "tomato", "button", "butter", "kitten",
         "level", "noon", "radar", "street", "bridge", "island", "yellow", "purple", "school", "dinner")  # fmt: skip
MOST_LINES, MOST_LETTERS = 8, 200  # of the output
Rng = np.random.Generator


@dataclass(frozen=True)
class Program:
    """A program and its output, without the last line end."""

    text: str
    output: str


def run(text: str) -> str:
    """Run a program that was generated here, and return what it prints.

    It sees a few harmless builtins and no imports.
    """
    printed: list[str] = []

    def write(*parts, sep: str = " ", end: str = "\n") -> None:
        printed.append(sep.join(map(str, parts)) + end)

    names = {name: getattr(builtins, name) for name in ALLOWED}
    exec(compile(text, "<program>", "exec"), {"__builtins__": {**names, "print": write}})
    return "".join(printed).removesuffix("\n")


def make_program(rng: Rng) -> Program:
    """Make a program that prints something, and not much."""
    while True:
        text = "\n".join(_pick(rng, MAKERS)(rng))
        output = run(text)
        if output.strip() and output.count("\n") < MOST_LINES and len(output) <= MOST_LETTERS:
            return Program(text, output)


def _pick(rng: Rng, options):
    return options[int(rng.integers(len(options)))]


def _whole(rng: Rng, low: int, high: int) -> int:
    return int(rng.integers(low, high + 1))


def _numbers(rng: Rng) -> list[int]:
    return rng.integers(1, 30, _whole(rng, 4, 7)).tolist()


def _words(rng: Rng, count: int) -> list[str]:
    return [WORDS[index] for index in rng.choice(len(WORDS), count, replace=False)]


def _condition(rng: Rng, name: str) -> str:
    limit, divisor = _whole(rng, 2, 15), _whole(rng, 2, 5)
    return _pick(
        rng, (f"{name} > {limit}", f"{name} < {limit}", f"{name} % {divisor} == 0", f"{name} % {divisor} != 0")
    )


def _change(rng: Rng, total: str, name: str) -> str:
    factor = _whole(rng, 2, 5)
    return _pick(
        rng,
        (f"{total} += {name}", f"{total} -= {name}", f"{total} += {name} * {factor}", f"{total} += {name} ** 2",
         f"{total} = {total} * 2 - {name}", f"{total} += {name} // {factor}", f"{total} += {factor}"),
    )  # fmt: skip


def _accumulate(rng: Rng) -> list[str]:
    total, name = _pick(rng, ("total", "result", "s", "acc")), _pick(rng, ("i", "n", "k", "x"))
    start, end, step = _whole(rng, 0, 4), _whole(rng, 5, 12), _whole(rng, 1, 3)
    span = f"range({start}, {end})" if step == 1 else f"range({start}, {end}, {step})"
    over = span if rng.random() < 0.6 else str(_numbers(rng))
    lines = [f"{total} = {_whole(rng, 0, 10)}", f"for {name} in {over}:"]
    lines += [f"    if {_condition(rng, name)}:", f"        {_change(rng, total, name)}"]
    if rng.random() < 0.6:
        lines += ["    else:", f"        {_change(rng, total, name)}"]
    return [*lines, f"print({total})"]


def _while(rng: Rng) -> list[str]:
    name, count = _pick(rng, ("n", "x", "value")), _pick(rng, ("steps", "count"))
    start, limit = _whole(rng, 3, 60), _whole(rng, 1, 4)
    lines = [f"{name} = {start}", f"{count} = 0", f"while {name} > {limit}:"]
    if rng.random() < 0.5:
        lines += [f"    if {name} % 2 == 0:", f"        {name} //= 2", "    else:", f"        {name} -= 1"]
    else:
        lines += [f"    {name} -= {_whole(rng, 2, 7)}"]
    return [*lines, f"    {count} += 1", f"print({count}, {name})"]


def _text(rng: Rng) -> list[str]:
    word, name = _pick(rng, WORDS), _pick(rng, ("word", "text", "s"))
    first, last = _whole(rng, 0, 2), _whole(rng, 3, 5)
    how = _pick(
        rng,
        (f"{name}.upper()", f"{name}[::-1]", f"{name}[{first}:{last}]", f"{name}[-{last}:]",
         f"{name}.replace({word[first]!r}, '*')", f"{name}.capitalize()", f"{name}[::2]", f"{name}[{first}] * {last}",
         f"{name}.count({word[-1]!r})", f"{name}.find({word[last % len(word)]!r})", f"len({name}) * {last}"),
    )  # fmt: skip
    lines = [f"{name} = {word!r}", f"result = {how}", "print(result)"]
    if rng.random() < 0.4:
        lines += [f"print(len({name}), {name}[{first}])"]
    return lines


def _letters(rng: Rng) -> list[str]:
    word, sign = _pick(rng, WORDS), _pick(rng, ("-", "_", "*", "+", "."))
    lines = [f"word = {word!r}", "result = ''", "for letter in word:", "    if letter in 'aeiou':"]
    vowel = _pick(rng, ("result += letter.upper()", f"result += {sign!r}", "continue", "result = letter + result"))
    other = "    result += letter" if vowel == "continue" else "    else:\n        result += letter"
    return [*lines, f"        {vowel}", *other.split("\n"), "print(result)"]


def _lists(rng: Rng) -> list[str]:
    numbers, name = _numbers(rng), _pick(rng, ("numbers", "values", "data"))
    how = _pick(
        rng,
        (f"sorted({name})", f"sorted({name}, reverse=True)[:3]", f"[x * {_whole(rng, 2, 5)} for x in {name}]",
         f"[x for x in {name} if {_condition(rng, 'x')}]", f"max({name}) - min({name})", f"sum({name}) % 10",
         f"{name}[1:-1]", f"{name}[::-1]", f"len(set({name}))"),
    )  # fmt: skip
    lines = [f"{name} = {numbers}"]
    if rng.random() < 0.5:
        lines += [_pick(rng, (f"{name}.append({_whole(rng, 1, 20)})", f"{name}.pop()", f"{name}.pop(0)"))]
    return [*lines, f"print({how})"]


def _function(rng: Rng) -> list[str]:
    name, a, b = _pick(rng, ("f", "compute", "step", "mix")), _whole(rng, 2, 6), _whole(rng, 1, 9)
    lines = [
        f"def {name}(x, y={_whole(rng, 1, 5)}):",
        f"    if {_condition(rng, 'x')}:",
        f"        return x * {a} + y",
    ]
    lines += [f"    return x - {b} * y", "", f"print({name}({_whole(rng, 1, 20)}))"]
    return [*lines, f"print({name}({_whole(rng, 1, 20)}, {_whole(rng, 1, 9)}))"]


def _recursion(rng: Rng) -> list[str]:
    add, step = _pick(rng, ("n", "1", "2 * n", "n * n")), _whole(rng, 1, 3)
    lines = ["def walk(n):", f"    if n <= {_whole(rng, 0, 2)}:", f"        return {_whole(rng, 0, 5)}"]
    return [*lines, f"    return {add} + walk(n - {step})", "", f"print(walk({_whole(rng, 4, 10)}))"]


def _count(rng: Rng) -> list[str]:
    word = _pick(rng, WORDS)
    lines = ["counts = {}", f"for letter in {word!r}:", "    counts[letter] = counts.get(letter, 0) + 1"]
    last = _pick(rng, (f"print(counts[{_pick(rng, word)!r}])", "print(max(counts.values()))", "print(len(counts))"))
    return [*lines, last]


def _table(rng: Rng) -> list[str]:
    words, low = _words(rng, _whole(rng, 3, 4)), _whole(rng, 0, 3)
    prices = {word: _whole(rng, 1, 40) for word in words}
    lines = [f"prices = {prices}", "for name, price in prices.items():", f"    if {_condition(rng, 'price')}:"]
    lines += ["        print(name, price)"]
    return [*lines, f"print(sum(prices.values()) + {low})"]


def _nested(rng: Rng) -> list[str]:
    rows, columns = _whole(rng, 2, 4), _whole(rng, 2, 4)
    sign, how = _pick(rng, ("*", "#", "+")), _whole(rng, 0, 2)
    if how == 0:
        return [f"for i in range(1, {rows + 1}):", f"    print({sign!r} * i)"]
    if how == 1:
        change = f"count += i {_pick(rng, ('*', '+', '-'))} j"
        return ["count = 0", f"for i in range({rows}):", f"    for j in range({columns}):",
                f"        if {_pick(rng, ('i != j', 'i < j', 'i >= j'))}:", f"            {change}", "print(count)"]  # fmt: skip
    return [f"for i in range({rows}):", "    row = ''", f"    for j in range({columns}):",
            f"        row += str(i {_pick(rng, ('*', '+'))} j)", "    print(row)"]  # fmt: skip


def _break(rng: Rng) -> list[str]:
    numbers = _numbers(rng)
    lines = [f"for x in {numbers}:", f"    if {_condition(rng, 'x')}:"]
    return [
        *lines,
        f"        {_pick(rng, ('break', 'continue'))}",
        f"    print(x{_pick(rng, ('', ' + 1', ' * 2'))})",
        "print('done')",
    ]


MAKERS: tuple[Callable[[Rng], list[str]], ...] = (
    _accumulate, _accumulate, _while, _text, _letters, _lists, _function, _recursion, _count, _table, _nested, _break,
)  # fmt: skip
