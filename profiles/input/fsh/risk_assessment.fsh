Profile: ProgressionRiskAssessment
Parent: RiskAssessment
Id: progression-risk-assessment
Title: "Progression state as a RiskAssessment"
Description: "Which progression state a patient is in at the last assessed imaging, how sure that is given measurement error alone, on which resources it rests, and what could not be judged. Made by software; `final` is a clinician's act."
* insert OfAMachine
* insert MadeByRules
* obeys fg-risk-concludes and fg-risk-retracted and fg-risk-no-number and fg-risk-percent
* extension contains
    ProgressionReasonExtension named reason 0..* and
    ProgressionQualifierExtension named qualifier 0..*
* identifier 1..*
  * system 1..1
  * value 1..1
* parent 0..0
* status from ResultStatuses (required)
* insert OneKind(classification, progression-state-classification)
* subject only Reference(Patient)
* occurrence[x] 1..1
* occurrence[x] only dateTime
  * ^short = "The date of judgement: what was known on that day"
* performer 1..1
* basis 1..*
  * ^short = "Every resource used, by the version read; earlier results of ours too"
* prediction
  * ^short = "The states considered, most likely first; the rationale says which one is the judged state"
  * outcome 1..1
    * coding 1..*
      * ^slicing.discriminator.type = #value
      * ^slicing.discriminator.path = "system"
      * ^slicing.rules = #open
    * coding contains state 1..1
    * coding[state] from ProgressionStates (required)
    * coding[state].system 1..1
    * coding[state].system = Canonical(ProgressionState)
    * coding[state].code 1..1
    * text 1..1
  * probability[x] ^short = "Percent, or a range of them: how sure the label is given measurement error alone"
  * qualitativeRisk from QualitativeRisks (required)
  * relativeRisk 0..0
  * when[x] 1..1
  * when[x] only Period
    * ^short = "From the imaging until it is too old to act on"
  * whenPeriod.start 1..1
  * whenPeriod.end 1..1
  * rationale 1..1
* mitigation 0..0
* note 1..*
  * ^short = "Limits: what is missing, inferred or doubtful, and that nothing is validated"

Invariant: fg-risk-concludes
Description: "A result that is not retracted names at least one state"
Severity: #error
Expression: "status = 'entered-in-error' or prediction.exists()"

Invariant: fg-risk-retracted
Description: "A retracted result concludes nothing"
Severity: #error
Expression: "status != 'entered-in-error' or (prediction.empty() and extension.empty())"

Invariant: fg-risk-no-number
Description: "Where the record did not allow a classification there is no probability"
Severity: #error
Expression: "status != 'cancelled' or (prediction.probability.empty() and prediction.qualitativeRisk.empty())"

Invariant: fg-risk-percent
Description: "A probability is a percentage from 0 to 100"
Severity: #error
Expression: "prediction.probability.ofType(decimal).all($this >= 0 and $this <= 100)"
