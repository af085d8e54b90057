"""From facts to histories: lesions over time, rounds of imaging, lines of therapy.

May import the vocabulary of `oncology`; knows no criterion and draws no conclusion.
"""
