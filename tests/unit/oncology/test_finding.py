"""Notes on the data come in an order that the input does not decide."""

from builders import source

from fhirgate.oncology.finding import Finding, Severity, in_order


def _finding(code: str, severity: Severity, text: str = "", path: str = "", id: str = "") -> Finding:
    return Finding(code=code, severity=severity, text=text, path=path, source=source(id) if id else None)


def test_findings_are_ordered_by_severity_then_code_source_path_and_text() -> None:
    expected = (
        _finding("Z", Severity.ERROR),
        _finding("A", Severity.WARNING),
        _finding("A", Severity.WARNING, "a", "p", "1"),
        _finding("A", Severity.WARNING, "b", "p", "1"),
        _finding("A", Severity.WARNING, "a", "q", "1"),
        _finding("A", Severity.WARNING, "a", "p", "2"),
        _finding("B", Severity.WARNING),
        _finding("A", Severity.INFORMATION),
    )

    assert in_order(frozenset(expected)) == expected
