"""What is given out for a while, and once; and what a registration must have."""

from datetime import timedelta
from typing import Any

import pytest
from sandbox_world import REDIRECT, Moments, ehr

from fhirgate.sandbox.ehr import pages, tickets
from fhirgate.sandbox.ehr.clients import Client, Proof
from fhirgate.sandbox.ehr.tickets import Tickets, UsedTwice


def test_a_ticket_is_taken_once_and_its_return_is_noticed() -> None:
    given: Tickets[str] = Tickets(Moments(), timedelta(minutes=1))
    ticket = given.give("value")

    assert given.look(ticket) == "value"
    assert given.take(ticket, lambda value: value == "other") is None
    assert given.take(ticket) == "value"
    assert given.look(ticket) is None
    with pytest.raises(UsedTwice) as again:
        given.take(ticket)
    assert again.value.value == "value"


def test_a_ticket_is_over_in_time() -> None:
    clock = Moments()
    given: Tickets[str] = Tickets(clock, timedelta(minutes=1))
    ticket, short = given.give("value"), given.give("other", timedelta(seconds=5))

    clock.forward(seconds=5)

    assert (given.look(ticket), given.look(short)) == ("value", None)
    clock.forward(seconds=55)
    assert given.take(ticket) is None


def test_the_oldest_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tickets, "MOST_KEPT", 2)
    given: Tickets[int] = Tickets(Moments(), timedelta(minutes=1))

    all_of_them = [given.give(number) for number in range(3)]

    assert [given.look(each) for each in all_of_them] == [None, 1, 2]


def test_pages_are_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_KEPT", 1)
    here = ehr()
    token = here.system()
    first, second = (
        here.get("/Observation?_count=1", token)
        .get_json()["link"][1]["url"]
        .removeprefix("https://sandbox.example/fhir")
        for _ in range(2)
    )

    assert here.get(first, token).status_code == 410
    assert here.get(second, token).status_code == 200


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"id": ""}, "it has no id"),
        ({"proof": Proof.SECRET}, "its secret is missing"),
        ({"proof": Proof.KEY}, "its keys are missing"),
        ({"is_backend": True}, "a backend proves who it is"),
        ({"redirect_uris": ()}, "it can ask for no token"),
        ({"redirect_uris": ("/callback",)}, "a URL is not absolute, or has a fragment"),
        ({"redirect_uris": (f"{REDIRECT}#x",)}, "a URL is not absolute, or has a fragment"),
        ({"launch_url": "javascript:alert(1)"}, "a URL is not absolute, or has a fragment"),
        ({"scopes": ("nonsense",)}, "a scope is unknown"),
    ],
)
def test_a_registration_that_cannot_work_is_told(changed: dict[str, Any], says: str) -> None:
    usual: dict[str, Any] = {"id": "app", "name": "App", "redirect_uris": (REDIRECT,)}

    with pytest.raises(ValueError, match=says):
        Client(**(usual | changed))


def test_a_registration_keeps_its_secret() -> None:
    client = Client(id="a", name="A", proof=Proof.SECRET, secret="hidden", redirect_uris=(REDIRECT,))  # noqa: S106

    assert "hidden" not in repr(client)
