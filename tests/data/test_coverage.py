"""Which uses of the taxonomy have data is printed, and which have none.

python -m pytest tests/data/test_coverage.py
"""

import json

from deepseek_vl_hf.cli import main
from deepseek_vl_hf.data.rows import chat_row
from deepseek_vl_hf.data.shards import write_parquet
from deepseek_vl_hf.data.taxonomy import NODES


def test_everything_that_can_be_rendered_or_read_is_listed_with_what_has_none(capsys):
    assert main(["data", "report"]) == 0
    out = capsys.readouterr().out
    listed, empty = out.split("nothing serves:")
    assert "| conversion/image-to-code/formula-to-code | " in listed
    served = sum(line.startswith(f"| {node} |") for node in NODES for line in listed.splitlines())
    assert f"{served} of {len(NODES)} nodes are served" in listed
    assert {line.strip() for line in empty.splitlines() if line.strip()} == {
        node for node in NODES if f"| {node} |" not in listed
    }
    assert served > 40


def test_without_the_extra_a_command_says_what_to_install(capsys, monkeypatch):
    monkeypatch.setattr("deepseek_vl_hf.cli_data.find_spec", lambda name: None)
    assert main(["data", "report"]) == 2
    assert "Data needs datasets" in capsys.readouterr().err


def test_rows_are_counted_by_node_and_source(tmp_path, capsys):
    task = "recognition/local-description/counting"
    write_parquet(
        [{**chat_row((f"{n}?", "a"), images=[]), "task": task, "source": "toy"} for n in range(3)],
        tmp_path / "rows.parquet",
    )
    assert main(["data", "report", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert f"| {task} | toy 3 |" in out
    assert f"1 of {len(NODES)} nodes are served" in out


def test_a_recipe_is_looked_through(tmp_path, capsys):
    (tmp_path / "a.yaml").write_text(json.dumps({"mixture": [{"renderer": "texts", "share": 100}]}))
    assert main(["data", "report", str(tmp_path / "a.yaml")]) == 0
    assert "| text | texts |" in capsys.readouterr().out
