"""What `accelerate launch` makes of the configurations in examples/accelerate."""

from pathlib import Path

from accelerate.commands import launch
from accelerate.utils.launch import prepare_deepspeed_cmd_env, prepare_multi_gpu_env


ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"


def config_file(name):
    return EXAMPLES / "accelerate" / f"{name}.yaml"


def launched(monkeypatch, name, *options):
    """The arguments that `accelerate launch` hands to torchrun, and the environment of the processes."""
    found = []
    for launcher in ("simple", "multi_gpu", "deepspeed"):
        monkeypatch.setattr(launch, f"{launcher}_launcher", lambda args, name=launcher: found.append((name, args)))
    config = [] if name is None else ["--config_file", str(config_file(name))]
    parser = launch.launch_command_parser()
    launch.launch_command(parser.parse_args([*config, "--main_process_port", "0", *options, "train.py"]))
    ((launcher, args),) = found
    environment = {}
    if launcher == "multi_gpu":
        environment = prepare_multi_gpu_env(args)
    elif launcher == "deepspeed":
        _, environment = prepare_deepspeed_cmd_env(args)
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    return launcher, args
