"""Where our database is, as the environment says: its URL, or a file that holds the URL.

The URL of a PostgreSQL may hold a password, and what is mounted as a file is seen in no list of processes or variables.
"""

from collections.abc import Mapping
from pathlib import Path

from fhirgate.errors import ConfigurationError

URL_VARIABLE = "FHIRGATE_DATABASE_URL"
FILE_VARIABLE = "FHIRGATE_DATABASE_URL_FILE"
_LONGEST = 4096
"""[bytes]; a URL takes some hundred."""


def database_url(environment: Mapping[str, str]) -> str | None:
    """The URL of the environment; None when it says none. Raises ConfigurationError, which never quotes it."""
    url, file = environment.get(URL_VARIABLE), environment.get(FILE_VARIABLE)
    if url and file:
        raise ConfigurationError(
            "the database", [f"{URL_VARIABLE} and {FILE_VARIABLE} are both set; keep one"]
        )
    return _url_in(Path(file)) if file else url or None


def _url_in(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            url = stream.read(_LONGEST + 1).decode().strip()
    except OSError as error:
        raise _unusable(path, f"cannot be opened: {error.strerror}") from None
    except UnicodeDecodeError:
        raise _unusable(path, "is not UTF-8") from None
    if not url or len(url) > _LONGEST or len(url.split()) > 1:
        raise _unusable(path, "is to hold one URL and nothing else")
    return url


def _unusable(path: Path, why: str) -> ConfigurationError:
    return ConfigurationError("the database", [f"{FILE_VARIABLE}: {path} {why}"])
