"""Synthetic patients with known truth, written as FHIR in the dialects real records use.

A `story` is the truth: lesions with their sizes at each scan, therapy, local treatment, and the state expected at
each scan. `dialects` write a story as FHIR R4 (DICOM SR also as R5). `stories` are the shipped examples, one file
each; `random_story` draws others for laws and benchmarks. `ehr` is a simulated EHR that serves such records and
launches apps. Nothing in the rest of the package imports this room but the command line.

No story is a real patient's; names, dates and sizes are invented.
"""
