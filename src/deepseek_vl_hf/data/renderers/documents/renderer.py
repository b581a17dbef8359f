"""A `Draw` comes in; a page of a document and questions about it go out: its Markdown, its text, parts of it, facts that it states.

Pages of books, first pages of papers, letters, notices, reports, user guides and minutes. What Markdown holds and leaves out is
said in `page_blocks`.
"""

from ...damage import save
from ...rendering import Draw, Rendered, Renderer
from ..typesetting import PACKAGES, check_longest
from .asks import TASKS, write_asks
from .books import books
from .forms import forms
from .page import fit
from .papers import papers


MAKERS = {"books": books, "forms": forms, "papers": papers}
SHARES = {"books": 0.3, "forms": 0.4, "papers": 0.3}


class Documents(Renderer):
    """Pages of documents.

    Args:
        assets: Where fonts, texts and names come from.
        longest: Pixels of a picture's longer side, at most.
        kinds: Which documents to draw: "books", "papers", "forms" (letters, notices, reports, guides, minutes); all when not given.

    Raises:
        ValueError: if `longest` is out of range or a kind is unknown.
    """

    name = "documents"
    tasks = TASKS
    licence = "CC0-1.0"
    packages = PACKAGES

    def __init__(self, assets, *, longest: int = 1024, kinds: tuple[str, ...] | None = None):
        super().__init__(assets)
        self.longest = check_longest(longest, least=768)
        self.kinds = tuple(kinds or MAKERS)
        unknown = [kind for kind in self.kinds if kind not in MAKERS]
        if unknown:
            raise ValueError(f"found kinds of documents {unknown}, expected some of {sorted(MAKERS)}; correct them")

    def render(self, draw: Draw) -> Rendered:
        """Draw a page and everything that may be asked about it.

        Raises:
            CannotRenderError: if too little fits on it, or the font lacks a character.
        """
        kind = draw.pick(self.kinds, [SHARES[kind] for kind in self.kinds])
        document = MAKERS[kind](draw, self.assets, self.longest)
        picture = fit(document, self.longest)
        asks, false_asks = write_asks(draw, document)
        return Rendered([save(draw, picture, draw.pick(("scan", "scan", "clean")), self.longest)], asks, false_asks)
