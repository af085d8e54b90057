"""A site's own choices, read from TOML files and checked before the first patient.

Every problem of a file is reported at once, with its place. The limits of published criteria are not choices
and cannot be changed here; see `oncology.policy` for what can.
"""
