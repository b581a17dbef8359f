"""A `Draw` comes in; the look of a website goes out: its colours, corners, sizes and habits."""

from dataclasses import dataclass

from ...rendering import Draw


# Names in both languages and shades that anybody would call so; None where people would not agree on a name.
ACCENTS: tuple[tuple[tuple[str, str] | None, tuple[str, ...]], ...] = (
    (("blue", "蓝色"), ("#2563eb", "#1d4ed8", "#0b63ce", "#1e66f5")),
    (("green", "绿色"), ("#15803d", "#16a34a", "#2e7d32", "#1b7f3b")),
    (("red", "红色"), ("#dc2626", "#c81e1e", "#d32f2f")),
    (("orange", "橙色"), ("#ea6a0c", "#e8590c", "#f26b0f")),
    (("purple", "紫色"), ("#7c3aed", "#6d28d9", "#7e22ce")),
    (("pink", "粉色"), ("#db2777", "#e83e8c", "#ec4899")),
    (("brown", "棕色"), ("#7b4a21", "#85491d")),
    (("yellow", "黄色"), ("#facc15", "#ffd43b", "#fcc419")),
    (None, ("#0f766e", "#0e7490", "#0d9488", "#be123c", "#4338ca", "#475569", "#9d174d", "#a16207")),
)
LIGHT = (  # background, surface, ink, muted, line
    ("#ffffff", "#f8fafc", "#111827", "#5b6472", "#e2e8f0"),
    ("#f3f4f6", "#ffffff", "#1f2937", "#5f6673", "#d8dce3"),
    ("#faf7f2", "#ffffff", "#2b2320", "#6d625b", "#e6ddd1"),
    ("#eef4fb", "#ffffff", "#12263f", "#566479", "#d3deeb"),
    ("#f4faf4", "#ffffff", "#16281b", "#55685a", "#d5e4d7"),
    ("#fff5f7", "#ffffff", "#331821", "#7a5a65", "#f1d9e0"),
    ("#fffdf5", "#fff8e1", "#2a2415", "#6b6247", "#eadfb8"),
    ("#e9e7f5", "#ffffff", "#221d3a", "#625c7d", "#d3cfe8"),
)
DARK = (
    ("#0f172a", "#1e293b", "#f1f5f9", "#a5b1c2", "#334155"),
    ("#121212", "#1f1f1f", "#f5f5f5", "#b0b0b0", "#3a3a3a"),
    ("#1a1b26", "#24283b", "#e6e9f5", "#a9b1d6", "#3b4261"),
    ("#10231c", "#1a332a", "#eaf5ef", "#a8c4b6", "#2d4d40"),
    ("#2b1b2f", "#3a2640", "#f7ecfa", "#c9b0cf", "#553a5c"),
)
SHAPES = (("#ef4444", "#f59e0b", "#10b981"), ("#3b82f6", "#a78bfa", "#f472b6"), ("#14b8a6", "#fde047", "#fb7185"))
TINTS = ("#fde68a", "#bfdbfe", "#bbf7d0", "#fecaca", "#ddd6fe", "#fbcfe8", "#fed7aa", "#a5f3fc", "#e5e7eb", "#d9f99d")


@dataclass(frozen=True)
class Theme:
    """How a website looks.

    Args:
        dark: Whether it is light on dark.
        background: Of the page, as all colours in hexadecimal.
        surface: Of cards and bars.
        ink: Of text.
        muted: Of less important text.
        line: Of borders.
        accent: Of buttons and what is chosen.
        accent_name: What people call it in English and Chinese, if they agree.
        on_accent: Of text on the accent.
        radius: Of corners, pixels.
        size: Of running text, pixels.
        mobile: Whether it is the screen of a telephone.
        width: Of the window, CSS pixels.
        card: "border", "shadow" or "flat".
        button: "filled", "outline" or "pill".
        bar: Look of the top bar: "surface", "accent", "ink" or "plain".
        chosen: How the current entry of a menu is shown: "line", "pill" or "accent".
        centred: Whether headings are in the middle.
    """

    dark: bool
    background: str
    surface: str
    ink: str
    muted: str
    line: str
    accent: str
    accent_name: tuple[str, str] | None
    on_accent: str
    radius: int
    size: int
    mobile: bool
    width: int
    card: str
    button: str
    bar: str
    chosen: str
    centred: bool

    @property
    def strong(self) -> str:
        """The accent where it is text on the background; dark themes need a lighter one."""
        return self.ink if self.dark or self.accent in ACCENTS[7][1] else self.accent


def draw_theme(draw: Draw, mobile: bool) -> Theme:
    """Draw the look of a website."""
    dark = draw.chance(0.3)
    background, surface, ink, muted, line = draw.pick(DARK if dark else LIGHT)
    name, shades = draw.pick(ACCENTS)
    accent = draw.pick(shades)
    return Theme(
        dark=dark,
        background=background,
        surface=surface,
        ink=ink,
        muted=muted,
        line=line,
        accent=accent,
        accent_name=name,
        on_accent="#1f2937" if name and name[0] == "yellow" else "#ffffff",
        radius=draw.pick((0, 3, 4, 6, 8, 10, 12, 16)),
        size=draw.pick((15, 16, 16, 17)),
        mobile=mobile,
        width=draw.pick((375, 390, 390, 412))
        if mobile
        else draw.pick((760, 800, 820, 860, 900, 960, 1024, 1100, 1200, 1280)),
        card=draw.pick(("border", "shadow", "flat")),
        button=draw.pick(("filled", "filled", "outline", "pill")),
        bar=draw.pick(("surface", "surface", "accent", "ink", "plain")),
        chosen=draw.pick(("line", "pill", "accent")),
        centred=draw.chance(0.5),
    )
