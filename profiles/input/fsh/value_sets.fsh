ValueSet: ProgressionStates
Id: progression-state
Title: "Progression states"
Description: "Every progression state, and `no-progression`, which stands only beside them as an alternative."
* include codes from system ProgressionState

ValueSet: ProgressionReasons
Id: progression-reason
Title: "Progression reasons"
Description: "Why a state is what it is, or why there is none."
* include codes from system ProgressionReason

ValueSet: ProgressionQualifiers
Id: progression-qualifier
Title: "Progression qualifiers"
Description: "What a reader of a state must also know."
* include codes from system ProgressionQualifier

ValueSet: TumourResponses
Id: response
Title: "Tumour responses"
Description: "Response categories of RECIST 1.1 and iRECIST."
* include codes from system TumourResponse

ValueSet: SystemicTherapyStatuses
Id: therapy-status
Title: "Systemic therapy statuses"
Description: "On, off, or not recorded."
* include codes from system SystemicTherapyStatus

ValueSet: EstroEortcClasses
Id: estro-eortc-class
Title: "ESTRO/EORTC classes"
Description: "Classes of oligometastatic disease."
* include codes from system EstroEortcClass

ValueSet: CriteriaPresets
Id: preset
Title: "Criteria presets"
Description: "The criteria a result can be judged by."
* include codes from system CriteriaPreset

ValueSet: ResultStatuses
Id: result-status
Title: "Statuses of a result"
Description: "`preliminary` and `cancelled` are what software says; `final`, `amended` and `corrected` are a clinician's acts; `entered-in-error` takes a result back."
* $ObservationStatus#preliminary
* $ObservationStatus#final
* $ObservationStatus#amended
* $ObservationStatus#corrected
* $ObservationStatus#cancelled
* $ObservationStatus#entered-in-error

ValueSet: ProposalStatuses
Id: proposal-status
Title: "Statuses of a proposal"
Description: "A proposal is a draft; a clinician's decision makes it `completed` or `revoked`, a newer one `revoked`, and a retraction `entered-in-error`."
* $RequestStatus#draft
* $RequestStatus#completed
* $RequestStatus#revoked
* $RequestStatus#entered-in-error

ValueSet: ProposalKinds
Id: proposal-kind
Title: "Kinds of a proposed activity"
Description: "What the activity would become if a clinician took it up."
* $ActivityKind#ServiceRequest
* $ActivityKind#MedicationRequest
* $ActivityKind#Task
* $ActivityKind#Appointment

ValueSet: QualitativeRisks
Id: qualitative-risk
Title: "Qualitative risks"
Description: "Words for a probability; `certain` is never said of a model's answer."
* $RiskProbability#negligible
* $RiskProbability#low
* $RiskProbability#moderate
* $RiskProbability#high

ValueSet: WritingActivities
Id: writing-activity
Title: "Activities of writing"
Description: "A result is written for the first time, or written again."
* $DataOperation#CREATE
* $DataOperation#UPDATE

ValueSet: EntityRoles
Id: entity-role
Title: "Roles of what a result was made from"
Description: "A resource of the record, or the earlier result that this one supersedes."
* $EntityRole#source
* $EntityRole#revision
