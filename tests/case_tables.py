"""The clinical case tables under `tests/cases`: one `[[case]]` per situation, decimals read exactly."""

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

CASES = Path(__file__).parent / "cases"

Case = dict[str, Any]


def read(path: Path) -> list[Case]:
    """The cases of one table, none in a table of what cases share; a table's own `source` is that of its cases."""
    table = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    shared = {"source": table["source"]} if "source" in table else {}
    return [{**shared, **case} for case in table.get("case", [])]


def cases(table: str) -> list[Any]:
    """The cases of a table or of all tables of a folder, as test parameters named by id."""
    path = CASES / table
    found = sorted(path.glob("*.toml")) if path.is_dir() else [path]
    return [pytest.param(case, id=case["id"]) for each in found for case in read(each)]


def all_cases() -> list[tuple[Path, Case]]:
    """Every case of every table, with its file."""
    return [(path, case) for path in sorted(CASES.rglob("*.toml")) for case in read(path)]


def expected_rules(table: str) -> set[str]:
    """The names of the rules that the cases of a table expect."""
    return {param.values[0]["rule"] for param in cases(table) if "rule" in param.values[0]}
