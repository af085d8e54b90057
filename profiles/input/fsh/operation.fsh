Instance: assess-progression
InstanceOf: OperationDefinition
Usage: #definition
* url = "https://fhirgate.example/fhir/OperationDefinition/assess-progression"
* version = "1.0.0"
* name = "AssessProgression"
* title = "Assess the progression state of a patient"
* status = #active
* experimental = false
* kind = #operation
* description = "Reads the patient's record, reconstructs lesions, imaging and therapy, and judges the progression state. The answer is a collection Bundle with a RiskAssessment, a CarePlan where the state allows one, and their Provenance. The same record, policy and date give the same answer."
* affectsState = false
* code = #assess-progression
* resource = #Patient
* system = false
* type = false
* instance = true
* parameter[+]
  * name = #preset
  * use = #in
  * min = 0
  * max = "1"
  * type = #code
  * documentation = "The criteria to judge by. Without it: DEFAULT."
  * binding.strength = #required
  * binding.valueSet = Canonical(CriteriaPresets)
* parameter[+]
  * name = #as-of
  * use = #in
  * min = 0
  * max = "1"
  * type = #date
  * documentation = "Judge with what was known on that day. Without it: today."
* parameter[+]
  * name = #states
  * use = #in
  * min = 0
  * max = "1"
  * type = #boolean
  * documentation = "Whether the state of every round of imaging is answered too, as an Observation each. Without it: false."
* parameter[+]
  * name = #return
  * use = #out
  * min = 1
  * max = "1"
  * type = #Bundle
  * documentation = "The result."
