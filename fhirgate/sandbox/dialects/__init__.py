"""One file for each way real records write lesions; what all of them share stands in `shared`, therapy in `therapy`.

The same story written in two dialects must lead to the same assessment: a law of the tests.
"""
