"""XHTML that cannot be broken by the words of a record: text is escaped, markup is only what is built here.

https://hl7.org/fhir/R4/narrative.html: basic elements, no script, no style, no link, never empty.
"""

import re
from collections.abc import Iterable, Sequence
from html import escape

from fhirgate.mapping.compose.elements import Json, plain

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot carry, not even escaped."""


class Markup(str):
    """Text that is XHTML already; everything else is escaped."""

    __slots__ = ()


def element(name: str, *children: str) -> Markup:
    """An element around its children, each escaped unless it is markup."""
    return Markup(f"<{name}>{''.join(map(_safe, children))}</{name}>")


def sentences(texts: Iterable[str]) -> Markup:
    """A bulleted list; nothing for no texts."""
    items = [element("li", text) for text in texts]
    return element("ul", *items) if items else Markup("")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Markup:
    """A table with a row of headings."""
    heading = element("thead", element("tr", *(element("th", each) for each in head)))
    body = [element("tr", *(element("td", each) for each in row)) for row in rows]
    return element("table", heading, element("tbody", *body))


def narrative(*parts: Markup) -> Json:
    """The `text` of a resource, all of it made from its data."""
    inner = "".join(parts)
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{inner}</div>'}


def section(title: str, body: Markup) -> Markup:
    """A heading with what belongs under it; nothing for nothing."""
    return Markup(element("h3", title) + body) if body else Markup("")


def _safe(text: str) -> str:
    return text if isinstance(text, Markup) else escape(_NOT_XML.sub("�", plain(text)), quote=False)
