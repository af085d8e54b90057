"""A site's choices by section and name."""

from dataclasses import fields

from fhirgate.oncology.policy import DEFAULT_POLICY, ImagingPolicy, Policy, parameters, sections


def test_the_sections_are_those_of_the_policy() -> None:
    named = {each.name for each in fields(Policy)} - {"name", "version"}

    assert set(sections()) == named
    assert all(isinstance(getattr(DEFAULT_POLICY, name), kind) for name, kind in sections().items())


def test_the_parameters_of_a_section_are_named_as_in_its_class() -> None:
    assert parameters(ImagingPolicy) == (
        "assessment_window_days",
        "line_baseline_before_days",
        "line_baseline_after_days",
        "no_baseline_lookback_days",
        "lesion_memory_days",
        "stale_after_days",
    )
