"""The clock of the server, which assertions depend on, and how fast it may be asked."""

from collections.abc import Iterator

from fhirgate.ehr.clients import ASSERTION_LIFE
from fhirgate.ehr.doctor.case import Case
from fhirgate.ehr.doctor.line import Told
from fhirgate.ehr.doctor.telling import not_tried, ok, warning
from fhirgate.ehr.token_requests import CLOCKS_DIFFER
from fhirgate.oncology.wording import count, listed

_LIMITS = ("ratelimit", "ratelimit-limit", "x-ratelimit-limit", "x-rate-limit-limit")
TOO_MANY, SERVER_FAILED = 429, 500


def clock(case: Case) -> Iterator[Told]:
    """How far the server's clock is from ours."""
    ahead = case.outbound.ahead
    if ahead is None:
        yield not_tried("no answer had a Date")
        return
    seconds = ahead.total_seconds()
    said = f"the server's is {abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'} ours"
    if abs(seconds) <= CLOCKS_DIFFER:
        yield ok(said if abs(seconds) >= 1 else "both agree to the second")
    else:
        yield warning(
            f"{said}; an assertion of ours is good for {ASSERTION_LIFE} s, and is refused by a clock further ahead",
            "set the wrong one by a time server",
        )


def pace(case: Case) -> Iterator[Told]:
    """How often we asked, how long it took, and whether that was too often."""
    tries = case.outbound.tries
    if all(each.status is None for each in tries):
        yield not_tried("nothing was answered")
        return
    slowest = max(tries, key=lambda each: each.milliseconds)
    said = f"{count(len(tries), 'request')}, the slowest {slowest.milliseconds} ms"
    said += f" ({slowest.method} {slowest.place.path})"
    limits = [each for each in _LIMITS if each in case.outbound.headers]
    if limits:
        said += f"; it tells a limit by the header {listed(limits)}"
    over = [each for each in tries if each.status == TOO_MANY]
    if over:
        yield warning(
            f"{said}; {count(len(over), 'was', 'were')} too many for it (429)",
            "set rate_per_second in the registry entry to what its operator allows",
            call=over[-1],
        )
        return
    poor = [each for each in tries if each.status is None or each.status >= SERVER_FAILED]
    if poor:
        yield warning(
            f"{said}; {count(len(poor), 'was', 'were')} not answered, or with a failure of the server",
            "have the server's operator look into its log for the times and ids of these requests (--trace shows them)",
            call=poor[-1],
        )
    else:
        yield ok(f"{said}; none was too many for it")
