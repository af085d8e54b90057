"""`python -m fhirgate`."""

from fhirgate.cli import main

main()
