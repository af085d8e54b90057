"""The one place that imports fhir.resources: its R4B models read R4, its R5 models R5; both check what we write.

Only to check: the models lose decimals and never serialise here. What they do not check (required codes,
invariants, reference targets) is in `compose.invariants`. The import is made on first use, because it takes
longer than the whole of a judgement.
"""

from collections.abc import Callable, Mapping
from typing import Any


def check_r4(resource: Mapping[str, Any]) -> tuple[str, ...]:
    """What is wrong with a resource by the R4B models, in words without its values; empty when it is valid."""
    from fhir.resources.R4B import get_fhir_model_class  # noqa: PLC0415 - slow, and most runs never check

    return _check(resource, get_fhir_model_class)


def check_r5(resource: Mapping[str, Any]) -> tuple[str, ...]:
    """What is wrong with a resource by the R5 models, in the same way."""
    from fhir.resources import get_fhir_model_class  # noqa: PLC0415

    return _check(resource, get_fhir_model_class)


def _check(resource: Mapping[str, Any], model: Callable[[str], Any]) -> tuple[str, ...]:
    from pydantic import ValidationError  # noqa: PLC0415

    kind = resource.get("resourceType")
    if not isinstance(kind, str):
        return ("resourceType is missing",)
    try:
        model(kind).model_validate(dict(resource))
    except ValidationError as problem:
        return tuple(
            f"{'.'.join(str(part) for part in error['loc'])}: {error['msg']}" for error in problem.errors()
        )
    except KeyError as problem:
        # The models raise it for an unknown resourceType inside `contained` or an entry.
        return (f"unknown resource type {problem}",)
    except RecursionError:
        return ("nested too deeply",)
    except ValueError as problem:
        return (str(problem),)
    return ()
