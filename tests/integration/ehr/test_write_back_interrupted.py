"""Writing to real FHIR servers while replies get lost, the line breaks, or somebody else writes too."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count

import pytest
from between import Between
from real_store import Json, Results, Store, fates, said_by, write, writer
from written_results import of, results, revoked, taken_back

from fhirgate.ehr.result_writer import ServerResults
from fhirgate.errors import EhrError, EhrUnavailable
from fhirgate.exact_json import decode
from fhirgate.services.result_writer import Fate

pytestmark = pytest.mark.peer


@pytest.mark.parametrize("lost", range(3), ids=["result", "plan", "provenance"])
@pytest.mark.parametrize("conditional", [True, False], ids=["conditional create", "plain create"])
def test_a_lost_reply_to_a_create_leaves_one_copy(
    store: Store, patient: str, proxy: Between, lost: int, conditional: bool
) -> None:
    given = results(patient)
    proxy.loses = lambda method, _: method == "POST" and len(proxy.writes()) == lost + 1
    if not conditional:
        proxy.statement = without_conditions

    written = write(proxy.base, given)

    assert {each.fate for each in written} == {Fate.CREATED}
    assert [len(store.copies(each)) for each in given] == [1, 1, 1]


def test_a_lost_reply_to_an_update_is_not_sent_twice(store: Store, patient: str, proxy: Between) -> None:
    store.write(results(patient, "27"))
    second = results(patient, "29", again=True)
    risk = of("RiskAssessment", second)
    proxy.loses = lambda method, path: method == "PUT" and path.startswith("RiskAssessment")

    written = write(proxy.base, second)

    assert proxy.calls("PUT", "RiskAssessment") == 1
    assert store.versions(risk) == 2
    assert fates(written)["RiskAssessment"] is Fate.UPDATED


def without_conditions(said: Json) -> None:
    """A statement of a server that knows no If-None-Exist."""
    for each in said["rest"][0]["resource"]:
        each["conditionalCreate"] = False


FIRST, SECOND = ("27", "29")
CHANGES: dict[str, Callable[[str], tuple[Results, Results]]] = {
    "first": lambda patient: ((), results(patient, FIRST)),
    "changed": lambda patient: (results(patient, FIRST), results(patient, SECOND, again=True)),
    "plan gone": lambda patient: (
        results(patient, FIRST),
        (*results(patient, "20", again=True), revoked(of("CarePlan", results(patient, FIRST)))),
    ),
    "retracted": lambda patient: (
        results(patient, FIRST),
        taken_back(of("RiskAssessment", results(patient)), of("CarePlan", results(patient))),
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_wherever_it_is_cut_off_no_plan_stands_beside_a_result_it_does_not_follow_from(
    store: Store, proxy: Between, change: str
) -> None:
    with writer(proxy.base) as behind:
        for most in count(0):
            before, after = CHANGES[change](store.new_patient())
            store.write(before)
            proxy.heard.clear()
            proxy.cuts = lambda *_, most=most: len(proxy.writes()) >= most  # type: ignore[misc]

            whole = comes_to_an_end(behind, after)

            assert_no_plan_misleads(store, before, after)
            store.write(after)
            assert_all_there(store, after)
            if whole:
                break
    assert most > 2


def comes_to_an_end(behind: ServerResults, given: Results) -> bool:
    try:
        behind.write(given)
    except EhrError:
        return False
    return True


def assert_no_plan_misleads(store: Store, before: Results, after: Results) -> None:
    plan = next(each for each in (*before, *after) if each.name.resource.type == "CarePlan")
    risk = next(each for each in (*before, *after) if each.name.resource.type == "RiskAssessment")
    for proposal in store.standing(plan):
        (result,) = store.standing(risk)
        of_result, of_plan = said_by(result), said_by(proposal)
        assert any(
            of_result == said_by(decode(of("RiskAssessment", each).body))
            and of_plan == said_by(decode(of("CarePlan", each).body))
            for each in (before, after)
            if any(one.name.resource.type == "CarePlan" for one in each)
        )


def assert_all_there(store: Store, given: Results) -> None:
    for each in given:
        copy = store.one(each)
        if each.name.resource.type != "Provenance":
            assert said_by(copy) == said_by(decode(each.body))
            assert copy["status"] == each.status


@pytest.mark.parametrize("conditional", [True, False], ids=["conditional create", "plain create"])
def test_two_writers_at_once_leave_exactly_one_current_copy(
    store: Store, patient: str, proxy: Between, conditional: bool
) -> None:
    given = results(patient)
    if not conditional:
        proxy.statement = without_conditions

    def once(_: int) -> None:
        for _attempt in range(5):
            with suppress(EhrUnavailable):  # to be tried again, as a worker does
                write(proxy.base, given)
                return

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(once, range(4)))

    assert [len(store.standing(each)) for each in given[:2]] == [1, 1]
    (result,), (plan,) = (store.standing(each) for each in given[:2])
    assert plan["supportingInfo"] == [{"reference": f"RiskAssessment/{result['id']}"}]


def test_a_change_by_somebody_else_in_between_is_looked_at_and_then_written(
    store: Store, patient: str, proxy: Between
) -> None:
    first, second = results(patient, "27"), results(patient, "29", again=True)
    risk = of("RiskAssessment", second)
    store.write(first)
    proxy.before = once_before_put(proxy, lambda: store.edit(store.one(risk), language="en"))

    written = write(proxy.base, (risk,))

    assert fates(written) == {"RiskAssessment": Fate.UPDATED}
    assert store.versions(risk) == 3
    assert said_by(store.one(risk)) == said_by(decode(risk.body))


def test_a_person_who_acts_in_between_keeps_what_he_made(store: Store, patient: str, proxy: Between) -> None:
    first, second = results(patient, "27"), results(patient, "29", again=True)
    risk = of("RiskAssessment", second)
    store.write(first)
    proxy.before = once_before_put(proxy, lambda: store.edit(store.one(risk), status="final"))

    (written,) = write(proxy.base, (risk,))

    assert (written.fate, written.why) == (
        Fate.LEFT,
        "a person has acted on the server's copy: it is final",
    )
    assert store.one(risk)["status"] == "final"
    assert store.versions(risk) == 2


def once_before_put(proxy: Between, act: Callable[[], None]) -> Callable[[str, str], None]:
    """Somebody else is quicker, once."""

    def before(method: str, _path: str) -> None:
        if method == "PUT" and proxy.writes() == []:
            act()

    return before


def test_a_transaction_is_not_everywhere_all_or_nothing(store: Store, patient: str) -> None:
    """Why none is used: of two servers that list it, one keeps the half that did not fail, and says 200."""
    given = results(patient)
    store.write(given)
    risk, plan = store.one(given[0]), store.one(given[1])
    entries = [
        {
            "resource": {**each, "status": status, "meta": {"tag": each["meta"]["tag"]}},
            "request": {
                "method": "PUT",
                "url": f"{each['resourceType']}/{each['id']}",
                "ifMatch": f'W/"{version}"',
            },
        }
        for each, status, version in (
            (risk, "cancelled", risk["meta"]["versionId"]),
            (plan, "revoked", "gone"),
        )
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}

    try:
        store.call("POST", "", bundle)
        refused = False
    except OSError:
        refused = True

    halved = store.one(given[0])["status"] == "cancelled"
    assert (refused, halved) == ((True, False) if store.name == "hapi" else (False, True))
