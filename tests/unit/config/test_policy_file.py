from dataclasses import fields, replace
from decimal import Decimal
from pathlib import Path
from typing import get_type_hints

import pytest

from fhirgate.config.policy_file import load_policy
from fhirgate.errors import ConfigurationError
from fhirgate.oncology.policy import (
    DEFAULT_POLICY,
    IciPolicy,
    Policy,
    ReferenceMode,
    parameters,
    sections,
)

HEAD = 'name = "our board"\nversion = "2026-11"\n'


def load(tmp_path: Path, text: str | bytes) -> Policy:
    path = tmp_path / "policy.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_policy(path)


def problems(tmp_path: Path, text: str | bytes) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, text)
    return caught.value.problems


def test_what_a_file_does_not_say_is_our_default(tmp_path: Path) -> None:
    assert load(tmp_path, HEAD) == replace(DEFAULT_POLICY, name="our board", version="2026-11")


def test_every_kind_of_parameter_can_be_set(tmp_path: Path) -> None:
    policy = load(
        tmp_path,
        HEAD
        + """
        [imaging]
        stale_after_days = 90
        [lesion]
        reference_mode = "previous"
        new_lesion_min_mm = 5.50
        new_node_min_mm = 10
        [lines]
        biologic_addition_never_advances = true
        anti_egfr_addition_days = 90
        switch_maintenance_drugs = ["olaparib"]
        [state]
        ici_policy = "never_hold"
        """,
    )

    assert policy == replace(
        DEFAULT_POLICY,
        name="our board",
        version="2026-11",
        imaging=replace(DEFAULT_POLICY.imaging, stale_after_days=90),
        lesion=replace(
            DEFAULT_POLICY.lesion,
            reference_mode=ReferenceMode.PREVIOUS,
            new_lesion_min_mm=Decimal("5.50"),
            new_node_min_mm=Decimal(10),
        ),
        lines=replace(
            DEFAULT_POLICY.lines,
            biologic_addition_never_advances=True,
            anti_egfr_addition_days=90,
            switch_maintenance_drugs=("olaparib",),
        ),
        state=replace(DEFAULT_POLICY.state, ici_policy=IciPolicy.NEVER_HOLD),
    )
    assert str(policy.lesion.new_lesion_min_mm) == "5.50"


def test_the_whole_default_policy_can_be_written_down_and_read_back(tmp_path: Path) -> None:
    lines = [HEAD]
    for name, section in sections().items():
        lines.append(f"[{name}]")
        values = {each: getattr(getattr(DEFAULT_POLICY, name), each) for each in parameters(section)}
        lines += [f"{key} = {_toml(value)}" for key, value in values.items() if value is not None]

    assert load(tmp_path, "\n".join(lines)) == replace(DEFAULT_POLICY, name="our board", version="2026-11")


def _toml(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


@pytest.mark.parametrize(
    ("section", "name"), [(each, name) for each, kind in sections().items() for name in parameters(kind)]
)
def test_no_parameter_takes_a_value_of_another_kind(tmp_path: Path, section: str, name: str) -> None:
    kind = get_type_hints(sections()[section])[name]
    wrong = '"x"' if kind is not tuple[str, ...] else "[1]"

    [problem] = problems(tmp_path, f"{HEAD}[{section}]\n{name} = {wrong}")

    assert problem.startswith(f"{section}.{name}: must be ")


@pytest.mark.parametrize(
    ("section", "name"), [(each, name) for each, kind in sections().items() for name in parameters(kind)]
)
def test_every_number_has_bounds(tmp_path: Path, section: str, name: str) -> None:
    kind = str(get_type_hints(sections()[section])[name])
    if "int" not in kind and "Decimal" not in kind:
        return

    for value in ("-1", "100000"):
        [problem] = problems(tmp_path, f"{HEAD}[{section}]\n{name} = {value}")
        assert problem.startswith(f"{section}.{name}: must lie between 0 and ")


def test_all_problems_of_a_file_are_reported_at_once_with_their_place(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        """
        version = 1
        nme = "x"
        [imaging]
        stale_after_days = -3
        stale_afterdays = 3
        assessment_window_days = true
        [state]
        low_confidence_below = 1.5
        ici_policy = "never"
        [lines]
        switch_maintenance_drugs = "x"
        gap_days = 1.0
        [lesion]
        new_node_min_mm = "5"
        new_lesion_min_mm = nan
        [response]
        confirmed_pr_persists = 1
        [foo]
        """,
    )

    assert sorted(found) == sorted(
        [
            "name: is missing; a policy needs a name",
            "version: must be text in quotes, and not blank",
            "nme: is not a known key; did you mean name?",
            "foo: is not a known key",
            "imaging.stale_after_days: must lie between 0 and 36500",
            "imaging.stale_afterdays: is not a known key;"
            " did you mean stale_after_days or line_baseline_after_days?",
            "imaging.assessment_window_days: must be a whole number",
            "state.low_confidence_below: must lie between 0 and 1",
            "state.ici_policy: must be one of hold_first_followup, never_hold",
            "lines.switch_maintenance_drugs: must be a list of names in quotes",
            "lines.gap_days: must be a whole number",
            "lesion.new_node_min_mm: must be a number",
            "lesion.new_lesion_min_mm: must be a finite number",
            "response.confirmed_pr_persists: must be true or false",
        ]
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (HEAD + "imaging = 3", "imaging: must be a table"),
        (HEAD + "version =", "not TOML: Invalid value (at end of document)"),
        (b"name = '\xff'", "not UTF-8 at byte 8"),
        ('name = " "\nversion = "1"', "name: must be text in quotes, and not blank"),
    ],
)
def test_a_file_that_is_no_policy_is_refused_in_words(tmp_path: Path, text: str, problem: str) -> None:
    assert problems(tmp_path, text) == (problem,)


def test_a_file_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "none.toml"
    with pytest.raises(ConfigurationError) as caught:
        load_policy(path)

    assert caught.value.safe_message == (
        f"the policy file {path} cannot be used:\n  - cannot be opened: No such file or directory"
    )


def test_the_sections_are_those_of_the_policy() -> None:
    assert {each.name for each in fields(Policy)} == {"name", "version", *sections()}
