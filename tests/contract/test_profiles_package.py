"""The package that goes into the wheel: every resource, an index, the same bytes every time."""

import io
import json
import tarfile
from typing import Any

from profile_files import PROFILES, resources
from profiles_build import pack

from fhirgate.mapping import canonical
from fhirgate.mapping.compose.invariants import RETRACTED
from fhirgate.mapping.r4b import check_r4


def unpacked() -> dict[str, Any]:
    with tarfile.open(fileobj=io.BytesIO(pack.package_bytes()), mode="r:gz") as archive:
        return {each.name: json.load(archive.extractfile(each)) for each in archive}  # type: ignore[arg-type]


def test_it_is_named_by_its_version() -> None:
    assert pack.package_name() == f"fhirgate.profiles-{canonical.PROFILES_VERSION}.tgz"


def test_it_holds_every_resource_and_names_each_in_its_index() -> None:
    files = unpacked()
    manifest, index = files.pop("package/package.json"), files.pop("package/.index.json")

    assert list(files.values()) == list(resources())
    assert [f"package/{each['filename']}" for each in index["files"]] == list(files)
    assert manifest["name"] == "fhirgate.profiles"
    assert manifest["version"] == canonical.PROFILES_VERSION
    assert manifest["canonical"] == canonical.BASE
    assert manifest["dependencies"] == {"hl7.fhir.r4.core": "4.0.1"}


def test_the_same_profiles_give_the_same_bytes() -> None:
    assert pack.package_bytes() == pack.package_bytes()


def test_every_resource_is_valid_by_the_models() -> None:
    assert [(each["id"], check_r4(each)) for each in resources() if check_r4(each)] == []


def test_every_profile_has_a_snapshot_so_that_others_can_build_on_it() -> None:
    assert all("snapshot" in each for each in resources("StructureDefinition"))


def test_the_statuses_a_machine_says_are_among_those_of_the_profiles() -> None:
    codes = {
        each["id"]: {concept["code"] for concept in each["compose"]["include"][0].get("concept", ())}
        for each in resources("ValueSet")
    }

    assert {"preliminary", "cancelled", RETRACTED} <= codes["result-status"]
    assert {"draft", "revoked", RETRACTED} <= codes["proposal-status"]


def test_the_search_parameters_of_the_server_that_are_ours_are_published() -> None:
    (server,) = resources("CapabilityStatement")
    named = {
        parameter["definition"]
        for each in server["rest"][0]["resource"]
        for parameter in each["searchParam"]
        if parameter["definition"].startswith(canonical.BASE)
    }

    assert named == {each["url"] for each in resources("SearchParameter")}


def test_the_guide_lists_everything_that_is_published() -> None:
    (guide,) = resources("ImplementationGuide")
    listed = {each["reference"]["reference"] for each in guide["definition"]["resource"]}

    assert listed == {f"{e['resourceType']}/{e['id']}" for e in resources()} - {
        f"ImplementationGuide/{guide['id']}"
    }


def test_the_sources_of_the_package_are_of_its_version() -> None:
    assert f"\nversion: {canonical.PROFILES_VERSION}\n" in (PROFILES / "sushi-config.yaml").read_text("utf-8")
