"""One published question per file: limits with their citation, rules in order, the first that holds decides.

May import the vocabulary of `oncology` and nothing above it. A criterion never looks at a chart: it is given
exactly the facts it judges, so that every rule can be shown as a table.
"""
