"""Puts the packed profiles, and the topics in their R5 form, into the wheel as `fhirgate/_profiles`."""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))  # hatch loads this file alone

from pack_profiles import package_bytes, package_name  # noqa: E402


class PackProfiles(BuildHookInterface):
    """Packs at build time: a tgz is no thing to keep under version control."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the files; an editable install reads `profiles/` itself."""
        if version == "editable":
            return
        self._made = Path(tempfile.mkdtemp())
        packed = self._made / package_name()
        packed.write_bytes(package_bytes())
        build_data["force_include"][str(packed)] = f"fhirgate/_profiles/{packed.name}"
        build_data["force_include"][str(HERE / "r5")] = "fhirgate/_profiles/r5"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Leave nothing behind."""
        if version != "editable":
            shutil.rmtree(self._made, ignore_errors=True)
