import json
from decimal import Decimal

import pytest

from fhirgate.exact_json import DEEPEST, NotJson, decode, items, members


def why(text: bytes) -> str:
    with pytest.raises(NotJson) as caught:
        decode(text)
    return str(caught.value)


def test_decimals_keep_every_digit_they_were_written_with() -> None:
    assert str(decode(b'{"value": 23.40}')["value"]) == "23.40"
    assert decode(b"[1.5]") == [Decimal("1.5")]


def test_whole_numbers_of_any_length_stay_whole() -> None:
    assert decode(b"[123456789012345678901234567890]") == [123456789012345678901234567890]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            b'{"a": 1,\n "b": [1, 2',
            "the JSON ends before it is complete, at line 2, column 12; the file was cut off",
        ),
        (b'{"a": 1', "the JSON ends before it is complete, at column 8; the file was cut off"),
        (b'{"a": 1,}', "not JSON: trailing comma in object at column 9"),
        (b'{\n"a": 1 "b": 2}', "not JSON: expected ',' or '}' at line 2, column 8"),
        (b'{"a": NaN}', "not JSON: invalid character at column 7"),
        (b'{"a": Infinity}', "not JSON: invalid character at column 7"),
        (b'{"a": 1} x', "not JSON: trailing characters at column 11"),
        (b'{"a": "\\ud800", "b', "the JSON ends before it is complete, at column 19; the file was cut off"),
        (b'{"a": "\\ud800"}', "a string holds half a character (an unpaired surrogate)"),
        (b'{"a": "\xe4"}', "not UTF-8: byte 0xe4 at column 8; save it as UTF-8"),
        (
            b'[{"a": 1, "b": {"a": 2}, "a": 3}]',
            'an object names the key "a" twice; which of the two holds cannot be known',
        ),
        (
            b'{"Jane Doe": 1, "Jane Doe": 2}',
            "an object names a key twice; which of the two holds cannot be known",
        ),
        (b'{"a" : 1, "a"\n: 2}', 'an object names the key "a" twice; which of the two holds cannot be known'),
        (b"[1e401]", "a number is larger or smaller than 10 to the power of 400"),
        (b"[1e-999999]", "a number is larger or smaller than 10 to the power of 400"),
        (b"[1e999999999999999999999]", "a number is larger or smaller than 10 to the power of 400"),
        (b"[" + b"1" * 5000 + b"]", "a number has too many digits"),
        (b"[" * 100_000, f"nested more than {DEEPEST} levels deep"),
        (b"[" * 300 + b"]" * 300, f"nested more than {DEEPEST} levels deep"),
        (b'{"a":' * 300 + b"1" + b"}" * 300, f"nested more than {DEEPEST} levels deep"),
    ],
)
def test_what_is_not_exactly_json_is_refused_in_words_with_its_place(text: bytes, words: str) -> None:
    assert why(text) == words


def test_nesting_up_to_the_limit_is_read() -> None:
    depth = DEEPEST - 1

    assert decode(b"[" * depth + b"]" * depth) is not None


@pytest.mark.parametrize(("before", "after"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_no_depth_beyond_the_limit_gets_through(before: bytes, after: bytes) -> None:
    for depth in (*range(DEEPEST + 2, 1010, 50), *range(900, 1010)):
        assert why(before * depth + b"1" + after * depth) == f"nested more than {DEEPEST} levels deep"


@pytest.mark.parametrize(
    "text",
    [
        rb'{"a": "\u0022:", "b": 1}',
        rb'{"a": "\u00e4\/", "b": {"c": 1.0e5}}',
        b'{"a": "x\\u003a", "b": -0.0}',
        b'{"a" :\n"x : y"}',
    ],
)
def test_a_text_that_is_spelt_in_another_way_is_still_whole(text: bytes) -> None:
    assert decode(text) == json.loads(text, parse_float=Decimal)


@pytest.mark.parametrize(
    "text",
    [rb'{"a": "\u0022:", "a": 1}', rb'{"a": 1, "\u0061": 1}', b'{"a": 1.0e5, "b": [{"c": 1, "c": 1}]}'],
)
def test_a_repeated_key_is_found_however_the_text_is_spelt(text: bytes) -> None:
    assert "twice" in why(text)


def test_a_quote_and_colon_inside_a_string_is_no_key() -> None:
    text = rb'{"a": "says \"a\": 1", "b": ":", "c": ["x", ":y"]}'

    assert decode(text) == {"a": 'says "a": 1', "b": ":", "c": ["x", ":y"]}


def test_the_largest_numbers_of_fhirs_own_examples_are_read() -> None:
    assert decode(b"[1.0E245, 1.0E-245]") == [Decimal("1.0E245"), Decimal("1.0E-245")]


def test_zero_with_an_exponent_is_a_number() -> None:
    assert decode(b"[0.0, -0.0, 0e5]") == [Decimal(0), Decimal(0), Decimal(0)]


def test_members_are_handed_out_as_text() -> None:
    found = members(b'{"type": "searchset", "entry": [{"a": 1}, {"a": 2}]}')

    assert bytes(found["type"]) == b'"searchset"'
    assert [bytes(each) for each in items(found["entry"])] == [b'{"a": 1}', b'{"a": 2}']


def test_members_refuse_a_key_that_stands_twice_at_the_root() -> None:
    with pytest.raises(NotJson, match='names the key "entry" twice'):
        members(b'{"entry": [{"a": 1}], "entry": []}')


@pytest.mark.parametrize(
    "text", [b'{"a": "a", "a": "a"}', b'{"a": [1], "b": "[1]", "a": [1]}', b'{"a": {"b": 1}, "a": {"b": 1}}']
)
def test_members_refuse_a_repeated_key_whatever_stands_under_it(text: bytes) -> None:
    with pytest.raises(NotJson, match='names the key "a" twice'):
        members(text)


def test_an_object_may_have_no_members() -> None:
    assert members(b" {} ") == {}


def test_members_leave_a_repeated_key_further_down_to_who_decodes_it() -> None:
    found = members(b'{"entry": [{"a": 1, "a": 2}]}')

    with pytest.raises(NotJson, match='names the key "a" twice'):
        decode(found["entry"])


def test_a_text_that_is_no_object_has_no_members() -> None:
    with pytest.raises(NotJson, match="not the kind of JSON expected"):
        members(b"[1]")
