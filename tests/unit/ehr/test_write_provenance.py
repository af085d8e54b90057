"""The Provenance of results, which names the versions that a server gave them."""

from ehr_world import Json
from odd_store import OddStore, takes
from odd_writing import GIVEN, PLAN, PROVENANCE, RISK, fates, write
from written_results import changed, taken_back

from fhirgate.exact_json import decode
from fhirgate.services.result_writer import Fate


class TestProvenance:
    def test_without_tags_to_search_by_it_is_found_by_what_it_is_about(self, store: OddStore) -> None:
        store.statement = takes(parameters=("identifier", "target"))
        write(store, *GIVEN)

        assert fates(write(store, *GIVEN)) == [Fate.UNCHANGED] * 3
        assert "GET Provenance?target=RiskAssessment/1" in store.calls
        assert len(store.copies("Provenance")) == 1

    def test_a_target_that_was_written_before_is_named_too(self, store: OddStore) -> None:
        write(store, RISK, PLAN)

        write(store, RISK, PROVENANCE)

        assert [each["reference"] for each in store.one("Provenance")["target"]] == [
            "RiskAssessment/1/_history/1",
            "CarePlan/2/_history/1",
        ]

    def test_the_version_that_was_taken_back_is_named_where_it_is_known(self, store: OddStore) -> None:
        write(store, RISK)
        store.edit("RiskAssessment", language="en")

        write(store, *taken_back(RISK))

        provenance = store.one("Provenance")
        assert provenance["target"] == [{"reference": "RiskAssessment/1/_history/3"}]
        assert provenance["entity"][0]["what"] == {"reference": "RiskAssessment/1/_history/2"}

    def test_what_is_not_kept_of_it_is_told(self, store: OddStore) -> None:
        store.drops = frozenset({"entity"})

        assert write(store, *GIVEN)[2].why == "the server did not keep as written: entity"

    def test_references_without_versions_are_told(self, store: OddStore) -> None:
        def bare(resource: Json) -> Json:
            if resource["resourceType"] != "Provenance":
                return resource
            target = [
                {"reference": each["reference"].partition("/_history/")[0]} for each in resource["target"]
            ]
            return {**resource, "target": target}

        store.alters = bare

        assert write(store, *GIVEN)[2].why == "the server keeps its references without their version"

    def test_a_target_that_is_no_result_of_ours_is_left_out(self, store: OddStore) -> None:
        odd = [{"reference": "Patient/p1"}, *decode(PROVENANCE.body)["target"], {"display": "x"}]

        write(store, RISK, changed(PROVENANCE, target=odd))

        assert store.one("Provenance")["target"] == [{"reference": "RiskAssessment/1/_history/1"}]
