"""The profiles as a FHIR npm package: one tgz that any FHIR tool can load, the same bytes every time.

    python profiles/pack_profiles.py FOLDER

Only the standard library: building a wheel runs this (`hatch_build.py`) where nothing else is installed.
https://confluence.hl7.org/display/FHIR/NPM+Package+Specification
"""

import gzip
import io
import json
import sys
import tarfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RESOURCES = HERE / "resources"
INDEXED = ("resourceType", "id", "url", "version", "kind", "type")
"""What the index of a package says of each resource."""

Json = dict[str, Any]


def package_name() -> str:
    """The file name, with the version that the ImplementationGuide has."""
    guide = _guide(_resources())
    return f"{guide['packageId']}-{guide['version']}.tgz"


def package_bytes() -> bytes:
    """The package: manifest, index and every resource, in a fixed order and without times or owners."""
    found = _resources()
    files = {
        "package.json": _text(_manifest(_guide(found))),
        ".index.json": _text({"index-version": 2, "files": [_indexed(*each) for each in found.items()]}),
    } | {name: _text(resource) for name, resource in found.items()}
    packed = io.BytesIO()
    with (
        gzip.GzipFile(filename="", fileobj=packed, mode="wb", mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for name, content in files.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def _resources() -> dict[str, Json]:
    return {path.name: json.loads(path.read_text("utf-8")) for path in sorted(RESOURCES.glob("*.json"))}


def _guide(resources: dict[str, Json]) -> Json:
    (guide,) = (each for each in resources.values() if each["resourceType"] == "ImplementationGuide")
    return guide


def _manifest(guide: Json) -> Json:
    return {
        "name": guide["packageId"],
        "version": guide["version"],
        "type": "IG",
        "title": guide["title"],
        "description": guide["description"],
        "author": guide["publisher"],
        "license": guide["license"],
        "canonical": guide["url"].partition("/ImplementationGuide/")[0],
        "url": guide["url"].partition("/ImplementationGuide/")[0],
        "fhirVersions": guide["fhirVersion"],
        "dependencies": {"hl7.fhir.r4.core": guide["fhirVersion"][0]},
    }


def _indexed(filename: str, resource: Json) -> Json:
    return {"filename": filename} | {
        name: resource[name] for name in INDEXED if isinstance(resource.get(name), str)
    }


def _text(value: Json) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


if __name__ == "__main__":
    (Path(sys.argv[1]) / package_name()).write_bytes(package_bytes())
