"""What `ResultStore` promises, on both databases."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, timedelta
from hashlib import sha256

import pytest
from sqlalchemy import insert, select, update
from store_records import NOON, SYSTEM, HandClock, risk, to_write_back

from fhirgate.services.ports import Identifier, Kept, PatientKey, Place, Search, VersionName
from fhirgate.store.engine import Database, StoreFault, open_database
from fhirgate.store.outbox import SqlOutbox
from fhirgate.store.results import SqlResults
from fhirgate.store.tables import resource, resource_version


def test_a_result_comes_back_as_the_bytes_it_was_composed_as(results: SqlResults) -> None:
    composed = risk(size=1)
    exact = composed.body.replace(b'"size": 1', '"size": 0.120, "site": "Lebé"'.encode())

    results.keep([replace(composed, body=exact)])

    stored = results.read(composed.name)
    assert stored is not None
    assert stored.body == exact
    assert stored.sha256 == sha256(exact).hexdigest()


def test_writers_at_once_wait_for_each_other_whatever_isolation_a_site_has_set(kind: str, url: str) -> None:
    """PostgreSQL's stricter levels let the second writer fail instead of waiting."""
    strict = {"sqlite": "", "postgresql": "&options=-c%20default_transaction_isolation%3Dserializable"}[kind]
    database = open_database(url + (strict if "?" in url else strict.replace("&", "?", 1)))
    results = SqlResults(database=database, clock=lambda: NOON)

    with ThreadPoolExecutor(4) as pool:
        kept = list(pool.map(lambda number: results.keep([risk(f"p{number}")]), range(24)))
    database.close()

    assert all(each is not None and each.is_new for (each,) in kept)


def test_everything_told_with_a_result_is_kept(results: SqlResults) -> None:
    composed = risk()

    results.keep([composed])

    stored = results.read(composed.name)
    assert stored is not None
    assert stored.name == VersionName(composed.name, 1)
    assert stored.identifier == Identifier(system=SYSTEM, value="RiskAssessment-north-p1-DEFAULT")
    assert stored.patient == PatientKey(server="north", id="p1")
    assert (stored.state, stored.preset, stored.status) == ("oligoprogression", "DEFAULT", "preliminary")
    assert stored.as_of.isoformat() == "2026-03-02"
    assert stored.created_at == stored.recorded_at == NOON
    assert stored.recorded_at.tzinfo is UTC
    assert stored.sequence == 1


def test_changed_content_is_the_next_version_and_the_one_before_stays(
    results: SqlResults, clock: HandClock
) -> None:
    results.keep([risk(state="stable")])
    later = clock.pass_by(days=1)

    kept = results.keep([risk(state="oligoprogression", as_of="2026-03-03")])

    name = risk().name
    assert kept == (Kept(name=VersionName(name, 2), is_new=True),)
    before, now = results.history(name)
    assert (before.state, before.recorded_at, before.name.version) == ("stable", NOON, 1)
    assert (now.state, now.recorded_at, now.name.version) == ("oligoprogression", later, 2)
    assert before.created_at == now.created_at == NOON
    assert results.read(name) == now
    assert results.read(name, 1) == before
    assert results.read(name, 3) is None


def test_the_same_judged_again_on_another_day_is_no_new_version(
    results: SqlResults, clock: HandClock
) -> None:
    results.keep([risk(meta={"tag": [{"code": "1"}]}, note=[{"time": "2026-03-02", "text": "n"}])])
    clock.pass_by(days=1)

    kept = results.keep([risk(as_of="2026-03-03", note=[{"time": "2026-03-03", "text": "n"}])])

    assert kept == (Kept(name=VersionName(risk().name, 1), is_new=False),)
    assert len(results.history(risk().name)) == 1


def test_content_that_returns_is_a_version_of_its_own(results: SqlResults) -> None:
    for state in ("stable", "oligoprogression", "stable"):
        results.keep([risk(state=state)])

    assert [each.state for each in results.history(risk().name)] == ["stable", "oligoprogression", "stable"]


def test_one_resource_twice_in_one_transaction_is_two_versions(results: SqlResults) -> None:
    kept = results.keep(
        [risk(state="stable"), risk(state="oligoprogression"), risk(state="oligoprogression")]
    )

    assert [each and (each.name.version, each.is_new) for each in kept] == [(1, True), (2, True), (2, False)]
    assert [each.state for each in results.history(risk().name)] == ["stable", "oligoprogression"]


def test_a_provenance_is_kept_only_with_the_news_it_is_about(results: SqlResults, outbox: SqlOutbox) -> None:
    def told(run: str, state: str) -> list[Kept | None]:
        source = replace(risk(run, kind="Provenance"), because_of=(risk().name,))
        message = to_write_back(source, risk(), channel=run)
        return list(results.keep([source, risk(state=state), risk("p2", run)], [message]))

    first, second, third = told("a", "stable"), told("b", "stable"), told("c", "mixed")

    assert [each and each.is_new for each in first] == [True, True, True]
    assert [each and each.is_new for each in second] == [None, False, True]
    assert [each and each.is_new for each in third] == [True, True, True]
    abouts = {lease.channel: lease.deliveries[0].about for lease in outbox.claim("w")}
    names = [VersionName(risk(run, kind="Provenance").name, 1) for run in ("a", "c")]
    assert abouts == {
        "a": (names[0], VersionName(risk().name, 1)),
        "b": (VersionName(risk().name, 1),),
        "c": (names[1], VersionName(risk().name, 2)),
    }


def test_a_message_about_a_provenance_that_was_not_kept_is_not_put(
    results: SqlResults, outbox: SqlOutbox
) -> None:
    source = replace(risk(kind="Provenance"), because_of=(risk().name,))
    results.keep([risk()])

    assert results.keep([source, risk()], [to_write_back(source)])[0] is None
    assert outbox.claim("w") == ()


def test_a_result_is_found_by_its_business_identifier(results: SqlResults) -> None:
    results.keep([risk("p1"), risk("p2"), risk("p2", kind="CarePlan")])

    found = results.find("RiskAssessment", risk("p2").identifier)

    assert found == results.read(risk("p2").name)
    assert results.find("CarePlan", risk("p2").identifier) is None


def test_what_was_never_kept_is_nothing(results: SqlResults) -> None:
    assert results.read(risk().name) is None
    assert results.history(risk().name) == ()
    assert results.search(Search(type="RiskAssessment")) == ()


@pytest.mark.parametrize(
    ("wanted", "patients"),
    [
        (Search(type="RiskAssessment"), ["p1", "p2", "p3", "p1"]),
        (Search(type="RiskAssessment", patient=PatientKey(server="north", id="p1")), ["p1"]),
        (Search(type="RiskAssessment", patient=PatientKey(server="south", id="p1")), ["p1"]),
        (Search(type="RiskAssessment", state="stable"), ["p2", "p3"]),
        (Search(type="RiskAssessment", preset="HALT"), ["p3"]),
        (Search(type="RiskAssessment", since=NOON + timedelta(hours=1)), ["p2", "p3", "p1"]),
        (Search(type="RiskAssessment", before=NOON + timedelta(hours=1)), ["p1"]),
        (Search(type="CarePlan"), ["p1"]),
    ],
)
def test_a_search_narrows_by_what_it_names(
    results: SqlResults, clock: HandClock, wanted: Search, patients: list[str]
) -> None:
    results.keep([risk("p1"), risk("p1", kind="CarePlan")])
    clock.pass_by(hours=1)
    results.keep(
        [risk("p2", "stable"), risk("p3", "stable", preset="HALT"), risk("p1", "mixed", server="south")]
    )

    assert [each.patient.id for each in results.search(wanted)] == patients


def test_a_superseded_version_is_not_searched(results: SqlResults) -> None:
    results.keep([risk(state="stable")])
    results.keep([risk(state="oligoprogression")])

    assert results.search(Search(type="RiskAssessment", state="stable")) == ()


def test_pages_give_everything_once_although_results_change_between_them(
    results: SqlResults, clock: HandClock
) -> None:
    results.keep([risk(f"p{number}") for number in range(5)])
    wanted, seen, after = Search(type="RiskAssessment"), [], None
    while page := results.search(wanted, after, most=2):
        seen += [(each.patient.id, each.name.version) for each in page]
        after = Place(recorded_at=page[-1].recorded_at, sequence=page[-1].sequence)
        if len(seen) == 2:
            clock.pass_by(seconds=1)
            results.keep([risk("p4", "stable"), risk("p5")])

    assert seen == [("p0", 1), ("p1", 1), ("p2", 1), ("p3", 1), ("p4", 2), ("p5", 1)]


def test_a_clock_that_goes_back_does_not_hide_a_result_from_a_reader(
    results: SqlResults, clock: HandClock
) -> None:
    results.keep([risk("p1")])
    clock.pass_by(hours=-1)
    results.keep([risk("p2")])

    first, second = results.search(Search(type="RiskAssessment"))
    assert first.recorded_at == second.recorded_at == NOON
    assert (first.sequence, second.sequence) == (1, 2)


def test_writers_at_once_make_one_resource_with_numbers_without_gaps(results: SqlResults) -> None:
    composed = [risk(state=f"state {number}") for number in range(12)]

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda each: results.keep([each], [to_write_back(each)]), composed))

    history = results.history(risk().name)
    assert [each.name.version for each in history] == list(range(1, 13))
    assert [each.sequence for each in history] == list(range(1, 13))


def test_writers_of_the_same_content_at_once_make_one_version(results: SqlResults, outbox: SqlOutbox) -> None:
    with ThreadPoolExecutor(4) as pool:
        kept = list(pool.map(lambda _: results.keep([risk()], [to_write_back(risk())]), range(8)))

    assert sorted(each and each.is_new for (each,) in kept) == [False] * 7 + [True]
    assert len(results.history(risk().name)) == 1
    assert outbox.backlog()[0].waiting == 1


def test_a_message_that_cannot_be_put_leaves_no_result(results: SqlResults, outbox: SqlOutbox) -> None:
    results.keep([risk("p1")], [to_write_back(risk("p1"))])

    with pytest.raises(ValueError, match="one target"):
        results.keep([risk("p2")], [to_write_back(risk("p2"), target="south")])

    assert results.read(risk("p2").name) is None
    assert outbox.find("write-back:north", 2) is None
    results.keep([risk("p3")])
    assert results.search(Search(type="RiskAssessment"))[-1].sequence == 2


def test_an_id_cannot_be_given_to_another_patient(results: SqlResults) -> None:
    results.keep([risk("p1")])
    stranger = replace(risk("p1"), patient=PatientKey(server="north", id="p2"))

    with pytest.raises(ValueError, match="another identifier, patient or preset"):
        results.keep([stranger])


def test_a_body_of_another_resource_is_refused(results: SqlResults) -> None:
    with pytest.raises(ValueError, match="type and id"):
        results.keep([replace(risk("p1"), body=risk("p2").body)])


def test_the_database_itself_refuses_a_second_resource_with_the_same_identifier(
    results: SqlResults, database: Database
) -> None:
    results.keep([risk()])
    with database.reading() as connection:
        twin = dict(connection.execute(select(resource)).mappings().one()) | {"id": "twin"}

    with pytest.raises(StoreFault), database.writing() as connection:
        connection.execute(insert(resource), twin)


def test_the_database_itself_refuses_a_second_version_of_the_same_number(
    results: SqlResults, database: Database
) -> None:
    results.keep([risk()])
    with database.reading() as connection:
        twin = dict(connection.execute(select(resource_version)).mappings().one()) | {"sequence": 2}

    with pytest.raises(StoreFault), database.writing() as connection:
        connection.execute(insert(resource_version), twin)


def test_an_error_of_the_database_quotes_no_row(results: SqlResults, database: Database) -> None:
    results.keep([risk("secret-patient")])

    with pytest.raises(StoreFault) as told, database.writing() as connection:
        connection.execute(update(resource).values(state=None))

    assert "secret-patient" not in str(told.value)
    assert told.value.__cause__ is None
    assert told.value.__suppress_context__


def test_a_large_batch_is_kept_at_once(results: SqlResults) -> None:
    many = [risk(f"p{number}") for number in range(1200)]

    assert all(each and each.is_new for each in results.keep(many))
    assert not any(each and each.is_new for each in results.keep(many))
    stored = results.search(Search(type="RiskAssessment"), most=2000)
    assert [json.loads(each.body)["id"] for each in stored] == [each.name.id for each in many]
