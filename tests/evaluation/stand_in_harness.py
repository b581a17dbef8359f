"""Stands in for lm-eval and lmms-eval: takes their command line and writes what they would, or fails as they do.

A task's name says what becomes of it: "fails", "dies", "silent", or anything else, which scores 0.25.
"""

import json
import os
import sys
import time
from pathlib import Path


def main(words):
    """Answer one command line."""
    options = dict(zip(words[::2], words[1::2], strict=False))
    task, output = options["--tasks"], Path(options["--output_path"]) / "a_model"
    with open(os.environ["STAND_IN_LOG"], "a") as log:
        log.write(json.dumps({"words": words, "may_run_code": os.environ.get("HF_ALLOW_CODE_EVAL")}) + "\n")
    if task == "fails":
        raise RuntimeError("the questions are nowhere to be found")
    if task == "dies":
        os._exit(137)
    if task == "waits":
        time.sleep(60)
    if task == "silent":
        sys.stderr.write("ERROR: it went wrong\n")
        return
    output.mkdir(parents=True)
    results = {
        "results": {task: {"alias": task, "acc,none": 0.25, "acc_stderr,none": 0.05, "name": "x"}},
        "group_subtasks": {task: ["one", "two"]},
        "n-samples": {"one": {"original": 9, "effective": 5}, "two": {"original": 9, "effective": 7}},
    }
    (output / "results_2026.json").write_text(json.dumps(results))


if __name__ == "__main__":
    main(sys.argv[1:])
