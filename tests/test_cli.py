"""What `deepseek-vl` promises: answers on stdout, all else on stderr, one line and exit code 2 for what cannot be."""

import importlib.util
import io
import json
import os
import signal
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

import huggingface_hub
import pytest
import transformers
from PIL import Image, ImageOps

from deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration, cli, cli_talk
from deepseek_vl_hf.chat import Chat
from tiny import make_config, randomise


COMMAND = [sys.executable, "-m", "deepseek_vl_hf.cli"]


@pytest.fixture(autouse=True)
def libraries_as_before():
    verbosity, hub_verbosity = transformers.logging.get_verbosity(), huggingface_hub.logging.get_verbosity()
    yield
    transformers.logging.set_verbosity(verbosity)
    huggingface_hub.logging.set_verbosity(hub_verbosity)
    huggingface_hub.utils.enable_progress_bars()
    transformers.logging.enable_progress_bar()


@pytest.fixture
def checkpoint(tmp_path, tiny_model, tiny_processor):
    tiny_model.save_pretrained(tmp_path / "model")
    tiny_processor.save_pretrained(tmp_path / "model")
    return str(tmp_path / "model")


@pytest.fixture
def picture(tmp_path):
    Image.new("RGB", (40, 30), "red").save(tmp_path / "red.png")
    return str(tmp_path / "red.png")


@pytest.fixture
def refused(capsys):
    """Run a command that cannot be; return its one line."""

    def run(*argv):
        assert cli.main(list(argv)) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert len(err.splitlines()) == 1
        assert "Traceback" not in err
        return err

    return run


def ask(checkpoint, *argv):
    return ["chat", "--model", checkpoint, "--max-new-tokens", "8", *argv]


def test_an_answer_is_all_there_is_on_stdout(checkpoint, picture, capsys, tiny_model, tiny_processor):
    assert cli.main(ask(checkpoint, "--image", picture, "--prompt", "What is this?")) == 0
    out, err = capsys.readouterr()
    expected = "".join(Chat(tiny_model, tiny_processor).ask("What is this?", [Image.open(picture)], max_new_tokens=8))
    assert out == f"{expected}\n"
    assert err == ""


def test_json_gives_the_answer_and_its_times(checkpoint, picture, capsys):
    assert cli.main(ask(checkpoint, "--image", picture, "--image", picture, "--prompt", "Same?", "--json")) == 0
    out, err = capsys.readouterr()
    fields = json.loads(out)
    assert fields.keys() == {
        *("answer", "tokens", "is_cut", "prompt_tokens", "reused_tokens", "turns_left_out"),
        *("seconds_to_first_token", "tokens_per_second", "model"),
    }
    assert fields["tokens"] == 8
    assert fields["model"] == checkpoint
    assert out.count("\n") == 1
    assert err == ""


def test_the_system_instruction_and_sampling_reach_the_model(checkpoint, capsys, monkeypatch):
    seen, ask_as_ever = {}, Chat.ask

    def ask_instead(self, text, images, **options):
        seen.update(system=self.messages, options=options)
        return ask_as_ever(self, text, images, max_new_tokens=1)

    monkeypatch.setattr(Chat, "ask", ask_instead)
    cli.main(ask(checkpoint, "--prompt", "?", "--system", "Be short.", "--temperature", "0.7", "--top-p", "0.9"))
    assert seen["system"][0]["content"][0]["text"] == "Be short."
    plain = {"repetition_penalty": 1.0, "seed": None}
    assert seen["options"] == {"max_new_tokens": 8, "temperature": 0.7, "top_p": 0.9, **plain}


def converse(checkpoint, lines, capsys, monkeypatch, *argv):
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
    assert cli.main(ask(checkpoint, "--json", *argv)) == 0
    out, err = capsys.readouterr()
    return [json.loads(line)["answer"] for line in out.splitlines()], err


def test_a_conversation_goes_on_over_lines_and_ends_with_the_input(
    checkpoint, picture, capsys, monkeypatch, tiny_model, tiny_processor
):
    lines = [f"/image {picture}", "What is this?", "", "And now?"]
    answers, _ = converse(checkpoint, lines, capsys, monkeypatch)
    chat = Chat(tiny_model, tiny_processor)
    expected = ["".join(chat.ask("What is this?", [Image.open(picture)], max_new_tokens=8))]
    expected.append("".join(chat.ask("And now?", max_new_tokens=8)))
    assert answers == expected


def test_reset_starts_anew_and_quit_ends(checkpoint, capsys, monkeypatch):
    lines = ["What is this?", "/reset", "What is this?", "/quit", "Still there?"]
    answers, _ = converse(checkpoint, lines, capsys, monkeypatch)
    assert len(answers) == 2
    assert answers[0] == answers[1]


def test_a_mistake_in_a_conversation_does_not_end_it(checkpoint, picture, capsys, monkeypatch):
    lines = ["/image nowhere.png", "/imagine", f"/image {picture}", "What is this?"]
    answers, err = converse(checkpoint, lines, capsys, monkeypatch)
    assert len(answers) == 1
    assert "There is no file nowhere.png" in err
    assert "There is no command /imagine" in err


def test_an_interrupt_stops_the_answer_and_the_next_question_is_heard(checkpoint, picture, capsys, monkeypatch):
    prints = []
    real = print

    def interrupted_print(*args, **kwargs):
        if kwargs.get("file") is None and args and len(prints) < 2:
            prints.append(args)
            if len(prints) == 2:
                raise KeyboardInterrupt
        real(*args, **kwargs)

    monkeypatch.setattr("builtins.print", interrupted_print)
    monkeypatch.setattr("sys.stdin", io.StringIO("What is this?\nAnd now?\n"))
    arguments = ["chat", "--model", checkpoint, "--image", picture, "--max-new-tokens", "60"]
    assert cli.main(arguments) == 0
    out, err = capsys.readouterr()
    assert "[stopped]" in err
    assert out.count("\n") >= 2
    assert len(out.splitlines()[-1]) > len(out.splitlines()[0])


def test_an_interrupt_at_the_prompt_ends_with_130(checkpoint, monkeypatch, capsys):
    class Interrupted(io.StringIO):
        def readline(self):
            raise KeyboardInterrupt

    monkeypatch.setattr("sys.stdin", Interrupted())
    assert cli.main(ask(checkpoint)) == 130
    assert "Traceback" not in capsys.readouterr().err


def png_that_claims(width, height):
    """A PNG of a few bytes whose header states any size."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [8193, 10_000, 60_000])  # over our limit, over Pillow's warning, over Pillow's error
def test_a_decompression_bomb_is_refused(side, tmp_path, refused):
    (tmp_path / "bomb.png").write_bytes(png_that_claims(side, side))
    assert "more than 67108864 pixels" in refused("chat", "--image", str(tmp_path / "bomb.png"), "--prompt", "What?")


def test_a_missing_picture_is_refused(refused):
    assert "There is no file nowhere.png" in refused("chat", "--image", "nowhere.png", "--prompt", "What?")


def test_a_folder_is_no_picture(tmp_path, refused):
    assert "is a folder" in refused("chat", "--image", str(tmp_path), "--prompt", "What?")


def test_a_file_that_is_no_picture_is_refused(tmp_path, refused):
    (tmp_path / "notes.png").write_text("not a picture")
    assert "no picture that can be read" in refused(
        "chat", "--image", str(tmp_path / "notes.png"), "--prompt", "What?"
    )


def test_a_format_that_starts_programs_is_refused(tmp_path, refused):
    (tmp_path / "a.eps").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\n")
    assert "no picture that can be read" in refused("chat", "--image", str(tmp_path / "a.eps"), "--prompt", "What?")


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "tiff", "webp", "bmp"])
def test_a_truncated_picture_is_refused(suffix, tmp_path, refused):
    path = tmp_path / f"cut.{suffix}"
    Image.effect_noise((200, 200), 90).convert("RGB").save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    refused("chat", "--image", str(path), "--prompt", "What?")


@pytest.mark.parametrize("suffix", ["jpg", "png", "tiff", "webp"])
def test_which_side_is_up_is_known_after_the_file_is_closed(suffix, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright
    Image.new("RGB", (40, 30)).save(tmp_path / f"rotated.{suffix}", exif=exif)
    assert ImageOps.exif_transpose(cli_talk.open_picture(str(tmp_path / f"rotated.{suffix}"))).size == (30, 40)


def test_an_empty_prompt_is_refused(refused):
    assert "--prompt is empty" in refused("chat", "--prompt", "  ")


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("./nowhere", r"no folder ./nowhere"),
        ("nowhere", r"no folder nowhere"),
        ("nobody/nothing", r"Cannot read config.json of nobody/nothing"),
    ],
)
def test_an_unknown_model_is_refused(model, message, refused):
    assert message in refused("chat", "--model", model, "--prompt", "What?")


def test_a_broken_checkpoint_is_refused(checkpoint, refused):
    path = Path(checkpoint) / "model.safetensors"
    path.write_bytes(path.read_bytes()[:1000])
    assert "Cannot read the weights" in refused("chat", "--model", checkpoint, "--prompt", "What?")
    (Path(checkpoint) / "config.json").write_text("{")
    assert "Cannot read config.json" in refused("chat", "--model", checkpoint, "--prompt", "What?")


def test_a_janus_checkpoint_is_refused(checkpoint, refused):
    path = Path(checkpoint) / "config.json"
    path.write_text(json.dumps({"model_type": "multi_modality", "gen_vision_config": {}}))
    assert "Janus" in refused("chat", "--model", checkpoint, "--prompt", "What?")


def test_an_option_out_of_range_is_refused(checkpoint, refused):
    assert "top_p above 0" in refused(*ask(checkpoint, "--prompt", "What?", "--top-p", "2"))
    assert "no device 'abacus'" in refused(*ask(checkpoint, "--prompt", "What?", "--device", "abacus"))


@pytest.mark.parametrize("argv", [[], ["sing"], ["chat", "--imagine"], ["export", "x", "--layout", "theirs"]])
def test_a_command_line_that_makes_no_sense_exits_with_2(argv, capsys):
    with pytest.raises(SystemExit) as exit_info:
        cli.main(argv)
    assert exit_info.value.code == 2
    assert capsys.readouterr().out == ""


def test_traceback_shows_where_an_error_arose():
    with pytest.raises(ValueError, match="nowhere"):
        cli.main(["--traceback", "chat", "--image", "nowhere.png", "--prompt", "What?"])


def test_export_writes_and_reports(checkpoint, tmp_path, capsys):
    output = tmp_path / "official"
    assert cli.main(["export", checkpoint, "--layout", "official", "--output", str(output)]) == 0
    out, err = capsys.readouterr()
    assert str(output) in out
    assert "attn_pool" in out
    assert err == ""
    assert json.loads((output / "config.json").read_text())["model_type"] == "multi_modality"


def test_export_overwrites_nothing(checkpoint, refused):
    assert "is not empty" in refused("export", checkpoint, "--layout", "native", "--output", checkpoint)


def test_train_hands_the_recipe_and_further_options_over(tmp_path, monkeypatch):
    training = pytest.importorskip("deepseek_vl_hf.training")
    calls = []
    monkeypatch.setattr(training, "train_from_recipe", lambda *args: calls.append(args))
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("stage: 1\n")
    assert cli.main(["train", str(recipe), "--max_steps", "10"]) == 0
    assert calls == [(str(recipe), ["--max_steps", "10"])]


def test_train_says_what_is_missing(tmp_path, monkeypatch, refused):
    assert "There is no recipe" in refused("train", "nowhere.yaml")
    (tmp_path / "recipe.yaml").write_text("stage: 1\n")
    monkeypatch.setattr(cli, "find_spec", lambda name: None if name == "trl" else importlib.util.find_spec(name))
    assert "pip install 'deepseek_vl_hf[train]'" in refused("train", str(tmp_path / "recipe.yaml"))


def test_help_needs_neither_torch_nor_transformers():
    code = (
        "import sys\nfrom deepseek_vl_hf import cli\n"
        "try: cli.main(['--help'])\nexcept SystemExit: pass\n"
        "sys.exit(bool({'torch', 'transformers', 'PIL', 'numpy'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "chat" in done.stdout


def test_a_reader_who_leaves_and_one_who_interrupts_see_no_traceback(tmp_path, tiny_processor):
    # Long answers of a model that is slow enough to be interrupted in the middle of one.
    text = {**make_config().text_config.to_dict(), "max_position_embeddings": 16384}
    model = randomise(DeepSeekVLHFForConditionalGeneration(make_config(text_config=text)), std=0.05)
    model.save_pretrained(tmp_path)
    tiny_processor.save_pretrained(tmp_path)
    argv = [*COMMAND, "chat", "--model", str(tmp_path), "--prompt", "What?", "--max-new-tokens", "16000"]
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    # Whoever runs the tests in the background has them ignore Ctrl-C, and the command would inherit that.
    options["preexec_fn"] = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
    leaving = subprocess.Popen(argv, **options)
    interrupting = subprocess.Popen(argv, **options)
    assert leaving.stdout.read(1)
    leaving.stdout.close()
    assert interrupting.stdout.read(1)
    time.sleep(0.2)
    os.kill(interrupting.pid, signal.SIGINT)
    assert leaving.stderr.read().strip() == b""
    assert leaving.wait(60) == 141
    interrupting.stdout.read()
    assert interrupting.stderr.read().strip() == b""
    assert interrupting.wait(60) == 130
