Profile: ProgressionStateObservation
Parent: Observation
Id: progression-state-observation
Title: "Progression state at a timepoint"
Description: "The progression state of one round of imaging, with lesion counts, responses, qualifiers and reasons. In a code of ours: a disease status is a clinician's to give."
* insert OfAMachine
* insert MadeByRules
* obeys fg-state-concludes and fg-state-retracted
* identifier 1..*
  * system 1..1
  * value 1..1
* status from ResultStatuses (required)
* category 1..*
* insert OneKind(state, progression-state)
* subject 1..1
* subject only Reference(Patient)
* focus only Reference(Condition)
* effective[x] 1..1
* effective[x] only dateTime or Period
  * ^short = "When the images were taken"
* value[x] only CodeableConcept
* value[x] from ProgressionStates (extensible)
* device 1..1
* note 1..*
  * ^short = "Why this state"
* component
  * ^slicing.discriminator.type = #pattern
  * ^slicing.discriminator.path = "code"
  * ^slicing.rules = #open
* component contains
    progressing 0..1 and new 0..1 and controlled 0..1 and equivocal 0..1 and notEvaluable 0..1 and
    sum 0..1 and recist 0..1 and irecist 0..1 and therapy 0..1 and class 0..1 and
    qualifier 0..* and reason 0..*
* insert Counted(progressing, progressing-lesions)
* insert Counted(new, new-lesions)
* insert Counted(controlled, controlled-lesions)
* insert Counted(equivocal, equivocal-lesions)
* insert Counted(notEvaluable, not-evaluable-lesions)
* component[sum].code = ResultKind#sum-of-diameters
* component[sum].value[x] 1..1
* component[sum].value[x] only Quantity
* component[sum].valueQuantity = 'mm'
* insert Coded(recist, recist-response, TumourResponses, required)
* insert Coded(irecist, irecist-response, TumourResponses, required)
* insert Coded(therapy, therapy-status, SystemicTherapyStatuses, required)
* insert Coded(class, estro-eortc-class, EstroEortcClasses, required)
* insert Coded(qualifier, qualifier, ProgressionQualifiers, required)
* insert Coded(reason, reason, ProgressionReasons, extensible)

RuleSet: Counted(slice, code)
* component[{slice}].code = ResultKind#{code}
* component[{slice}].value[x] 1..1
* component[{slice}].value[x] only integer

RuleSet: Coded(slice, code, values, strength)
* component[{slice}].code = ResultKind#{code}
* component[{slice}].value[x] 1..1
* component[{slice}].value[x] only CodeableConcept
* component[{slice}].value[x] from {values} ({strength})

Invariant: fg-state-concludes
Description: "A state that is not retracted is named"
Severity: #error
Expression: "status = 'entered-in-error' or value.exists()"

Invariant: fg-state-retracted
Description: "A retracted state says nothing"
Severity: #error
Expression: "status != 'entered-in-error' or (value.empty() and component.empty())"
