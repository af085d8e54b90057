"""The R5 shape of a result: the same words and codes where R5 moved an element or took one away.

https://hl7.org/fhir/R5/careplan.html: `author` is `custodian`, `addresses` a CodeableReference, and `detail` is
gone: an activity points to a contained draft request instead. Our profiles are R4's, so `meta.profile` is left out.
"""

from collections.abc import Callable
from typing import Any

from fhirgate.mapping.compose.elements import Json, notes

_DEVICE_NAME = "user-friendly-name"
"""R5's DeviceNameType has no model-name."""


def as_r5(resource: Json) -> Json:
    """A resource composed for R4, as R5 wants it; a Bundle with all that is in it."""
    shape = _SHAPES.get(resource["resourceType"], dict)
    changed = shape(resource)
    if "meta" in changed:
        changed["meta"] = {name: each for name, each in changed["meta"].items() if name != "profile"}
    if "contained" in changed:
        changed["contained"] = [
            as_r5(each) if "deviceName" in each else each for each in changed["contained"]
        ]
    return changed


def _bundle(bundle: Json) -> Json:
    entries = [{**each, "resource": as_r5(each["resource"])} for each in bundle["entry"]]
    return {**bundle, "entry": entries}


def _device(device: Json) -> Json:
    names = [{"value": each["name"], "type": _DEVICE_NAME} for each in device["deviceName"]]
    return _renamed(device, {"deviceName": ("name", names)})


def _care_plan(plan: Json) -> Json:
    requests = [
        _request(f"option-{number}", each["detail"], plan["subject"])
        for number, each in enumerate(plan.get("activity", ()), start=1)
    ]
    return _renamed(
        plan,
        {
            "contained": ("contained", [*plan["contained"], *requests]),
            "author": ("custodian", plan["author"]),
            "addresses": ("addresses", [{"reference": each} for each in plan.get("addresses", ())]),
            "activity": (
                "activity",
                [{"plannedActivityReference": {"reference": f"#{each['id']}"}} for each in requests],
            ),
        },
    )


def _provenance(provenance: Json) -> Json:
    return _renamed(
        {name: value for name, value in provenance.items() if name != "_recorded"},
        {"reason": ("authorization", [{"concept": each} for each in provenance["reason"]])},
    )


def _request(id: str, detail: Json, subject: Json) -> Json:
    """A draft request, proposed: what the activity's detail says in R4."""
    request: Json = {"resourceType": detail["kind"], "id": id, "status": "draft", "intent": "proposal"}
    request |= _OF_KIND[detail["kind"]](detail, subject)
    reasons = [{"reference": each} for each in detail.get("reasonReference", ())]
    return request | ({"reason": reasons} if reasons else {}) | {"note": notes([detail["description"]])}


_OF_KIND: dict[str, Callable[[Json, Json], Json]] = {
    "ServiceRequest": lambda detail, subject: {"code": {"concept": detail["code"]}, "subject": subject},
    "MedicationRequest": lambda detail, subject: {
        "medication": {"concept": detail.get("productCodeableConcept", detail["code"])},
        "subject": subject,
    },
    "Task": lambda detail, subject: {"code": detail["code"], "for": subject},
}

_SHAPES: dict[str, Callable[[Json], Json]] = {
    "Bundle": _bundle,
    "Device": _device,
    "CarePlan": _care_plan,
    "Provenance": _provenance,
}


def _renamed(resource: Json, changes: dict[str, tuple[str, Any]]) -> Json:
    """A copy with some elements under another name or with another value, each in its place."""
    changed: Json = {}
    for name, value in resource.items():
        new, content = changes.get(name, (name, value))
        changed[new] = content
    return changed
