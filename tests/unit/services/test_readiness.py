"""Whether a process can be given work."""

from fhirgate.errors import ConfigurationError, StoreError
from fhirgate.services.readiness import Check, checked


def _outdated() -> tuple[str, ...]:
    raise ConfigurationError("the database", ["old", "odd"])


def _gone() -> tuple[str, ...]:
    raise StoreError("not there")


def test_each_condition_tells_what_is_against_it() -> None:
    found = checked({"a": lambda: (), "b": lambda: ("x", "y"), "c": _outdated, "d": _gone})

    assert found == (
        Check(name="a"),
        Check(name="b", why_not="x; y"),
        Check(name="c", why_not="old; odd"),
        Check(name="d", why_not="not there"),
    )
