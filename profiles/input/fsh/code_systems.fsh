// Written by build_profiles.py from fhirgate.mapping.compose.code_systems: change that, not this.

CodeSystem: ProgressionState
Id: progression-state
Title: "Progression state"
Description: "Where a patient with metastatic cancer stands at one round of imaging: exactly one of these. A lesion progresses when it is at least 20.00 % and 5 mm over its smallest size on the line of therapy, or unequivocally progresses without a size."
* ^caseSensitive = true
* ^experimental = false
* #no-metastatic-disease "No metastatic disease" "Imaging is adequate and metastases were never documented."
* #oligometastatic-synchronous "Synchronous oligometastatic disease" "First metastases, one to five, up to six calendar months after the primary."
* #polymetastatic-new "New polymetastatic disease" "First metastases, more than five or diffuse."
* #baseline "Baseline" "Metastatic disease is present and there is no earlier imaging to compare with."
* #complete-response "Complete response" "On systemic therapy, no metastasis is visible."
* #partial-response "Partial response" "On systemic therapy, no progression, the sum of diameters at most 70 % of the line's baseline."
* #stable-disease "Stable disease" "On systemic therapy, neither progression nor response."
* #oligopersistence "Oligopersistence" "On systemic therapy for at least 84 days, no progression, one to five residual metastases."
* #oligoprogression "Oligoprogression" "On systemic therapy, as many progressing and new lesions as the preset allows (one to 5 by default), every criterion met."
* #limited-progression "Limited progression" "On systemic therapy, as many progressing and new lesions as the preset allows (one to 5 by default), another criterion failed."
* #systemic-progression "Systemic progression" "On systemic therapy, more progressing and new lesions than the preset allows, or diffuse disease."
* #progression-unconfirmed "Progression not confirmed" "A sign of progression that needs confirmation, and nothing definite."
* #oligorecurrence "Oligorecurrence" "Off systemic therapy, as many progressing and new lesions as the preset allows (one to 5 by default)."
* #systemic-recurrence "Systemic recurrence" "Off systemic therapy, more progressing and new lesions than the preset allows, or diffuse disease."
* #off-therapy-stable "Stable off therapy" "Off systemic therapy, metastases visible, no progression."
* #no-evidence-of-disease "No evidence of disease" "Metastatic before, no metastasis visible now, off systemic therapy."
* #indeterminate "Indeterminate" "Something essential is missing or contradictory; the reasons say what."
* #no-progression "No progression" "No known lesion progresses and no lesion is unequivocally new. Only an alternative to a state."

CodeSystem: ProgressionReason
Id: progression-reason
Title: "Progression reason"
Description: "Why a progression state is what it is, or why there is none."
* ^caseSensitive = true
* ^experimental = false
* #DIAGNOSIS_MISSING "No cancer diagnosis" "The record holds no cancer diagnosis."
* #CRITERIA_NOT_SUPPORTED "Criteria not supported" "The tumour is judged by criteria of its own, which are not computed."
* #MULTIPLE_PRIMARIES "Several primary cancers" "Several primary cancers, and a lesion cannot be attributed to one of them."
* #LESION_IDENTITY_AMBIGUOUS "Lesions not told apart" "Lesions share a site, and nothing tells one from the other."
* #ASSESSMENT_ORDER_INVALID "Order of imaging unclear" "The dates leave the order of the imaging open, or contradict the patient's birth."
* #UNITS_INVALID "Size without usable unit" "A size was recorded that cannot be used as a length."
* #CONFLICTING_READS "Readings disagree" "Two readers of the same imaging lead to different states."
* #COVERAGE "Lesions not evaluated" "Lesions were not evaluated, and the state depends on what they do."
* #NO_IMAGING "No usable imaging" "The record holds no lesion measurement or coded description of a lesion."
* #NO_COMPARATOR "Nothing to compare with" "There is no earlier imaging to compare with."
* #NO_LINE_BASELINE "No baseline for the line of therapy" "No imaging lies near the start of the line of therapy; older imaging stands in for it."
* #STALE "Imaging too old" "The last assessed imaging lies further back than the policy allows to act on."
* #NEWER_IMAGING_NOT_MEASURED "Newer imaging not measured" "There is imaging after the last assessed one that carries no lesion measurement."
* #NO_TARGET_LESION "No target lesion" "No lesion is a target, so there is no sum of diameters."
* #SUM_INCOMPLETE "Sum of diameters incomplete" "A target lesion was not measured, so there is no sum of diameters."
* #TARGET_TREATED_LOCALLY "Target lesion treated locally" "A target was treated locally and left the RECIST assessment: each lesion is judged for itself."
* #HISTORY_UNKNOWN "Earlier extent unknown" "Whether there were many metastases before the record begins is not known: no ESTRO/EORTC class."
* #PRIMARY_DATE_UNKNOWN "Date of the primary unknown" "Without the date of the primary it cannot be told whether the metastases are synchronous."
* #THERAPY_STATUS_UNKNOWN "Therapy unknown" "Whether the patient was on systemic therapy at the imaging is not recorded."
* #IUPD "Unconfirmed progression on a checkpoint inhibitor" "Progression at the first follow-up on a checkpoint inhibitor, to be confirmed 4 to 8 weeks later (iRECIST)."
* #TREATED_LESION_CHANGE "Change of a treated lesion" "A lesion changes after local treatment, which may be the effect of that treatment."
* #EQUIVOCAL_NEW_LESION "Equivocal new lesion" "A lesion may be new disease, not unequivocally."
* #PET_ONLY "Suspicious on PET only" "A lesion is suspicious on PET and on nothing else."
* #PCWG3_PDU "Unconfirmed bone progression" "New lesions on a bone scan that PCWG3 wants confirmed at least six weeks later."
* #COUNT_EXCEEDED "Too many lesions" "More progressing and new lesions than the preset allows."
* #DIFFUSE_DISEASE "Diffuse disease" "Spread that has no count, such as carcinomatosis or an effusion."
* #NO_LESION_IN_SCOPE "No lesion in scope" "No progressing lesion lies where the preset counts."
* #NEW_LESIONS_NOT_ALLOWED "New lesions not allowed" "There are new lesions, which the preset does not allow."
* #ORGANS_EXCEEDED "Too many organs" "Progression in more organs than the preset allows."
* #SIZE_CAP "Lesion too large" "A progressing lesion is larger than the preset allows."
* #MAJORITY_NOT_CONTROLLED "Majority not controlled" "Not more known lesions are controlled than progress, which the preset asks for."
* #THERAPY_CLASS "Other therapy" "The systemic therapy is not of the class the preset asks for."
* #TOO_EARLY_ON_LINE "Too early on the line" "Progression came too early on the line of therapy to be progression on it."
* #PRIOR_CONTROL_TOO_SHORT "Control too short" "The disease was controlled on the line for less time than the preset asks for."
* #PRIOR_RT_TO_LESION "Lesion irradiated before" "A progressing lesion had radiotherapy before, which the preset does not allow."

CodeSystem: ProgressionQualifier
Id: progression-qualifier
Title: "Progression qualifier"
Description: "What a reader of a progression state must also know."
* ^caseSensitive = true
* ^experimental = false
* #MIXED_RESPONSE "Mixed response" "Some lesions shrink while others grow."
* #PSEUDOPROGRESSION_POSSIBLE "Pseudo-progression possible" "Progression on a checkpoint inhibitor that no later imaging has confirmed."
* #CNS_REPORTED_SEPARATELY "Brain not counted" "Progression in the central nervous system, which the preset does not count."
* #LOW_CONFIDENCE "Low confidence" "Measurement error alone makes the label less probable than the policy asks for."
* #NADIR_NOT_SUSTAINED "Nadir not sustained" "Progression rests on one low value that was not seen again."
* #MIXED_TECHNIQUE "Mixed technique" "Technique or slice thickness differs between the images compared."
* #PREVIOUSLY_TREATED_LESION_PROGRESSING "Treated lesion progresses" "A lesion that had local treatment progresses."
* #SETTING_ADJUVANT "Adjuvant setting" "First metastases on adjuvant therapy: evidence from metastatic disease may not apply."
* #REPEAT "Repeat" "Oligometastatic disease was documented before."
* #INDUCED "Induced" "Polymetastatic disease was documented before."
* #METACHRONOUS "Metachronous" "First metastases later than six months after the primary."
* #SLD_PD_NO_LESION_PD "Sum progresses, no lesion does" "The sum of diameters progresses although no single lesion does."
* #ON_HOLD "Therapy on hold" "Systemic therapy is on hold."
* #NE_LESIONS_NOT_DECISIVE "Lesions not evaluated, not decisive" "Lesions were not evaluated, and the state is the same whatever they do."
* #REGION_NOT_PREVIOUSLY_IMAGED "Region not imaged before" "A new lesion lies where no earlier imaging looked."
* #STALE "Too old to act on" "The imaging is older than the policy allows to act on."
* #CR_THEN_PR_REVIEW "Partial after complete response" "A partial after a complete response: to be read again."
* #NON_PERCIST_METRIC "Uptake not by PERCIST" "Uptake was given as SUVmax, from which PERCIST draws no response."
* #REAPPEARED "Lesion back" "A lesion that was gone is visible again."

CodeSystem: TumourResponse
Id: response
Title: "Tumour response"
Description: "Response categories of RECIST 1.1 and iRECIST at one round of imaging."
* ^caseSensitive = true
* ^experimental = false
* #CR "Complete response" "RECIST 1.1: complete response."
* #PR "Partial response" "RECIST 1.1: partial response."
* #SD "Stable disease" "RECIST 1.1: stable disease."
* #PD "Progressive disease" "RECIST 1.1: progressive disease."
* #NE "Not evaluable" "RECIST 1.1 or iRECIST: not evaluable."
* #NON-CR/NON-PD "Neither complete response nor progression" "RECIST 1.1: non-target disease alone, neither gone nor progressing."
* #iCR "Immune complete response" "iRECIST: complete response."
* #iPR "Immune partial response" "iRECIST: partial response."
* #iSD "Immune stable disease" "iRECIST: stable disease."
* #iUPD "Immune unconfirmed progression" "iRECIST: progression, not confirmed."
* #iCPD "Immune confirmed progression" "iRECIST: progression, confirmed."
* #NON-iCR/NON-iUPD "Neither immune complete response nor unconfirmed progression" "iRECIST: non-target disease alone, neither gone nor progressing."

CodeSystem: SystemicTherapyStatus
Id: therapy-status
Title: "Systemic therapy status"
Description: "Whether a patient is on systemic therapy at a round of imaging."
* ^caseSensitive = true
* ^experimental = false
* #on "On systemic therapy" "The patient is on systemic therapy at the imaging."
* #off "Off systemic therapy" "The patient is off systemic therapy at the imaging."
* #unknown "Therapy unknown" "Whether the patient is on systemic therapy at the imaging is not recorded."

CodeSystem: EstroEortcClass
Id: estro-eortc-class
Title: "ESTRO/EORTC class"
Description: "Classes of oligometastatic disease by the ESTRO/EORTC consensus."
* ^caseSensitive = true
* ^experimental = false
* #SYNCHRONOUS_OMD "Synchronous oligometastatic disease" "Synchronous oligometastatic disease, by the ESTRO/EORTC consensus (Guckenberger, Lancet Oncol 2020)."
* #METACHRONOUS_OLIGORECURRENCE "Metachronous oligorecurrence" "Metachronous oligorecurrence, by the ESTRO/EORTC consensus (Guckenberger, Lancet Oncol 2020)."
* #METACHRONOUS_OLIGOPROGRESSION "Metachronous oligoprogression" "Metachronous oligoprogression, by the ESTRO/EORTC consensus (Guckenberger, Lancet Oncol 2020)."
* #REPEAT_OLIGORECURRENCE "Repeat oligorecurrence" "Repeat oligorecurrence, by the ESTRO/EORTC consensus (Guckenberger, Lancet Oncol 2020)."
* #REPEAT_OLIGOPROGRESSION "Repeat oligoprogression" "Repeat oligoprogression, by the ESTRO/EORTC consensus (Guckenberger, Lancet Oncol 2020)."
* #REPEAT_OLIGOPERSISTENCE "Repeat oligopersistence" "Repeat oligopersistence, by the ESTRO/EORTC consensus (Guckenberger, Lancet Oncol 2020)."
* #INDUCED_OLIGORECURRENCE "Induced oligorecurrence" "Induced oligorecurrence, by the ESTRO/EORTC consensus (Guckenberger, Lancet Oncol 2020)."
* #INDUCED_OLIGOPROGRESSION "Induced oligoprogression" "Induced oligoprogression, by the ESTRO/EORTC consensus (Guckenberger, Lancet Oncol 2020)."
* #INDUCED_OLIGOPERSISTENCE "Induced oligopersistence" "Induced oligopersistence, by the ESTRO/EORTC consensus (Guckenberger, Lancet Oncol 2020)."

CodeSystem: AssessmentMethod
Id: method
Title: "Assessment method"
Description: "How a result was made."
* ^caseSensitive = true
* ^experimental = false
* #progression-rules "Rules for the progression state" "Named rules, each with its source, read in order: the first that holds decides. Their version stands beside it."

CodeSystem: CriteriaPreset
Id: preset
Title: "Criteria preset"
Description: "The criteria of a trial or consensus for oligoprogression that a result was judged by. A lesion progresses when it is at least 20.00 % and 5 mm over its smallest size on the line of therapy, or unequivocally progresses without a size."
* ^caseSensitive = true
* ^experimental = false
* #DEFAULT "DEFAULT" "Up to five progressing or new lesions anywhere, most known ones controlled, on systemic therapy. progressing and new lesions: at most 5; new lesions counted: yes; scope: all; organs: no limit; size of each: no limit; most known lesions controlled: required; therapy: any systemic therapy; time on the line: at least 28 days; control before progression: not required; earlier radiotherapy to the growing lesion: allowed; diffuse disease: excluded; our choice: the cap of five; new lesions counted; the majority rule; 28 days on the line. Source: our choice, after CURB, STOP and the ESTRO-ASTRO consensus (Lievens 2020)."
* #CURB "CURB" "Up to five progressive lesions, primarily stable disease otherwise, at least one line of therapy. progressing and new lesions: at most 5; new lesions counted: yes; scope: all; organs: no limit; size of each: no limit; most known lesions controlled: required; therapy: any systemic therapy; time on the line: at least 28 days; control before progression: not required; earlier radiotherapy to the growing lesion: allowed; diffuse disease: excluded; our choice: new lesions counted; treated CNS lesions not excluded; 28 days on the line. Source: CURB, Tsai, Lancet 2024 (NCT03808662)."
* #STOP "STOP" "One to five metastases progressing on systemic therapy. progressing and new lesions: at most 5; new lesions counted: yes; scope: all; organs: no limit; size of each: no limit; most known lesions controlled: required; therapy: any systemic therapy; time on the line: at least 28 days; control before progression: not required; earlier radiotherapy to the growing lesion: allowed; diffuse disease: excluded; our choice: new lesions counted; the majority rule; 28 days on the line. Source: STOP, Schellenberg, IJROBP 2024 (NCT02756793)."
* #HALT "HALT" "Up to five extracranial lesions (three before 2021-10-25) on a TKI that has worked. progressing and new lesions: at most 5 (3 before 2021-10-25); new lesions counted: yes; scope: extracranial; organs: no limit; size of each: at most 70 mm; most known lesions controlled: not required; therapy: a tyrosine-kinase inhibitor, without chemotherapy or checkpoint inhibitor; time on the line: at least 28 days; control before progression: at least 60 days; earlier radiotherapy to the growing lesion: allowed; diffuse disease: excluded; our choice: 60 days for the two to three months of response; no majority rule; 28 days on the line. Source: HALT (NCT03256981, ISRCTN53398136)."
* #SUPPRESS "SUPPRESS" "One to five extracranial lesions of at most 5 cm in at most three organs, on any active therapy. progressing and new lesions: at most 5; new lesions counted: yes; scope: extracranial; organs: at most 3; size of each: at most 50 mm; most known lesions controlled: required; therapy: any systemic therapy; time on the line: at least 28 days; control before progression: not required; earlier radiotherapy to the growing lesion: allowed; diffuse disease: excluded; our choice: new lesions counted; the majority rule; 28 days on the line. Source: SUPPRESS-NSCLC, Bahig, CTRO 2022."
* #BR38 "BR38" "Up to five extracranial lesions on a first-line checkpoint inhibitor with or without chemotherapy. progressing and new lesions: at most 5; new lesions counted: yes; scope: extracranial; organs: no limit; size of each: no limit; most known lesions controlled: not required; therapy: a checkpoint inhibitor with or without chemotherapy, first line; time on the line: at least 28 days; control before progression: not required; earlier radiotherapy to the growing lesion: allowed; diffuse disease: excluded; our choice: new lesions counted; no majority rule; 28 days on the line. Source: CCTG BR38, abstract TPS8124."
* #AVATAR "AVATAR" "One to five extracranial lesions not irradiated before, after six months of CDK4/6 and AI. progressing and new lesions: at most 5; new lesions counted: yes; scope: extracranial; organs: no limit; size of each: no limit; most known lesions controlled: not required; therapy: a CDK4/6 inhibitor with an aromatase inhibitor; time on the line: at least 28 days; control before progression: at least 183 days; earlier radiotherapy to the growing lesion: not allowed; diffuse disease: excluded; our choice: new lesions counted; no majority rule; 28 days on the line. Source: AVATAR, TROG 2024."
* #WEICKHARDT "WEICKHARDT" "Up to four extracranial sites on a TKI; CNS progression is counted apart. progressing and new lesions: at most 4; new lesions counted: yes; scope: extracranial; organs: no limit; size of each: no limit; most known lesions controlled: not required; therapy: a tyrosine-kinase inhibitor, without chemotherapy or checkpoint inhibitor; time on the line: at least 28 days; control before progression: not required; earlier radiotherapy to the growing lesion: allowed; diffuse disease: excluded; our choice: new lesions counted; no majority rule; 28 days on the line. Source: Weickhardt, J Thorac Oncol 2012."
* #ESTRO_EORTC "ESTRO_EORTC" "One to five progressing or new lesions anywhere under active systemic therapy. progressing and new lesions: at most 5; new lesions counted: yes; scope: all; organs: no limit; size of each: no limit; most known lesions controlled: not required; therapy: any systemic therapy; time on the line: at least 28 days; control before progression: not required; earlier radiotherapy to the growing lesion: allowed; diffuse disease: excluded; our choice: new lesions counted; 28 days on the line. Source: ESTRO/EORTC consensus, Guckenberger, Lancet Oncol 2020."

CodeSystem: ResultKind
Id: result
Title: "Kind of result"
Description: "What a resource of fhirgate, or a part of one, is."
* ^caseSensitive = true
* ^experimental = false
* #progression-state-classification "Progression state classification" "Which progression state a patient with metastatic cancer is in, judged by rules from the record."
* #follow-up-proposal "Follow-up proposal" "Options for the treating team. Nothing in it is an order."
* #accepted-plan "Accepted plan" "What a clinician took up of a proposal, as it stood or with changes."
* #proposal-accepted "Proposal accepted" "A clinician took up the proposal as it stands."
* #proposal-amended "Proposal accepted with changes" "A clinician took up part of the proposal."
* #proposal-dismissed "Proposal dismissed" "A clinician declined the proposal."
* #dismissed-state "State judged otherwise" "The clinician judges the state otherwise."
* #dismissed-data "Data wrong or not complete" "What the result rests on is wrong or not complete."
* #dismissed-not-suitable "Local therapy not suitable" "Local therapy does not suit the patient."
* #dismissed-wish "Patient does not wish it" "The patient does not wish what is proposed."
* #dismissed-done "Decided or treated already" "It was decided or treated already."
* #dismissed-other "Dismissed for another reason" "As the clinician's comment says."
* #progression-state "Progression state at a timepoint" "The progression state of one round of imaging."
* #progressing-lesions "Progressing lesions" "How many known lesions progress."
* #new-lesions "New lesions" "How many lesions are unequivocally new."
* #controlled-lesions "Controlled lesions" "How many known lesions do not progress."
* #equivocal-lesions "Equivocal lesions" "How many lesions may progress or be new, or change after local treatment."
* #not-evaluable-lesions "Lesions not evaluable" "How many lesions were not evaluated."
* #sum-of-diameters "Sum of diameters" "RECIST 1.1: long axes of the targets, short axes of nodal ones, in millimetres."
* #recist-response "RECIST 1.1 response" "The overall response by RECIST 1.1."
* #irecist-response "iRECIST response" "The overall response by iRECIST."
* #therapy-status "Systemic therapy" "Whether the patient is on systemic therapy at the imaging."
* #estro-eortc-class "ESTRO/EORTC class" "The class of oligometastatic disease."
* #qualifier "Qualifier" "What a reader of the state must also know."
* #reason "Reason" "Why the state is what it is, or why there is none."

CodeSystem: RulesVersion
Id: rules-version
Title: "Version of the rules"
Description: "The codes are the versions of the rules, such as 1.0.0: three numbers with dots between them."
* ^caseSensitive = true
* ^experimental = false
* ^content = #not-present

CodeSystem: ResultOrigin
Id: origin
Title: "Origin of a result"
Description: "What composed a resource."
* ^caseSensitive = true
* ^experimental = false
* #fhirgate "Made by fhirgate" "The resource was composed by fhirgate."
