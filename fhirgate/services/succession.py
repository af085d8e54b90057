"""What a new judgement does to the results of the same patient and preset that stand already: the rule alone.

Decisions
- A result stands for one index scan. One of an earlier scan stays as history, and its open plan is revoked: the
  new plan takes its place, or the state allows none any more. One that rests on no scan is nobody's history: whoever
  sees a scan takes it back.
- A result whose index scan is not among the scans now judged is taken back: the scan's date was corrected, the scan
  was removed, or the same scan is now judged under another identity (the primary's record, or the grouping of
  examinations into one scan, has changed). Only a judgement on all readers' measurements may say so. One on a
  single reader's numbers does not see every scan, so it is kept only when what it does not see is of earlier scans;
  else two results would stand for the same scan, or an older one with a newer date of judgement.
- Judging as of an earlier day is looking back. It is kept as the result of its own scan if nobody has judged that scan
  since, nor under another identity, with no proposal, for a proposal out of the past would be read as one for today.
  It changes nothing else.
- A judgement on an incomplete record (part of the EHR did not answer) knows less. It never overwrites, takes back or
  revokes a result made with parts of the record that it lacks, for the parts may hold a scan, a drug or the
  primary. It is kept only as the result of a newer scan, when it has seen the scan of every such result: what it saw is
  true, and progression must not wait until a broken search is mended. What a result itself lacked it may lack too, or a
  search that a server never permits would stop every succession.
- A result taken back or revoked stays as it is.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.services.ports import ResourceName

RESULT, PLAN = "RiskAssessment", "CarePlan"
_OPEN, _TAKEN_BACK = "draft", "entered-in-error"

LATER_SCAN = "a later scan has been judged"
NOT_PROPOSED = "as judged now, the scan allows no proposal"
SCAN_GONE = "the scan it rests on is not in the record any more, or has another date there"
TWIN = "the record has changed, and the same scan is now judged under another identity"
JUDGED_SINCE = "the scan has been judged as of a later day, and that result stands"
JUDGED_OTHERWISE = "the scan has been judged under another identity, and that result stands"
NO_SCAN_THEN = "there was no scan to be judged on that day, and a result of a later day stands"
NO_SCAN = "it rests on no scan, and the record shows one now"
SEES_LESS = "a result stands of the same or a later scan, which the reader asked for did not measure"
KNOWS_LESS = "part of the record did not come from its server, and a result made with that part stands"


class Overtaken(Exception):
    """Another writer kept results of the patient since they were read: nothing was kept; read and decide again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A result in the store, or the plan that belongs to one."""

    name: ResourceName
    key: str
    """Its business identifier, which is that of its index scan."""
    day: ClinicalDate | None
    """Of its index scan; of the judgement, without a scan. None when the resource does not say it any more."""
    as_of: date
    status: str
    lacks: frozenset[str] = frozenset()
    """The types of resources that did not come, or not all of them, when it was judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """A scan as this judgement sees it: its dates, and who a result and a plan of it are."""

    first: ClinicalDate | None
    last: ClinicalDate | None
    """None for both when there is no scan at all, which is a state to be judged too."""
    result: str
    plan: str

    def is_of(self, day: ClinicalDate | None) -> bool:
        """Whether an examination of this date may be part of it."""
        if day is None or self.first is None or self.last is None:
            return False
        return self.first.earliest <= day.latest and day.earliest <= self.last.latest


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJudgement:
    """What is to be kept, as far as succession asks."""

    scans: tuple[Scan, ...]
    """Every scan a result could rest on, in order; the last one is judged. At least one."""
    as_of: date
    proposes: bool
    lacks: frozenset[str] = frozenset()
    sees_every_scan: bool = True
    """False when it went by the measurements of one reader."""

    @property
    def index(self) -> Scan:
        """The scan that is judged."""
        return self.scans[-1]


@dataclass(frozen=True, slots=True)
class Change:
    """A result that stands no longer, and why, in words without patient data."""

    what: Standing
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Succession:
    """What is to be done."""

    why_not: str = ""
    """Why the judgement is not kept, in words; empty when it is. Then nothing else changes either."""
    again: bool = False
    """Whether a result of this scan is there already, in whatever state."""
    with_plan: bool = False
    former_result: ResourceName | None = None
    former_plan: ResourceName | None = None
    revoked: tuple[Change, ...] = ()
    retracted: tuple[Change, ...] = ()


def succeed(new: NewJudgement, standing: Sequence[Standing]) -> Succession:
    """What the new judgement supersedes, revokes and takes back of what stands of its patient and preset."""
    valid = [each for each in standing if each.status != _TAKEN_BACK]
    results = [each for each in valid if each.name.type == RESULT]
    looks_back = any(each.as_of > new.as_of for each in results)
    of_its_day = _looking_back if looks_back else _seeing_less
    if why_not := of_its_day(new, results) or _knowing_less(new, results):
        return Succession(why_not=why_not)
    scans = [each for each in new.scans if each.first is not None]
    kept = Succession(
        again=any(each.key == new.index.result for each in standing),
        with_plan=new.proposes and not looks_back,
        former_result=_former(RESULT, [each.result for each in scans], valid),
        former_plan=_former(PLAN, [each.plan for each in scans], valid),
        retracted=tuple(Change(each, NO_SCAN) for each in valid if _is_disproved(each, new)),
    )
    return kept if looks_back else _with_changes(kept, new, valid)


def _with_changes(kept: Succession, new: NewJudgement, valid: Iterable[Standing]) -> Succession:
    may_change = [each for each in valid if not _knows_more(each, new) and not _is_disproved(each, new)]
    return replace(
        kept,
        revoked=tuple(_revoked(new, may_change)),
        retracted=(*kept.retracted, *_retracted(new, may_change)),
    )


def _looking_back(new: NewJudgement, results: Iterable[Standing]) -> str:
    """Why a judgement as of an earlier day is not kept."""
    same = [each for each in results if _rests_on(each, new.index)]
    if any(each.as_of > new.as_of for each in same):
        return JUDGED_SINCE
    if any(not _is_index(each, new) for each in same):
        return JUDGED_OTHERWISE
    return NO_SCAN_THEN if new.index.first is None else ""


def _seeing_less(new: NewJudgement, results: Iterable[Standing]) -> str:
    """Why a judgement on one reader's measurements is not kept."""
    unseen = [] if new.sees_every_scan else [each for each in results if not _is_seen(each, new)]
    return SEES_LESS if any(not _is_earlier(each, new) for each in unseen) else ""


def _knowing_less(new: NewJudgement, results: Iterable[Standing]) -> str:
    """Why a judgement on part of the record is not kept."""
    better = [each for each in results if _knows_more(each, new)]
    return KNOWS_LESS if any(_is_index(each, new) or not _is_seen(each, new) for each in better) else ""


def _knows_more(each: Standing, new: NewJudgement) -> bool:
    return not new.lacks <= each.lacks


def _rests_on(each: Standing, scan: Scan) -> bool:
    return each.key in (scan.result, scan.plan) or scan.is_of(each.day)


def _is_index(each: Standing, new: NewJudgement) -> bool:
    return each.key in (new.index.result, new.index.plan)


def _is_seen(each: Standing, new: NewJudgement) -> bool:
    """Whether its scan is among those of the judgement, under the same identity."""
    return any(each.key in (scan.result, scan.plan) for scan in new.scans)


def _is_earlier(each: Standing, new: NewJudgement) -> bool:
    """Whether its scan was certainly before the one judged."""
    first = new.index.first
    return each.day is not None and first is not None and each.day.latest < first.earliest


def _is_disproved(each: Standing, new: NewJudgement) -> bool:
    """Whether it says that there is no scan, and this judgement has seen one."""
    none = next((scan for scan in new.scans if scan.first is None), None)
    return (
        none is not None
        and new.index is not none
        and each.key in (none.result, none.plan)
        and not _is_left(each)
    )


def _is_left(each: Standing) -> bool:
    """Whether it is a plan that was revoked: it stays so."""
    return each.name.type == PLAN and each.status != _OPEN


def _former(kind: str, keys: Sequence[str], valid: Iterable[Standing]) -> ResourceName | None:
    """The result, or the plan, of the latest scan before the one judged."""
    found = {each.key: each.name for each in valid if each.name.type == kind}
    return next((found[key] for key in reversed(keys[:-1]) if key in found), None)


def _revoked(new: NewJudgement, may_change: Iterable[Standing]) -> Iterator[Change]:
    for each in may_change:
        is_before = not new.sees_every_scan and _is_earlier(each, new)
        if each.name.type == PLAN and not _is_left(each) and (is_before or _is_seen(each, new)):
            if not _is_index(each, new):
                yield Change(each, LATER_SCAN)
            elif not new.proposes:
                yield Change(each, NOT_PROPOSED)


def _retracted(new: NewJudgement, may_change: Iterable[Standing]) -> Iterator[Change]:
    if not new.sees_every_scan:
        return
    for each in may_change:
        if not _is_left(each) and not _is_seen(each, new):
            same = any(scan.is_of(each.day) for scan in new.scans)
            yield Change(each, TWIN if same else SCAN_GONE)
