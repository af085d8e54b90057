// How each of our resources says by which rules it was made, and that a machine made it.
RuleSet: MadeByRules
* method 1..1
  * ^short = "Our rules, their version, and the criteria"
  * coding 3..*
    * ^slicing.discriminator.type = #value
    * ^slicing.discriminator.path = "system"
    * ^slicing.rules = #open
  * coding contains rules 1..1 and version 1..1 and preset 1..1
  * coding[rules].system 1..1
  * coding[rules].system = Canonical(AssessmentMethod)
  * coding[rules].code 1..1
  * coding[rules].code = #progression-rules
  * coding[version].system 1..1
  * coding[version].system = Canonical(RulesVersion)
  * coding[version].code 1..1
  * coding[preset] from CriteriaPresets (required)
  * coding[preset].system 1..1
  * coding[preset].system = Canonical(CriteriaPreset)
  * coding[preset].code 1..1

RuleSet: OfAMachine
* text 1..1
* meta.security 1..*
  * ^short = "DEVAST, and AIAST where it is known: software said it"
* meta.tag 1..*

Extension: ProgressionReasonExtension
Id: progression-reason
Title: "Progression reason"
Description: "Why the state of this result is what it is, or why there is none. R4 has no element for it: `reasonCode` is why the assessment was made."
Context: RiskAssessment
* value[x] 1..1
* value[x] only CodeableConcept
* value[x] from ProgressionReasons (extensible)
* valueCodeableConcept.text 1..1

Extension: ProgressionQualifierExtension
Id: progression-qualifier
Title: "Progression qualifier"
Description: "What a reader of the state must also know."
Context: RiskAssessment
* value[x] 1..1
* value[x] only CodeableConcept
* value[x] from ProgressionQualifiers (required)

// A coding of ours among others, by the system it is of.
RuleSet: OneKind(slice, code)
* code 1..1
  * coding 1..*
    * ^slicing.discriminator.type = #value
    * ^slicing.discriminator.path = "system"
    * ^slicing.rules = #open
  * coding contains {slice} 1..1
  * coding[{slice}].system 1..1
  * coding[{slice}].system = Canonical(ResultKind)
  * coding[{slice}].code 1..1
  * coding[{slice}].code = #{code}
