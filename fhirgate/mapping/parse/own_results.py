"""Results of fhirgate that stand in the record: never evidence, or a judgement would rest on itself.

A state is written with a coarse SNOMED code beside ours ("widespread metastatic disease"), which, read back as a
clinician's word, would change the next state. Servers drop and rewrite `meta`, so either mark is enough.
"""

from fhirgate.mapping.canonical import BASE, ORIGINS
from fhirgate.mapping.datatypes import Raw, item, items, text

IDENTIFIERS = f"{BASE}/sid/"
"""What every system of our business identifiers begins with."""


def is_own_result(raw: Raw) -> bool:
    """Whether a resource was composed by fhirgate, of this deployment or another."""
    for each in items(raw, "identifier") if "identifier" in raw else ():
        if text(each, "system").startswith(IDENTIFIERS):
            return True
    meta = item(raw, "meta")
    return "tag" in meta and any(text(each, "system") == ORIGINS for each in items(meta, "tag"))
