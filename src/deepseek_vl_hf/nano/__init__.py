"""Where the embedded checkpoint lies: a trained model small enough to come with the package.

`FOLDER` goes wherever a checkpoint's folder or Hub id goes.
"""

from pathlib import Path


FOLDER = Path(__file__).parent
