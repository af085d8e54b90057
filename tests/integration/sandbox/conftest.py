"""The sandbox on a socket, and a registry that names it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sandbox_world import KEY, served

from fhirgate.ehr.keys import save_key
from fhirgate.sandbox.ehr.serve import Running


@pytest.fixture
def sandbox() -> Iterator[Running]:
    with served() as found:
        yield found


@pytest.fixture
def key_folder(tmp_path: Path) -> str:
    save_key(KEY, tmp_path / "keys")
    return str(tmp_path / "keys")


@pytest.fixture
def registry(sandbox: Running, key_folder: str, tmp_path: Path) -> str:
    """A registry with the sandbox as `sandbox`, let in by a signed assertion."""
    path = tmp_path / "servers.toml"
    path.write_text(
        f'[servers.sandbox]\nbase_url = "{sandbox.fhir}"\nnetwork = "private"\nprivate_hosts = ["127.0.0.1"]\n'
        f'auth = {{ kind = "backend", client_id = "with-key", key_file = "{key_folder}" }}\n'
    )
    return str(path)


@pytest.fixture(scope="module")
def everything() -> Iterator[Running]:
    """One for all tests of a file that only read."""
    with served() as found:
        yield found


@pytest.fixture(scope="module")
def all_keys(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("keys")
    save_key(KEY, folder)
    return str(folder)
