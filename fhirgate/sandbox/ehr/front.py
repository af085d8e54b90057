"""The sandbox's own page: its patients, with links that open the app in a frame and outside."""

from urllib.parse import urlencode

import msgspec
from flask import Flask, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fhirgate.sandbox.ehr.auth_routes import failure_named
from fhirgate.sandbox.ehr.authorization import NotSentBack
from fhirgate.sandbox.ehr.clients import Client, origin
from fhirgate.sandbox.ehr.failures import TELLS
from fhirgate.sandbox.ehr.grants import Launch
from fhirgate.sandbox.ehr.sandbox import Sandbox

STYLE = {
    "color_background": "#ffffff",
    "color_error": "#b3261e",
    "color_highlight": "#1d5fa8",
    "color_modal_backdrop": "#1b1b1b",
    "color_success": "#1f6f43",
    "color_text": "#1b1b1b",
    "dim_border_radius": "4px",
    "dim_font_size": "16px",
    "dim_spacing_size": "16px",
    "font_family_body": "system-ui, sans-serif",
    "font_family_heading": "system-ui, sans-serif",
}
"""What apps may take from the EHR's looks (SMART App Launch 2.2.0 "Styling")."""
INTENTS = ("", "review-progression")


def add_front_routes(app: Flask, sandbox: Sandbox) -> None:
    """The pages for a person, and the style for apps."""
    routes = FrontRoutes(sandbox)
    for rule, view in (
        ("/", routes.patients),
        ("/launch/<patient>", routes.launch),
        ("/style.json", routes.style),
    ):
        app.add_url_rule(
            rule, endpoint=view.__name__, view_func=view, methods=["GET"], provide_automatic_options=False
        )


class FrontRoutes:
    """The views. Raises NotSentBack, which is answered with a page."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def patients(self) -> Response:
        """Every patient, and what may go wrong."""
        chosen = failure_named(request.args.get("failure", ""))
        return Response(
            render_template(
                "patients.html",
                patients=list(self._sandbox.patients.values()),
                clients=self._apps(),
                failures=list(TELLS.items()),
                chosen=chosen.value if chosen else "",
                everywhere=self._sandbox.failures.everywhere,
                fhir=self._sandbox.urls.fhir,
            )
        )

    def launch(self, patient: str) -> AnyResponse:
        """Open an app for a patient: outside, or in a frame of a page of ours."""
        record = self._sandbox.patients.get(patient)
        if record is None:
            raise NotSentBack("There is no such patient here.")
        client = self._app(request.args.get("client", ""))
        is_framed = request.args.get("in", "window") == "frame"
        ticket = self._sandbox.vault.launches.give(
            Launch(
                client_id=client.id,
                patient=patient,
                failure=failure_named(request.args.get("failure", "")),
                needs_banner=not is_framed,
                intent=_intent(request.args.get("intent", "")),
            )
        )
        told = urlencode({"iss": self._sandbox.urls.fhir, "launch": ticket})
        where = f"{client.launch_url}{'&' if '?' in client.launch_url else '?'}{told}"
        if not is_framed:
            return redirect(where, 303)
        answer = Response(render_template("frame.html", record=record, client=client, where=where))
        answer.headers["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
            f" frame-src 'self' {origin(client.launch_url)}"
        )
        return answer

    def style(self) -> Response:
        """Colours and sizes, as JSON."""
        return Response(msgspec.json.encode(STYLE), content_type="application/json")

    def _apps(self) -> list[Client]:
        return [each for each in self._sandbox.clients.values() if each.launch_url]

    def _app(self, client_id: str) -> Client:
        """The app of an id, or the only one."""
        apps = self._apps()
        found = [each for each in apps if each.id == client_id] if client_id else apps
        if len(found) != 1:
            raise NotSentBack("There is no such app here, or more than one and no choice.")
        return found[0]


def launch_link(root: str, patient: str, *, client: str = "", frame: bool = False) -> str:
    """The address that opens an app for a patient."""
    told = {"client": client} if client else {}
    return f"{root}/launch/{patient}?{urlencode({**told, 'in': 'frame' if frame else 'window'})}"


def _intent(text: str) -> str:
    if text not in INTENTS:
        raise NotSentBack("There is no intent of this name.")
    return text


def problem_page(says: str, status: int) -> Response:
    """A page that says what is wrong, and leads home."""
    return Response(render_template("problem.html", says=says, home=url_for("patients")), status=status)
