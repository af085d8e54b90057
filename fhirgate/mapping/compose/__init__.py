"""Conclusions as FHIR R4: one file per resource written. Knows nothing of `parse`.

Composition is deterministic: the same assessment, chart and policy give the same bytes and the same business
identifier, so that a repeated write is an update and not a twin. There is no clock and no random id here;
dates are those of the judgement and of the scan.

`identity` is who a result is, `codes` and `states` what it says in codes, `elements` the small parts that all
resources share, `invariants` what FHIR demands beyond its schema.
"""
