"""How colours look to eyes that lack a kind of cone, and how far two of them lie apart.

Full deficiency after Machado, Oliveira & Fernandes 2009 (https://doi.org/10.1109/TVCG.2009.113), on linear RGB.
"""

from math import dist

from fhirgate.web.colour import Colour

_WHOLE = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
VISIONS = {
    "all cones": _WHOLE,
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
_TO_XYZ = (
    (0.4124 / 0.95047, 0.3576 / 0.95047, 0.1805 / 0.95047),
    (0.2126, 0.7152, 0.0722),
    (0.0193 / 1.08883, 0.1192 / 1.08883, 0.9505 / 1.08883),
)
_Three = tuple[float, ...]


def difference(one: Colour, other: Colour, vision: str) -> float:
    """Distance in CIELAB (1976) as seen with these eyes."""
    return dist(_lab(one, vision), _lab(other, vision))


def _lab(colour: Colour, vision: str) -> _Three:
    linear = tuple(_linear(each) for each in (colour.red, colour.green, colour.blue))
    seen = tuple(min(max(each, 0.0), 1.0) for each in _times(VISIONS[vision], linear))
    x, y, z = (_cube_root(each) for each in _times(_TO_XYZ, seen))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _times(matrix: tuple[_Three, ...], vector: _Three) -> _Three:
    return tuple(sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)


def _linear(channel: float) -> float:
    part = channel / 255
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _cube_root(part: float) -> float:
    return part ** (1 / 3) if part > 216 / 24389 else (24389 / 27 * part + 16) / 116
