"""The source of an assessment, read as a whole, and what of it could not be read."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from fhirgate.cli.progress import LONG_READ, progress
from fhirgate.cli.say import MOST_LINES
from fhirgate.ehr.containers import Received, Unreadable
from fhirgate.ehr.folder import read_source, size_of
from fhirgate.oncology.finding import Finding, Severity


def read_whole(source: str) -> tuple[list[Received], list[Unreadable]]:
    """Every resource of a file, a folder or, for `-`, of standard input; and the parts that are none."""
    received: list[Received] = []
    lost: list[Unreadable] = []
    stdin = sys.stdin.buffer
    with _without_collecting(), progress("Reading", size_of(source), LONG_READ) as advance:
        for item in read_source(source, stdin, advance):
            if isinstance(item, Received):
                received.append(item)
            else:
                lost.append(item)
    return received, lost


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Read without Python's collector: JSON has no cycles, and looking for them took half the time of 100 MB."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def notes_of(lost: list[Unreadable]) -> list[Finding]:
    """What could not be read, as findings: it may have been about any patient of the source."""
    texts = [f"{each.where}: {each.why}" for each in lost[:MOST_LINES]]
    if len(lost) > MOST_LINES:
        texts.append(f"{len(lost) - MOST_LINES} more parts of the source could not be read")
    return [
        Finding(
            code="SOURCE_UNREADABLE",
            severity=Severity.ERROR,
            text=f"{text}. What it says of this patient, if anything, is not part of this assessment",
        )
        for text in texts
    ]
