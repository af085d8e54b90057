"""The URL of the database in the environment, and in a file that it names."""

from pathlib import Path

import pytest

from fhirgate.config.database_url import database_url
from fhirgate.errors import ConfigurationError

URL = "postgresql://fhirgate:hush-hush@db.example/fhirgate"


def test_the_environment_names_it_or_a_file_or_nothing(tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_bytes(f" {URL}\r\n".encode())

    assert database_url({}) is None
    assert database_url({"FHIRGATE_DATABASE_URL": "", "FHIRGATE_DATABASE_URL_FILE": ""}) is None
    assert database_url({"FHIRGATE_DATABASE_URL": URL}) == URL
    assert database_url({"FHIRGATE_DATABASE_URL_FILE": str(file)}) == URL


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is to hold one URL and nothing else"),
        (f"{URL}\nhush-hush".encode(), "is to hold one URL and nothing else"),
        (f"{URL}{'x' * 4096}".encode(), "is to hold one URL and nothing else"),
        (b"hush-hush\xff", "is not UTF-8"),
    ],
)
def test_a_file_that_holds_none_is_told_without_its_content(content: bytes, why: str, tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_bytes(content)

    with pytest.raises(ConfigurationError) as error:
        database_url({"FHIRGATE_DATABASE_URL_FILE": str(file)})

    assert error.value.problems == (f"FHIRGATE_DATABASE_URL_FILE: {file} {why}",)
    assert "hush" not in str(error.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere cannot be opened: No such file or directory"):
        database_url({"FHIRGATE_DATABASE_URL_FILE": str(tmp_path / "nowhere")})


def test_which_of_two_is_meant_is_not_guessed(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as error:
        database_url({"FHIRGATE_DATABASE_URL": URL, "FHIRGATE_DATABASE_URL_FILE": str(tmp_path / "url")})

    assert "are both set; keep one" in str(error.value)
    assert "hush" not in str(error.value)
