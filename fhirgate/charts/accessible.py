"""An SVG that says what it shows: a name and a description for the whole, hover text for every mark that speaks."""

from collections.abc import Mapping
from hashlib import sha256
from xml.etree import ElementTree as ET

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"


def with_words(svg: str, title: str, description: str, colours: Mapping[str, str]) -> str:
    """The SVG as one image with a title and a description, each colour that is a key replaced.

    The marks keep their own words as titles, which browsers show on hover. Only fills and strokes are replaced: words
    of a record are never in those.
    """
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", _XLINK)
    root = ET.fromstring(svg)  # noqa: S314 - the renderer's own output, without a document type
    key = sha256(f"{title}\n{description}".encode()).hexdigest()[:12]
    for each in root.iter():
        _speak(each)
        _paint(each, colours)
    root.set("role", "img")
    root.set("aria-labelledby", f"title-{key}")
    root.set("aria-describedby", f"desc-{key}")
    for position, (name, text) in enumerate((("title", title), ("desc", description))):
        element = ET.Element(f"{{{_SVG}}}{name}", {"id": f"{name}-{key}"})
        element.text = text
        root.insert(position, element)
    return ET.tostring(root, encoding="unicode")


def _speak(element: ET.Element) -> None:
    """Turn a mark's label into a title; roles inside an image say nothing and are left out."""
    label = element.attrib.pop("aria-label", "")
    role = element.attrib.pop("role", "")
    element.attrib.pop("aria-roledescription", None)
    element.attrib.pop("aria-hidden", None)
    if label and role == "graphics-symbol" and element.tag == f"{{{_SVG}}}path":
        hover = ET.SubElement(element, f"{{{_SVG}}}title")
        hover.text = label


def _paint(element: ET.Element, colours: Mapping[str, str]) -> None:
    """Fill and stroke in the colours wanted."""
    for name in ("fill", "stroke"):
        colour = element.get(name, "")
        if colour in colours:
            element.set(name, colours[colour])
