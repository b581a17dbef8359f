"""Rows and pictures: what goes into training, before any model is involved.

    rows, taxonomy, splits          the format of a training row, what is asked, what is held out
    rendering, renderers            pictures that are rendered here, with questions whose answers are known
    packages, assets                what they are drawn with: fonts, texts, names, drawings
    sources                         adapters of public sets and of one's own data
    reading, checking, showing, coverage
                                    files of rows, looked through
    recipe, blocks, building        mixtures, built from both
    hygiene                         what is left out
    kinds, icons, stickers, ...     what the nano that is shipped was trained on

Nothing here knows a model, and importing this package imports no heavy library.
"""
