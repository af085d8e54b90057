"""The URIs that are ours: where our codes, profiles, identifiers and results are named. One place, one base."""

BASE = "https://fhirgate.example/fhir"
"""Canonical base of everything we publish. A deployment's own host never appears in a code or identifier."""

CODES_VERSION = "1.0.0"
"""Version of our code systems; a changed meaning is a new code, not a new text."""
PROFILES_VERSION = CODES_VERSION
"""Version of our profiles: they are published with the codes, as one package."""

STATES = f"{BASE}/CodeSystem/progression-state"
REASONS = f"{BASE}/CodeSystem/progression-reason"
QUALIFIERS = f"{BASE}/CodeSystem/progression-qualifier"
RESPONSES = f"{BASE}/CodeSystem/response"
THERAPY_STATUSES = f"{BASE}/CodeSystem/therapy-status"
ESTRO_EORTC_CLASSES = f"{BASE}/CodeSystem/estro-eortc-class"
METHODS = f"{BASE}/CodeSystem/method"
PRESETS = f"{BASE}/CodeSystem/preset"
RESULTS = f"{BASE}/CodeSystem/result"
RULES = f"{BASE}/CodeSystem/rules-version"
ORIGINS = f"{BASE}/CodeSystem/origin"

RISK_PROFILE = f"{BASE}/StructureDefinition/progression-risk-assessment"
PLAN_PROFILE = f"{BASE}/StructureDefinition/follow-up-care-plan"
PROVENANCE_PROFILE = f"{BASE}/StructureDefinition/assessment-provenance"
STATE_PROFILE = f"{BASE}/StructureDefinition/progression-state-observation"

REASON_EXTENSION = f"{BASE}/StructureDefinition/progression-reason"
QUALIFIER_EXTENSION = f"{BASE}/StructureDefinition/progression-qualifier"

RESULT_IDENTIFIERS = f"{BASE}/sid/result"
PLAN_IDENTIFIERS = f"{BASE}/sid/plan"
STATE_IDENTIFIERS = f"{BASE}/sid/state"
PROVENANCE_IDENTIFIERS = f"{BASE}/sid/provenance"
BUNDLE_IDENTIFIERS = f"{BASE}/sid/bundle"

RULES_POLICY = f"{BASE}/policy/rules"
PRESET_POLICY = f"{BASE}/policy/preset"
SITE_POLICY = f"{BASE}/policy/site"
"""Bases of the URIs by which a Provenance names the rules, the preset and a site's choices."""
