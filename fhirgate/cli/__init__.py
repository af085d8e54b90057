"""The command line: one file per command, and the doors around them (exit status, output, progress).

May import everything below; nothing imports it. The only room that prints, reads the clock and the terminal.

Decisions
- A command's file is imported when it is called, and what is heavy inside it when it is used, so that
  `fhirgate --version` and completion answer at once.
- Results go to standard output, everything else to standard error; the exit status says how it went
  (`exit_status`).
"""

import sys


def main() -> None:
    """Run the command line and leave with its exit status."""
    from fhirgate.cli.program import run  # noqa: PLC0415 - the package must stay importable without click

    sys.exit(run())
