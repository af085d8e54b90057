"""Whether this process can be given work, each reason on its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fhirgate.errors import ConfigurationError, FhirgateError


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that must hold."""

    name: str
    why_not: str = ""
    """Empty when it holds."""


def checked(conditions: Mapping[str, Callable[[], tuple[str, ...]]]) -> tuple[Check, ...]:
    """Each condition by name with what is against it."""
    return tuple(_check(name, ask) for name, ask in conditions.items())


def _check(name: str, ask: Callable[[], tuple[str, ...]]) -> Check:
    try:
        against = ask()
    except ConfigurationError as error:
        against = error.problems
    except FhirgateError as error:
        against = (error.safe_message,)
    return Check(name=name, why_not="; ".join(against))
