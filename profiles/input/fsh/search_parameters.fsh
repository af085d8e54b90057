// R4 defines no search on what a RiskAssessment is, says, or how far it has come.
RuleSet: OnRiskAssessment(name, expression)
* url = "https://fhirgate.example/fhir/SearchParameter/risk-assessment-{name}"
* version = "1.0.0"
* status = #active
* experimental = false
* code = #{name}
* base = #RiskAssessment
* type = #token
* expression = "{expression}"
* xpathUsage = #normal
* multipleOr = true
* multipleAnd = true

Instance: risk-assessment-status
InstanceOf: SearchParameter
Usage: #definition
* insert OnRiskAssessment(status, RiskAssessment.status)
* name = "RiskAssessmentStatus"
* description = "How far the assessment has come: preliminary from software, final from a clinician."

Instance: risk-assessment-code
InstanceOf: SearchParameter
Usage: #definition
* insert OnRiskAssessment(code, RiskAssessment.code)
* name = "RiskAssessmentCode"
* description = "What kind of assessment it is."

Instance: risk-assessment-outcome
InstanceOf: SearchParameter
Usage: #definition
* insert OnRiskAssessment(outcome, RiskAssessment.prediction.outcome)
* name = "RiskAssessmentOutcome"
* description = "A state that was considered. Alternatives are found too: the judged state alone is the tag of `_tag`."
