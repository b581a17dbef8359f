"""Interleaved documents: where pictures stand, and what of a page is kept."""

import bz2
import gzip
import json
import struct
import zipfile

from published import RECORDS, png, rows_of

from deepseek_vl_hf.data.reading import Fault
from deepseek_vl_hf.data.sources import SOURCES


def test_a_picture_of_mmc4_stands_before_its_sentence():
    (row,) = rows_of("mmc4")
    assert row["text"] == "A boat. <image_placeholder> It sails on a lake."
    assert row["images"] == [{"bytes": None, "path": "https://a.org/b.png"}]
    assert row["id"] == "mmc4/https://a.org/page"


def test_a_picture_of_mmc4_that_was_fetched_is_taken_from_the_disk(tmp_path):
    with zipfile.ZipFile(tmp_path / "docs_no_face_shard_7_v3.jsonl.zip", "w") as archive:
        lines = json.dumps(RECORDS["mmc4"]) + "\n{broken\n" + json.dumps(RECORDS["mmc4"]) + "\n"
        archive.writestr("docs_no_face_shard_7_v3.jsonl", lines)
    folder = tmp_path / "docs_no_face_shard_7_v3_images"
    folder.mkdir()
    (folder / "b.png").write_bytes(png())
    first, bad, last = SOURCES["mmc4"].open(tmp_path)
    assert isinstance(bad, Fault)
    assert "line 2" in bad.message
    for record in (first, last):
        (row,) = SOURCES["mmc4"].rows(record, tmp_path)
        assert row["images"] == [{"bytes": None, "path": str(folder / "b.png")}]


def test_the_steps_of_a_guide_follow_their_pictures():
    (row,) = rows_of("wikihow")
    assert row["text"].split("\n\n") == [
        "# How to Fold a Boat",
        "A paper boat floats.",
        "## Folding",
        "<image_placeholder>",
        "1. Fold the sheet. Fold it in half.",
        "2. Open it. Pull the ends.",
    ]
    assert row["images"] == [{"bytes": None, "path": "https://w.org/1.jpg"}]


def test_the_picture_of_a_step_is_taken_from_the_disk_where_it_is(tmp_path):
    (tmp_path / "wiki_images").mkdir()
    (tmp_path / "wiki_images" / "100_0_1.png").write_bytes(png())
    (tmp_path / "WikihowText_data.json").write_text(json.dumps(RECORDS["wikihow"]) + "\n", encoding="utf-8")
    (record,) = SOURCES["wikihow"].open(tmp_path)
    (row,) = SOURCES["wikihow"].rows(record, tmp_path)
    assert [image["path"] for image in row["images"]] == [
        "https://w.org/1.jpg",
        str(tmp_path / "wiki_images" / "100_0_1.png"),
    ]


def test_an_article_keeps_words_headings_and_pictures_and_no_markup():
    (row,) = rows_of("wikipedia")
    assert row["text"].split("\n\n") == [
        "# Boat",
        "Boats float.",
        "<image_placeholder>",
        "An old boat",
        ["## History", "They are old."][0],
        "They are old.",
    ]
    assert row["images"][0]["path"] == "https://commons.wikimedia.org/wiki/Special:FilePath/Old_boat.jpg"
    assert row["language"] == "en"


def test_a_chinese_article_is_written_as_on_the_mainland_and_its_files_are_found():
    article = (
        "'''计算机'''是-{zh-hans:程序; zh-hant:程式}-运行的[[机器|设备]]。\n\n[[文件:Computer.png|缩略图|一台计算机]]\n"
        "[[分类:计算机]][[en:Computer]]{| class=x\n| 表格\n|}"
    )
    (row,) = rows_of("wikipedia", record={"title": "计算机", "language": "zh", "text": article})
    assert row["text"] == "# 计算机\n\n计算机是程序运行的设备。\n\n<image_placeholder>\n\n一台计算机"
    assert row["language"] == "zh"


def test_drawings_sounds_and_nested_templates_of_an_article_are_left_out():
    article = (
        "A{{a|{{b|[[File:X.jpg]]}}}}[[File:Map.svg|thumb|A map]][[File:Song.ogg]] B <math>x</math> [http://a.b c]"
    )
    (row,) = rows_of("wikipedia", record={"title": "T", "language": "en", "text": article})
    assert row["images"] == []
    assert row["text"] == "# T\n\nA\n\nB c"


def test_a_dump_gives_articles_and_no_talk_pages_or_redirects(tmp_path):
    page = "<page><title>{}</title><ns>{}</ns>{}<revision><text>{}</text></revision></page>"
    pages = [
        page.format("A", 0, "", "Words of A"),
        page.format("Talk:A", 1, "", "Chat"),
        page.format("B", 0, '<redirect title="A" />', "#REDIRECT"),
        page.format("C", 0, "", "Words of C"),
    ]
    xml = '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" xml:lang="zh"><siteinfo/>{}</mediawiki>'
    file = tmp_path / "zhwiki-latest-pages-articles1.xml.bz2"
    file.write_bytes(bz2.compress(xml.format("".join(pages)).encode()))
    found = list(SOURCES["wikipedia"].open(tmp_path))
    assert [(record["title"], record["text"], record["language"]) for record in found] == [
        ("A", "Words of A", "zh"),
        ("C", "Words of C", "zh"),
    ]


def varint(value):
    value %= 2**64
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def field(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def feature(values):
    if values and isinstance(values[0], bytes):
        return field(1, b"".join(field(1, value) for value in values))
    if values and isinstance(values[0], float):
        return field(2, field(1, struct.pack(f"<{len(values)}f", *values)))
    return field(3, field(1, b"".join(map(varint, values)))) if values else b""


def entry(name, data):
    return field(1, field(1, name.encode()) + field(2, data))


def example(context, lists=None):
    """A record of a TFRecord file, written as TensorFlow writes it."""
    message = field(1, b"".join(entry(name, feature(values)) for name, values in context.items()))
    if lists:
        listed = {name: b"".join(field(1, feature(values)) for values in rows) for name, rows in lists.items()}
        message += field(2, b"".join(entry(name, data) for name, data in listed.items()))
    return struct.pack("<Q", len(message)) + b"csum" + message + b"csum"


def test_wikiweb2m_is_read_without_tensorflow(tmp_path):
    record = RECORDS["wikiweb2m"]
    context = {name: record[name] for name in ("page_title", "page_url")}
    lists = {name: record[name] for name in record if name not in context}
    file = tmp_path / "wikiweb2m-train.tfrecord.gz-00000-of-00005"
    file.write_bytes(gzip.compress(example(context, lists) * 2))
    found = list(SOURCES["wikiweb2m"].open(tmp_path))
    assert found == [record, record]
    (row,) = SOURCES["wikiweb2m"].rows(found[0])
    assert row["text"].split("\n\n") == [
        "# Boat",
        "A boat floats.",
        "## History",
        "<image_placeholder>",
        "An old boat",
        "Boats are old.",
    ]


def test_refexp_of_screens_is_read_without_tensorflow(tmp_path):
    record = RECORDS["refexp_screens"]
    (tmp_path / "train.tfrecord").write_bytes(example(record))
    (found,) = SOURCES["refexp_screens"].open(tmp_path)
    assert found == record
    (row,) = SOURCES["refexp_screens"].rows(found, tmp_path)
    assert row["messages"][1]["content"][0]["text"] == "[500, 250, 750, 500]"


def test_the_place_of_a_picture_in_text_is_not_taken_from_the_web():
    (row,) = rows_of("obelics", texts=["Say <image_placeholder>.", None])
    assert row["text"].count("<image_placeholder>") == len(row["images"]) == 1


def test_plain_text_is_a_row_of_language():
    (row,) = rows_of("fineweb_edu")
    assert row["text"] == "Boats float."
    assert (row["images"], row["task"], row["id"]) == ([], "text", "fineweb_edu/<urn:1>")
    assert rows_of("fineweb_edu", text="  ") == []


def test_an_instruction_and_its_input_are_one_question():
    (row,) = rows_of("belle")
    assert row["messages"][0]["content"][0]["text"] == "翻译：\nboat"
    assert row["messages"][1]["content"][0]["text"] == "船"
