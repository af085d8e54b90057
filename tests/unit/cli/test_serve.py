"""What `fhirgate serve` says of where it listens, and which settings it goes by."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from waitress import wasyncore
from waitress.server import create_server

from fhirgate.cli.serve import _addresses, _environment


@pytest.fixture
def sockets() -> Iterator[dict[int, object]]:
    found: dict[int, object] = {}
    yield found
    wasyncore.close_all(found)


@pytest.mark.parametrize("count", [1, 2])
def test_every_address_is_told_with_the_port_that_was_found(sockets: dict[int, object], count: int) -> None:
    server = create_server(object(), map=sockets, listen=" ".join(["127.0.0.1:0"] * count))

    told = _addresses(server)

    assert len(set(told)) == count
    assert all(each.startswith("http://127.0.0.1:") for each in told)
    assert not any(each.endswith(":0") for each in told)


def test_an_address_of_ip_6_stands_in_brackets() -> None:
    assert _addresses(SimpleNamespace(effective_host="::1", effective_port=8080)) == ["http://[::1]:8080"]


def test_an_option_wins_over_its_variable_and_over_the_file_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FHIRGATE_DATABASE_URL_FILE", "/run/secrets/url")
    monkeypatch.setenv("FHIRGATE_SERVERS", "a.toml")

    as_it_is = _environment({"FHIRGATE_SERVERS": "a.toml", "FHIRGATE_POLICY": None})
    chosen = _environment({"FHIRGATE_SERVERS": "b.toml", "FHIRGATE_DATABASE_URL": "sqlite:///./x.db"})

    assert (as_it_is["FHIRGATE_SERVERS"], as_it_is["FHIRGATE_DATABASE_URL_FILE"]) == (
        "a.toml",
        "/run/secrets/url",
    )
    assert chosen["FHIRGATE_SERVERS"] == "b.toml"
    assert chosen["FHIRGATE_DATABASE_URL"] == "sqlite:///./x.db"
    assert "FHIRGATE_DATABASE_URL_FILE" not in chosen
    assert "FHIRGATE_POLICY" not in as_it_is
