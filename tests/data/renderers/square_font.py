"""Characters come in; the file of a font that has all of them goes out: each a square, small letters triangles."""

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen


def write_square_font(path, characters, family="Square", small_letters=True):
    """Write a TrueType font with a glyph for each character, so that tests can write Chinese with no Chinese font at hand."""
    characters = sorted({*characters, *map(chr, range(33, 127))})
    names = [f"u{ord(character):05X}" for character in characters]
    glyphs = {".notdef": TTGlyphPen(None).glyph(), "space": TTGlyphPen(None).glyph()}
    for name, character in zip(names, characters, strict=True):
        pen = TTGlyphPen(None)
        corners = [(60, 0), (60, 720), (440, 720), (440, 0)]
        for index, (x, y) in enumerate(corners[:3] if small_letters and character.islower() else corners):
            (pen.lineTo if index else pen.moveTo)((x * 2 if ord(character) > 0x2E80 else x, y))
        pen.closePath()
        glyphs[name] = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "space", *names])
    builder.setupCharacterMap({32: "space", **{ord(each): name for each, name in zip(characters, names, strict=True)}})
    builder.setupGlyf(glyphs)
    wide = {name: 1000 if ord(each) > 0x2E80 else 500 for each, name in zip(characters, names, strict=True)}
    builder.setupHorizontalMetrics({name: (wide.get(name, 500), 0) for name in glyphs})
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable({"familyName": family, "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(path)
