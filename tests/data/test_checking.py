"""Every way in which a row can be bad is found, counted and named, and good rows pass, fast.

python -m pytest tests/data/test_checking.py
"""

import base64
import http.server
import io
import json
import struct
import threading
import zlib

import numpy as np
import pytest
from PIL import Image

from deepseek_vl_hf.cli import main
from deepseek_vl_hf.data import checking, picture_files, reading, rows
from deepseek_vl_hf.data.checking import check
from deepseek_vl_hf.data.rows import chat_row, turn
from deepseek_vl_hf.data.shards import write_parquet, write_tar
from deepseek_vl_hf.data.splits import is_held_out, item


def encoded(seed=0, kind="PNG", size=(40, 30), mode="RGB", **options):
    pixels = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(file, kind, **options)
    return file.getvalue()


def picture(data=None, path=None, **options):
    return {"bytes": encoded(**options) if data is None else data, "path": path}


def row(number=0, images=1, **columns):
    shown = [picture(seed=number * 10 + index) for index in range(images)]
    return {**chat_row((f"Question {number}?", f"Answer {number}."), images=shown), "source": "toy", **columns}


def png_that_claims(width, height):
    """A small PNG of any size, whose pixels are all black."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    pixels = zlib.compress(bytes(height * (width // 8 + 1)), 9)
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def moving():
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    return file.getvalue()


def reasons(tmp_path, *found, **options):
    write_parquet(found, tmp_path / "rows.parquet")
    return [reason for _, reason in check(tmp_path / "rows.parquet", **options).findings]


def test_good_rows_pass(tmp_path):
    write_parquet([row(0), row(1, images=2), row(2, images=0), {"text": "a <image_placeholder> b", "images": [picture()]}],
                  tmp_path / "rows.parquet")  # fmt: skip
    report = check(tmp_path / "rows.parquet")
    assert report.errors == 0
    assert report.rows == {"toy": 3, "rows.parquet": 1}
    assert report.pictures == 4


BROKEN = {
    "truncated": (picture(encoded()[:300]), picture_files.DAMAGED),
    "empty": (picture(b""), picture_files.EMPTY),
    "text": (picture(b"hello, I am text"), picture_files.NO_PICTURE),
    "svg": (picture(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), picture_files.NO_PICTURE),
    "bomb": (picture(png_that_claims(60_000, 60_000)), picture_files.TOO_LARGE),
    "100 megapixels": (picture(png_that_claims(10_000, 10_000)), picture_files.TOO_LARGE),
    "tiny": (picture(size=(4, 40)), checking.TOO_SMALL),
    "moving": (picture(moving()), picture_files.ANIMATED),
    "cmyk": (picture(encoded(kind="JPEG", mode="CMYK")), picture_files.CMYK),
    "extension": (picture(path="a.jpg"), picture_files.EXTENSION),
    "missing": ({"bytes": None, "path": "none.png"}, picture_files.MISSING),
    "nothing": ({"bytes": None, "path": None}, picture_files.MISSING),
    "url": ({"bytes": None, "path": "https://example.org/a.png"}, picture_files.IS_URL),
    "out": ({"bytes": None, "path": "../../etc/passwd"}, picture_files.OUTSIDE),
    "absolute": ({"bytes": None, "path": "/etc/passwd"}, picture_files.OUTSIDE),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_bad_picture_is_one_counted_reason(tmp_path, name):
    bad, reason = BROKEN[name]
    (tmp_path / "rows.jsonl").write_text(
        json.dumps(
            {
                **chat_row(("What?", "That."), images=[]),
                "messages": [turn("user", rows.IMAGE, "What?"), turn("assistant", "That.")],
                "images": [bad if bad["bytes"] is None else {"bytes": None, "path": None}],
            }
        )
    )
    if bad["bytes"] is None:  # a path is relative to the file that says it
        report = check(tmp_path / "rows.jsonl")
    else:
        write_tar([{**row(0), "images": [bad]}], tmp_path / "rows.tar")
        report = check(tmp_path / "rows.tar")
    assert [found for _, found in report.findings] == [reason]
    finding = next(iter(report.findings.values()))
    assert finding.count == 1
    assert finding.place.file.parent == tmp_path
    assert finding.place.row in (0, "000000000")
    assert (report.errors == 0) == (reason in checking.REMARKS)


def wrong(**change):
    return {**row(0), **change}


FORMLESS = {
    "no images": (wrong(images=None), rows.MALFORMED),
    "no messages": (wrong(messages=None), rows.MALFORMED),
    "roles": (wrong(messages=[turn("user", "a"), turn("user", "b")]), rows.ROLE_ORDER),
    "a turn without content": (wrong(messages=[{"role": "user"}, {"role": "user", "content": "x"}]), rows.ROLE_ORDER),
    "user last": (wrong(messages=[turn("user", rows.IMAGE, "a")]), rows.ROLE_ORDER),
    "too few pictures": (wrong(images=[]), rows.COUNTS_DIFFER),
    "too many pictures": (wrong(images=[picture(), picture(seed=1)]), rows.COUNTS_DIFFER),
    "blank answer": (wrong(messages=[turn("user", rows.IMAGE, "a"), turn("assistant", " \n")]), rows.NO_TEXT),
    "control": (wrong(messages=[turn("user", rows.IMAGE, "a"), turn("assistant", "a\0b")]), rows.BAD_TEXT),
    "placeholder in text": (
        wrong(messages=[turn("user", rows.IMAGE, "<image_placeholder>?"), turn("assistant", "b")]),
        rows.BAD_TEXT,
    ),
    "task": (wrong(task="recognition/smell"), checking.NO_NODE),
    "long": (
        wrong(messages=[turn("user", rows.IMAGE, "a"), turn("assistant", "x " * 300_000)]),
        checking.TEXT_TOO_LONG,
    ),
}


@pytest.mark.parametrize("name", FORMLESS)
def test_a_bad_row_is_one_counted_reason(tmp_path, name):
    bad, reason = FORMLESS[name]
    found = [{key: value for key, value in bad.items() if value is not None}]
    if bad["images"]:
        found[0]["images"] = [
            {"bytes": None, "path": f"data:image/png;base64,{base64.b64encode(each['bytes']).decode()}"}
            for each in bad["images"]
        ]
    (tmp_path / "rows.jsonl").write_text(json.dumps(found[0]) + "\n")
    report = check(tmp_path / "rows.jsonl")
    assert list(report.findings) == [("toy", reason)]
    assert report.errors == 1


def test_half_a_character_is_not_valid_text(tmp_path):
    (tmp_path / "rows.jsonl").write_text(json.dumps({"text": "a \ud800 b", "images": []}))
    assert [reason for _, reason in check(tmp_path / "rows.jsonl").findings] == [rows.BAD_TEXT]


def test_a_row_that_comes_again_and_an_id_that_comes_again_are_found(tmp_path):
    assert reasons(tmp_path, row(0), row(1), row(0)) == [checking.DUPLICATE]
    assert reasons(tmp_path, row(0, id="a"), row(1, id="a")) == [checking.SAME_ID]


def test_a_held_out_item_in_training_is_found(tmp_path):
    held_out = next(name for name in (item("text", f"t{number}") for number in range(999)) if is_held_out(name))
    write_parquet([row(0, items=[held_out])], tmp_path / "train-0.parquet")
    write_parquet([row(1, items=[held_out])], tmp_path / "test-0.parquet")
    report = check(tmp_path)
    assert [(reason, found.place.file.name) for (_, reason), found in report.findings.items()] == [
        (checking.WRONG_SPLIT, "train-0.parquet")
    ]


def test_a_picture_damaged_behind_its_header_passes_only_without_decoding(tmp_path):
    bad = {**row(0), "images": [picture(encoded(size=(300, 300))[:-4000])]}
    assert reasons(tmp_path, bad) == [picture_files.DAMAGED]
    assert reasons(tmp_path, bad, decode=False) == []


def test_a_picture_that_moves_may_be_a_file_and_links_inside_the_folder_are_followed(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.gif").write_bytes(moving())
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "pictures").symlink_to(tmp_path / "elsewhere")
    found = {**chat_row(("What?", "That."), images=[None]), "images": ["pictures/a.gif"]}
    (tmp_path / "set" / "rows.jsonl").write_text(json.dumps(found))
    report = check(tmp_path / "set")
    assert [reason for _, reason in report.findings] == [picture_files.ANIMATED]
    assert report.errors == 0


def test_a_task_that_is_no_text_is_one_fault(tmp_path):
    (tmp_path / "rows.jsonl").write_text(json.dumps({**chat_row(("What?", "That."), images=[]), "task": [1]}))
    assert [reason for _, reason in check(tmp_path / "rows.jsonl").findings] == [checking.NO_NODE]


def test_a_url_is_fetched_only_when_asked_for(tmp_path):
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200 if self.path == "/a.png" else 404)
            self.end_headers()
            self.wfile.write(encoded() if self.path == "/a.png" else b"")

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        url = f"http://127.0.0.1:{server.server_port}"
        found = [{**row(n), "images": [{"bytes": None, "path": f"{url}/{name}.png"}]} for n, name in enumerate("ab")]
        (tmp_path / "rows.jsonl").write_text("\n".join(json.dumps(each) for each in found))
        assert check(tmp_path / "rows.jsonl").findings["toy", picture_files.IS_URL].count == 2
        assert asked == []
        report = check(tmp_path / "rows.jsonl", fetching=True)
        assert [reason for _, reason in report.findings] == [picture_files.NOT_FETCHED]
        assert asked == ["/a.png", "/b.png"]
    finally:
        server.shutdown()
        server.server_close()


def test_the_command_prints_tables_and_its_exit_code_says_whether_there_are_errors(tmp_path, capsys):
    write_parquet([row(0), row(1)], tmp_path / "rows.parquet")
    assert main(["data", "check", str(tmp_path)]) == 0
    assert "| toy | 2 | 2 |" in capsys.readouterr().out
    write_parquet([row(0), row(0)], tmp_path / "rows.parquet")
    assert main(["data", "check", str(tmp_path), "--no-decode"]) == 1
    out = capsys.readouterr().out
    assert "| toy | 2 | 1 |" in out
    assert f"| toy | {checking.DUPLICATE} | error | 1 | {tmp_path / 'rows.parquet'}, row 1:" in out
    assert main(["data", "check", str(tmp_path), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["rows"] == 1
    assert main(["data", "check", str(tmp_path / "none")]) == 2
    assert "There is no" in capsys.readouterr().err


def test_records_of_a_set_of_its_own_form_are_checked_as_the_rows_they_become(tmp_path, capsys):
    (tmp_path / "a.png").write_bytes(encoded())
    talk = [{"from": "human", "value": "<image>\nWhat is it?"}, {"from": "gpt", "value": "Noise."}]
    (tmp_path / "llava.json").write_text(json.dumps([{"id": "1", "image": "a.png", "conversations": talk}]))
    assert main(["data", "check", str(tmp_path / "llava.json"), "--source", "llava"]) == 0
    assert "| llava | 1 | 1 |" in capsys.readouterr().out
    assert main(["data", "check", str(tmp_path / "llava.json")]) == 1
    assert rows.MALFORMED in capsys.readouterr().out


def test_faults_of_files_are_in_the_table_too(tmp_path):
    write_parquet([row(0)], tmp_path / "a.parquet")
    (tmp_path / "b.tar").touch()
    report = check(tmp_path)
    assert report.findings["b.tar", reading.FILE_EMPTY].count == 1
    assert report.errors == 1
    assert report.sound == {"toy": 1, "b.tar": 0}
