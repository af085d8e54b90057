"""The token of a service that was started without a file of callers: made once, kept for its owner's eyes only."""

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from fhirgate.errors import ConfigurationError
from fhirgate.services.callers import Caller, digest_of

NAME = "local"
"""Of the caller who has it."""
_LEAST, _LONGEST = 32, 4096


def first_caller(path: Path) -> tuple[Caller, bool]:
    """The caller whose token a file holds, and whether the file was made just now. Raises ConfigurationError."""
    made = False
    if not path.exists():
        with suppress(FileExistsError):
            # Two that start at once make one token.
            _write(path, secrets.token_urlsafe(32))
            made = True
    return Caller(name=NAME, digests=(digest_of(_read(path)),), servers=None), made


def _write(path: Path, token: str) -> None:
    """Whole or not at all; nothing is overwritten."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"{token}\n")
            file.flush()
            os.fsync(file.fileno())
        # A link fails where a rename would overwrite.
        os.link(draft, path)
    except FileExistsError:
        raise
    except OSError as error:
        raise _unusable(path, f"cannot be made: {error.strerror}") from None
    finally:
        draft.unlink(missing_ok=True)


def _read(path: Path) -> str:
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(_LONGEST) if stat.S_ISREG(mode) else b""
    except OSError as error:
        raise _unusable(path, f"cannot be read: {error.strerror}") from None
    if mode & 0o077:
        raise _unusable(
            path, f"others than its owner can reach it (mode {stat.S_IMODE(mode):04o}); chmod 600 it"
        )
    try:
        token = content.decode("ascii").strip()
    except UnicodeDecodeError:
        token = ""
    if len(token) < _LEAST or len(token.split()) != 1:
        raise _unusable(path, f"is to hold one token of at least {_LEAST} letters and nothing else")
    return token


def _without_waiting(path: str, flags: int) -> int:
    """A pipe in place of a file would keep us for ever."""
    return os.open(path, flags | os.O_NONBLOCK)


def _unusable(path: Path, why: str) -> ConfigurationError:
    return ConfigurationError("the token", [f"{path}: {why}"])
