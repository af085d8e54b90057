"""What an exit status means; the same for every command, and printed by `fhirgate --help`."""

from enum import IntEnum


class ExitStatus(IntEnum):
    """How a command ended. 4 is kept for more failures of a remote server."""

    FINE = 0
    UNJUDGED = 1
    """A patient's present state cannot be judged, or a part of the source could not be read."""
    USAGE = 2
    """Wrong options, or a source, policy or vocabulary that cannot be used; nothing was assessed."""
    SERVER = 3
    """A server could not be reached, did not let us in, or declined; with --write, results may be kept all the same."""
    BUG = 70
    """An error in fhirgate (sysexits.h EX_SOFTWARE); not 1, which Python would leave with."""
    OUTPUT = 74
    """The result could not be written, such as on a full disk (EX_IOERR)."""
    DATABASE = 75
    """Our own database cannot be reached or is too busy; the same may work later (EX_TEMPFAIL)."""
    INTERRUPTED = 130
    OUTPUT_CLOSED = 141
    """The reader of the output went away, as `head` does; what a shell shows for SIGPIPE."""
