Profile: FollowUpCarePlan
Parent: CarePlan
Id: follow-up-care-plan
Title: "Proposals as a CarePlan"
Description: "Options for the treating team in one progression state, with the evidence for and against. Nothing is ordered: accepting it is a clinician's act that makes a new CarePlan."
* insert OfAMachine
* obeys fg-plan-proposes and fg-plan-retracted
* identifier 1..*
  * system 1..1
  * value 1..1
* replaces ^short = "The proposal of an earlier imaging that this one takes the place of"
* status from ProposalStatuses (required)
* intent = #proposal
* category 1..*
  * ^slicing.discriminator.type = #pattern
  * ^slicing.discriminator.path = "$this"
  * ^slicing.rules = #open
* category contains proposal 1..1
* category[proposal] = ResultKind#follow-up-proposal
* title 1..1
* description 1..1
* subject only Reference(Patient)
* period 1..1
  * ^short = "Until the imaging it rests on is too old to act on"
  * start 1..1
  * end 1..1
* created 1..1
* author 1..1
* careTeam 0..0
* supportingInfo 1..*
  * ^short = "The RiskAssessment it follows from"
* goal 0..0
* activity
  * reference 0..0
  * detail 1..1
    * kind 1..1
    * kind from ProposalKinds (required)
    * code 1..1
      * text 1..1
    * status = #not-started
    * doNotPerform 0..0
    * description 1..1
* note 1..*
  * ^short = "Evidence for and against, and what was not assessed"

Invariant: fg-plan-proposes
Description: "A proposal that is not retracted proposes something"
Severity: #error
Expression: "status = 'entered-in-error' or activity.exists()"

Invariant: fg-plan-retracted
Description: "A retracted proposal proposes nothing"
Severity: #error
Expression: "status != 'entered-in-error' or activity.empty()"
