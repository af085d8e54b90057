"""The URIs that are ours: where our codes, identifiers and results are named. One place, one base."""

BASE = "https://fhirgate.example/fhir"
"""Canonical base of everything we publish. A deployment's own host never appears in a code or identifier."""

CODES_VERSION = "1.0.0"
"""Version of our code systems; a changed meaning is a new code, not a new text."""

STATES = f"{BASE}/CodeSystem/progression-state"
METHODS = f"{BASE}/CodeSystem/method"
PRESETS = f"{BASE}/CodeSystem/preset"
RESULTS = f"{BASE}/CodeSystem/result"
RULES = f"{BASE}/CodeSystem/rules-version"
ORIGINS = f"{BASE}/CodeSystem/origin"

RESULT_IDENTIFIERS = f"{BASE}/sid/result"
PLAN_IDENTIFIERS = f"{BASE}/sid/plan"
BUNDLE_IDENTIFIERS = f"{BASE}/sid/bundle"
