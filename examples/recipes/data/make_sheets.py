"""Draw a sheet of pictures of every renderer, as this folder's README shows them.

    python examples/recipes/data/make_sheets.py

Fonts, texts and drawings are fetched at the first run. `web` needs a Chromium.
"""

import argparse
import tempfile
from pathlib import Path

from deepseek_vl_hf.data.assets import FOLDER, Assets
from deepseek_vl_hf.data.reading import Place
from deepseek_vl_hf.data.renderers import RENDERERS, make_renderer
from deepseek_vl_hf.data.rendering import render_row
from deepseek_vl_hf.data.showing import write_png


# Renderers whose pictures are tall, of which fewer fill a sheet.
FEWER = {"documents": 8, "exams": 8, "web": 9, "diagrams": 9}
SHEETS = Path(__file__).parent / "sheets"


def main() -> None:
    """Draw the sheets."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=14, help="of each renderer")
    parser.add_argument("--renderers", nargs="+", default=[name for name in sorted(RENDERERS) if name != "texts"])
    parser.add_argument("--assets", default=FOLDER)
    parser.add_argument("--output", type=Path, default=SHEETS)
    args = parser.parse_args()

    args.output.mkdir(parents=True, exist_ok=True)
    for name in args.renderers:
        renderer = make_renderer(name, Assets(args.assets), {})
        count = FEWER.get(name, args.rows)
        try:
            rows = [render_row(renderer, 1, "train", n, ("en", "en", "zh")[n % 3]) for n in range(count)]
        finally:
            renderer.close()
        path = args.output / f"{name}.png"
        write_png([(Place(Path(tempfile.gettempdir()), n), row) for n, row in enumerate(rows)], path)
        print(f"{path.name}: {path.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
