"""The authorization side: the page of consent, and the endpoints for tokens and keys."""

from collections.abc import Iterable

import msgspec
from flask import Flask, Response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from fhirgate.sandbox.ehr.authorization import NotSentBack, SentBack
from fhirgate.sandbox.ehr.clients import Client, origin
from fhirgate.sandbox.ehr.discovery import openid_configuration
from fhirgate.sandbox.ehr.failures import TELLS, Failure
from fhirgate.sandbox.ehr.grants import Pending
from fhirgate.sandbox.ehr.oauth_error import OAuthError
from fhirgate.sandbox.ehr.sandbox import Sandbox
from fhirgate.sandbox.ehr.scopes import in_words
from fhirgate.sandbox.ehr.tickets import UsedTwice
from fhirgate.sandbox.ehr.wire import FORM

_NOT_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def add_auth_routes(app: Flask, sandbox: Sandbox) -> None:
    """Every route below /auth."""
    routes = AuthRoutes(sandbox)
    for rule, methods, view in (
        ("/authorize", ["GET", "POST"], routes.authorize),
        ("/decision", ["POST"], routes.decide),
        ("/token", ["POST"], routes.token),
        ("/revoke", ["POST"], routes.revoke),
        ("/jwks.json", ["GET"], routes.jwks),
        ("/.well-known/openid-configuration", ["GET"], routes.openid),
    ):
        app.add_url_rule(
            f"/auth{rule}", endpoint=rule, view_func=view, methods=methods, provide_automatic_options=False
        )


class AuthRoutes:
    """The views. Raises OAuthError and NotSentBack, which have answers of their own."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def authorize(self) -> AnyResponse:
        """A request for authorization: a page for a person, or the way back with an error."""
        try:
            asked = _once((request.form if request.method == "POST" else request.args).items(multi=True))
        except OAuthError as error:
            raise NotSentBack(f"The request cannot be read: {error.says}.") from None
        client = self._sandbox.authorization.client(asked)
        try:
            pending = self._sandbox.authorization.pending(client, asked)
        except SentBack as refusal:
            return redirect(
                self._sandbox.authorization.sent_back(asked["redirect_uri"], asked.get("state", ""), refusal),
                303,
            )
        return self._page(client, pending)

    def decide(self) -> AnyResponse:
        """The click of a person, which is good once."""
        form = request.form
        try:
            pending = self._sandbox.vault.pending.take(form.get("request", ""))
        except UsedTwice:
            pending = None
        if pending is None:
            raise NotSentBack("This page was used before, or is over. Launch the app again.")
        where = self._sandbox.authorization.decided(
            pending,
            allows=form.get("decision") == "allow",
            patient=form.get("patient", ""),
            failure=failure_named(form.get("failure", "")),
        )
        return redirect(where, 303)

    def token(self) -> Response:
        """A token for a client that has proved who it is."""
        form = _form()
        client = self._sandbox.authentication.client(form, request.headers.get("Authorization"))
        return _json(self._sandbox.tokens.answer(client, form))

    def revoke(self) -> Response:
        """A token that nobody needs any more (RFC 7009): unknown ones are no error."""
        form = _form()
        client = self._sandbox.authentication.client(form, request.headers.get("Authorization"))
        self._sandbox.tokens.revoke(client, form.get("token", ""))
        return _json({})

    def jwks(self) -> Response:
        """The public keys of id_tokens."""
        return Response(msgspec.json.encode(self._sandbox.identity.jwks()), content_type="application/json")

    def openid(self) -> Response:
        """OpenID's own document."""
        told = openid_configuration(self._sandbox.urls)
        return Response(msgspec.json.encode(told), content_type="application/json")

    def _page(self, client: Client, pending: Pending) -> Response:
        sandbox = self._sandbox
        patient = sandbox.patients.get(pending.context.patient)
        answer = Response(
            render_template(
                "consent.html",
                client=client,
                ticket=sandbox.vault.pending.give(pending),
                patient=patient,
                patients=list(sandbox.patients.values()) if pending.picks_patient else [],
                granted=[(each, in_words(each)) for each in pending.words],
                left_out=pending.left_out,
                failures=list(TELLS.items()) if pending.picks_patient else [],
            )
        )
        # Browsers hold the way back after the click against form-action too.
        answer.headers["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'self';"
            f" form-action 'self' {origin(pending.redirect_uri)}"
        )
        return answer


def failure_named(text: str) -> Failure | None:
    """The failure of a name. Raises NotSentBack for a name that is none; empty is no failure."""
    if not text:
        return None
    try:
        return Failure(text)
    except ValueError:
        raise NotSentBack("There is no failure of this name.") from None


def token_refusal(error: OAuthError) -> Response:
    """Why there is no token."""
    answer = _json({"error": error.error, "error_description": error.says}, error.status)
    answer.headers.update(error.headers)
    return answer


def _json(content: object, status: int = 200) -> Response:
    return Response(
        msgspec.json.encode(content), status=status, content_type="application/json", headers=_NOT_KEPT
    )


def _form() -> dict[str, str]:
    if request.mimetype != FORM:
        raise OAuthError("invalid_request", f"the request is to be a form ({FORM})")
    if request.args:
        raise OAuthError("invalid_request", "nothing of the request belongs into its address")
    return _once(request.form.items(multi=True))


def _once(asked: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Parameters, none of which may come twice (RFC 6749 §3.1); an empty one counts as left out."""
    found: dict[str, str] = {}
    for name, value in asked:
        if name in found:
            raise OAuthError("invalid_request", "a parameter comes twice")
        found[name] = value
    return {name: value for name, value in found.items() if value}
