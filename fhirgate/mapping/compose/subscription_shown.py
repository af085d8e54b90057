"""A Subscription as it is read back: as it was sent, but for what the server says of it and what is secret."""

from datetime import datetime
from typing import Any

from fhirgate.mapping.compose.elements import Json
from fhirgate.mapping.compose.subscription_status import ERRORS, instant
from fhirgate.mapping.notifications import ErrorCode
from fhirgate.mapping.subscriptions import WITHHELD, Status


def without_secrets(sent: Json) -> Json:
    """The resource with the name of each header and not its value: as it may be kept, logged and shown."""
    shown = dict(sent)
    if "header" in shown.get("channel", {}):
        lines = [f"{line.partition(':')[0]}: {WITHHELD}" for line in shown["channel"]["header"]]
        shown["channel"] = {**shown["channel"], "header": lines}
    if "parameter" in shown:
        shown["parameter"] = [{**each, "value": WITHHELD} for each in shown["parameter"]]
    return shown


def compose_subscription(
    sent: Json, id: str, version: int, at: datetime, status: Status, error: ErrorCode | None = None
) -> Json:
    """The resource to answer a read with; `sent` is what a parser of ours took, `at` when it last changed."""
    meta: dict[str, Any] = {**sent.get("meta", {}), "versionId": str(version), "lastUpdated": instant(at)}
    shown = {**without_secrets(sent), "id": id, "meta": meta, "status": status}
    if error is not None and "criteria" in sent:
        # R4 has an element for it; R5 says it in SubscriptionStatus alone.
        shown["error"] = f"{ERRORS}#{error}"
    return shown
