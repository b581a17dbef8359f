"""What a folder of questions must be: python -m pytest tests/evaluation/test_questions.py."""

import json
from collections import Counter

import pytest
from PIL import Image

from deepseek_vl_hf.evaluation.questions import FILE, SUMS, choose, read_questions, write_questions


def change(folder, number, **fields):
    """Change fields of one line, without its hash."""
    lines = (folder / FILE).read_text("utf-8").splitlines()
    lines[number] = json.dumps(json.loads(lines[number]) | fields)
    (folder / FILE).write_text("\n".join(lines) + "\n", "utf-8")
    (folder / SUMS).unlink(missing_ok=True)


def test_a_folder_gives_its_questions_in_order(folder):
    asked = read_questions(folder)
    assert [question.id for question in asked.questions] == [f"made/{number:02}" for number in range(12)]
    assert asked.questions[9].pictures == ("elephant.png", "pineapple.png")
    assert asked.picture("elephant.png").is_file()


def test_a_changed_picture_is_noticed(folder):
    Image.new("RGB", (20, 20)).save(folder / "pictures" / "elephant.png")
    with pytest.raises(ValueError, match=r"elephant\.png is not what SHA256SUMS says"):
        read_questions(folder)


def test_a_changed_question_is_noticed(folder):
    (folder / FILE).write_text((folder / FILE).read_text("utf-8").replace("sailboat?", "boat?"), "utf-8")
    with pytest.raises(ValueError, match=r"questions\.jsonl is not what SHA256SUMS says"):
        read_questions(folder)


def test_a_file_that_the_hashes_leave_out_is_noticed(folder):
    lines = (folder / SUMS).read_text().splitlines()
    (folder / SUMS).write_text("\n".join(line for line in lines if "elephant" not in line))
    with pytest.raises(ValueError, match=r"does not name pictures/elephant\.png"):
        read_questions(folder)


def test_a_missing_picture_is_noticed_with_and_without_hashes(folder):
    (folder / "pictures" / "elephant.png").unlink()
    with pytest.raises(ValueError, match=r"elephant\.png is not what SHA256SUMS says: found no such file"):
        read_questions(folder)
    (folder / SUMS).unlink()
    with pytest.raises(ValueError, match=r"There is no file pictures/elephant\.png"):
        read_questions(folder)


def test_a_broken_picture_is_noticed_where_nothing_is_hashed(folder):
    (folder / SUMS).unlink()
    whole = (folder / "pictures" / "elephant.png").read_bytes()
    (folder / "pictures" / "elephant.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match=r"pictures/elephant\.png cannot be read"):
        read_questions(folder)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"task": "recognition/cats"}, "line 2: found task 'recognition/cats'"),
        ({"language": "fr"}, "found language 'fr', expected one of en, zh"),
        ({"scoring": "judge"}, "found scoring 'judge'"),
        ({"answers": []}, "found no answers"),
        ({"answers": [" "]}, "found answers"),
        ({"question": ""}, "found question ''"),
        ({"choices": ["a", "b"]}, "found 2 choices for scoring 'name', expected none"),
        ({"scoring": "choice", "choices": ["pineapple"]}, "found 1 choices for scoring 'choice', expected 2 to 8"),
        ({"scoring": "choice", "choices": ["a", "b"]}, "found answer 'pineapple', expected one of the choices"),
        ({"id": "made/00"}, "found id 'made/00' twice"),
        ({"pictures": ["../questions.jsonl"]}, "leads out of"),
        ({"question": "\ud800"}, "found question"),
        ({"mood": "good"}, "expected the fields id, task"),
    ],
)
def test_a_line_that_is_no_question_is_refused_by_number_and_field(folder, fields, message):
    change(folder, 1, **fields)
    with pytest.raises(ValueError, match=message):
        read_questions(folder)


def test_a_line_that_is_no_json_is_refused(folder):
    (folder / SUMS).unlink()
    (folder / FILE).write_bytes(b"\xff\n")
    with pytest.raises(ValueError, match="line 1"):
        read_questions(folder)


def test_a_folder_without_questions_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"There is no questions\.jsonl"):
        read_questions(tmp_path)


def test_the_hash_of_a_question_is_that_of_its_fields_and_pictures(folder):
    before = read_questions(folder)
    change(folder, 1, question="What may this be?")
    Image.new("RGB", (20, 20)).save(folder / "pictures" / "sailboat.png")
    after = read_questions(folder)
    differing = [one != other for one, other in zip(before.hashes, after.hashes, strict=True)]
    assert [number for number, differs in enumerate(differing) if differs] == [1, 2]
    assert before.hash != after.hash
    assert before.only([0, 3]).hash == after.only([0, 3]).hash


def test_tasks_are_nodes_or_what_they_begin_with(folder):
    asked = read_questions(folder)
    assert len(choose(asked, ["recognition"]).questions) == 8
    assert len(choose(asked, ["recognition/ocr-and-transcription", "text"]).questions) == 3
    assert [q.id for q in choose(asked, ["safety/"]).questions] == ["made/10"]


def test_an_unknown_task_is_refused_with_near_ones(folder):
    asked = read_questions(folder)
    with pytest.raises(ValueError, match=r"'recogniton', expected .* such as recognition"):
        choose(asked, ["recogniton"])
    with pytest.raises(ValueError, match=r"recognition/ocr-and-transcription/handwritten-text"):
        choose(asked, ["handwritten"])
    with pytest.raises(ValueError, match="has no questions of task 'conversion'"):
        choose(asked, ["conversion"])


def test_a_limit_takes_evenly_from_every_task_and_language(folder):
    some = choose(read_questions(folder), limit=8)
    counts = Counter((question.task, question.language) for question in some.questions)
    assert max(counts.values()) == 1
    assert len(some.questions) == 8
    assert list(some.questions) == sorted(some.questions, key=lambda question: question.id)
    with pytest.raises(ValueError, match="limit of 0"):
        choose(some, limit=0)


def test_what_is_written_is_read_as_it_was(folder, tmp_path):
    asked = read_questions(folder)
    write_questions(folder, asked.questions)
    assert read_questions(folder) == asked


def test_choices_are_put_below_the_question_each_after_its_letter(folder):
    assert read_questions(folder).questions[5].prompt == "What is this?\nA. elephant\nB. pineapple"


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("data:image/png;base64,AAAA", "expected the name of a file"),
        ("../../outside.png", "leads out of"),
        ("p" * 5000, "cannot be read"),
    ],
)
def test_a_picture_is_a_file_below_the_folder(folder, name, complaint):
    change(folder, 0, pictures=[name])
    with pytest.raises(ValueError, match=complaint):
        read_questions(folder)


def test_a_line_that_is_nested_without_end_is_named(folder):
    (folder / SUMS).unlink()
    (folder / FILE).write_text("[" * 100_000)
    with pytest.raises(ValueError, match="line 1"):
        read_questions(folder)


def test_hashes_may_be_written_as_other_programs_write_them(folder):
    lines = (folder / SUMS).read_text().splitlines()
    other = [f"{digest.upper()} *./{name}" for digest, name in (line.split("  ") for line in lines)]
    (folder / SUMS).write_bytes("\r\n\r\n".join(other).encode("utf-8-sig"))
    assert read_questions(folder).questions


def test_hashes_that_are_no_text_are_named(folder):
    (folder / SUMS).write_bytes(b"\xff" * 80)
    with pytest.raises(ValueError, match="SHA256SUMS is no text"):
        read_questions(folder)
