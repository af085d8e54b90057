"""Whose token it is."""

import pytest

from fhirgate.services.callers import Caller, digest_of, recognise

ALICE = Caller(name="alice", digests=(digest_of("a1"), digest_of("a2")), servers=None)
BOB = Caller(name="bob", digests=(digest_of("b1"),), servers=frozenset({"main"}))


@pytest.mark.parametrize(
    ("token", "caller"), [("a1", ALICE), ("a2", ALICE), ("b1", BOB), ("b2", None), ("", None)]
)
def test_a_token_is_that_of_its_caller_or_of_nobody(token: str, caller: Caller | None) -> None:
    assert recognise((ALICE, BOB), token) == caller


def test_what_is_kept_of_a_token_is_its_sha_256() -> None:
    assert digest_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_digest_does_not_stand_in_the_repr_of_a_caller() -> None:
    assert digest_of("a1") not in repr(ALICE)


def test_a_caller_may_use_its_servers_or_all() -> None:
    assert (ALICE.may_use("any"), BOB.may_use("main"), BOB.may_use("any")) == (True, True, False)
