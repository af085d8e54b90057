"""The review page rendered without a server."""

from dataclasses import dataclass
from typing import Any

from markup import Element, read

from fhirgate.report.review.view import review_view
from fhirgate.services.drawings import Drawn
from fhirgate.web.pages import environment


@dataclass(frozen=True)
class Urls:
    """Addresses as the service makes them."""

    decision: str = "/review/l1/decision"
    end: str = "/review/l1/end"

    def chart(self, scheme: str) -> str:
        return f"/review/l1/chart.svg?drawn=5&scheme={scheme}"

    def page(self, preset: str) -> str:
        return f"/review/l1?preset={preset}"


def html(drawn: Drawn, **more: Any) -> str:
    """The page of a drawing as it leaves the service."""
    context = {"csrf": "t0ken", "launch_id": "l1", "notice": "", "urls": Urls(), "theme": "", **more}
    return environment().get_template("review.html").render(view=review_view(drawn), **context)


def page(drawn: Drawn, **more: Any) -> Element:
    """The same, read."""
    return read(html(drawn, **more))
