"""The FHIR side: https://hl7.org/fhir/R4/http.html over the table of types."""

from flask import Flask, Response, request

from fhirgate.sandbox.ehr.access import Access
from fhirgate.sandbox.ehr.discovery import smart_configuration
from fhirgate.sandbox.ehr.queries import only_format
from fhirgate.sandbox.ehr.refused import Refused, unknown
from fhirgate.sandbox.ehr.sandbox import Sandbox
from fhirgate.sandbox.ehr.statement import statement
from fhirgate.sandbox.ehr.table import KINDS, Interaction
from fhirgate.sandbox.ehr.transaction import transaction
from fhirgate.sandbox.ehr.wire import asked_of, body_of, check_accepts, fhir, of_version, of_written
from fhirgate.sandbox.ehr.writing import validated

ROOT = "/fhir"


def add_fhir_routes(app: Flask, sandbox: Sandbox) -> None:
    """Every route below the FHIR base."""
    routes = FhirRoutes(sandbox)
    for rule, method, view in (
        ("/metadata", "GET", routes.metadata),
        ("/.well-known/smart-configuration", "GET", routes.smart),
        ("", "POST", routes.transaction),
        ("/<kind>", "GET", routes.search),
        ("/<kind>", "POST", routes.create),
        ("/<kind>/_search", "POST", routes.search),
        ("/<kind>/$validate", "POST", routes.validate),
        ("/<kind>/_page/<token>", "GET", routes.page),
        ("/<kind>/<id_>", "GET", routes.read),
        ("/<kind>/<id_>", "PUT", routes.update),
        ("/<kind>/<id_>/_history", "GET", routes.history),
        ("/<kind>/<id_>/_history/<version>", "GET", routes.vread),
    ):
        app.add_url_rule(
            f"{ROOT}{rule}",
            endpoint=f"{method} {rule}",
            view_func=view,
            methods=[method],
            strict_slashes=False,
            provide_automatic_options=False,
        )


class FhirRoutes:
    """Each interaction as a view. Raises Refused, which is answered as an OperationOutcome."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def metadata(self) -> Response:
        """The CapabilityStatement, for anybody."""
        only_format(request.args.items(multi=True))
        return fhir(statement(self._sandbox.urls, self._sandbox.clock()))

    def smart(self) -> Response:
        """The smart-configuration, for anybody, as JSON whatever `Accept` says."""
        answer = fhir(smart_configuration(self._sandbox.urls))
        answer.content_type = "application/json"
        return answer

    def read(self, kind: str, id_: str) -> Response:
        """https://hl7.org/fhir/R4/http.html#read"""
        access = self._let_in(kind, Interaction.READ)
        only_format(request.args.items(multi=True))
        return of_version(self._sandbox.reading.read(access, kind, id_), request)

    def vread(self, kind: str, id_: str, version: str) -> Response:
        """https://hl7.org/fhir/R4/http.html#vread"""
        access = self._let_in(kind, Interaction.VREAD)
        only_format(request.args.items(multi=True))
        return of_version(self._sandbox.reading.vread(access, kind, id_, version), request)

    def history(self, kind: str, id_: str) -> Response:
        """https://hl7.org/fhir/R4/http.html#history"""
        access = self._let_in(kind, Interaction.HISTORY)
        return fhir(self._sandbox.reading.history(access, kind, id_, asked_of(request)))

    def search(self, kind: str) -> Response:
        """https://hl7.org/fhir/R4/http.html#search"""
        access = self._let_in(kind, Interaction.SEARCH)
        return fhir(self._sandbox.reading.search(access, kind, asked_of(request)))

    def page(self, kind: str, token: str) -> Response:
        """A further page of a search or a history."""
        access = self._let_in(kind, Interaction.SEARCH)
        only_format(request.args.items(multi=True))
        return fhir(self._sandbox.reading.following(access, kind, token))

    def create(self, kind: str) -> Response:
        """https://hl7.org/fhir/R4/http.html#create"""
        access = self._let_in(kind, Interaction.CREATE)
        only_format(request.args.items(multi=True))
        condition = request.headers.get("If-None-Exist")
        if condition is not None:
            # Some send the whole search instead of its parameters alone.
            condition = condition.rpartition("?")[2]
        written = self._sandbox.writing.create(access, kind, body_of(request), condition)
        return of_written(written, request, self._sandbox.urls.fhir)

    def update(self, kind: str, id_: str) -> Response:
        """https://hl7.org/fhir/R4/http.html#update"""
        access = self._let_in(kind, Interaction.UPDATE)
        only_format(request.args.items(multi=True))
        if_match = request.headers.get("If-Match")
        written = self._sandbox.writing.update(access, kind, id_, body_of(request), if_match)
        return of_written(written, request, self._sandbox.urls.fhir)

    def validate(self, kind: str) -> Response:
        """https://hl7.org/fhir/R4/resource-operation-validate.html: for any token, since nothing is kept or told."""
        self._let_in(kind, Interaction.CREATE)
        only_format(request.args.items(multi=True))
        return fhir(validated(body_of(request), kind))

    def transaction(self) -> Response:
        """https://hl7.org/fhir/R4/http.html#transaction"""
        access = self._token()
        check_accepts(request)
        only_format(request.args.items(multi=True))
        return fhir(transaction(self._sandbox.writing, access, body_of(request)))

    def _let_in(self, kind: str, interaction: Interaction) -> Access:
        """What the token gives, for something that can be done with this type at all."""
        access = self._token()
        check_accepts(request)
        known = KINDS.get(kind)
        if known is None:
            raise unknown("a type of this name")
        if interaction not in known.interactions:
            raise Refused(
                405, "not-supported", f"{interaction} of {kind} is not offered", headers={"Allow": "GET"}
            )
        return access

    def _token(self) -> Access:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            raise _unauthorized("a token is needed", "Bearer")
        bearer = self._sandbox.vault.bearers.look(token) if scheme.lower() == "bearer" else None
        if bearer is None or bearer.grant.is_over:
            raise _unauthorized("the token is unknown or over", 'Bearer error="invalid_token"')
        bearer.grant.trouble.before_call()
        return bearer.access()


def _unauthorized(says: str, challenge: str) -> Refused:
    return Refused(401, "login", says, headers={"WWW-Authenticate": challenge})


def is_fhir(path: str) -> bool:
    """Whether an error is answered as FHIR answers it."""
    return path == ROOT or path.startswith(f"{ROOT}/")


def refused(status: int, says: str) -> Refused:
    """An error of HTTP itself in FHIR's words."""
    codes = {404: "not-found", 405: "not-supported", 413: "too-long"}
    return Refused(status, codes.get(status, "exception" if status >= 500 else "invalid"), says)
