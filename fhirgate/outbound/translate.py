"""What `requests` and urllib3 raise, as failures in words. Only what they raise for the network; the rest is a bug."""

import ssl
from collections.abc import Iterator

from requests.exceptions import ConnectTimeout, RequestException
from requests.exceptions import Timeout as RequestsTimeout
from urllib3.exceptions import (
    ConnectTimeoutError,
    DecodeError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
)
from urllib3.exceptions import TimeoutError as Urllib3Timeout

from fhirgate.errors import EhrUntrusted
from fhirgate.outbound.failure import Failure, broken_off, garbled, unreachable

NETWORK = (RequestException, HTTPError, OSError)
"""The errors that are about the network."""
_Chain = tuple[BaseException, ...]


def failure_of(error: BaseException, status: int | None) -> Failure:
    """The failure behind an error; `status` once the head of an answer had come."""
    chain = tuple(_chain(error))
    if status is None:
        return _untrusted(chain) or _unreached(chain) or _unanswered(chain)
    if _has(chain, DecodeError):
        return garbled("its compressed answer is damaged", status)
    if _is_timeout(chain):
        return broken_off("its answer did not come to an end in time", status)
    return broken_off("its answer was cut off", status)


def _unanswered(chain: _Chain) -> Failure:
    if _is_timeout(chain):
        return broken_off("it did not answer in time")
    return broken_off("it broke the connection off without an answer")


def _unreached(chain: _Chain) -> Failure | None:
    if _has(chain, NameResolutionError):
        return unreachable("its host name cannot be resolved; check base_url and the name service")
    # To urllib3 a refused connection is a kind of timeout, so it is asked for first.
    if _has(chain, NewConnectionError):
        return unreachable("no connection could be made; is it running, and is the port right?")
    if _has(chain, ConnectTimeoutError, ConnectTimeout):
        return unreachable("no connection could be made in time")
    return None


def _untrusted(chain: _Chain) -> Failure | None:
    for each in chain:
        if isinstance(each, ssl.SSLCertVerificationError):
            why = each.verify_message.rstrip(".")
            remedy = "give its authority's certificate as ca_file, or correct the host name"
            return Failure(words=f"its certificate is not trusted: {why}; {remedy}", error=EhrUntrusted)
        if isinstance(each, ssl.SSLError) and not isinstance(each, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            reason = (each.reason or "no reason given").replace("_", " ").lower()
            return unreachable(f"TLS could not be agreed: {reason}; does it speak https here?", repeat=False)
    return None


def _is_timeout(chain: _Chain) -> bool:
    return _has(chain, TimeoutError, RequestsTimeout, Urllib3Timeout)


def _has(chain: _Chain, *kinds: type[BaseException]) -> bool:
    return any(isinstance(each, kinds) for each in chain)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and those behind it, each once."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
