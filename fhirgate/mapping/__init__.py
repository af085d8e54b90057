"""FHIR and the disease's own words: the translation between them, both ways.

Pure: no network, no disk but the package's own code tables, no clock. `parse` reads received dicts into a
`Chart`; `compose` writes conclusions as FHIR. The two know nothing of each other. fhir.resources is imported
only in `r4b.py`, and only to check what we write: it loses decimal digits and refuses a whole Bundle for one
bad entry, so nothing received goes through it.
"""
