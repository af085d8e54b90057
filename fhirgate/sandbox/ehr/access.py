"""What a token may see and do: scopes held to type, interaction, filter and patient on every call."""

from dataclasses import dataclass
from typing import Any

from fhirgate.sandbox.ehr.criteria import are_met, criteria, local_reference, values_at
from fhirgate.sandbox.ehr.records import Records
from fhirgate.sandbox.ehr.refused import Refused
from fhirgate.sandbox.ehr.scopes import FHIR_USER, Scope
from fhirgate.sandbox.ehr.table import KINDS

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What was granted with a token."""

    client_id: str
    scopes: tuple[Scope, ...]
    words: frozenset[str] = frozenset()
    patient: str = ""
    """The id of the only patient that `patient/` scopes are about; without one they give nothing."""
    user: str = ""
    """The user as a local reference."""

    def is_confined(self, kind: str, letter: str) -> bool:
        """Whether only one patient's resources of this type are given."""
        given = [each for each in self.scopes if each.is_for(kind, letter)]
        return bool(given) and all(each.context == "patient" for each in given)


@dataclass(frozen=True, slots=True)
class Guard:
    """Says no where the token does not say yes."""

    records: Records
    base_url: str

    def check_type(self, access: Access, kind: str, letter: str) -> None:
        """Raises Refused (403) when nothing of this type is permitted."""
        if not any(each.is_for(kind, letter) for each in access.scopes) and not (
            letter == "r" and self._is_user_of(access, kind)
        ):
            raise _insufficient(kind, letter)

    def check(self, access: Access, kind: str, letter: str, resource: Json) -> None:
        """Raises Refused (403) when this resource is not permitted."""
        if not self.permits(access, kind, letter, resource):
            raise _insufficient(kind, letter, " to this one")

    def permits(self, access: Access, kind: str, letter: str, resource: Json) -> bool:
        """Whether a scope of the token gives this resource."""
        if letter == "r" and access.user == f"{kind}/{resource.get('id')}" and FHIR_USER in access.words:
            return True
        return any(
            self._gives(each, access, kind, resource) for each in access.scopes if each.is_for(kind, letter)
        )

    def patients_of(self, resource: Json) -> frozenset[str]:
        """The ids of the patients a resource is about."""
        if resource["resourceType"] == "Patient":
            return frozenset({str(resource.get("id"))})
        found: set[str] = set()
        for path in KINDS[resource["resourceType"]].patient_paths:
            for value in values_at(resource, f"{path}.reference"):
                found |= self._patients_behind(value, path)
        return frozenset(found)

    def _patients_behind(self, reference: object, path: str) -> frozenset[str]:
        name = local_reference(reference, self.base_url)
        if name is None:
            # What is not here can be anybody's.
            return frozenset({""})
        if name[0] == "Patient":
            return frozenset({name[1]})
        # A Provenance is about whomever its targets are about.
        target = self.records.current(name) if path == "target" else None
        if target is None or name[0] == "Provenance":
            return frozenset({""})
        return self.patients_of(target.resource)

    def _is_user_of(self, access: Access, kind: str) -> bool:
        return FHIR_USER in access.words and access.user.startswith(f"{kind}/")

    def _gives(self, scope: Scope, access: Access, kind: str, resource: Json) -> bool:
        if scope.context == "patient":
            if not access.patient:
                return False
            if KINDS[kind].is_of_a_patient and self.patients_of(resource) != {access.patient}:
                return False
        return are_met(criteria(KINDS[kind], scope.query, self.base_url), resource)


def _insufficient(kind: str, letter: str, more: str = "") -> Refused:
    return Refused(
        403,
        "forbidden",
        f"the token's scopes do not give '{letter}' on {kind}{more}",
        headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{kind}.{letter}"'},
    )
