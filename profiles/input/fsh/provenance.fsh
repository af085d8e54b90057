Profile: AssessmentProvenance
Parent: Provenance
Id: assessment-provenance
Title: "Provenance of a result"
Description: "Which software made a result, by which rules, criteria and site policy, and from which resources of the record."
* insert OfAMachine
* target only Reference(RiskAssessment or CarePlan or Observation)
* policy 1..*
  * ^short = "The rules, the criteria and the site's policy, each with its version"
* activity 1..1
* activity from WritingActivities (required)
* agent
  * ^slicing.discriminator.type = #pattern
  * ^slicing.discriminator.path = "type"
  * ^slicing.rules = #open
* agent contains software 1..1
* agent[software]
  * type 1..1
  * type = $ParticipantType#assembler
  * who only Reference(Device)
* entity 1..*
  * role from EntityRoles (required)
