"""Our own door: what this is, and which EHRs it can be launched from."""

from flask import Response

from fhirgate.web.gate import Gate
from fhirgate.web.pages import HTML, page
from fhirgate.web.route import Access, Answer, Reader, Route


def front(gate: Gate) -> Response:
    """The page at our root."""
    launching = gate.launching
    return page(
        "front.html",
        servers=() if launching is None else tuple(launching.frames),
        launch_url="" if launching is None else f"{launching.public_url}/launch",
    )


ROUTES = (
    Route(
        rule="/",
        method="GET",
        name="front",
        access=Access.OPEN,
        reader=Reader.PERSON,
        view=front,
        summary="What this is, and which servers it can be launched from.",
        answers={200: Answer(says="The page.", content_type=HTML)},
    ),
)
