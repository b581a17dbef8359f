"""Rows and pictures: what goes into training, before any model is involved.

    kinds      which things have a name, and how English speaks of them
    icons      free SVG icon sets -> one atlas of stickers
    backgrounds, digits, stickers
               atlas and a seeded generator -> pictures of one thing, pages of many with a label map
    rows       the format of a training row, and its check

Nothing here knows a model, and importing this package imports no heavy library.
"""
