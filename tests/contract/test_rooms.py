"""The rooms import each other only as `.importlinter` says."""

import sys
from pathlib import Path

import grimp
import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[2]


def test_every_contract_of_the_rooms_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    broken = lint_imports(config_filename=str(ROOT / ".importlinter"), no_cache=True)

    assert not broken, capsys.readouterr().out


def test_the_core_imports_nothing_beyond_the_standard_library() -> None:
    graph = grimp.build_graph("fhirgate", include_external_packages=True, cache_dir=None)
    core = {"fhirgate.oncology", *graph.find_descendants("fhirgate.oncology")}

    imported = {each for module in core for each in graph.find_modules_directly_imported_by(module)}

    assert imported - core <= sys.stdlib_module_names
