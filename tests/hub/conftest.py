"""A Hub on the loopback, its clients, and folders to push."""

import itertools

import pytest
from hub_clients import OUTCOMES, Clients
from peft import LoraConfig, get_peft_model

from deepseek_vl_hf import DeepSeekVLHFForConditionalGeneration, DeepSeekVLHFImageProcessor, DeepSeekVLHFProcessor
from deepseek_vl_hf.exporting import write_checkpoint
from hub_routes import OWNER
from hub_server import HubServer
from tiny import make_config, make_tokenizer, randomise


NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def _hub():
    with HubServer() as server:
        yield server


@pytest.fixture
def server(_hub):
    """The Hub, without faults; each test has repositories of its own."""
    _hub.faults.clear()
    _hub.log.clear()
    _hub.shown.clear()
    _hub.blobs.clear()  # so that weights are sent anew
    yield _hub
    _hub.faults.clear()


@pytest.fixture
def repo():
    """An id that no other test uses, so that no cache knows it."""
    return f"owner/m{next(NUMBERS)}"


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """The clients' HF_HOME."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def _clients(_hub, home, tmp_path_factory):
    clients = Clients(_hub.environment(home), tmp_path_factory.mktemp("jobs"))
    yield clients
    clients.close()


@pytest.fixture(scope="session")
def _strangers(_hub, tmp_path_factory):
    folder = tmp_path_factory.mktemp("strangers")
    clients = Clients(_hub.environment(folder / "home"), folder, package=False)
    yield clients
    clients.close()


@pytest.fixture
def client(_clients, server, tmp_path):
    """Run a command or a script with the package, as the owner unless told otherwise, in the test's folder."""

    def run(*words, **options):
        return _clients.run(*words, **{"token": OWNER, "cwd": tmp_path, **options})

    run.start = lambda *words, **options: _clients.start(*words, **{"token": OWNER, "cwd": tmp_path, **options})
    return run


@pytest.fixture
def stranger(_strangers, server, tmp_path):
    """Run a script where the package does not exist, with a cache of its own."""

    def run(script, **options):
        return _strangers.run(script=script, **{"token": OWNER, "cwd": tmp_path, **options})

    return run


def make_model(low_res_only=False, seed=0):
    return randomise(DeepSeekVLHFForConditionalGeneration(make_config(low_res_only)), seed)


def make_processor(config):
    return DeepSeekVLHFProcessor(
        image_processor=DeepSeekVLHFImageProcessor.from_config(config),
        tokenizer=make_tokenizer(),
        num_image_tokens=config.num_visual_tokens,
    )


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    """A hybrid in each layout, in shards as well, and a smaller model without SAM."""
    root, model, small = tmp_path_factory.mktemp("folders"), make_model(), make_model(low_res_only=True, seed=1)
    for layout in ("own", "native", "official"):
        write_checkpoint(model, make_processor(model.config), root / layout, layout)
    write_checkpoint(model, make_processor(model.config), root / "sharded", "own", max_shard_size="100KB")
    write_checkpoint(small, make_processor(small.config), root / "small", "own")
    return root


@pytest.fixture(scope="session")
def adapter(folders):
    """A LoRA adapter of the hybrid in our own layout, none of its matrices zero, with its processor."""
    model = DeepSeekVLHFForConditionalGeneration.from_pretrained(folders / "own")
    targets = r".*language_model.*\.(q_proj|v_proj)"
    get_peft_model(model, LoraConfig(r=2, target_modules=targets, init_lora_weights=False)).save_pretrained(
        folders / "adapter"
    )
    make_processor(model.config).save_pretrained(folders / "adapter")
    (folders / "adapter" / "README.md").unlink()  # a card that PEFT writes for lack of anything to say
    return folders / "adapter"


def pytest_terminal_summary(terminalreporter):
    """Print what was injected, and how it ended."""
    if OUTCOMES and terminalreporter.config.get_verbosity() > 0:
        terminalreporter.section("faults")
        for doing, fault, count, outcome in OUTCOMES:
            terminalreporter.write_line(f"{doing:<6} {fault:<58} {count:>3}  {outcome}")
