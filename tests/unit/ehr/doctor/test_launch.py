"""What is told of launches out of the server: of the entry, and of what the server shows."""

from typing import Any

import pytest
from doctor_world import GOOD_SMART, Clinic, examined, guarded, of

from fhirgate.ehr.doctor.examine import Examination
from fhirgate.services.ehr_server import LaunchEntry, LaunchKind

PUBLIC: dict[str, Any] = {"kind": LaunchKind.PUBLIC, "client_id": "us"}


def seen(clinic: Clinic | None = None, **launch: Any) -> Examination:
    return examined(clinic or saying(), launch=LaunchEntry(**PUBLIC | launch))


def saying(**changed: Any) -> Clinic:
    clinic = guarded()
    capabilities = [*GOOD_SMART["capabilities"], "launch-ehr"]
    said = GOOD_SMART | {"capabilities": capabilities} | changed
    clinic.smart = {name: value for name, value in said.items() if value is not None}
    return clinic


def test_an_entry_without_a_launch_table_is_told_as_that() -> None:
    line = of(examined(saying()), "launch")

    assert (line.result.value, line.told.says) == (
        "not tried",
        "the entry has no launch table: clinicians do not launch us from it",
    )


def test_a_server_that_can_launch_us_is_told_with_the_address_to_register_there() -> None:
    found = seen(frame_ancestors=("https://ehr.example.org",))
    told = {
        each.told.about: (each.result.value, each.told.says) for each in found.lines if each.check == "launch"
    }

    assert told == {
        "client": (
            "ok",
            "a public client, with PKCE; its redirect URI there is <FHIRGATE_PUBLIC_URL>/callback/main",
        ),
        "server": ("ok", "it shows all that a launch needs"),
        "frame": ("ok", "may show us in a frame: https://ehr.example.org"),
    }


def test_a_secret_that_is_not_at_hand_is_told() -> None:
    line = of(seen(kind=LaunchKind.CLIENT_SECRET, secret_variable="NOWHERE"), "launch", "client")  # noqa: S106

    assert (line.result.value, "NOWHERE" in line.told.says) == ("warning", True)


def test_without_origins_nobody_frames_us_and_that_is_told() -> None:
    line = of(seen(), "launch", "frame")

    assert (line.result.value, "list its origin in frame_ancestors" in line.told.says) == ("ok", True)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (
            {"authorization_endpoint": None},
            "its smart-configuration names no authorization_endpoint",
        ),
        (
            {"code_challenge_methods_supported": ["plain"], "issuer": None},
            "its smart-configuration does not list the challenge method S256 of PKCE, and lists sso-openid-connect,"
            " but names no issuer",
        ),
        ({"capabilities": ["permission-v2"]}, "it does not list the capability launch-ehr"),
    ],
)
def test_what_a_launch_needs_and_the_server_does_not_show_is_told(changed: dict[str, Any], says: str) -> None:
    line = of(seen(saying(**changed)), "launch", "server")

    assert (line.result.value, line.told.says) == ("warning", says)


def test_a_server_that_told_nothing_of_its_authorization_is_not_judged() -> None:
    clinic = saying()
    clinic.smart = None

    assert of(seen(clinic), "launch", "server").result.value == "not tried"
