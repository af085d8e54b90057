"""Whether clinicians could launch us from the server, as far as it can be said without a person."""

from collections.abc import Iterator

from fhirgate.ehr.doctor.case import Case
from fhirgate.ehr.doctor.line import Result, Told
from fhirgate.ehr.doctor.telling import not_tried, ok, told_of, warning, words
from fhirgate.ehr.launch.registered import client_of, missing_for_launch
from fhirgate.ehr.smart_discovery import Told as Where
from fhirgate.errors import ConfigurationError
from fhirgate.services.ehr_server import LaunchEntry, LaunchKind

_KINDS = {
    LaunchKind.PUBLIC: "a public client, with PKCE",
    LaunchKind.CLIENT_SECRET: "a client with a secret",
    LaunchKind.PRIVATE_KEY: "a client that signs",
}
EHR_LAUNCH = "launch-ehr"


def launch(case: Case) -> Iterator[Told]:
    """What the entry and the server say of launches."""
    entry = case.entry.launch
    if entry is None:
        yield not_tried("the entry has no launch table: clinicians do not launch us from it")
        return
    yield _client(case, entry)
    yield _server(case)
    yield _frame(entry)


def _client(case: Case, entry: LaunchEntry) -> Told:
    try:
        client_of(case.entry, entry, case.environment)
    except ConfigurationError as error:
        return told_of(error, case, about="client", result=Result.WARNING)
    return ok(
        f"{_KINDS[entry.kind]}; its redirect URI there is <FHIRGATE_PUBLIC_URL>/callback/{case.entry.name}",
        about="client",
    )


def _server(case: Case) -> Told:
    found = case.smart
    if found is None:
        return not_tried("the server told no SMART configuration", about="server")
    missing = list(missing_for_launch(found))
    if missing:
        return warning(
            f"its {found.told} {', and '.join(missing)}",
            "have the server's operator mend it: no clinician can launch us before",
            about="server",
        )
    if found.told is Where.SMART and EHR_LAUNCH not in found.capabilities:
        return warning(
            f"it does not list the capability {EHR_LAUNCH}",
            "try a launch out of a chart; if none comes, have it enabled, or open us at our own door",
            about="server",
        )
    return ok("it shows all that a launch needs", about="server")


def _frame(entry: LaunchEntry) -> Told:
    if entry.frame_ancestors:
        return ok(f"may show us in a frame: {words(entry.frame_ancestors)}", about="frame")
    return ok(
        "nobody may show us in a frame; for an EHR that does, list its origin in frame_ancestors",
        about="frame",
    )
