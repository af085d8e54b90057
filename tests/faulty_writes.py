"""`FaultyServer` that takes results too: conditional create, update of the version looked at, each version kept."""

import copy
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from faulty_server import FaultyServer, Json, closing, held, listed
from wire import Heard

from fhirgate.ehr.write_plan import PROVENANCE, WRITTEN
from fhirgate.exact_json import decode

WITHDRAWN = ("entered-in-error", "revoked")


def takes_results() -> Json:
    """The statement of such a server."""
    told = listed()
    resources = told["rest"][0]["resource"]
    types = {each["type"]: each for each in resources}
    for kind in WRITTEN:
        offered = types.get(kind) or {"type": kind, "searchParam": []}
        if kind not in types:
            resources.append(offered)
        offered |= {
            "interaction": [{"code": each} for each in ("read", "search-type", "create", "update")],
            "searchParam": [
                *offered["searchParam"],
                {"name": "_tag" if kind == PROVENANCE else "identifier"},
            ],
            "conditionalCreate": True,
            "versioning": "versioned",
        }
    return told


@dataclass
class TakesResults(FaultyServer):
    """The server, with what was written to it among what it holds."""

    holds: list[Json] = field(default_factory=held)
    statement: Json = field(default_factory=takes_results)
    history: list[Json] = field(default_factory=list)
    """Every version that was written, in order."""

    def write(self, heard: Heard, path: str) -> bytes:
        body = plain(decode(heard.body))
        kind, _, id_ = path.partition("/")
        if heard.line.startswith("POST"):
            condition = heard.headers.get("if-none-exist", "")
            name, _, value = condition.partition("=")
            if condition and self.page(kind, 1, self._wanted({name: unquote(value)}))["entry"]:
                return closing(b"", status="200 OK")
            number = sum(each["resourceType"] == kind for each in self.history) + 1
            return self._put(body | {"id": f"{kind[:2].lower()}{number}"}, 1, "201 Created")
        found = [each for each in self.holds if (each["resourceType"], each["id"]) == (kind, id_)]
        if not found:
            return closing(b"", status="404 Not Found")
        version = found[0]["meta"]["versionId"]
        if heard.headers.get("if-match") != f'W/"{version}"':
            return closing(b"", status="412 Precondition Failed")
        return self._put(body, int(version) + 1, "200 OK")

    def _put(self, body: Json, version: int, status: str) -> bytes:
        body = body | {"meta": body.get("meta", {}) | {"versionId": str(version)}}
        name = (body["resourceType"], body["id"])
        self.holds[:] = [each for each in self.holds if (each["resourceType"], each["id"]) != name] + [body]
        self.history.append(body)
        location = f"{self.base}/{name[0]}/{name[1]}/_history/{version}"
        return closing(b"", status=status, more=f'Location: {location}\r\nETag: W/"{version}"\r\n')

    def standing(self, kind: str) -> list[Json]:
        """Our results of a type that say something now."""
        return [
            each
            for each in self.holds
            if each["resourceType"] == kind
            and each.get("status") not in WITHDRAWN
            and any("fhirgate" in str(tag.get("system")) for tag in each.get("meta", {}).get("tag", []))
        ]

    def snapshot(self) -> tuple[list[Json], list[Json]]:
        """What it holds, to be put back."""
        return copy.deepcopy(self.holds), copy.deepcopy(self.history)

    def restore(self, snapshot: tuple[list[Json], list[Json]]) -> None:
        """Hold that again."""
        self.holds[:], self.history[:] = copy.deepcopy(snapshot)


def plain(value: Any) -> Any:
    """JSON with plain numbers."""
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return float(value) if type(value).__name__ == "Decimal" else value
