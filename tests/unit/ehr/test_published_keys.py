"""Our public keys, as anybody may ask for them."""

from pathlib import Path

import pytest
from bearer_world import KEYS

from fhirgate.ehr.keys import Algorithm, save_key
from fhirgate.ehr.published_keys import KEPT, PublishedKeys, key_places
from fhirgate.errors import ConfigurationError
from fhirgate.services.ehr_server import AuthEntry, AuthKind, EhrServer


def _server(name: str, kind: AuthKind, key_file: str = "") -> EhrServer:
    return EhrServer(
        name=name,
        base_url="https://ehr.example.org",
        auth=AuthEntry(kind=kind, client_id="c", key_file=key_file),
    )


def test_the_keys_of_each_place_are_read_once() -> None:
    servers = [
        _server("a", AuthKind.BACKEND, "one"),
        _server("b", AuthKind.BACKEND, "two"),
        _server("c", AuthKind.BACKEND, "one"),
        _server("d", AuthKind.OPEN),
    ]

    assert key_places(servers) == (Path("one"), Path("two"))


def test_the_public_parts_of_all_places_are_one_set_each_key_once(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        save_key(KEYS[Algorithm.ES384], tmp_path / folder)
    save_key(KEYS[Algorithm.RS384], tmp_path / "two")

    found = PublishedKeys(places=(tmp_path / "one", tmp_path / "two"), monotonic=lambda: 0.0)()

    assert sorted(each["alg"] for each in found["keys"]) == ["ES384", "RS384"]
    assert not {"d", "p", "q"} & {name for each in found["keys"] for name in each}


def test_a_new_key_shows_up_after_a_while(tmp_path: Path) -> None:
    now = [1000.0]
    save_key(KEYS[Algorithm.ES384], tmp_path)
    keys = PublishedKeys(places=(tmp_path,), monotonic=lambda: now[0])
    first = keys()
    save_key(KEYS[Algorithm.RS384], tmp_path)

    soon = keys()
    now[0] += KEPT
    later = keys()

    assert soon is first
    assert len(later["keys"]) == 2


def test_without_keys_the_set_is_empty() -> None:
    assert PublishedKeys(places=(), monotonic=lambda: 0.0)() == {"keys": []}


def test_a_place_without_keys_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="holds no key"):
        PublishedKeys(places=(tmp_path,), monotonic=lambda: 0.0)()
