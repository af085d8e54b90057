"""Keys that seal what is at rest: read from text, refused with every problem, and never shown."""

import pytest

from fhirgate.errors import ConfigurationError
from fhirgate.store.sealing import SealBroken, SealingKeys, new_sealing_key, sealing_keys

KEYS = SealingKeys(current="one", keys={"one": b"1" * 32})
BOUND = ("table", "row")


def test_what_was_sealed_is_opened_and_two_seals_differ() -> None:
    name, sealed = KEYS.seal(b"value", BOUND)

    assert name == "one"
    assert KEYS.open(name, sealed, BOUND) == b"value"
    assert KEYS.seal(b"value", BOUND)[1] != sealed
    assert b"value" not in sealed


@pytest.mark.parametrize("bound", [("table", "other"), ("tabler", "ow"), ("table",), ("table", "row", "")])
def test_a_seal_holds_for_its_own_row_alone(bound: tuple[str, ...]) -> None:
    name, sealed = KEYS.seal(b"value", BOUND)

    with pytest.raises(SealBroken):
        KEYS.open(name, sealed, bound)


@pytest.mark.parametrize("cut", [0, 5, 12, 20])
def test_what_was_cut_short_is_not_opened(cut: int) -> None:
    name, sealed = KEYS.seal(b"value", BOUND)

    with pytest.raises(SealBroken):
        KEYS.open(name, sealed[:cut], BOUND)


def test_a_key_that_is_not_there_opens_nothing() -> None:
    _, sealed = KEYS.seal(b"value", BOUND)

    assert KEYS.open("two", sealed, BOUND) is None


def test_the_first_key_of_a_file_seals_and_all_open() -> None:
    lines = [new_sealing_key("2026-11"), "", "# before", f"  {new_sealing_key('2026-10')}"]
    both, old = sealing_keys("\n".join(lines)), sealing_keys(lines[3])

    assert both.current == "2026-11"
    assert both.open(*old.seal(b"value", BOUND), BOUND) == b"value"
    assert lines[0].split()[1] not in repr(both)


def test_all_that_is_wrong_with_keys_is_told_together_without_them() -> None:
    good = new_sealing_key("a")
    with pytest.raises(ConfigurationError) as error:
        sealing_keys(f"{good}\na secret-too-short\nb! {good.split()[1]}")

    assert error.value.problems == (
        "key 2: its name is that of another key",
        "key 2: it is not 32 bytes in URL-safe base 64",
        "key 3: its name is not 1 to 32 letters, digits, hyphens and underscores",
    )
    assert "secret-too-short" not in str(error.value)


def test_no_key_is_a_problem() -> None:
    with pytest.raises(ConfigurationError, match="there is none"):
        sealing_keys("# nothing yet\n")


@pytest.mark.parametrize(("current", "key"), [("two", b"1" * 32), ("one", b"1" * 31)])
def test_keys_that_cannot_seal_are_a_bug_of_who_made_them(current: str, key: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        SealingKeys(current=current, keys={"one": key})
