"""How the service is set up, from environment variables; every problem is told at once.

Clinical choices are not among them: those stand in the policy file. No variable weakens authentication, TLS or the
egress guard. A secret is never a setting: it is in a file, or in a variable that the registry names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fhirgate.config.database_url import FILE_VARIABLE, URL_VARIABLE, database_url
from fhirgate.errors import ConfigurationError
from fhirgate.outbound.address import origin_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One variable, as a person is told of it."""

    name: str
    usual: str
    says: str


SERVERS = Variable(
    name="FHIRGATE_SERVERS",
    usual="~/.config/fhirgate/servers.toml",
    says="The registry of EHR servers.",
)
DATABASE_URL = Variable(
    name=URL_VARIABLE,
    usual="sqlite:///./fhirgate.db",
    says="The database: sqlite:///FILE or postgresql://USER@HOST/NAME.",
)
DATABASE_URL_FILE = Variable(name=FILE_VARIABLE, usual="", says="A file that holds the URL of the database.")
API_TOKENS = Variable(
    name="FHIRGATE_API_TOKENS",
    usual="",
    says="A TOML file of the callers with the SHA-256 of their tokens. Without it, and on SQLite, a first start makes"
    " a token and keeps it in a file beside the database that only its owner can read.",
)
POLICY = Variable(name="FHIRGATE_POLICY", usual="", says="A site's choices, such as windows and gaps.")
VOCABULARY = Variable(name="FHIRGATE_VOCABULARY", usual="", says="What a site's own codes and phrases mean.")
JOB_WORKERS = Variable(
    name="FHIRGATE_JOB_WORKERS", usual="2", says="Assessments that one process makes at a time."
)
JOB_SECONDS = Variable(
    name="FHIRGATE_JOB_SECONDS", usual="900", says="How long one assessment may take with everything [s]."
)
PUBLIC_URL = Variable(
    name="FHIRGATE_PUBLIC_URL",
    usual="",
    says="Where browsers reach this service, such as https://fhirgate.example.org. Needed when a server of the registry"
    " has a launch table.",
)
SEALING_KEYS_FILE = Variable(
    name="FHIRGATE_SEALING_KEYS_FILE",
    usual="",
    says="A file of the keys under which launches are kept, as lines of a name and 32 bytes in URL-safe base 64; the"
    " first one seals. Without it, and on SQLite, a first start makes one beside the database that only its owner can"
    " read.",
)
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
VARIABLES = (
    SERVERS,
    DATABASE_URL,
    DATABASE_URL_FILE,
    API_TOKENS,
    POLICY,
    VOCABULARY,
    JOB_WORKERS,
    JOB_SECONDS,
    PUBLIC_URL,
    SEALING_KEYS_FILE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The setup of one process."""

    servers: Path
    database: str = field(repr=False)
    """Its URL may hold a password."""
    callers: Path | None
    policy: Path | None
    vocabulary: Path | None
    job_workers: int
    job_seconds: float
    public_url: str = ""
    """An origin, without a slash at its end; empty when it is not said."""
    sealing_keys: Path | None = None

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> "Settings":
        """The setup that these variables say. Raises ConfigurationError."""
        reading = _Reading(environment)
        made = cls(
            servers=reading.file(SERVERS) or Path(),
            database=reading.database(),
            callers=reading.file(API_TOKENS),
            policy=reading.file(POLICY),
            vocabulary=reading.file(VOCABULARY),
            job_workers=reading.whole(JOB_WORKERS, 1, 32),
            job_seconds=float(reading.whole(JOB_SECONDS, 10, 86_400)),
            public_url=reading.origin(PUBLIC_URL),
            sealing_keys=reading.file(SEALING_KEYS_FILE),
        )
        if reading.problems:
            raise ConfigurationError("the environment", reading.problems)
        return made


class _Reading:
    """Variables read one by one, with the problems they have."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.problems: list[str] = []

    def _text(self, variable: Variable) -> str:
        return self._environment.get(variable.name) or variable.usual

    def file(self, variable: Variable) -> Path | None:
        text = self._text(variable)
        if not text:
            return None
        path = Path(text).expanduser()
        if not path.is_file():
            self.problems.append(f"{variable.name}: there is no file {path}")
        return path

    def database(self) -> str:
        try:
            return database_url(self._environment) or DATABASE_URL.usual
        except ConfigurationError as error:
            self.problems += error.problems
            return ""

    def whole(self, variable: Variable, least: int, most: int) -> int:
        text = self._text(variable)
        number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(most)) else -1
        if not least <= number <= most:
            self.problems.append(f"{variable.name}: must be a whole number from {least} to {most}")
        return number

    def origin(self, variable: Variable) -> str:
        text = self._text(variable).removesuffix("/")
        if not text:
            return ""
        try:
            origin = origin_of(text)
        except ValueError as error:
            self.problems.append(f"{variable.name}: {error}")
            return ""
        if "/" in text.partition("://")[2] or "?" in text:
            self.problems.append(
                f"{variable.name}: it has a path; pages are at the root of a host of their own"
            )
        elif origin.scheme != "https" and origin.host not in LOOPBACK:
            self.problems.append(f"{variable.name}: it is plain http; launches need https")
        return text.lower()
