"""An EHR whose answers unpack or last without end, at each of its endpoints: a clear failure, within bounds."""

import gzip
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from launched_web import PATIENT, launched_web
from recorded import before

from fhirgate.web.browser import PREFIX
from fhirgate.web.theme import theme_css

MIB = 1 << 20


def bomb() -> tuple[int, dict[str, str], bytes]:
    """200 MiB of JSON in some hundred kilobytes."""
    content = gzip.compress(b'{"resourceType":"Bundle","keys":["' + b"x" * (200 * MIB) + b'"]}', 6)
    return 200, {"Content-Type": "application/json", "Content-Encoding": "gzip"}, content


BOMB = bomb()


def drips() -> Iterator[bytes]:
    """A letter now and then, for longer than anybody waits for colours."""
    yield b'{"color_text":"#'
    for _ in range(30):
        sleep(0.2)
        yield b"0"


def peak_of(act: Any) -> tuple[Any, int, float]:
    """What it gave, the most memory it held beside what was there before [bytes], and its time [s]."""
    tracemalloc.start()
    began = monotonic()
    try:
        return act(), tracemalloc.get_traced_memory()[1], monotonic() - began
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("end", "status"),
    [
        ("/.well-known/smart-configuration", 502),
        ("/auth/token", 502),
        ("/auth/jwks.json", 502),
        ("/auth/.well-known/openid-configuration", 502),
    ],
)
def test_a_bomb_in_a_launch_ends_it_in_little_memory(end: str, status: int, tmp_path: Path) -> None:
    with launched_web(tmp_path, PATIENT) as own:
        recorder = before(own.sandbox)
        recorder.instead = lambda request: BOMB if request.path.endswith(end) else None
        browser = own.browser()

        def act() -> Any:
            probed = browser.get(browser.opened())
            begun = browser.get(probed.headers["Location"])
            return (
                begun if begun.status_code != 303 else browser.get(browser.clicks(begun.headers["Location"]))
            )

        answer, peak, seconds = peak_of(act)

    assert recorder.at(end) != []
    assert (answer.status_code, answer.content_type) == (status, "text/html; charset=utf-8")
    assert (peak < 48 * MIB, seconds < 20) == (True, True), (peak, seconds)


def test_a_bomb_for_a_style_leaves_the_page_in_our_own(tmp_path: Path) -> None:
    with launched_web(tmp_path, PATIENT) as own:
        recorder = before(own.sandbox)
        recorder.instead = lambda request: BOMB if request.path == "/style.json" else None
        browser = own.browser()
        where = browser.launched()

        answer, peak, _ = peak_of(lambda: browser.get(f"{where}/style.css"))

    assert recorder.at("/style.json") != []
    assert (answer.status_code, answer.text) == (200, theme_css({}))
    assert peak < 16 * MIB, peak


def test_a_style_that_comes_in_drops_is_waited_for_three_seconds(tmp_path: Path) -> None:
    with launched_web(tmp_path, PATIENT) as own:
        before(own.sandbox).instead = lambda request: (
            (200, {"Content-Type": "application/json"}, drips()) if request.path == "/style.json" else None
        )
        browser = own.browser()
        where = browser.launched()

        began = monotonic()
        answer = browser.get(f"{where}/style.css")
        seconds = monotonic() - began

    assert (answer.status_code, answer.text) == (200, theme_css({}))
    assert 2.5 < seconds < 4.5


@pytest.mark.parametrize("end", ["/metadata", "/Observation", f"/Patient/{PATIENT}"])
def test_a_bomb_in_the_record_is_a_clear_failure_or_told_as_missing(end: str, tmp_path: Path) -> None:
    with launched_web(tmp_path, PATIENT) as own:
        recorder = before(own.sandbox)
        recorder.instead = lambda request: BOMB if request.path.endswith(end) else None
        browser = own.browser()
        launch_id = browser.launched().removeprefix("/review/")
        secret = browser.cookies()[f"{PREFIX}l-{launch_id}"].partition(".")[0]
        launches = own.service.gate.launches
        assert launches is not None
        records = launches.records(launch_id, secret)
        assert records is not None

        def act() -> Any:
            try:
                return {each.code for each in records.fetch(PATIENT).findings}
            except Exception as error:
                return type(error).__name__

        outcome, peak, seconds = peak_of(act)

    assert recorder.at(end) != []
    assert outcome in ("EhrGarbled", {"SOURCE_NOT_AVAILABLE"}), outcome
    assert (peak < 128 * MIB, seconds < 60) == (True, True), (peak, seconds)


def test_json_of_endless_depth_is_refused(tmp_path: Path) -> None:
    deep = (200, {"Content-Type": "application/json"}, b'{"a":' + b"[" * 300_000)
    with launched_web(tmp_path, PATIENT) as own:
        recorder = before(own.sandbox)
        recorder.instead = lambda request: deep if request.path.endswith("/auth/token") else None
        browser = own.browser()
        answer = browser.get(browser.back())

    assert (answer.status_code, "Location" in answer.headers) == (502, False)
