import io
import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fhirgate.ehr import folder
from fhirgate.ehr.containers import Item, Received, Unreadable
from fhirgate.ehr.folder import read_source, size_of

ONE = b'{"resourceType": "Patient", "id": "1"}'
TWO = b'{"resourceType": "Patient", "id": "2"}'


def read(source: Path | str, stdin: bytes = b"") -> list[Item]:
    return list(read_source(str(source), io.BytesIO(stdin)))


def ids(items: list[Item]) -> list[str]:
    return [each.resource["id"] if isinstance(each, Received) else each.why for each in items]


def written(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def test_standard_input_is_read_like_a_file() -> None:
    assert read("-", ONE) == [Received(resource=json.loads(ONE), where="standard input")]


def test_a_byte_order_mark_is_no_part_of_the_record() -> None:
    assert ids(read("-", b"\xef\xbb\xbf" + ONE)) == ["1"]
    assert ids(read("-", b"\xef\xbb\xbf" + ONE + b"\n" + TWO)) == ["1", "2"]


@pytest.mark.parametrize("coding", ["utf-16", "utf-16-le", "utf-32"])
def test_other_encodings_are_refused_in_words(coding: str) -> None:
    found = read("-", ONE.decode().encode(coding))

    assert ids(found) == ["UTF-16 or not text at all; expected JSON in UTF-8"]


@pytest.mark.parametrize("nothing", [b"", b"\n\n", b"\xef\xbb\xbf  "])
def test_an_empty_file_is_called_empty(nothing: bytes) -> None:
    assert ids(read("-", nothing)) == ["empty"]


def test_sizes_are_exact() -> None:
    [found] = read("-", b'{"resourceType": "Observation", "valueQuantity": {"value": 2.40}}')

    assert isinstance(found, Received)
    value: Any = found.resource["valueQuantity"]["value"]
    assert isinstance(value, Decimal)
    assert str(value) == "2.40"


def test_ndjson_is_told_by_its_lines_and_not_by_its_name(tmp_path: Path) -> None:
    path = written(tmp_path, {"a.json": ONE + b"\r\n\n" + TWO + b"\n"}) / "a.json"

    assert read(path) == [
        Received(resource=json.loads(ONE), where=f"{path}, line 1"),
        Received(resource=json.loads(TWO), where=f"{path}, line 3"),
    ]


def test_one_bad_line_of_ndjson_loses_only_itself() -> None:
    found = read("-", b"\n" + ONE + b'\n{"resourceType": \nnonsense\n' + TWO)

    assert found == [
        Received(resource=json.loads(ONE), where="standard input, line 2"),
        Unreadable(
            where="standard input, line 3",
            why="the JSON ends before it is complete, at column 17; the file was cut off",
        ),
        Unreadable(where="standard input, line 4", why="not JSON; expected FHIR as JSON or NDJSON"),
        Received(resource=json.loads(TWO), where="standard input, line 5"),
    ]


@pytest.mark.parametrize("indent", [None, 0, 1, 4])
def test_a_document_over_several_lines_is_no_ndjson(indent: int | None) -> None:
    resource = {
        "resourceType": "Bundle",
        "entry": [{"resource": json.loads(ONE)}, {"resource": json.loads(TWO)}],
    }

    assert ids(read("-", json.dumps(resource, indent=indent).encode())) == ["1", "2"]


def test_a_place_in_a_document_counts_the_blank_lines_before_it() -> None:
    [found] = read("-", b'\n\n{"resourceType": "Patient",\n oops}')

    assert isinstance(found, Unreadable)
    assert found.why == "not JSON: object keys must be strings at line 4, column 2"


def test_a_text_larger_than_can_be_held_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "MOST_BYTES", 1 << 20)
    entry = b'{"resource": ' + ONE + b"}"
    large = b'{"resourceType": "Bundle", "entry": [\n' + b",\n".join([entry] * 30_000) + b"]}"

    assert ids(read("-", large)) == ["over 1 MiB in one JSON text; use NDJSON instead"]
    assert len(read("-", b"\n".join([ONE] * 30_000))) == 30_000


def test_a_folder_is_read_with_its_subfolders_in_order_of_the_paths(tmp_path: Path) -> None:
    written(
        tmp_path,
        {
            "b/2.NDJSON": TWO,
            "a.json": ONE,
            "b/1.jsonl": ONE,
            "notes.txt": b"x",
            ".hidden.json": b"x",
            ".git/x.json": b"x",
        },
    )

    assert read(tmp_path) == [
        Received(resource=json.loads(ONE), where="a.json"),
        Received(resource=json.loads(ONE), where=os.path.join("b", "1.jsonl")),
        Received(resource=json.loads(TWO), where=os.path.join("b", "2.NDJSON")),
    ]


def test_one_bad_file_of_a_folder_loses_only_itself(tmp_path: Path) -> None:
    written(tmp_path, {"a.json": b"{", "b.json": ONE})

    assert ids(read(tmp_path)) == [
        "the JSON ends before it is complete, at column 2; the file was cut off",
        "1",
    ]


def test_a_folder_without_fhir_files_says_what_was_looked_for(tmp_path: Path) -> None:
    assert read(tmp_path) == [
        Unreadable(where=str(tmp_path), why="no file named *.json, *.ndjson, *.jsonl in this folder")
    ]


def test_links_in_a_circle_end_and_nothing_is_read_twice(tmp_path: Path) -> None:
    written(tmp_path, {"in/a.json": ONE, "in/deep/b.json": TWO})
    (tmp_path / "in/deep/up").symlink_to(tmp_path / "in")
    (tmp_path / "in/self").symlink_to(tmp_path / "in/self")
    (tmp_path / "in/again.json").symlink_to(tmp_path / "in/a.json")
    (tmp_path / "in/elsewhere").symlink_to(tmp_path / "in/deep")

    assert sorted(ids(read(tmp_path / "in"))) == ["1", "2"]


def test_a_link_to_nothing_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.json").symlink_to(tmp_path / "gone.json")

    assert read(tmp_path) == [Unreadable(where="a.json", why="cannot be opened: No such file or directory")]


def test_a_source_that_is_not_there_is_reported(tmp_path: Path) -> None:
    missing = str(tmp_path / "none.json")

    assert read(missing) == [Unreadable(where=missing, why="cannot be opened: No such file or directory")]


def test_a_folder_that_may_not_be_entered_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, {"a.json": ONE, "closed/b.json": TWO})
    scan = os.scandir

    def barred(path: str) -> Any:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", barred)

    assert read(tmp_path) == [
        Unreadable(where=str(tmp_path / "closed"), why="cannot be opened: Permission denied"),
        Received(resource=json.loads(ONE), where="a.json"),
    ]


def test_progress_is_told_every_byte(tmp_path: Path) -> None:
    written(tmp_path, {"a.json": ONE, "b.ndjson": ONE + b"\n" + TWO})
    told: list[int] = []

    list(read_source(str(tmp_path), io.BytesIO(), told.append))

    assert sum(told) == size_of(str(tmp_path)) == 3 * len(ONE) + 1


def test_the_size_of_a_stream_is_not_known_before_it_is_read() -> None:
    assert size_of("-") == 0


def test_pages_of_a_search_in_several_files_are_all_there(tmp_path: Path) -> None:
    page = b'{"resourceType": "Bundle", "link": [{"relation": "%s", "url": "http://s/2"}], "entry": []}'
    written(tmp_path, {"1.json": page % b"next", "2.json": page % b"self"})

    assert read(tmp_path) == []
