"""A secret of a first start, in a file for its owner's eyes only: made once, whole or not at all."""

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from fhirgate.errors import ConfigurationError

_LONGEST = 4096


def own_text(path: Path, what: str, make: Callable[[], str]) -> tuple[str, bool]:
    """The text of a file, and whether it was made just now. Raises ConfigurationError, calling it `what`."""
    made = False
    if not path.exists():
        with suppress(FileExistsError):
            # Two that start at once make one file.
            _write(path, what, make())
            made = True
    return read_own(path, what), made


def read_own(path: Path, what: str) -> str:
    """The text of a file that only its owner can reach; empty when it is none. Raises ConfigurationError."""
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(_LONGEST) if stat.S_ISREG(mode) else b""
    except OSError as error:
        raise unusable(path, what, f"cannot be read: {error.strerror}") from None
    if mode & 0o077:
        raise unusable(
            path, what, f"others than its owner can reach it (mode {stat.S_IMODE(mode):04o}); chmod 600 it"
        )
    try:
        return content.decode("ascii").strip()
    except UnicodeDecodeError:
        return ""


def unusable(path: Path, what: str, why: str) -> ConfigurationError:
    """What is wrong with such a file."""
    return ConfigurationError(what, [f"{path}: {why}"])


def _write(path: Path, what: str, text: str) -> None:
    """Whole or not at all; nothing is overwritten."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"{text}\n")
            file.flush()
            os.fsync(file.fileno())
        # A link fails where a rename would overwrite.
        os.link(draft, path)
    except FileExistsError:
        raise
    except OSError as error:
        raise unusable(path, what, f"cannot be made: {error.strerror}") from None
    finally:
        draft.unlink(missing_ok=True)


def _without_waiting(path: str, flags: int) -> int:
    """A pipe in place of a file would keep us for ever."""
    return os.open(path, flags | os.O_NONBLOCK)
