"""A conversation in a terminal: commands, what is saved, and Ctrl-C, which stops the answer and not the program."""

import io
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time

import pytest
import torch
from PIL import Image

from deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration, cli_talk
from deepseek_vl_hf.chat import Chat
from deepseek_vl_hf.terminal import COMMANDS, Terminal
from deepseek_vl_hf.turns import Turn
from tiny import make_config, randomise


@pytest.fixture
def picture(tmp_path):
    Image.new("RGB", (40, 30), "red").save(tmp_path / "red.png")
    return str(tmp_path / "red.png")


@pytest.fixture
def say(tiny_model, tiny_processor, monkeypatch, capsys):
    """Say lines in one conversation; return it, the answers, and what was noticed."""

    def run(*lines, turns=()):
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        chat, answers = Chat(tiny_model, tiny_processor), []
        chat.restore(turns)

        def write(answer):
            answers.append("".join(answer))

        Terminal(chat, {"max_new_tokens": 6}, write, cli_talk.open_picture, []).run()
        out, err = capsys.readouterr()
        assert out == ""
        return chat, answers, err

    return run


def test_undo_takes_a_question_back_and_its_pictures_wait(say, picture):
    chat, answers, err = say(f"/image {picture}", "What is this?", "/undo", "What is it?", "/undo", "/undo", "/undo")
    assert len(answers) == 2
    assert "[taken back: What is this?, its 1 pictures wait for the next question]" in err
    assert "There is no turn to take back." in err
    assert chat.turns == ()
    chat, _, _ = say(f"/image {picture}", "What is this?", "/undo", "What is it?")
    assert [(turn.question, len(turn.images)) for turn in chat.turns] == [("What is it?", 1)]


def test_retry_asks_the_last_question_again(say, picture):
    chat, answers, _ = say(f"/image {picture}", "What is this?", "/retry")
    assert answers[0] == answers[1]
    assert len(chat.turns) == 1
    _, _, err = say("/retry")
    assert "no question yet" in err


def test_retry_leaves_pictures_that_wait_for_the_next_question(say, picture):
    chat, _, _ = say("What is this?", f"/image {picture}", "/retry", "And this?")
    assert [len(turn.images) for turn in chat.turns] == [0, 1]


def test_edit_puts_an_earlier_question_differently(say, picture):
    chat, answers, err = say(f"/image {picture}", "What is this?", "Why?", "/edit 1 What do you see?", "/edit 5 What?")
    assert [turn.question for turn in chat.turns] == ["What do you see?"]
    assert len(chat.turns[0].images) == 1
    assert len(answers) == 3
    assert "there are 1" in err
    assert "expected the number of a question" in say("Why?", "/edit What?")[2]


def test_system_instructs_the_model(say):
    chat, answers, err = say("Why?", "/system Answer in one word.", "/retry", "/system")
    assert chat.messages[0]["content"][0]["text"] == "Answer in one word."
    assert answers[0] != answers[1]
    assert err.count("[Answer in one word.]") == 2


def test_history_and_help_show_what_there_is(say, picture):
    _, answers, err = say("/history", f"/image {picture}", "What is this?", "/history", "/help")
    assert "[nothing was said yet]" in err
    assert f"1. [40x30] What is this?\n   {answers[0]}" in err
    assert all(name in err for name in COMMANDS)


def test_every_command_that_help_shows_is_one(say):
    for name in COMMANDS:
        assert "There is no command" not in say(name.split()[0])[2]


@pytest.mark.parametrize("line", ["/imagine", "/", "/show", "/answer", "/_answer", "/run"])
def test_nothing_else_is_a_command(say, line):
    assert f"There is no command {line}; /help" in say(line)[2]


def test_what_is_saved_is_a_row_that_can_be_trained_on(say, tmp_path):
    checking = pytest.importorskip("deepseek_vl_hf.data.checking")
    file, red = tmp_path / "new" / "talk.jsonl", Image.new("RGB", (16, 12), "red")
    turns = [Turn("Which?", (red, red), "Both are red."), Turn("图片里是什么？", (), "红色。")]
    chat, _, err = say(f"/save {file}", "/undo", f"/save {file}", turns=turns)
    assert f"[2 turns saved to {file}]" in err
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [len(row["messages"]) for row in rows] == [4, 2]
    assert rows[1]["messages"] == chat.messages
    assert rows[0]["messages"][3]["content"] == [{"type": "text", "text": "红色。"}]
    assert [Image.open(file.parent / name).getpixel((0, 0)) for name in rows[0]["images"]] == [(255, 0, 0)] * 2
    report = checking.check(str(file))
    assert sum(report.rows.values()) == sum(report.sound.values()) == 2
    assert not report.errors
    assert "Nothing was said yet" in say("/save talk.jsonl")[2]


def test_a_place_that_cannot_be_saved_to_ends_nothing(say, tmp_path):
    (tmp_path / "file").write_text("")
    _, answers, err = say("Why?", f"/save {tmp_path}/file/talk.jsonl", "/save talk.txt", "And now?")
    assert "Cannot save to" in err
    assert "ends in .jsonl" in err
    assert len(answers) == 2


def test_a_model_that_fails_ends_no_conversation(say, tiny_model, monkeypatch):
    forward, calls = tiny_model.lm_head.forward, []

    def fail_once(states):
        calls.append(1)
        if len(calls) == 1:
            raise torch.OutOfMemoryError("out of memory")
        return forward(states)

    monkeypatch.setattr(tiny_model.lm_head, "forward", fail_once)
    chat, _, err = say("What?", "And now?")
    assert "out of memory" in err
    assert "[no answer: the question is withdrawn" in err
    assert [turn.question for turn in chat.turns] == ["And now?"]


def test_a_withdrawn_question_that_is_asked_again_takes_its_picture_along(say, tiny_model, picture, monkeypatch):
    forward, calls = tiny_model.lm_head.forward, []

    def fail_once(states):
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("no")
        return forward(states)

    monkeypatch.setattr(tiny_model.lm_head, "forward", fail_once)
    chat, _, _ = say(f"/image {picture}", "What?", f"/image {picture}", "/retry", "And now?", "Why?")
    assert [len(turn.images) for turn in chat.turns] == [1, 1, 0]


def test_undo_leaves_pictures_that_wait(say, picture):
    chat, _, _ = say("What?", f"/image {picture}", "/undo", "And this?")
    assert [len(turn.images) for turn in chat.turns] == [1]


@pytest.mark.parametrize("name", ["~nosuchuser/a.png", "a" * 300, ""])
def test_a_name_that_no_file_can_have_ends_no_conversation(say, name):
    _, answers, err = say(f"/image {name}", "What?")
    assert len(answers) == 1
    assert "no name of a file" in err or "without a file" in err


def test_an_instruction_can_be_taken_back(say):
    chat, _, err = say("/system Be short.", "/system none", "/system default")
    assert chat.system is None
    assert "[no instruction]" in err
    assert "[the released instruction]" in err


def test_a_quoted_name_can_be_saved_to(say, tmp_path):
    say(f'/save "{tmp_path}/my talk.jsonl"', turns=[Turn("Which?", (), "Both.")])
    assert (tmp_path / "my talk.jsonl").exists()


def test_an_answer_that_is_cut_is_noticed(say):
    assert "[cut after 6 tokens]" in say("What?")[2]


def test_a_file_name_with_spaces_is_found_as_typed_and_as_a_shell_writes_it(say, tmp_path):
    path = tmp_path / "a red one.png"
    Image.new("RGB", (4, 3), "red").save(path)
    for name in (path, f"'{path}'", str(path).replace(" ", "\\ ")):
        chat, _, _ = say(f"/image {name}", "What?")
        assert len(chat.turns[0].images) == 1


def test_turns_that_are_left_out_are_noticed(say):
    lines = [f"{index}? " + "fox " * 12 for index in range(10)]
    chat, answers, err = say(*lines)
    assert len(chat.turns) == len(answers) == 10
    assert re.search(r"\[the context is full: the first \d+ turns are left out\]", err)


def test_an_error_ends_the_program_and_a_mistake_does_not(say, tiny_model, monkeypatch):
    assert len(say("What? <image_placeholder>", "/image", "What?")[1]) == 2
    monkeypatch.setattr(tiny_model.lm_head, "forward", lambda states: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        say("What?")


class Screen:
    """`deepseek-vl chat` in a pseudo-terminal, as a person has it."""

    def __init__(self, *argv, **environment):
        self.primary, secondary = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "deepseek_vl_hf.cli", "chat", *argv],
            stdin=secondary,
            stdout=secondary,
            stderr=secondary,
            start_new_session=True,
            env={**os.environ, **environment, "TERM": "dumb"},
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        os.close(secondary)
        self.seen = ""

    def wait_for(self, pattern, seconds=60):
        """Read until a pattern shows; return what came up to it."""
        until = time.monotonic() + seconds
        while not (found := re.search(pattern, self.seen)):
            ready, _, _ = select.select([self.primary], [], [], max(0, until - time.monotonic()))
            assert ready, f"waited for {pattern!r}, saw {self.seen!r}"
            try:
                self.seen += os.read(self.primary, 4096).decode(errors="replace")
            except OSError:  # the program has ended
                return self.seen
        before, self.seen = self.seen[: found.end()], self.seen[found.end() :]
        return before

    def type(self, text):
        os.write(self.primary, text.encode())

    def interrupt(self):
        os.kill(self.process.pid, signal.SIGINT)

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.primary)


def test_ctrl_c_stops_the_answer_and_not_the_program(tmp_path, tiny_processor):
    text = {**make_config().text_config.to_dict(), "max_position_embeddings": 16384}
    model = randomise(DeepSeekVLHFForConditionalGeneration(make_config(text_config=text)), std=0.05)
    model.save_pretrained(tmp_path / "model")
    tiny_processor.save_pretrained(tmp_path / "model")
    screen = Screen("--model", str(tmp_path / "model"), "--max-new-tokens", "16000", XDG_STATE_HOME=str(tmp_path))
    try:
        screen.wait_for(r"/quit ends\.\s+> \Z")
        screen.type("What is this?\n")
        screen.wait_for(r"What is this\?\s+\S")
        screen.interrupt()
        screen.wait_for(r"\[stopped\]\s+> \Z", seconds=30)
        screen.type("/history\n")
        screen.wait_for(r"1\. What is this\?\s+\S")
        screen.wait_for(r"\n> \Z")
        # Python's readline does not see a signal that comes between its prompt and its waiting, which no person is quick enough for.
        time.sleep(1)
        screen.interrupt()
        screen.wait_for(r"Ctrl-C again, Ctrl-D or /quit ends\]\s+> \Z", seconds=30)
        screen.type("\x10\n")  # arrow up: the line before
        screen.wait_for(r"1\. What is this\?\s+\S")
        screen.wait_for(r"\n> \Z")
        screen.type("\x04")
        assert screen.process.wait(30) == 0
    finally:
        screen.close()
    history = tmp_path / "deepseek_vl_hf" / "history"
    assert history.read_text(encoding="utf-8").split("\n")[:2] == ["What is this?", "/history"]
    assert history.stat().st_mode & 0o077 == 0
