"""Oligoprogression, systemic progression, or something else: the state machine and its presets.

`situation` is what a timepoint looks like, `presets` what trials ask for, `picture` the one under the other,
`criteria` what a preset asks beyond the count, `states` the rules in order, `coverage` what unseen lesions leave
open, `classify` the conclusion with its qualifiers and reasons.
"""
