import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhirgate.outbound.place import place_of

BASE = "https://ehr.example.org/api/FHIR/R4"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (f"{BASE}/metadata", "metadata"),
        (f"{BASE}/.well-known/smart-configuration", ".well-known/smart-configuration"),
        (f"{BASE}/Patient/eJzlB", "Patient/{id}"),
        (f"{BASE}/Patient/Smith", "Patient/{id}"),
        (f"{BASE}/Patient/1/_history/2", "Patient/{id}/_history/{id}"),
        (f"{BASE}/Patient/1/_history/Two", "Patient/{id}/_history/{id}"),
        (f"{BASE}/Patient/1/$everything?_count=5", "Patient/{id}/$everything?_count"),
        (f"{BASE}/Patient/1/Observation/", "Patient/{id}/Observation"),
        (f"{BASE}/Observation/_search", "Observation/_search"),
        (
            f"{BASE}/Observation?patient=Patient/77&code=http://loinc.org|1&code=2&patient.name:exact=Smith",
            "Observation?patient&code&patient.name:exact",
        ),
        (f"{BASE}/Observation?_has:Group:member:_id=9&", "Observation?_has:Group:member:_id"),
        (f"{BASE}/Patient?Smith", "Patient?{parameter}"),
        (f"{BASE}/Patient?name%3Aexact=Smith", "Patient?name%3Aexact"),
        (f"{BASE}/Patient?O'Hara+John=1", "Patient?{parameter}"),
        (f"{BASE}?_getpages=abc", "/?_getpages"),
        (BASE, "/"),
        (f"{BASE}/", "/"),
        ("https://ehr.example.org/oauth2/token", "/oauth2/token"),
        ("https://ehr.example.org/tenant-17/smith/token", "/{id}/{id}/token"),
        ("https://ehr.example.org/api/FHIR/R4x/Patient/1", "/{id}/{id}/{id}/{id}/{id}"),
    ],
)
def test_a_url_is_told_without_ids_and_values(url: str, told: str) -> None:
    assert str(place_of(BASE, url)) == told


@given(
    st.from_regex(r"[a-z]{0,4}[0-9][A-Za-z0-9.-]{3,60}", fullmatch=True),
    st.sampled_from(["1", "smith", "Smith"]),
)
def test_no_id_and_no_value_of_a_search_is_ever_told(secret: str, value: str) -> None:
    url = f"{BASE}/Patient/{secret}/Observation/{secret}?patient={secret}&name={value}"

    assert str(place_of(BASE, url)) == "Patient/{id}/Observation/{id}?patient&name"
