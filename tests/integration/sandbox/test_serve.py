"""The sandbox on a socket: many at once, stopped cleanly, and what only one of many may have."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from flask import Flask
from sandbox_world import (
    PATIENT,
    REDIRECT,
    VERIFIER,
    challenge,
    clients,
    query_of,
    records,
    served,
    system_token,
    ticket_in,
)

from fhirgate.sandbox.ehr.app import sandbox_app
from fhirgate.sandbox.ehr.serve import Running, start


def code_of(sandbox: Running) -> str:
    launch = requests.get(
        f"{sandbox.url}/launch/{PATIENT}", params={"client": "app"}, allow_redirects=False, timeout=10
    )
    asked = {
        "response_type": "code",
        "client_id": "app",
        "redirect_uri": REDIRECT,
        "scope": "launch openid patient/Patient.rs offline_access",
        "state": "s" * 22,
        "aud": sandbox.fhir,
        "launch": query_of(launch.headers["Location"])["launch"],
        "code_challenge": challenge(VERIFIER),
        "code_challenge_method": "S256",
    }
    page = requests.get(f"{sandbox.url}/auth/authorize", params=asked, timeout=10)
    answer = requests.post(
        f"{sandbox.url}/auth/decision",
        data={"request": ticket_in(page.text), "decision": "allow"},
        allow_redirects=False,
        timeout=10,
    )
    return query_of(answer.headers["Location"])["code"]


def test_of_many_who_bring_one_code_at_once_one_is_let_in_at_most(sandbox: Running) -> None:
    form = {
        "grant_type": "authorization_code",
        "code": code_of(sandbox),
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
        "client_id": "app",
    }
    together = threading.Barrier(8)

    def redeem(_number: int) -> requests.Response:
        together.wait()
        return requests.post(f"{sandbox.url}/auth/token", data=form, timeout=10)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(redeem, range(8)))

    good = [each.json()["access_token"] for each in answers if each.status_code == 200]
    assert len(good) <= 1
    for each in good:
        # The code came again, so what it gave is over.
        read = requests.get(
            f"{sandbox.fhir}/Patient/{PATIENT}", headers={"Authorization": f"Bearer {each}"}, timeout=10
        )
        assert read.status_code == 401


def test_of_many_who_create_on_one_condition_one_makes_it(sandbox: Running) -> None:
    headers = {
        "Authorization": f"Bearer {system_token(sandbox)}",
        "If-None-Exist": "identifier=urn:x|1",
        "Content-Type": "application/fhir+json",
    }
    body = {
        "resourceType": "RiskAssessment",
        "identifier": [{"system": "urn:x", "value": "1"}],
        "status": "final",
        "subject": {"reference": f"Patient/{PATIENT}"},
    }
    together = threading.Barrier(8)

    def create(_number: int) -> requests.Response:
        together.wait()
        return requests.post(f"{sandbox.fhir}/RiskAssessment", json=body, headers=headers, timeout=10)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(create, range(8)))

    assert sorted(each.status_code for each in answers) == [200] * 7 + [201]
    assert len({each.headers["Location"] for each in answers}) == 1


def test_it_names_itself_by_the_address_others_reach_it_by() -> None:
    def make(url: str) -> Flask:
        return sandbox_app(records(PATIENT), clients(), base_url=url)

    running = start(make, url="https://ehr.example")
    try:
        assert running.fhir == "https://ehr.example/fhir"
    finally:
        running.stop()


def test_what_cannot_be_built_is_told_and_leaves_nothing_behind() -> None:
    def make(_url: str) -> Flask:
        raise ValueError("no such record")

    before = threading.active_count()

    with pytest.raises(ValueError, match="no such record"):
        start(make)

    assert threading.active_count() == before


def test_it_stops_with_connections_open_and_its_port_is_free_again() -> None:
    with served() as first, requests.Session() as session:
        port = int(first.url.rpartition(":")[2])
        assert session.get(f"{first.fhir}/metadata", timeout=10).status_code == 200

    again = start(lambda url: sandbox_app([], clients(), base_url=url), port=port)
    try:
        assert requests.get(f"{again.fhir}/metadata", timeout=10).status_code == 200
    finally:
        again.stop()


def test_nothing_is_written_to_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    with served() as sandbox:
        code_of(sandbox)

    assert list(tmp_path.iterdir()) == []
