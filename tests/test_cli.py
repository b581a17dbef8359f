"""What the `deepseek-vl` command promises a shell: answers on stdout, one line per mistake on stderr, exit codes.

python -m pytest tests/test_cli.py
"""

import io
import json
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from PIL import Image

from deepseek_vl_hf import cli


@pytest.fixture
def model(tmp_path, tiny_model, tiny_processor, capsys):
    tiny_model.save_pretrained(tmp_path / "model")
    tiny_processor.save_pretrained(tmp_path / "model")
    capsys.readouterr()  # saving draws a bar
    return str(tmp_path / "model")


@pytest.fixture
def picture(tmp_path):
    Image.effect_mandelbrot((60, 40), (-2, -1.5, 1, 1.5), 50).convert("RGB").save(tmp_path / "picture.png")
    return str(tmp_path / "picture.png")


def bomb(path):
    """A PNG of a few bytes that claims 100,000 x 100,000 pixels."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)


def mistake(capsys, *argv):
    """Run a command that must fail as a mistake does; return its one line."""
    assert cli.main(list(argv)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    return captured.err


def test_one_question_prints_its_answer_and_nothing_else(capsys, model, picture):
    argv = ["chat", "--model", model, "--image", picture, "--image", picture, "--prompt", "Which?", "--max-new-tokens", "5"]
    assert cli.main(argv) == 0
    first = capsys.readouterr()
    assert first.out.endswith("\n")
    assert first.err == ""
    assert cli.main([*argv, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["answer"] == first.out[:-1]
    assert 1 <= report["tokens"] <= 5
    assert report["seconds_to_first_token"] > 0
    assert set(report) == {"answer", "tokens", "seconds_to_first_token", "tokens_per_second", "model"}


def test_without_a_prompt_it_is_a_conversation(capsys, monkeypatch, model, picture):
    lines = f"Hello\n/image {picture}\nWhat is this?\n/image missing.png\n/dance\n/reset\nAgain?\n/quit\nnever read\n"
    monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
    assert cli.main(["chat", "--model", model, "--max-new-tokens", "3"]) == 0
    captured = capsys.readouterr()
    assert captured.out.count("\n") == 3
    assert "no file missing.png" in captured.err
    assert "no /dance" in captured.err


def test_a_picture_that_is_missing_cut_short_or_none_is_one_line(capsys, tmp_path, model, picture):
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "short.png").write_bytes(Path(picture).read_bytes()[:400])
    bomb(tmp_path / "bomb.png")
    for name, said in (
        ("gone.png", "no file"),
        ("text.png", "no picture"),
        ("short.png", "whole"),
        ("bomb.png", "decompression bomb"),
        (".", "folder"),
    ):
        assert said in mistake(capsys, "chat", "--model", model, "--image", str(tmp_path / name), "--prompt", "?")


def test_an_unknown_model_and_an_empty_prompt_are_one_line(capsys, tmp_path):
    assert "no folder" in mistake(capsys, "chat", "--model", str(tmp_path / "none"), "--prompt", "Hello")
    assert "config.json" in mistake(capsys, "chat", "--model", str(tmp_path), "--prompt", "Hello")
    assert "someone/nothing" in mistake(capsys, "chat", "--model", "someone/nothing", "--prompt", "Hello")
    assert "empty" in mistake(capsys, "chat", "--prompt", " ")


def test_broken_weights_are_one_line(capsys, model):
    (Path(model) / "model.safetensors").write_bytes(b"broken")
    assert model in mistake(capsys, "chat", "--model", model, "--prompt", "Hello")


def test_export_and_train_report_mistakes_too(capsys, tmp_path, model):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    assert "full" in mistake(capsys, "export", model, "--layout", "native", "--output", str(tmp_path / "full"))
    assert "no recipe" in mistake(capsys, "train", str(tmp_path / "none.yaml"))


def test_export_writes_the_layout(capsys, tmp_path, model):
    assert cli.main(["export", model, "--layout", "native", "--output", str(tmp_path / "native")]) == 0
    assert json.loads((tmp_path / "native" / "config.json").read_text())["model_type"] == "deepseek_vl_hybrid"
    assert "tensors" in capsys.readouterr().err


def test_words_that_no_command_knows_exit_with_2():
    for argv in (["sing"], [], ["chat", "--louder"], ["export", "x"]):
        with pytest.raises(SystemExit) as error:
            cli.main(argv)
        assert error.value.code == 2


def test_help_needs_no_torch():
    code = "import sys; from deepseek_vl_hf import cli\ntry: cli.main(['--help'])\nexcept SystemExit: assert 'torch' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "chat" in done.stdout


def test_a_reader_that_stops_reading_is_no_error(model):
    code = f"import sys; from deepseek_vl_hf.cli import main; sys.exit(main(['chat', '--model', {model!r}, '--prompt', 'Hello']))"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    process.stdout.close()
    assert "Traceback" not in process.stderr.read()
    process.wait()
