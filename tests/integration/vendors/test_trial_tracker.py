"""A trial tracker with codes of its own: every unknown one is named, and the site's vocabulary settles them."""

from pathlib import Path
from typing import Any

from integration.vendors.served import (
    AS_OF,
    OSIMERTINIB,
    SCANS,
    Json,
    assessed,
    lung_cancer,
    observation,
    patient,
    run,
    statement,
)

SYSTEM = "urn:trial:tracker"
MEANINGS = {
    "LESMM": "size.long_axis",
    "LESST": "finding.lesion",
    "LESROLE": "finding.lesion",
    "T": "role.target",
    "NT": "role.non_target",
    "P": "state.present",
    "U5": "state.too_small",
}
LESIONS: dict[str, tuple[str, str, tuple[Any, ...]]] = {
    "T01": ("Liver", "T", (20, 20, 30)),
    "T02": ("Spleen", "T", (30, 30, 30)),
    "T03": ("Right adrenal gland", "T", (25, "U5", "U5")),
    "NT01": ("Bone", "NT", ("P", "P", "P")),
}


def local(code: str) -> Json:
    return {"coding": [{"system": SYSTEM, "code": code}]}


def of_lesion(lesion: str, on: str, code: str, value: Any) -> Json:
    given = (
        {"valueQuantity": {"value": value, "unit": "mm"}}
        if isinstance(value, int)
        else {"valueCodeableConcept": local(value)}
    )
    link = {"type": {"text": "TULNKID"}, "value": lesion}
    place = {"text": LESIONS[lesion][0]}
    return observation(f"{lesion}-{code}-{on}", on, local(code), identifier=[link], bodySite=place, **given)


RECORD = [patient(), lung_cancer(), statement(OSIMERTINIB, "2024-01-15")]
for name, (_, role, values) in LESIONS.items():
    RECORD.append(of_lesion(name, SCANS[0], "LESROLE", role))
    for day, value in zip(SCANS, values, strict=True):
        RECORD.append(of_lesion(name, day, "LESMM" if isinstance(value, int) else "LESST", value))


def vocabulary(folder: Path) -> str:
    path = folder / "tracker.toml"
    entries = (
        f'[[code]]\nsystem = "{SYSTEM}"\ncode = "{code}"\nmeans = "{means}"\n'
        for code, means in MEANINGS.items()
    )
    path.write_text('name = "tracker"\n' + "\n".join(entries))
    return str(path)


def test_without_its_vocabulary_every_unknown_code_is_named_with_its_entry(tmp_path: Path) -> None:
    answer = assessed(tmp_path, RECORD, AS_OF)
    unknown = [
        each["text"] for each in answer.assessment["findings"] if each["code"] == "UNKNOWN_LESION_CODE"
    ]

    assert (answer.status, answer.state) == (1, "INDETERMINATE")
    assert sorted(text.split(",")[0] for text in unknown) == [
        f"{SYSTEM}|{code}" for code in ("LESMM", "NT", "P", "T", "U5")
    ]
    assert all("[[code]] system" in text for text in unknown)


def test_with_its_vocabulary_roles_states_and_sizes_are_read(tmp_path: Path) -> None:
    answer = assessed(tmp_path, RECORD, AS_OF, "--vocabulary", vocabulary(tmp_path))

    assert (answer.status, answer.state) == (0, "OLIGOPROGRESSION")
    assert {each["label"]: each["role"] for each in answer.assessment["lesions"]} == {
        "T01": "target",
        "T02": "target",
        "T03": "target",
        "NT01": "nonTarget",
    }
    assert [kind for _, kind, _ in answer.sizes["NT01"]] == ["present"] * 3
    assert answer.sizes["T03"][1:] == [(on, "long", "5") for on in SCANS[1:]]
    assert "UNKNOWN_LESION_CODE" not in answer.codes


def test_a_faulty_vocabulary_is_wrong_usage_that_names_what_is_known(tmp_path: Path) -> None:
    faulty = tmp_path / "faulty.toml"
    faulty.write_text(f'[[code]]\nsystem = "{SYSTEM}"\ncode = "T"\nmeans = "target"\n')
    record = tmp_path / "record.json"
    record.write_text("{}")
    status, output, errors = run(record, "--as-of", AS_OF, "--vocabulary", str(faulty))

    assert (status, output) == (2, "")
    assert "target is not a known meaning" in errors
