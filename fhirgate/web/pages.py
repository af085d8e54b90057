"""The pages for people: templates of this package, with every text escaped, and the headers that browsers heed.

No page has a script or a style of its own. All pages look alike: one style sheet, whose address names its content.
There is no Cross-Origin-Opener-Policy: a window that opens out of a frame with a `sandbox` attribute would not load.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

from flask import Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from fhirgate.web.assets import ICON, STYLE, address_of

HTML = "text/html; charset=utf-8"


@cache
def environment() -> Environment:
    """Where the templates are found and how they are filled: what is not given is an error, and no text is markup."""
    made = Environment(
        loader=PackageLoader("fhirgate.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals["style"] = address_of(STYLE)
    # Without one, browsers ask for a file that is not there.
    made.globals["icon"] = address_of(ICON)
    return made


def warm() -> None:
    """Read every template now: the first page would wait for it."""
    for name in environment().list_templates():
        environment().get_template(name)


def page(
    template: str, status: int = 200, *, frame_ancestors: Iterable[str] = (), **context: Any
) -> Response:
    """A page of a template.

    `frame_ancestors` are the origins that may show it in a frame; there is none by itself. A template may show what
    `context` has, and `theme`, the address of another style sheet, at the end of its body.
    """
    text = environment().get_template(template).render({"theme": "", **context})
    answer = Response(text, status=status, content_type=HTML)
    answer.headers["Content-Security-Policy"] = policy(frame_ancestors)
    return answer


def policy(frame_ancestors: Iterable[str]) -> str:
    """What a page may do, as a Content-Security-Policy."""
    framed = " ".join(frame_ancestors) or "'none'"
    return (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none';"
        f" frame-ancestors {framed}"
    )


def see_other(where: str) -> Response:
    """On to another address, of ours or of an EHR's, by GET."""
    return Response(status=303, headers={"Location": where}, content_type=HTML)
