"""What counts as right, by scoring: python -m pytest tests/evaluation/test_scoring.py."""

import pytest

from deepseek_vl_hf.evaluation import questions, scoring
from deepseek_vl_hf.evaluation.questions import Question


def ask(kind: str, *answers: str, choices: tuple[str, ...] = (), language: str = "en") -> Question:
    task = "recognition/global-description/others"
    return Question("q", task, "made", language, (), "What?", answers, kind, choices)


def score(kind: str, answer: str, *accepted: str, **fields) -> float:
    return scoring.SCORINGS[kind](answer, ask(kind, *accepted, **fields))


def test_every_scoring_of_the_format_has_its_function():
    assert tuple(scoring.SCORINGS) == questions.SCORINGS


def test_characters_are_one_minus_the_error_rate_and_never_negative():
    assert score("characters", "hello world", "hello world") == 1
    assert score("characters", "hallo world", "hello world") == pytest.approx(1 - 1 / 11)
    assert score("characters", "", "hello") == 0
    assert score("characters", "x" * 100, "hello") == 0
    assert score("characters", "床前明月", "床前明月光") == pytest.approx(0.8)


def test_characters_fold_runs_of_white_space_but_keep_line_breaks():
    assert score("characters", "one  two\n \nthree ", "one two\nthree") == 1
    assert score("characters", "one two three", "one two\nthree") == pytest.approx(1 - 1 / 13)


def test_characters_take_the_best_of_the_accepted_and_no_fence():
    assert score("characters", "colour", "color", "colour") == 1
    assert score("characters", "```python\nprint(1)\n```", "print(1)") == 1


@pytest.mark.parametrize(
    ("answer", "accepted", "expected"),
    [
        ("It is an elephant.", ("elephant",), 1),
        ("It is a cat.", ("elephant",), 0),
        ("A POLAR-BEAR!", ("polar bear",), 1),
        ("It is a caterpillar.", ("cat",), 0),
        ("There are two cats.", ("cat",), 0),
        ("There are two cats.", ("cat", "cats"), 1),
        ("It is not a cat.", ("cat",), 0),
        ("It isn't a cat.", ("cat",), 0),
        ("It isn’t a big black cat", ("cat",), 0),
        ("I do not think it is a cat.", ("cat",), 0),
        ("There is no cat here, it is a dog.", ("cat",), 0),
        ("It is not a dog but a cat.", ("cat",), 1),
        ("It is not a dog, it is a cat.", ("cat",), 1),
        ("No, it is a cat.", ("cat",), 1),
        ("It is not only a cat.", ("cat",), 1),
        ("A cat. But it is not a cat.", ("cat",), 0),
        ("It is a dog rather than a cat.", ("cat",), 0),
        ("The cat is not visible.", ("cat",), 0),
        ("The cat is not asleep.", ("cat",), 1),
        ("这是一只猫。", ("猫",), 1),
        ("这不是猫。", ("猫",), 0),
        ("图中没有猫。", ("猫",), 0),
        ("这不是狗，而是猫。", ("猫",), 1),
        ("猫不在图中。", ("猫",), 0),
        ("这是熊猫。", ("猫",), 0),
        ("一条鳄鱼", ("鱼",), 0),
        ("熊猫和猫", ("猫",), 1),
        ("A hot dog.", ("dog",), 0),
        ("A police car.", ("car",), 1),
        ("Is it a cat or a dog?", ("cat",), 0),
        ("Is it a cat or a dog? A cat.", ("cat",), 1),
        ("To the left or to the right", ("right",), 0),
        ("在左边还是右边", ("右",), 0),
        ("a couch or sofa", ("couch", "sofa"), 1),
        ("不是狗是猫", ("猫",), 1),
        ("没有狗只有猫", ("猫",), 1),
        ("这是elephant。", ("elephant",), 1),
        ("a cat, a dog, a house", ("cat",), 0),
        ("I see a cat and a brown dog.", ("cat",), 0),
        ("- a dog\n- a cat", ("cat",), 0),
        ("猫、狗和房子", ("狗",), 0),
        ("a couch, a sofa", ("couch", "sofa"), 1),
        ("a couch, a sofa and a dog", ("couch", "sofa"), 0),
        ("It is a cat, sitting on a mat.", ("cat",), 1),
        ("It is a taxi, a yellow car.", ("taxi", "cab"), 1),
        ("a nut and bolt", ("nut and bolt",), 1),
        ("left, right", ("left",), 0),
        ("To the left, not the right.", ("left",), 1),
        ("above and to the left", ("left",), 1),
        ("左边、右边", ("左边", "左"), 0),
        ("Which of a paper clip and a book is really the larger one?", ("book",), 0),
        ("在现实生活中，仓鼠大还是栗子大？", ("仓鼠",), 0),
        ("The book is larger than the paper clip.", ("book",), 1),
        ("", ("cat",), 0),
    ],
)
def test_a_name_counts_where_it_is_said_as_whole_words_and_not_denied(answer, accepted, expected):
    assert score("name", answer, *accepted) == expected


@pytest.mark.parametrize(
    ("answer", "accepted", "expected"),
    [
        ("Red", "red", 1),
        ("The answer is red.", "red", 1),
        ("It is not red.", "red", 0),
        ("It is dark red.", "red", 0),
        ("答案是红色。", "红色", 1),
        ("颜色：红色", "红色", 1),
        ("不是红色", "红色", 0),
        ("ＲＥＤ！", "red", 1),
        ("**Red**", "red", 1),
        ("the left of the car", "left of car", 1),
        ("The answer is 12.", "12", 1),
        ("There are 12 apples.", "12", 1),
        ("There are 120 apples.", "12", 0),
        ("1,200", "1200", 1),
        ("The code is 007.", "007", 1),
        ("7", "007", 0),
        ("?", "?", 1),
        ("x - 5", "x + 5", 0),
        ("It's red.", "red", 1),
        ("It's not red.", "red", 0),
        ("The answer is D. Frost.", "D. Frost", 1),
        ("Red, because it is bright.", "red", 1),
        ("是红色的。", "红色", 1),
        ("C#", "C", 0),
        ("C#.", "C#", 1),
        (r"\frac{1}{2}", "1/2", 1),
        ("Either 12 or 13", "12", 0),
        (r"$18\pi$", "18π", 1),
        (r"18432\pi", "18432π", 1),
        (r"The volume is $18{,}432 \cdot \pi$.", "18432π", 1),
        ("18,432 pi", "18432π", 1),
        (r"1843\pi", "18432π", 0),
        ("页面是浅色还是深色？", "深色", 0),
        ("这是水果还是蔬菜", "蔬菜", 0),
        ("这是蔬菜", "蔬菜", 1),
        (r"\(x = 5\)", "x = 5", 1),
        ("March\nApril", "April", 1),
        ("", "red", 0),
    ],
)
def test_an_exact_answer_is_the_value_or_ends_by_saying_it(answer, accepted, expected):
    assert score("exact", answer, accepted) == expected


@pytest.mark.parametrize(
    ("answer", "accepted", "expected"),
    [
        ("12", "12", 1),
        ("The total is 1,234.5 kg.", "1234.5", 1),
        ("1.234,5", "1234.5", 1),
        ("1 234", "1234", 0),
        ("1\u00a0234", "1234", 1),
        ("1,234,567", "1234567", 1),
        ("12,5", "12.5", 1),
        ("1,234", "1.234", 0),
        ("-5", "5", 0),
        ("−5 °C", "-5", 1),
        ("minus 5", "-5", 1),
        ("负5", "-5", 1),
        ("10-5", "5", 0),
        ("15%", "15", 1),
        ("15 percent", "15%", 1),
        ("0.15", "15%", 1),
        ("1.5", "15%", 0),
        ("百分之二十", "20%", 1),
        ("$5", "5 dollars", 1),
        ("-$5", "-5", 1),
        ("There are three cats.", "3", 1),
        ("Twenty", "20", 1),
        ("twenty-one", "21", 1),
        ("twenty-one", "20", 0),
        ("There are none.", "0", 1),
        ("图中有三只猫。", "3", 1),
        ("两个", "2", 1),
        ("十二", "12", 1),
        ("二十", "20", 1),
        ("这是一张有3只猫的图。", "3", 1),
        ("一些", "1", 0),
        ("３只", "3", 1),
        ("3万", "30000", 1),
        ("三万", "3", 0),
        ("1.2 million", "1,200,000", 1),
        ("3 + 4 = 7", "7", 1),
        ("In 2020 it was 15.", "15", 1),
        ("15 units in 2020", "15", 1),
        ("Red and blue, 3 in total", "3", 1),
        ("1/2", "0.5", 1),
        ("1/0", "0", 0),
        ("Q3", "3", 0),
        ("many", "3", 0),
        ("3 or 4", "3", 0),
        ("3个或4个", "4", 0),
        ("not 3", "3", 0),
        ("There are 3, not 4.", "3", 1),
        ("没有3个，有4个", "4", 1),
        ("7\n\nThere are 3 cats and 4 dogs.", "7", 1),
        ("The answer is 7. There are 3 cats.", "7", 1),
        ("It is 7 because there are 3 and 4.", "7", 1),
        (r"There are 3 and 4: \boxed{7}", "7", 1),
        ("3 cats, 4 dogs, 7 in total", "7", 1),
        ("3 in each row, so 6.", "6", 1),
        (r"-\frac{1}{2}", "-0.5", 1),
        ("一百零五", "105", 1),
        ("三千五百", "3500", 1),
        ("一万二千", "12000", 1),
        ("百百", "200", 0),
        ("The answer is **42**.", "42", 1),
        ("one hundred and five", "105", 1),
        ("There are two thousand three hundred and twelve of them.", "2312", 1),
        ("one hundred twenty-one", "121", 1),
        ("a hundred thousand", "100000", 1),
        ("two hundred and six thousand", "206000", 1),
        ("two million", "2000000", 1),
        ("one hundred and five", "5", 0),
        ("I see a dozen.", "12", 1),
        ("half a dozen", "6", 1),
        ("2 dozen", "24", 1),
        ("1.5e3", "1500", 1),
        ("1e-2", "0.01", 1),
        ("3e", "3", 1),
    ],
)
def test_a_number_is_read_however_it_is_written(answer, accepted, expected):
    assert score("number", answer, accepted) == expected


@pytest.mark.parametrize(
    ("answer", "accepted", "expected"),
    [
        ("105", "100", 1),
        ("95", "100", 1),
        ("106", "100", 0),
        ("-100", "100", 0),
        ("0", "0", 1),
        ("0.01", "0", 0),
        ("It is about 14.5%.", "15%", 1),
        ("0.15", "15%", 1),
        ("March", "March", 1),
        ("It was 5 May.", "6 May", 0),
        ("april", "March", 0),
    ],
)
def test_relaxed_accuracy_lets_numbers_be_five_per_cent_off(answer, accepted, expected):
    assert score("relaxed", answer, accepted) == expected


@pytest.mark.parametrize(
    ("answer", "accepted", "expected"),
    [
        ("Yes, there is no doubt.", "Yes.", 1),
        ("No. Yes.", "yes", 0),
        ("There isn't.", "No", 1),
        ("It is an elephant.", "yes", 0),
        ("It is an elephant.", "no", 0),
        ("Nowhere", "No", 0),
        ("是的。", "是", 1),
        ("不是。", "是", 0),
        ("不是。", "否", 1),
        ("没有。", "有", 0),
        ("图里有一只猫。", "有", 1),
        ("It cannot fly.", "No", 1),
        ("None of them.", "No", 1),
        ("Correct.", "Yes", 1),
        ("Incorrect.", "No", 1),
        ("You are not right.", "No", 1),
        ("It is on the right.", "Yes", 0),
        ("I am not sure.", "No", 0),
        ("I don't know.", "No", 0),
        ("Yes or no? No.", "No", 1),
        ("没错。", "对", 1),
        ("非常对", "对", 1),
        ("不正确", "否", 1),
        ("无论如何，是的。", "是", 1),
        ("有没有？有。", "有", 1),
        ("会不会飞？不会。", "不会", 1),
        ("不确定。", "不", 0),
        ("对于这张图，没有。", "没有", 1),
        ("是否如此？是。", "是", 1),
        ("Yes", "是", 1),
        ("这应该是最大的吧？", "是的。", 0),
        ("这里可以停车吗？请回答是或否。", "是", 0),
        ("Yes, isn't it?", "Yes", 1),
    ],
)
def test_the_first_yes_or_no_decides(answer, accepted, expected):
    assert score("yes_no", answer, accepted) == expected


def test_saying_that_the_picture_does_not_show_it_counts_in_the_renderers_own_wordings():
    for answer in (
        "There is no list on this page.",
        "The page has no table.",
        "Nobody signed this page.",
        "There is none; the page has only one paragraph.",
        "The code defines no class.",
        "The code shown imports nothing.",
        "There is no line 9; the picture shows lines 1 to 5.",
        "No price is written in the picture.",
        "The chart shows the sales, not the profit.",
        "The chart names no source.",
        "Smith is not in the table.",
        "None of the pictures shows a cat.",
        "There are only 2 pictures.",
        "There are no words in the picture, only 12, 13.",
        "The picture does not show a cat; it shows a dog.",
        "There is nothing of the kind; the picture has only 2 lines of text.",
        "I do not see a picture. Please show me one.",
        "图中没有积分。",
        "这一页没有署名。",
        "图里没有猫，图里的是狗。",
    ):
        assert score("unknown", answer, "x") == 1, answer


def test_saying_so_counts_in_usual_words_and_saying_something_else_does_not():
    for answer in (
        "I can't tell from the picture.",
        "The price isn’t shown.",
        "It cannot be determined.",
        "Unknown.",
        "N/A",
        "Not specified",
        "无法确定。",
        "看不出来，无法回答",
        "无",
        "图中未标注价格。",
    ):
        assert score("unknown", answer, "x") == 1, answer
    for answer in (
        "It is a cat.",
        "5 dollars",
        "The price is 5 dollars.",
        "这是一只猫。",
        "无花果",
        "Nora signed it.",
        "The sign says you cannot park here.",
        'It says "There is no exit".',
        "牌子上写着“没有出口”。",
        "无法通过就修复错误",
        "",
    ):
        assert score("unknown", answer, "x") == 0, answer


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("没有通过就修复错误", 1),
        ("图里的人没有戴帽子。", 1),
        ("5 dollars", 1),
        ("You cannot park here.", 1),
        ("图中没有价格。", 0),
        ("没有。", 0),
        ("没有找到价格。", 0),
        ("I cannot see any price.", 0),
        ("What?", 0),  # the question again
        ("", 0),
    ],
)
def test_anything_but_a_refusal_is_an_answer(answer, expected):
    assert score("answered", answer, "5 dollars") == expected


ANIMALS = ("bear", "polar bear", "cat", "dog")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("B", 1),
        ("b", 1),
        ("(B)", 1),
        ("B.", 1),
        ("B. polar bear", 1),
        ("The answer is B.", 1),
        ("Answer: B", 1),
        ("答案是B", 1),
        ("选B。", 1),
        ("It is a polar bear.", 1),
        ("polar bear", 1),
        ("It is a bear.", 0),
        ("A", 0),
        ("A polar bear.", 1),
        ("Answer: **B**", 1),
        (r"\boxed{B}", 1),
        ("B项", 1),
        ("B, because it is white", 1),
        ("A, B", 0),
        ("A. bear\nB. polar bear", 0),
        ("A. bear\nB. polar bear\nThe answer is B.", 1),
        ("Option B is wrong.", 0),
        ("I think (B) fits.", 1),
        ("A cat or a dog", 0),
        ("It is not a polar bear.", 0),
        ("E", 0),
        ("", 0),
    ],
)
def test_a_choice_is_named_by_its_letter_or_its_text(answer, expected):
    assert score("choice", answer, "polar bear", choices=ANIMALS) == expected


def test_a_letter_that_is_itself_an_option_counts_as_its_text():
    assert score("choice", "C", "C", choices=("D", "C", "B", "A")) == 1


def test_the_lowest_loss_is_the_choice_and_a_tie_is_worth_a_guess():
    question = ask("choice", "cat", choices=("cat", "dog", "bear"))
    assert scoring.choice_by_perplexity((0.5, 1.0, 2.0), question) == 1
    assert scoring.choice_by_perplexity((0.5, 0.1, 2.0), question) == 0
    assert scoring.choice_by_perplexity((0.5, 0.5, 2.0), question) == 0.5
    assert scoring.choice_by_perplexity((0.5, 0.5, 0.5), question) == pytest.approx(1 / 3)
    assert scoring.choice_by_perplexity((0.5, 0.1, 0.1), question) == 0


def test_a_loss_that_is_no_number_is_no_choice():
    question = ask("choice", "cat", choices=("cat", "dog"))
    assert scoring.choice_by_perplexity((float("inf"), float("inf")), question) == 0
    assert scoring.choice_by_perplexity((float("nan"), 3.0), question) == 0
    assert scoring.choice_by_perplexity((3.0, float("nan")), question) == 1


@pytest.mark.parametrize(
    ("answer", "accepted", "worth"),
    [
        ("会。", "是的，会飞。", 1),
        ("不会。", "是的，会飞。", 0),
        ("不需要。", "不。", 1),
        ("可以。", "是", 1),
        ("可能不是。", "是", 0),
    ],
)
def test_short_chinese_answers_are_a_yes_or_a_no(answer, accepted, worth):
    assert score("yes_no", answer, accepted, language="zh") == worth
