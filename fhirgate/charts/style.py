"""How the picture looks: its measures [px], colours and shapes.

Colours are told apart with every common colour-vision deficiency (after Okabe & Ito, https://jfly.uni-koeln.de/color/,
darkened until text in them reads at 4.5:1 on white), and each comes with a shape, width or height of its own, so that a
black-and-white print says the same. Each is named for one meaning and differs from all others: `DARK` can then say
what it is on a dark page, where what is far from the paper is light.
"""

FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
TEXT = 12
"""Size of all small text; about 7 pt when the picture is printed across A4."""
LINE = 15
"""From one line of text to the next."""
HEADING = 13
TITLE = 18

LEFT = 44
"""Room for the numbers of an axis."""
PLOT = 560
"""Width of the time axis."""
RIGHT = 280
"""Room for the labels at the line ends."""
PADDING = 8

INK = "#1a1a1a"
SOFT = "#555555"
QUIET = "#8a8a8a"
FAINT = "#d9d9d9"
GRID = "#ececec"
PAPER = "#ffffff"

GROWING = "#b84a00"
NEW = "#762a83"
TREATED = "#00609c"
UNSURE = "#3d3d3d"

OLIGO = "#e69f00"
WIDE = "#8c2d04"
HELD = "#9ecae1"
THERAPY = "#4d4d4d"

DARK = {
    INK: "#f2f2f2",
    SOFT: "#b4b8bd",
    QUIET: "#797e84",
    FAINT: "#43474c",
    GRID: "#2b2e33",
    PAPER: "#14171b",
    GROWING: "#ff9950",
    NEW: "#eab2f2",
    TREATED: "#3f9ce6",
    UNSURE: "#cfd2d6",
    OLIGO: "#9c6a00",
    WIDE: "#ff9a80",
    HELD: "#2f6c95",
    THERAPY: "#aeb2b7",
}
"""Each colour on a dark page."""

DASH = [4, 3]
DOTS = [1, 3]

CROSS_OUT = "M-0.5,-0.5L0.5,0.5M-0.5,0.5L0.5,-0.5"
"""An ×: not evaluable."""
TICK = "M-0.5,0L0.5,0"
"""A short stroke: seen, but no size given."""
