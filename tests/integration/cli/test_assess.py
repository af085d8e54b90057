"""`fhirgate assess` on sound records: what each option does."""

import json
import os
import pty
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fhir_records import AS_OF, SCANS, bundle, record, resources, size

from fhirgate.mapping.r4b import check_r4, check_r5

STABLE = [(20, 20, 20), (30, 30, 30), (25, 25, 25)]
TWO = bundle(*resources("p1"), *resources("p2", STABLE))


def summary(each: Any) -> tuple[str, str, str]:
    return each["patient"], each["preset"], each["current"]["state"]


def test_the_story_is_the_default_output(run: Any, saved: Any) -> None:
    done = run("assess", saved(record()), "--as-of", AS_OF)

    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"PATIENT p1\n")
    assert b"oligoprogression" in done.stdout.lower()
    assert b"\x1b" not in done.stdout


def test_file_folder_ndjson_array_and_standard_input_give_the_same_bytes(run: Any, saved: Any) -> None:
    whole = record()
    single = [each["resource"] for each in whole["entry"]]
    lines = b"\n".join(json.dumps(each).encode() for each in single)
    for number, each in enumerate(single):
        saved(each, f"folder/{number // 5}/{number}.json")
    sources = [
        (saved(whole), b""),
        (saved(lines, "lines.ndjson"), b""),
        (saved(single, "array.json"), b""),
        (saved(b"x", "folder/readme.md").parent, b""),
        ("-", json.dumps(whole, indent=4).encode()),
        ("-", lines),
    ]

    outputs = {
        run("assess", source, "--as-of", AS_OF, "-o", "json", stdin=stdin).stdout for source, stdin in sources
    }

    assert len(outputs) == 1
    assert summary(json.loads(outputs.pop())) == ("p1", "DEFAULT", "OLIGOPROGRESSION")


def test_all_patients_are_assessed_in_order(run: Any, saved: Any) -> None:
    done = run("assess", saved(TWO), "--as-of", AS_OF, "-o", "json")

    assert [summary(each) for each in json.loads(done.stdout)] == [
        ("p1", "DEFAULT", "OLIGOPROGRESSION"),
        ("p2", "DEFAULT", "OLIGOPERSISTENCE"),
    ]


def test_a_patient_can_be_chosen(run: Any, saved: Any) -> None:
    done = run("assess", saved(TWO), "--as-of", AS_OF, "-o", "json", "--patient", "p2")

    assert (done.returncode, summary(json.loads(done.stdout))) == (0, ("p2", "DEFAULT", "OLIGOPERSISTENCE"))


def test_a_patient_who_is_not_there_cannot_be_chosen(run: Any, saved: Any) -> None:
    done = run("assess", saved(TWO), "--as-of", AS_OF, "--patient", "p3")

    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"fhirgate: the source holds no patient with the id asked for\n"


def test_presets_can_be_repeated_in_any_case_of_letters_each_once(run: Any, saved: Any) -> None:
    presets = ("--preset", "halt", "--preset", "ESTRO_EORTC", "--preset", "HALT")
    done = run("assess", saved(record()), "--as-of", AS_OF, "-o", "json", *presets)

    assert [summary(each)[:2] for each in json.loads(done.stdout)] == [("p1", "HALT"), ("p1", "ESTRO_EORTC")]


def test_the_day_of_judgement_decides_what_is_seen(run: Any, saved: Any) -> None:
    done = run("assess", saved(record()), "--as-of", "2025-05-01", "-o", "json")
    found = json.loads(done.stdout)

    assert found["asOf"] == "2025-05-01"
    assert found["current"]["state"] != "OLIGOPROGRESSION"


def test_the_day_of_judgement_is_today_unless_given(run: Any, saved: Any) -> None:
    before = datetime.now(UTC).date().isoformat()
    done = run("assess", saved(record()), "-o", "json", TZ="UTC")
    found = json.loads(done.stdout)

    assert before <= found["asOf"] <= datetime.now(UTC).date().isoformat()
    assert found["current"]["stale"] is True


def test_a_state_that_cannot_be_judged_is_status_1(run: Any, saved: Any) -> None:
    done = run("assess", saved({"resourceType": "Patient", "id": "p1"}), "--as-of", AS_OF, "-o", "json")

    assert done.returncode == 1
    assert json.loads(done.stdout)["current"]["state"] == "INDETERMINATE"
    assert done.stderr == b"fhirgate: no judgement of the present state in 1 of 1 assessment\n"


def test_a_policy_is_used_and_named(run: Any, saved: Any) -> None:
    policy = saved(b'name = "Board B"\nversion = "7"\n[imaging]\nstale_after_days = 5\n', "policy.toml")

    found = json.loads(
        run("assess", saved(record()), "--as-of", AS_OF, "-o", "json", "--policy", policy).stdout
    )

    assert "Board B" in found["policy"]
    assert "7" in found["policy"]
    assert found["current"]["stale"] is True


def test_a_bad_policy_is_refused_with_all_its_problems(run: Any, saved: Any) -> None:
    policy = saved(b'version = "7"\n[imaging]\nstale_days = 5\n', "policy.toml")

    done = run("assess", saved(record()), "--policy", policy)

    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode().splitlines() == [
        f"fhirgate: the policy file {policy} cannot be used:",
        "  - name: is missing; a policy needs a name",
        "  - imaging.stale_days: is not a known key; did you mean stale_after_days?",
    ]


def test_a_vocabulary_says_what_a_sites_codes_mean(run: Any, saved: Any) -> None:
    raw = resources()
    for each in raw:
        if each["id"] == "p1-size-1-2025-07-10":
            each["code"] = {"coding": [{"system": "http://site.example", "code": "LD"}]}
            each["valueQuantity"] = each.pop("component")[0]["valueQuantity"]
    source = saved(bundle(*raw))
    words = saved(
        b'[[code]]\nsystem = "http://site.example"\ncode = "LD"\nmeans = "size.long_axis"\n', "ours.toml"
    )

    without = json.loads(run("assess", source, "--as-of", AS_OF, "-o", "json").stdout)
    with_it = json.loads(run("assess", source, "--as-of", AS_OF, "-o", "json", "--vocabulary", words).stdout)

    assert summary(without)[2] != "OLIGOPROGRESSION"
    assert summary(with_it)[2] == "OLIGOPROGRESSION"


def test_a_vocabulary_says_which_agents_a_sites_products_are(run: Any, saved: Any) -> None:
    raw = resources()
    for each in raw:
        if each["resourceType"].startswith("Medication"):
            each["medicationCodeableConcept"] = {
                "coding": [{"system": "http://site.example", "code": "4711"}]
            }
    source = saved(bundle(*raw))
    words = saved(
        b'[[product]]\nsystem = "http://site.example"\ncode = "4711"\nagents = ["osimertinib"]\n', "ours.toml"
    )

    without = json.loads(run("assess", source, "--as-of", AS_OF, "-o", "json").stdout)
    with_it = json.loads(run("assess", source, "--as-of", AS_OF, "-o", "json", "--vocabulary", words).stdout)

    assert without["linesOfTherapy"] == []
    assert [line["agents"] for line in with_it["linesOfTherapy"]] == [["osimertinib"]]
    assert summary(with_it)[2] == "OLIGOPROGRESSION"


def test_a_reader_who_is_not_there_cannot_be_chosen(run: Any, saved: Any) -> None:
    done = run("assess", saved(record()), "--as-of", AS_OF, "--reader", "nobody")

    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"fhirgate: no measurement in the source is by the reader asked for\n"


def test_the_readers_there_are_are_told_to_who_asks_for_another(run: Any, saved: Any) -> None:
    raw = resources()
    for number, each in enumerate(each for each in raw if "component" in each):
        each["performer"] = [{"display": "Named Alone"} if number % 2 else {"reference": "Practitioner/a"}]

    done = run("assess", saved(bundle(*raw)), "--as-of", AS_OF, "--reader", "nobody")

    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode().splitlines() == [
        "fhirgate: no measurement in the source is by the reader asked for",
        "fhirgate: a reader there is: Practitioner/a",
    ]


def test_fhir_output_is_one_bundle_for_one_patient(run: Any, saved: Any) -> None:
    done = run("assess", saved(record()), "--as-of", AS_OF, "-o", "fhir")
    found = json.loads(done.stdout)

    assert (done.returncode, done.stderr) == (0, b"")
    assert found["resourceType"] == "Bundle"
    kinds = [each["resource"]["resourceType"] for each in found["entry"]]
    assert kinds == ["RiskAssessment", "CarePlan", "Provenance"]
    assert all(each["resource"]["text"]["div"] for each in found["entry"])
    assert done.stdout.count(b"\n") > 10


def test_fhir_output_can_be_of_release_5(run: Any, saved: Any) -> None:
    source = saved(record())
    four = run("assess", source, "--as-of", AS_OF, "-o", "fhir")
    five = run("assess", source, "--as-of", AS_OF, "-o", "fhir", "--fhir-version", "5.0")
    in_files = run(
        *("assess", source, "--as-of", AS_OF, "-o", "fhir", "--fhir-version", "5.0", "--out", "results")
    )

    assert (five.returncode, five.stderr, in_files.returncode) == (0, b"", 0)
    assert [check_r4(json.loads(four.stdout)), check_r5(json.loads(five.stdout))] == [(), ()]
    assert check_r4(json.loads(five.stdout)) != ()
    assert (source.parent / in_files.stdout.decode().strip()).read_bytes() == five.stdout


def test_a_release_without_fhir_output_is_refused(run: Any, saved: Any) -> None:
    done = run("assess", saved(record()), "-o", "json", "--fhir-version", "5.0")

    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"fhirgate: --fhir-version 5.0 belongs to -o fhir, not to -o json\n"


def test_fhir_output_is_a_bundle_a_line_for_several(run: Any, saved: Any) -> None:
    done = run("assess", saved(TWO), "--as-of", AS_OF, "-o", "fhir")

    assert [json.loads(line)["resourceType"] for line in done.stdout.splitlines()] == ["Bundle", "Bundle"]


def test_the_same_input_gives_the_same_bytes(run: Any, saved: Any) -> None:
    source = saved(TWO)

    for kind in ("text", "json", "fhir"):
        outputs = {
            run("assess", source, "--as-of", AS_OF, "-o", kind, PYTHONHASHSEED=seed).stdout for seed in "123"
        }
        assert len(outputs) == 1


def test_results_can_go_into_a_folder(run: Any, saved: Any, tmp_path: Path) -> None:
    done = run("assess", saved(TWO), "--as-of", AS_OF, "-o", "fhir", "--out", "results")

    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().split() == [
        os.path.join("results", "p1.DEFAULT.json"),
        os.path.join("results", "p2.DEFAULT.json"),
    ]
    assert json.loads((tmp_path / "results/p2.DEFAULT.json").read_bytes())["resourceType"] == "Bundle"
    assert len(list((tmp_path / "results").iterdir())) == 2


def test_a_patient_id_never_leads_out_of_the_folder(run: Any, saved: Any, tmp_path: Path) -> None:
    done = run("assess", saved(record("../../p1")), "--as-of", AS_OF, "-o", "json", "--out", "in/results")

    written = list(tmp_path.rglob("*p1*"))
    assert len(written) == 1
    assert written[0].parent == tmp_path / "in/results"
    assert str(written[0].relative_to(tmp_path)) == done.stdout.decode().strip()


def test_a_folder_that_cannot_be_made_is_told_with_its_own_status(run: Any, saved: Any) -> None:
    saved(b"x", "file")

    done = run("assess", saved(record()), "--as-of", AS_OF, "--out", "file/results")

    assert (done.returncode, done.stdout) == (74, b"")
    assert done.stderr.startswith(b"fhirgate: cannot write file")


def test_a_file_where_the_folder_should_be_is_wrong_usage(run: Any, saved: Any) -> None:
    done = run("assess", saved(record()), "--as-of", AS_OF, "--out", saved(b"x", "results"))

    assert (done.returncode, done.stdout) == (2, b"")


@pytest.mark.parametrize(("name", "start"), [("a.svg", b"<svg"), ("a.PNG", b"\x89PNG")])
def test_a_chart_of_one_patient_is_the_file_asked_for(
    run: Any, saved: Any, tmp_path: Path, name: str, start: bytes
) -> None:
    done = run("assess", saved(record()), "--as-of", AS_OF, "--chart", name)

    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"PATIENT p1")
    assert (tmp_path / name).read_bytes().startswith(start)


def test_charts_of_several_are_named_for_patient_and_preset(run: Any, saved: Any, tmp_path: Path) -> None:
    run("assess", saved(TWO), "--as-of", AS_OF, "--chart", "a.svg", "--preset", "HALT")

    assert sorted(each.name for each in tmp_path.glob("*.svg")) == ["a-p1-HALT.svg", "a-p2-HALT.svg"]


def test_a_chart_into_a_folder_that_is_not_there_is_told(run: Any, saved: Any) -> None:
    done = run("assess", saved(record()), "--as-of", AS_OF, "--chart", "none/a.svg")

    assert done.returncode == 74
    assert b"fhirgate: cannot write none/" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="no pseudo-terminal on Windows")
@pytest.mark.parametrize(("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colour_is_for_terminals_and_can_be_declined(
    saved: Any, environment: dict[str, str], coloured: bool
) -> None:
    ours, theirs = pty.openpty()
    outside = {"PATH": os.environ["PATH"], "TERM": "xterm-256color"}
    with subprocess.Popen(
        [sys.executable, "-m", "fhirgate", "assess", str(saved(record())), "--as-of", AS_OF],
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        env={**outside, **environment},
    ):
        os.close(theirs)
        output = b""
        try:
            while piece := os.read(ours, 65536):
                output += piece
        except OSError:
            pass  # Linux says so when the other side is closed
    os.close(ours)

    assert output
    assert (b"\x1b[" in output) is coloured


def test_output_does_not_depend_on_the_locale(run: Any, saved: Any) -> None:
    source = saved(record())

    outputs = {
        run("assess", source, "--as-of", AS_OF, LC_ALL=locale, PYTHONIOENCODING=coding).stdout
        for locale, coding in (("C", "ascii"), ("C.UTF-8", "utf-8"), ("C", "latin-1"))
    }

    assert len(outputs) == 1


def test_a_reader_can_be_chosen_where_several_read_the_scans(run: Any, saved: Any) -> None:
    def read_by(name: str, last: int) -> Any:
        read = size(1, "2025-07-10", last, id=f"by-{name}", performer=[{"reference": f"Practitioner/{name}"}])
        return [read, *(size(1, on, 20, id=f"{on}-{name}", performer=read["performer"]) for on in SCANS[:2])]

    others = [each for each in resources() if not each["id"].startswith("p1-size-1")]
    source = saved(bundle(*others, *read_by("a", 30), *read_by("b", 20)))

    states = {
        name: json.loads(
            run("assess", source, "--as-of", AS_OF, "-o", "json", "--reader", f"Practitioner/{name}").stdout
        )["lesions"][0]["measurements"][-1]["mm"]
        for name in "ab"
    }

    assert states == {"a": "30", "b": "20"}
