"""From the head of an answer to the whole of it, or to the failure that it is."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from urllib3.response import BaseHTTPResponse

from fhirgate.outbound.answer import Answer
from fhirgate.outbound.body import NotTheKindWanted, TooLong, json_of, whole_body
from fhirgate.outbound.call import Call
from fhirgate.outbound.failure import Failure, broken_off, garbled
from fhirgate.outbound.statuses import REDIRECTS, failure_of_status
from fhirgate.outbound.translate import NETWORK

MOST_BYTES_OF_AN_ERROR = 1 << 20
"""How much of an error's body is read [bytes]; it is only looked at for codes."""
_BODILESS = frozenset({204, 205, 304})


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What is known of an answer before its body."""

    status: int
    headers: Mapping[str, str]
    url: str
    request_id: str
    tries: int
    elapsed: Callable[[], float]
    now: Callable[[], datetime]

    @property
    def content_type(self) -> str:
        """As the server calls its body."""
        return self.headers.get("content-type", "")

    @property
    def tells_length(self) -> bool:
        """Whether the end of its body can be known."""
        return "content-length" in self.headers or "transfer-encoding" in self.headers

    def with_body(self, body: bytes, json: Any) -> Answer:
        """The whole answer."""
        return Answer(
            status=self.status,
            headers=self.headers,
            body=body,
            json=json,
            url=self.url,
            request_id=self.request_id,
            tries=self.tries,
            elapsed_seconds=self.elapsed(),
        )


def read(raw: BaseHTTPResponse, call: Call, head: Head) -> Answer | Failure:
    """The answer when its status is one the call takes, and its body what the call wants. Raises `NETWORK` errors."""
    successful = 200 <= head.status < 300
    if not successful and head.status not in call.expected:
        return _declined(raw, call, head)
    try:
        body = whole_body(raw, call.most_bytes)
    except TooLong as error:
        raw.close()
        return garbled(str(error), head.status)
    if not body and not head.tells_length and (call.method, head.status) == ("GET", 200):
        # Python takes a head that breaks off for a whole one, without the headers that did not come.
        return broken_off("its answer was cut off", head.status)
    try:
        return head.with_body(body, _json(call, head, body))
    except NotTheKindWanted as error:
        if not successful:
            return head.with_body(body, None)
        return replace(garbled(str(error), head.status), received_bytes=len(body))


def _json(call: Call, head: Head, body: bytes) -> Any:
    if not call.json or call.method == "HEAD" or head.status in _BODILESS:
        return None
    if not body and (call.method, head.status) != ("GET", 200):
        return None
    return json_of(body, head.content_type)


def _declined(raw: BaseHTTPResponse, call: Call, head: Head) -> Failure:
    body = b""
    if head.status in REDIRECTS:
        raw.close()
    else:
        try:
            body = whole_body(raw, MOST_BYTES_OF_AN_ERROR)
        except (TooLong, *NETWORK):
            raw.close()
    said = None
    with suppress(NotTheKindWanted):
        said = json_of(body, head.content_type)
    failure = failure_of_status(call.method, head.status, head.headers, said, head.now())
    return replace(failure, received_bytes=len(body))
