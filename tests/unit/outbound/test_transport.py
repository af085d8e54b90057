import pytest
from outbound_world import main

from fhirgate.errors import EhrForbiddenAddress
from fhirgate.outbound.transport import Transport


@pytest.mark.parametrize(
    "url",
    ["https://evil.example/fhir", "https://ehr.example.org:8443/", "http://ehr.example.org/", "https:///x"],
)
def test_the_last_step_before_the_wire_knows_its_server_too(url: str) -> None:
    transport = Transport(main(), lambda _host, _port: ["8.8.8.8"])

    with pytest.raises(Exception, match="server 'main'") as error:
        transport.send("GET", url, {}, None)

    assert str(error.value) in {
        "a URL for server 'main' is refused: it leaves https://ehr.example.org:443",
        "server 'main': a header or the URL of a call is malformed",
    }


def test_what_requests_would_read_in_another_way_is_refused() -> None:
    transport = Transport(main(), lambda _host, _port: ["8.8.8.8"])

    with pytest.raises(EhrForbiddenAddress):
        transport.send("GET", "https://ehr.example.org@evil.example/", {}, None)
