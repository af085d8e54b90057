"""Build the profiles: codes from the code, topics from their R5 form, everything else from FSH by SUSHI.

    python profiles/build_profiles.py

Needs the tools that `tests/peers/hl7_validator/provision.sh` installs, and no network. Writes
`input/fsh/code_systems.fsh` (from fhirgate.mapping.compose.code_systems) and `resources/` (all of it, anew).
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from r4_topics import Json, as_basic

from fhirgate.mapping.canonical import PROFILES_VERSION
from fhirgate.mapping.compose.code_systems import CODE_SYSTEMS, OwnCodeSystem

HERE = Path(__file__).resolve().parent
SOURCES = ("sushi-config.yaml", "input")
CODES = HERE / "input" / "fsh" / "code_systems.fsh"
RESOURCES = HERE / "resources"
TOPICS = HERE / "r5"


def tools() -> Path:
    """Where provision.sh puts SUSHI and the R4 definitions."""
    root = os.environ.get("FHIRGATE_PEERS") or Path.home() / ".cache" / "fhirgate-peers"
    return Path(root) / "hl7_validator"


def code_systems_fsh() -> str:
    """Our code systems as FSH, from the values the code writes."""
    head = (
        "// Written by build_profiles.py from fhirgate.mapping.compose.code_systems: change that, not this.\n"
    )
    return head + "".join(f"\n{_fsh(each)}" for each in CODE_SYSTEMS)


def _fsh(system: OwnCodeSystem) -> str:
    lines = [
        f"CodeSystem: {system.name}",
        f"Id: {system.id}",
        f'Title: "{_quoted(system.title)}"',
        f'Description: "{_quoted(system.description)}"',
        "* ^caseSensitive = true",
        "* ^experimental = false",
    ]
    if not system.terms:
        lines.append("* ^content = #not-present")
    for term in system.terms:
        lines.append(f'* #{term.code} "{_quoted(term.display)}" "{_quoted(term.definition)}"')
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def topics() -> dict[str, str]:
    """The topics as R4 Basic resources, by file name."""
    found = (json.loads(path.read_text("utf-8")) for path in sorted(TOPICS.glob("*.json")))
    return {f"Basic-{each['id']}.json": _text(as_basic(each)) for each in found}


def build(into: Path) -> str:
    """Every resource into a folder; what SUSHI said. Raises RuntimeError when it found an error."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        shutil.copy(HERE / "sushi-config.yaml", work)
        shutil.copytree(HERE / "input" / "fsh", work / "input" / "fsh")
        (work / "input" / "fsh" / CODES.name).write_text(code_systems_fsh(), "utf-8")
        (work / "input" / "resources").mkdir()
        for file, text in topics().items():
            (work / "input" / "resources" / file).write_text(text, "utf-8")
        said = _sushi(work)
        into.mkdir(parents=True, exist_ok=True)
        for folder in (work / "fsh-generated" / "resources", work / "input" / "resources"):
            for path in sorted(folder.glob("*.json")):
                resource = json.loads(path.read_text("utf-8"))
                (into / path.name).write_text(_text(_versioned(_without_empty(resource))), "utf-8")
    return said


def _versioned(resource: Json) -> Json:
    """What is published under a URL, with its version behind it; SUSHI leaves that to the IG publisher."""
    if "url" not in resource or "version" in resource:
        return resource
    changed: Json = {}
    for name, value in resource.items():
        changed[name] = value
        if name == "url":
            changed["version"] = PROFILES_VERSION
    return changed


def _without_empty(value: Any) -> Any:
    """SUSHI leaves an empty array in an ImplementationGuide without parameters, which FHIR forbids."""
    if isinstance(value, dict):
        return {name: _without_empty(each) for name, each in value.items() if each != []}
    return [_without_empty(each) for each in value] if isinstance(value, list) else value


def _sushi(work: Path) -> str:
    sushi = tools() / "node_modules" / ".bin" / "sushi"
    if not sushi.exists():
        raise RuntimeError(f"SUSHI is not in {sushi.parent}: run tests/peers/hl7_validator/provision.sh")
    environment = {**os.environ, "HOME": str(tools() / "home"), "FHIR_REGISTRY": "http://127.0.0.1:9"}
    done = subprocess.run(  # noqa: S603 - our own tool, with our own files
        [str(sushi), "build", "--snapshot", str(work)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"SUSHI found errors:\n{done.stdout}{done.stderr}")
    return done.stdout


def _text(resource: Json) -> str:
    return json.dumps(resource, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the sources and the resources that are built from them."""
    CODES.write_text(code_systems_fsh(), "utf-8")
    with tempfile.TemporaryDirectory() as name:
        fresh = Path(name) / "resources"
        said = build(fresh)
        shutil.rmtree(RESOURCES, ignore_errors=True)
        shutil.copytree(fresh, RESOURCES)
    sys.stdout.write(said)
    sys.stdout.write(f"version {PROFILES_VERSION}: {len(list(RESOURCES.glob('*.json')))} resources\n")


if __name__ == "__main__":
    main()
