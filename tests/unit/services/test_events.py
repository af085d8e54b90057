"""What the service tells of itself, as lines."""

import io
import json
import logging
import threading
from datetime import UTC, datetime

from fhirgate.services.event_log import EventLog, LibraryHandler, hear_libraries, to_stderr
from fhirgate.services.events import (
    MOST_FRAMES,
    Event,
    Fault,
    JobEnded,
    LibraryTold,
    ServiceStopped,
    fault_of,
    line_of,
)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def test_an_event_is_one_line_of_its_name_and_its_fields() -> None:
    event = JobEnded(job="j1", kind="assessment", outcome="failed", category="security", milliseconds=12)

    assert line_of(event, NOON) == (
        b'{"at":"2026-03-02T12:00:00.000+00:00","event":"job-ended","job":"j1","kind":"assessment",'
        b'"outcome":"failed","category":"security","milliseconds":12}\n'
    )


def _deep(levels: int) -> None:
    if levels:
        _deep(levels - 1)
    raise ValueError("Jane Doe")


def test_a_fault_has_its_class_and_the_innermost_places_and_not_its_words() -> None:
    try:
        _deep(30)
    except ValueError as error:
        fault = fault_of(error, job="j1")

    assert (fault.error, fault.job, len(fault.frames)) == ("ValueError", "j1", MOST_FRAMES)
    assert all(each.startswith(__file__) for each in fault.frames)
    assert "Jane" not in str(fault)


def test_a_library_is_heard_without_its_words() -> None:
    told: list[Event] = []
    logger = logging.getLogger("a.library.of.no.account")
    logger.addHandler(LibraryHandler(told.append))

    logger.warning("cannot read %s", "Patient/jane", extra={"patient": "jane"})
    logger.info("Patient/jane")

    (line,) = told
    assert isinstance(line, LibraryTold)
    assert (line.level, line.logger, line.module) == ("warning", "a.library.of.no.account", "test_events")
    assert "jane" not in str(line)


def test_all_libraries_are_heard_by_us_alone() -> None:
    root = logging.getLogger()
    before, level, hook = root.handlers, root.level, threading.excepthook
    told: list[Event] = []
    try:
        hear_libraries(told.append)
        logging.getLogger("another.library").error("Patient/jane")
        handlers = list(root.handlers)
        thread = threading.Thread(target=_deep, args=(1,))
        thread.start()
        thread.join()
    finally:
        root.handlers = before
        root.setLevel(level)
        threading.excepthook = hook

    assert [type(each) for each in handlers] == [LibraryHandler]
    assert [type(each) for each in told] == [LibraryTold, Fault]
    assert "Jane" not in str(told)


def test_a_log_writes_whole_lines() -> None:
    stream = io.BytesIO()
    log = EventLog(stream, lambda: NOON)

    log.write(ServiceStopped(released=1))
    log.write(ServiceStopped(released=2))

    lines = [json.loads(each) for each in stream.getvalue().splitlines()]
    assert [each["released"] for each in lines] == [1, 2]


def test_a_log_tells_the_time_with_its_zone() -> None:
    stream = io.BytesIO()

    EventLog(stream).write(ServiceStopped(released=0))

    assert datetime.fromisoformat(json.loads(stream.getvalue())["at"]).tzinfo is not None


def test_a_log_that_cannot_be_written_stops_nothing() -> None:
    stream = io.BytesIO()
    stream.close()

    EventLog(stream).write(ServiceStopped(released=1))


def test_a_process_without_a_log_tells_on_standard_error(capfdbinary: object) -> None:
    handler = to_stderr()

    handler.handle(logging.LogRecord("x", logging.ERROR, "/a/b.py", 7, "Patient/jane", (), None))

    told = capfdbinary.readouterr().err  # type: ignore[attr-defined]
    assert json.loads(told)["line"] == 7
    assert b"jane" not in told
