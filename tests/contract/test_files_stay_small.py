"""No Python file has over 400 lines: a longer one hides a noun of its own."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
MOST_LINES = 400


def test_no_python_file_is_over_400_lines() -> None:
    files = [path for room in ("fhirgate", "tests") for path in sorted((ROOT / room).rglob("*.py"))]
    lines = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in files}

    assert {name: number for name, number in lines.items() if number > MOST_LINES} == {}
