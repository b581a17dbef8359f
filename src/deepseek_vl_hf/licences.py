"""A model's name or folder comes in; under which licence its weights are passed on goes out.

The code is MIT; weights are a matter of their own. Whoever trains on released weights passes on a derivative of them, which the
DeepSeek Model License binds to its terms and to a copy of its text (clause 4).
"""

import os
from dataclasses import asdict, dataclass
from pathlib import Path

from huggingface_hub import ModelCard
from huggingface_hub.constants import ENDPOINT
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled


@dataclass(frozen=True)
class Licence:
    """As the head of a model card states it.

    Args:
        license: An identifier of the Hub's list, or "other".
        license_name: Name of a licence that is not on the list.
        license_link: Where its text is: an address, or a file beside the card.
        text: File with the text, if it is here.
    """

    license: str
    license_name: str | None = None
    license_link: str | None = None
    text: Path | None = None

    def fields(self) -> dict[str, str]:
        """What the head of a card says."""
        return {name: value for name, value in asdict(self).items() if value is not None and name != "text"}


DEEPSEEK = Licence("other", "deepseek", "LICENSE-MODEL", Path(__file__).with_name("LICENSE-MODEL"))
TEXTS = ("", ".md", ".txt")
RELEASED = ("deepseek-ai/deepseek-vl-", "deepseek-community/deepseek-vl-")


def from_fields(fields: dict[str, str] | None, folder: Path | None = None) -> Licence | None:
    """Read a licence from the head of a card, and its text from the folder where that lies."""
    if not fields or not fields.get("license"):
        return None
    stated = {name: fields.get(name) for name in ("license", "license_name", "license_link")}
    if stated["license_name"] == DEEPSEEK.license_name:
        return DEEPSEEK
    text = folder / (stated["license_link"] or "LICENSE") if folder else None
    return Licence(**stated, text=text if text is not None and _is_text(text, folder) else None)


def _is_text(path: Path, folder: Path) -> bool:
    """Whether this can be the text of a licence: what a stranger's card names is copied, so nothing elsewhere and nothing that is loaded."""
    return path.parent == folder and path.suffix in TEXTS and path.name != "README.md" and path.is_file()


def licence_of(model: str | os.PathLike | None, token: str | None = None) -> Licence | None:
    """Find out under which licence a model's weights are.

    Args:
        model: A Hub id or a folder: what its card says, or for the released weights what is known of them.
        token: For a private repository; unset, the one that is stored or in the environment.

    Returns:
        `None` where nothing is stated, or the Hub cannot be asked.
    """
    if not model:
        return None
    name = os.fspath(model)
    if name.lower().startswith(RELEASED):
        return DEEPSEEK
    folder = Path(name) if Path(name).is_dir() else None
    if folder is not None and not (folder / "README.md").is_file():
        return None
    try:
        card = ModelCard.load(folder / "README.md" if folder else name, token=token, ignore_metadata_errors=True)
    except (HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled, OSError, ValueError):
        return None
    fields = card.data.to_dict()
    link = fields.get("license_link")
    if folder is None and link and "://" not in link:
        fields["license_link"] = f"{ENDPOINT}/{name}/blob/main/{link}"
    return from_fields(fields, folder)
