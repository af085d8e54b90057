"""Processes of the program in which every logger of every library writes all it has to say into a file."""

from pathlib import Path

_SITE = """
import atexit, logging, os

_file = open(os.environ["EVERYTHING_LOGGED"], "a", buffering=1, encoding="utf-8")
atexit.register(_file.close)
_format = logging.Formatter("%(name)s: %(message)s")
_handled = logging.Logger.callHandlers

def _heard(self, record):
    if not _file.closed:
        _file.write(_format.format(record) + "\\n")
    _handled(self, record)

logging.Logger.callHandlers = _heard
logging.Logger.getEffectiveLevel = lambda self: 1
"""
"""Python runs it before the program; the level of a logger counts for nothing then."""


def all_logged(folder: Path) -> tuple[Path, dict[str, str]]:
    """The file, and the variables of a process that writes into it."""
    (folder / "sitecustomize.py").write_text(_SITE)
    log = folder / "everything.log"
    log.touch()
    return log, {"PYTHONPATH": str(folder), "EVERYTHING_LOGGED": str(log)}
