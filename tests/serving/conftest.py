"""A server of the nano, and one of a nano that does not know when to end, each started once."""

import json
import shutil

import pytest
from served import serving

from deepseek_vl_hf import nano


@pytest.fixture(scope="session")
def server():
    with serving("nano") as server:
        yield server


@pytest.fixture(scope="session")
def endless_folder(tmp_path_factory):
    """A nano for which no token ends an answer, so that only bounds do."""
    folder = tmp_path_factory.mktemp("models") / "endless"
    shutil.copytree(nano.FOLDER, folder)
    file = folder / "generation_config.json"
    fields = json.loads(file.read_text())
    file.write_text(json.dumps({**fields, "eos_token_id": fields["pad_token_id"]}))
    return str(folder)


@pytest.fixture(scope="session")
def endless(endless_folder):
    with serving(endless_folder) as server:
        yield server


@pytest.fixture
def client(server):
    openai = pytest.importorskip("openai")
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0, timeout=60) as client:
        yield client
