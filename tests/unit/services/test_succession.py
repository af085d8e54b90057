"""What a new judgement does to what stands, case by case.

In a table a standing result is `scan@day of judgement`, with `!` when it was taken back, `-Type` for a type of
resource it was judged without, and `+plan` or `+revoked` for its plan.
"""

import re
from collections.abc import Iterable
from datetime import date

import pytest

from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.services.ports import ResourceName
from fhirgate.services.succession import (
    JUDGED_OTHERWISE,
    JUDGED_SINCE,
    KNOWS_LESS,
    LATER_SCAN,
    NO_SCAN,
    NO_SCAN_THEN,
    NOT_PROPOSED,
    PLAN,
    RESULT,
    SCAN_GONE,
    SEES_LESS,
    TWIN,
    NewJudgement,
    Scan,
    Standing,
    Succession,
    succeed,
)

_TOLD = re.compile(r"(\w+)@(\d\d)(!?)(?:-(\w+))?(?:\+(\w+))?")
DAYS = {"none": None, "a": "2026-01-10", "b": "2026-02-10", "c": "2026-03-10", "gone": "2026-02-20"}
DAYS |= {"atwin": "2026-01-11", "month": "2026-01", "untold": None}


def day_of(scan: str) -> ClinicalDate | None:
    text = DAYS[scan]
    return ClinicalDate.parse(text) if text else None


def scan(name: str) -> Scan:
    first = day_of(name)
    last = ClinicalDate.parse("2026-01-12") if name == "a" else first
    return Scan(first=first, last=last, result=f"result of {name}", plan=f"plan of {name}")


def standing(*told: str) -> list[Standing]:
    found = []
    for each in told:
        match = _TOLD.fullmatch(each)
        assert match is not None
        name, day, back, lack, plan = match.groups()
        common = {
            "day": day_of(name),
            "as_of": date(2026, 4, int(day)),
            "lacks": frozenset([lack] if lack else []),
        }
        status = "entered-in-error" if back else "preliminary"
        found.append(
            Standing(name=ResourceName(RESULT, name), key=f"result of {name}", status=status, **common)
        )
        if plan:
            status = {"plan": "draft", "revoked": "revoked", "void": "entered-in-error"}[plan]
            found.append(
                Standing(name=ResourceName(PLAN, name), key=f"plan of {name}", status=status, **common)
            )
    return found


def judgement(scans: str, day: int = 10, lacks: Iterable[str] = (), **more: bool) -> NewJudgement:
    told = {"proposes": True, **more}
    names = ["none", *scans.split()]
    return NewJudgement(
        scans=tuple(map(scan, names)), as_of=date(2026, 4, day), lacks=frozenset(lacks), **told
    )


def changed(found: Succession) -> dict[str, str]:
    """What stands no longer, and why: `revoked` or `retracted` with the names."""
    kinds = (("revoked", found.revoked), ("retracted", found.retracted))
    return {f"{kind} {each.what.name}": each.why for kind, changes in kinds for each in changes}


@pytest.mark.parametrize(
    ("stands", "new", "changes"),
    [
        pytest.param([], judgement("a"), {}, id="nothing stands"),
        pytest.param(["a@01+plan"], judgement("a"), {}, id="the same scan again, with a plan again"),
        pytest.param(
            ["a@01+plan"],
            judgement("a", proposes=False),
            {"revoked CarePlan/a": NOT_PROPOSED},
            id="the same scan, and no plan any more",
        ),
        pytest.param(["a@01+revoked"], judgement("a", proposes=False), {}, id="the plan was revoked already"),
        pytest.param(["a@01+plan"], judgement("a b"), {"revoked CarePlan/a": LATER_SCAN}, id="a later scan"),
        pytest.param(
            ["a@01+revoked", "b@02+plan"],
            judgement("a b c", proposes=False),
            {"revoked CarePlan/b": LATER_SCAN},
            id="a later scan without a plan",
        ),
        pytest.param(
            ["none@01"],
            judgement("a"),
            {"retracted RiskAssessment/none": NO_SCAN},
            id="a result without any scan is taken back by the first scan",
        ),
        pytest.param(
            ["none@01+plan"],
            judgement("a b", lacks=["Procedure"]),
            {"retracted RiskAssessment/none": NO_SCAN, "retracted CarePlan/none": NO_SCAN},
            id="also by one that is seen in part of the record",
        ),
        pytest.param(
            ["none@01"],
            judgement("a", sees_every_scan=False),
            {"retracted RiskAssessment/none": NO_SCAN},
            id="also by one that one reader measured",
        ),
        pytest.param(
            ["none@20"],
            judgement("a"),
            {"retracted RiskAssessment/none": NO_SCAN},
            id="also by looking back at a scan",
        ),
        pytest.param(["none@01"], judgement(""), {}, id="and stays while there is no scan"),
        pytest.param(
            ["a@01+revoked", "gone@02+plan"],
            judgement("a b"),
            {"retracted RiskAssessment/gone": SCAN_GONE, "retracted CarePlan/gone": SCAN_GONE},
            id="a scan was dated anew",
        ),
        pytest.param(
            ["gone@02+revoked"],
            judgement("a"),
            {"retracted RiskAssessment/gone": SCAN_GONE},
            id="a plan that was revoked is left when its result is taken back",
        ),
        pytest.param(
            ["a@01", "gone@02+plan"],
            judgement("a"),
            {"retracted RiskAssessment/gone": SCAN_GONE, "retracted CarePlan/gone": SCAN_GONE},
            id="the last scan was removed, the one before is judged again",
        ),
        pytest.param(
            ["atwin@02+plan"],
            judgement("a"),
            {"retracted RiskAssessment/atwin": TWIN, "retracted CarePlan/atwin": TWIN},
            id="a twin of the same scan under another identity",
        ),
        pytest.param(
            ["month@02"],
            judgement("a"),
            {"retracted RiskAssessment/month": TWIN},
            id="a twin from when only the month was known",
        ),
        pytest.param(
            ["untold@02"],
            judgement("a"),
            {"retracted RiskAssessment/untold": SCAN_GONE},
            id="one that does not say what it rests on",
        ),
        pytest.param(["gone@02!+void"], judgement("a"), {}, id="what was taken back is left"),
        pytest.param(
            ["a@01+plan"],
            judgement("b", sees_every_scan=False),
            {"revoked CarePlan/a": LATER_SCAN},
            id="an earlier scan that the reader did not measure is history like any other",
        ),
        pytest.param(
            ["a@20+revoked", "gone@20+plan"],
            judgement("b"),
            {},
            id="looking back changes nothing",
        ),
        pytest.param(
            ["a@01+plan"],
            judgement("a b", lacks=["Procedure"]),
            {},
            id="on part of the record the plan of an earlier scan is not revoked",
        ),
        pytest.param(
            ["a@01-Procedure+plan"],
            judgement("a b", lacks=["Procedure"]),
            {"revoked CarePlan/a": LATER_SCAN},
            id="what was judged without the same part is succeeded",
        ),
        pytest.param(
            ["gone@01-Condition+plan"],
            judgement("a", lacks=["Condition"]),
            {"retracted RiskAssessment/gone": SCAN_GONE, "retracted CarePlan/gone": SCAN_GONE},
            id="what was judged without the same part is taken back",
        ),
        pytest.param(
            ["gone@01-Condition"],
            judgement("a"),
            {"retracted RiskAssessment/gone": SCAN_GONE},
            id="the whole record takes back what was judged on part of it",
        ),
    ],
)
def test_what_stands_no_longer(stands: list[str], new: NewJudgement, changes: dict[str, str]) -> None:
    found = succeed(new, standing(*stands))

    assert (found.why_not, changed(found)) == ("", changes)


@pytest.mark.parametrize(
    ("stands", "new", "why"),
    [
        pytest.param(["a@20"], judgement("a"), JUDGED_SINCE, id="the same scan was judged later"),
        pytest.param(["atwin@20"], judgement("a"), JUDGED_SINCE, id="and under another identity"),
        pytest.param(["a@20!"], judgement("a"), "", id="but that was taken back"),
        pytest.param(["b@20"], judgement("a"), "", id="another scan was judged later"),
        pytest.param(["a@10"], judgement("a"), "", id="on the same day is not later"),
        pytest.param(["a@01"], judgement("a", lacks=["Condition"]), KNOWS_LESS, id="the same, on less"),
        pytest.param(["a@01-Condition"], judgement("a", lacks=["Condition"]), "", id="on as much"),
        pytest.param(
            ["a@01-Condition"],
            judgement("a", lacks=["Condition", "Observation"]),
            KNOWS_LESS,
            id="on still less",
        ),
        pytest.param(
            ["a@01-Condition"], judgement("a", lacks=["Observation"]), KNOWS_LESS, id="on something else"
        ),
        pytest.param(["b@01"], judgement("a", lacks=["Observation"]), KNOWS_LESS, id="a scan is not seen"),
        pytest.param(["b@01!"], judgement("a", lacks=["Observation"]), "", id="one that was taken back"),
        pytest.param(["a@01"], judgement("a b", lacks=["Observation"]), "", id="a newer scan is news"),
        pytest.param([], judgement("a", lacks=["Observation"]), "", id="nothing better stands"),
        pytest.param(
            ["a@01", "b@20"], judgement("a", lacks=["Condition"]), KNOWS_LESS, id="looking back, on less"
        ),
        pytest.param(
            ["atwin@01", "b@20"], judgement("a"), JUDGED_OTHERWISE, id="looking back at a twin judged before"
        ),
        pytest.param(["a@20"], judgement(""), NO_SCAN_THEN, id="looking back before the first scan"),
        pytest.param(["none@20"], judgement(""), JUDGED_SINCE, id="no scan, and none later either"),
        pytest.param(
            ["atwin@01"],
            judgement("a", sees_every_scan=False),
            SEES_LESS,
            id="a twin that the reader's is not",
        ),
        pytest.param(
            ["b@01+plan"], judgement("a", sees_every_scan=False), SEES_LESS, id="a later scan the reader left"
        ),
        pytest.param(
            ["a@01"], judgement("a b", sees_every_scan=False), "", id="what the reader measured too"
        ),
    ],
)
def test_a_judgement_is_not_kept_over_one_that_knows_better(
    stands: list[str], new: NewJudgement, why: str
) -> None:
    found = succeed(new, standing(*stands))

    assert found.why_not == why
    if why:
        assert found == Succession(why_not=why)


@pytest.mark.parametrize(
    ("stands", "scans", "former"),
    [
        ([], "a", (None, None)),
        (["a@01+plan"], "a", (None, None)),
        (["none@01"], "a", (None, None)),
        (["a@01+revoked"], "a b", ("a", "a")),
        (["a@01+revoked", "b@02"], "a b c", ("b", "a")),
        (["a@01+revoked", "b@02!+void"], "a b c", ("a", "a")),
        (["b@02+plan"], "a b", (None, None)),
        (["gone@02+plan"], "a b", (None, None)),
    ],
)
def test_the_former_result_and_plan_are_those_of_the_latest_scan_before(
    stands: list[str], scans: str, former: tuple[str | None, str | None]
) -> None:
    found = succeed(judgement(scans), standing(*stands))

    result, plan = (each and each.id for each in (found.former_result, found.former_plan))
    assert (result, plan) == former


def test_a_result_of_the_same_scan_is_written_again_even_after_it_was_taken_back() -> None:
    assert succeed(judgement("a"), standing("a@01!")).again
    assert not succeed(judgement("a b"), standing("a@01")).again


def test_looking_back_makes_no_proposal_and_has_the_former_of_its_own_scan() -> None:
    found = succeed(judgement("a b"), standing("a@01", "c@20+plan"))

    assert not found.with_plan
    assert found.former_result == ResourceName(RESULT, "a")


def test_a_state_without_a_proposal_has_no_plan() -> None:
    assert succeed(judgement("a"), []).with_plan
    assert not succeed(judgement("a", proposes=False), []).with_plan
