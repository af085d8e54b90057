"""The stylesheet of all pages: it fetches nothing, and styles what is there."""

import re
from importlib.resources import files

WEB = files("fhirgate.web")
CSS = re.sub(r"/\*.*?\*/", "", (WEB / "static" / "fhirgate.css").read_text("utf-8"), flags=re.DOTALL)
TEMPLATES = WEB / "templates"
TOLD_BY_VALUES = ("mark-", "tone-")
"""Classes that are made of a closed set of the view."""


def _pages() -> str:
    found = (*TEMPLATES.iterdir(), *(TEMPLATES / "review").iterdir())
    return "\n".join(each.read_text("utf-8") for each in found if each.name.endswith(".html"))


def test_it_fetches_nothing() -> None:
    assert re.findall(r"url\(|@import|@font-face|image-set", CSS) == []


def test_every_class_it_knows_is_on_some_page() -> None:
    known = set(re.findall(r"\.([a-z][\w-]*)", re.sub(r"\{[^{}]*\}", "{}", CSS)))
    words = set(re.findall(r"[a-z][\w-]*", _pages()))

    assert {each for each in known - words if not each.startswith(TOLD_BY_VALUES)} == set()


def test_on_paper_nothing_can_be_pressed_and_everything_is_unfolded() -> None:
    paper = CSS[CSS.index("@media print") :]
    hidden = re.search(r"([^{}]*)\{\s*display: none;", paper)

    assert hidden is not None
    assert {".decision form", ".bar form", ".parts"} <= {each.strip() for each in hidden[1].split(",")}
    assert "details::details-content" in paper
    assert re.findall(r"--(?:paper|ink): (#\w+) !important", paper) == ["#ffffff", "#000000"]
