"""HL7's validator, offline: many files in one start, and the few messages that only a terminology service settles."""

import os
import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PROVISION = HERE / "provision.sh"
RECIPE = ("provision.sh", "packages.py", "pom.xml", "Validate.java")
MOST_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing the validator says of one file."""

    file: str
    severity: str
    place: str
    message: str


@dataclass(frozen=True, slots=True)
class Excused:
    """A message that is not about our resource but about what the validator has at hand, and why it is passed over."""

    why: str
    message: str
    file: str = ".*"

    def covers(self, issue: Issue) -> bool:
        """Whether it is this message, of such a file."""
        return bool(re.fullmatch(self.message, issue.message) and re.fullmatch(self.file, issue.file))


EXCUSED = (
    Excused(
        "AIAST was added to HL7's v3-ObservationValue after R4; R4's copy, the only one at hand, is of 2018. Its"
        " companion DEVAST is in that copy and is checked.",
        "Unknown code 'AIAST' in the CodeSystem 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue'"
        " version '2018-08-12'",
    ),
    Excused(
        "DCM is carried by R4 as a fragment of some hundred codes, which the validator takes for the whole. 128203"
        " is 'For Tumor Board' in DICOM PS3.16.",
        "Unknown code '128203' in the CodeSystem 'http://dicom.nema.org/resources/ontology/DCM' version '01'",
    ),
    Excused(
        "US Core's careplan-category is not part of R4; `assess-plan` is its only code for this use.",
        "No definition could be found for URL value"
        " 'http://hl7\\.org/fhir/us/core/CodeSystem/careplan-category'",
    ),
    Excused(
        "A topic in R4 is a Basic with R5's elements as cross-version extensions; their definitions are R5's and"
        " not at hand. The R5 form of each topic is checked by R5 models, and the Basic is compared with it.",
        "Extension url 'http://hl7\\.org/fhir/5\\.0/StructureDefinition/extension-SubscriptionTopic\\.[a-zA-Z]+'"
        " is not valid \\(invalid Version '5\\.0'\\)",
        file="Basic-[a-z-]+\\.json",
    ),
    Excused(
        "The code of such a Basic is in the code system fhir-types, which is younger than R4.",
        "No definition could be found for URL value 'http://hl7\\.org/fhir/fhir-types'",
        file="Basic-[a-z-]+\\.json",
    ),
)
"""Errors, exactly these; every other error fails the test. Warnings are not looked at."""


def tools() -> Path:
    """Where provision.sh puts everything."""
    root = os.environ.get("FHIRGATE_PEERS") or Path.home() / ".cache" / "fhirgate-peers"
    return Path(root) / "hl7_validator"


def require_tools() -> Path:
    """The tools; without them the test is skipped, and fails in CI."""
    where = tools()
    stamp = where / "provisioned"
    if not stamp.exists() or stamp.read_text().strip() != _version():
        reason = f"HL7's validator and SUSHI are not in {where}, or of an older recipe: run {PROVISION}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return where


def _version() -> str:
    """Of the recipe, as provision.sh computes it."""
    parts = [(HERE / name).read_bytes() for name in RECIPE]
    return sha256(b"".join(parts)).hexdigest()


def validate(paths: Iterable[Path], guides: Iterable[Path] = ()) -> tuple[tuple[str, ...], tuple[Issue, ...]]:
    """The names of the files looked at, and every issue found; `guides` are folders of definitions to know."""
    where = require_tools()
    known = [argument for guide in guides for argument in ("-ig", str(guide))]
    command = [
        "java",
        "-Xmx3g",
        f"-Duser.home={where / 'home'}",
        "-cp",
        "target/classes:target/lib/*",
        "Validate",
    ]
    done = subprocess.run(
        [*command, *known, *map(str, paths)],
        cwd=where,
        capture_output=True,
        encoding="utf-8",
        timeout=MOST_SECONDS,
        check=False,
    )
    if done.returncode:
        raise AssertionError(f"the validator did not run to its end:\n{done.stderr[-4000:]}")
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    checked = tuple(Path(line[0]).name for line in lines if line[1] == "checked")
    issues = tuple(Issue(Path(line[0]).name, *line[1:4]) for line in lines if line[1] != "checked")
    return checked, issues


def errors(issues: Iterable[Issue]) -> list[str]:
    """The errors that nothing excuses, in words."""
    return [
        f"{each.file} {each.place}: {each.message}"
        for each in issues
        if each.severity in ("ERROR", "FATAL") and not any(excuse.covers(each) for excuse in EXCUSED)
    ]
