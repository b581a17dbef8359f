"""Where the embedded checkpoint lies: a trained model small enough to come with the package.

`FOLDER` goes wherever a checkpoint's folder or Hub id goes; on the command line, the word `nano` does.
"""

from pathlib import Path


FOLDER = Path(__file__).parent


def resolve(name: str) -> str:
    """The folder, where `nano` or a path that another machine had for it is meant; any other name as it is."""
    path = Path(name)
    is_meant = name == "nano" or path.parts[-2:] == FOLDER.parts[-2:]
    return str(FOLDER) if is_meant and not path.is_dir() else name
