"""An examination for people: a line for each thing, and below it the request that showed it and the remedy."""

from collections.abc import Callable, Sequence

from fhirgate.ehr.doctor.examination_json import Counted
from fhirgate.ehr.doctor.examine import Examination
from fhirgate.ehr.doctor.line import Line, Result
from fhirgate.ehr.doctor.telling import MORE_TIME
from fhirgate.oncology.wording import count, listed
from fhirgate.outbound.trace import Try
from fhirgate.report.columns import Paint, fit, wrapped
from fhirgate.services.ehr_server import EhrServer

_STYLES = {
    Result.OK: ("green",),
    Result.WARNING: ("yellow",),
    Result.FAILED: ("red", "bold"),
    Result.NOT_TRIED: ("dim",),
}
_SHOWN = {Result.FAILED: "FAILED"}
_RESULT = 9
_INDENT = 2
LEFT = " " * (_INDENT + _RESULT + 2)


def heading(entry: EhrServer, width: int) -> list[str]:
    """The first line: which server."""
    return wrapped(f"{entry.name}: {entry.base_url} ({entry.auth.kind})", width, "", "  ")


def are_alike(one: Line, other: Line) -> bool:
    """Whether two lines say the same of different things, and are shown as one."""
    same = (one.group, one.told.says, one.told.remedy, one.result) == (
        other.group,
        other.told.says,
        other.told.remedy,
        other.result,
    )
    of_one_check = one.check == other.check and bool(one.told.about)
    return (
        same
        and one.told.call is None
        and other.told.call is None
        and (of_one_check or one.result is Result.NOT_TRIED)
    )


class Printer:
    """Shows lines as they come, those that are alike as one, under the names of their groups."""

    def __init__(self, show: Callable[[list[str]], None], width: int, paint: Paint) -> None:
        self._show = show
        self._width = width
        self._paint = paint
        self._waiting: list[Line] = []
        self._group = ""

    def take(self, line: Line) -> None:
        """The next line."""
        if self._waiting and not are_alike(self._waiting[0], line):
            before = self._waiting[0]
            # A remedy for several lines of one check stands below the last of them.
            shared = before.check == line.check and before.told.remedy == line.told.remedy
            self.end(with_remedy=not shared)
        self._waiting.append(line)

    def end(self, *, with_remedy: bool = True) -> None:
        """Show what waits for more lines like it."""
        if self._waiting:
            group = self._waiting[0].group
            heading = ["", self._paint(group.value, "bold")] if group != self._group else []
            self._show(heading + lines(self._waiting, self._width, self._paint, with_remedy=with_remedy))
            self._group = group
            self._waiting.clear()


def lines(alike: Sequence[Line], width: int, paint: Paint, *, with_remedy: bool = True) -> list[str]:
    """Lines that are alike as one, with the request and the remedy."""
    line = alike[0]
    told = line.told
    result = _SHOWN.get(told.result, told.result.value)
    first, *more = wrapped(f"{_titles(alike)}: {told.says}", width, LEFT)
    mark = paint(fit(result, _RESULT), *_STYLES[told.result])
    shown = [f"{' ' * _INDENT}{mark}  {first.lstrip()}", *more]
    if told.call is not None:
        request = wrapped(request_words(told.call), width, LEFT, f"{LEFT}  ")
        shown += [paint(each, "dim") for each in request]
    if told.remedy and with_remedy:
        shown += wrapped(f"-> {told.remedy}", width, LEFT, f"{LEFT}   ")
    return shown


def _titles(alike: Sequence[Line]) -> str:
    titles = list(dict.fromkeys(each.title for each in alike))
    about = [each.told.about for each in alike if each.told.about]
    return f"{listed(titles)} {listed(about)}".strip()


def request_words(call: Try) -> str:
    """A request by its shape, and how it ended."""
    query = "&".join(f"{each}=…" for each in call.place.parameters)
    status = "no answer" if call.status is None else str(call.status)
    shape = call.place.path + (f"?{query}" if query else "")
    told = f"{call.method} {shape} -> {status} in {call.milliseconds} ms"
    failed = call.status is not None and call.status >= 500
    return f"{told}, X-Request-Id {call.request_id}" if failed else told


def summary(found: Examination, width: int, paint: Paint) -> list[str]:
    """The last lines: numbers, and what they mean."""
    return totals(found, found.milliseconds, paint) + verdict(
        _verdict(found), width, paint, is_good=found.can_assess
    )


def totals(found: Counted, milliseconds: int, paint: Paint) -> list[str]:
    """How many lines went how, and how long all of it took."""
    numbers = ", ".join(
        [
            f"{found.number(Result.OK)} ok",
            count(found.number(Result.WARNING), "warning"),
            f"{found.number(Result.FAILED)} failed",
            f"{found.number(Result.NOT_TRIED)} not tried",
        ]
    )
    return ["", paint(f"{numbers}, in {milliseconds / 1000:.1f} s", "bold")]


def verdict(words: str, width: int, paint: Paint, *, is_good: bool) -> list[str]:
    """What it all means."""
    style = _STYLES[Result.OK if is_good else Result.FAILED]
    return [paint(each, *style) for each in wrapped(words, width)]


def _verdict(found: Examination) -> str:
    if not found.can_assess:
        first = next(each for each in found.lines if each.result is Result.FAILED)
        title = f"{first.title} {first.told.about}".strip()
        return f"Records of this server cannot be assessed; begin with {first.group.value}: {title}."
    if any(each.told.remedy == MORE_TIME for each in found.lines):
        return f"Nothing failed, but not all was tried before the time was over; {MORE_TIME}."
    if not found.with_patient:
        return "Nothing failed; no patient's resource was read, so give --patient ID to be sure."
    if found.number(Result.WARNING):
        return "Records of this server can be assessed, with the losses and risks told above."
    return "Records of this server can be assessed."
