"""The setup that the environment says."""

import re
from pathlib import Path

import pytest

from fhirgate.cli.database import USUAL as USUAL_OF_COMMANDS
from fhirgate.config.settings import DATABASE_URL, VARIABLES, Settings
from fhirgate.errors import ConfigurationError
from fhirgate.store.engine import DEFAULT_URL


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "some.toml"
    path.touch()
    return str(path)


def test_with_a_registry_alone_everything_else_is_as_usual(file: str) -> None:
    found = Settings.from_env({"FHIRGATE_SERVERS": file, "HOME": "/", "FHIRGATE_POLICY": ""})

    assert found == Settings(
        servers=Path(file),
        database="sqlite:///./fhirgate.db",
        callers=None,
        policy=None,
        vocabulary=None,
        job_workers=2,
        job_seconds=900.0,
    )
    assert DATABASE_URL.usual == DEFAULT_URL == USUAL_OF_COMMANDS


def test_every_variable_is_read(file: str, tmp_path: Path) -> None:
    url = tmp_path / "url"
    url.write_text("postgresql://u:s3cret@h/d")
    files = ("SERVERS", "API_TOKENS", "POLICY", "VOCABULARY", "SEALING_KEYS_FILE")
    more = {
        "FHIRGATE_JOB_WORKERS": "32",
        "FHIRGATE_JOB_SECONDS": "86400",
        "FHIRGATE_PUBLIC_URL": "https://F.example.org:8443/",
    }
    said = {**{f"FHIRGATE_{each}": file for each in files}, "FHIRGATE_DATABASE_URL_FILE": str(url), **more}

    found = Settings.from_env(said)

    assert {each.name for each in VARIABLES} == {*said, "FHIRGATE_DATABASE_URL"}
    assert (found.callers, found.policy, found.vocabulary, found.sealing_keys) == (Path(file),) * 4
    assert found.public_url == "https://f.example.org:8443"
    assert (found.database, found.job_workers, found.job_seconds) == (
        "postgresql://u:s3cret@h/d",
        32,
        86400.0,
    )
    assert "s3cret" not in repr(found)


def test_every_problem_is_told_at_once_and_no_password_with_it(file: str) -> None:
    with pytest.raises(ConfigurationError) as told:
        Settings.from_env(
            {
                "FHIRGATE_SERVERS": file + "x",
                "FHIRGATE_DATABASE_URL": "postgresql://u:s3cret@h/d",
                "FHIRGATE_DATABASE_URL_FILE": file,
                "FHIRGATE_JOB_WORKERS": "0",
                "FHIRGATE_JOB_SECONDS": "٣٠",
                "FHIRGATE_PUBLIC_URL": "http://fhirgate.example.org",
                "FHIRGATE_SEALING_KEYS_FILE": file + "y",
            }
        )

    assert told.value.problems == (
        f"FHIRGATE_SERVERS: there is no file {file}x",
        "FHIRGATE_DATABASE_URL and FHIRGATE_DATABASE_URL_FILE are both set; keep one",
        "FHIRGATE_JOB_WORKERS: must be a whole number from 1 to 32",
        "FHIRGATE_JOB_SECONDS: must be a whole number from 10 to 86400",
        "FHIRGATE_PUBLIC_URL: it is plain http; launches need https",
        f"FHIRGATE_SEALING_KEYS_FILE: there is no file {file}y",
    )


@pytest.mark.parametrize("text", ["33", "-1", "2.0", "1e1", " 2", "9" * 10_000])
def test_a_number_that_is_none_is_refused(file: str, text: str) -> None:
    with pytest.raises(ConfigurationError, match="JOB_WORKERS: must be a whole number from 1 to 32"):
        Settings.from_env({"FHIRGATE_SERVERS": file, "FHIRGATE_JOB_WORKERS": text})


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:1", "https://a.b"]
)
def test_browsers_reach_us_by_https_or_on_their_own_computer(file: str, url: str) -> None:
    assert Settings.from_env({"FHIRGATE_SERVERS": file, "FHIRGATE_PUBLIC_URL": url}).public_url == url


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("fhirgate.example.org", "it does not start with https://"),
        ("https://u:s3cret@fhirgate.example.org", "credentials"),
        ("https://fhirgate.example.org/app", "it has a path"),
        ("https://fhirgate.example.org?a=b", "it has a path|not a plain name"),
        ("http://10.1.2.3", "it is plain http"),
    ],
)
def test_an_address_that_browsers_cannot_use_is_refused(file: str, url: str, why: str) -> None:
    with pytest.raises(ConfigurationError, match=why) as told:
        Settings.from_env({"FHIRGATE_SERVERS": file, "FHIRGATE_PUBLIC_URL": url})

    assert "s3cret" not in str(told.value)


def test_no_variable_weakens_anything() -> None:
    words = re.compile("DISABLE|INSECURE|VERIFY|NO_AUTH|DEBUG|TESTING")

    assert [each.name for each in VARIABLES if words.search(each.name)] == []
