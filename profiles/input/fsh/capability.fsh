// What a server must be able to do to hold our results: our own does, and an EHR's is compared with it.
Instance: result-server
InstanceOf: CapabilityStatement
Usage: #definition
* url = "https://fhirgate.example/fhir/CapabilityStatement/result-server"
* version = "1.0.0"
* name = "ResultServer"
* title = "A server that holds results of fhirgate"
* status = #active
* experimental = false
* date = "2024-11-24"
* kind = #requirements
* description = "What a server needs so that results can be written once, found, superseded and retracted: search by identifier, versions, and conditional writes."
* fhirVersion = #4.0.1
* format = #json
* rest[+]
  * mode = #server
  * resource[+]
    * type = #RiskAssessment
    * supportedProfile = Canonical(ProgressionRiskAssessment)
    * insert HoldsResults
    * insert Finds(_tag, token, http://hl7.org/fhir/SearchParameter/Resource-tag)
    * insert Finds(identifier, token, http://hl7.org/fhir/SearchParameter/clinical-identifier)
    * insert Finds(patient, reference, http://hl7.org/fhir/SearchParameter/clinical-patient)
    * insert Finds(condition, reference, http://hl7.org/fhir/SearchParameter/RiskAssessment-condition)
    * insert Finds(date, date, http://hl7.org/fhir/SearchParameter/clinical-date)
    * insert Finds(status, token, https://fhirgate.example/fhir/SearchParameter/risk-assessment-status)
    * insert Finds(code, token, https://fhirgate.example/fhir/SearchParameter/risk-assessment-code)
    * insert Finds(outcome, token, https://fhirgate.example/fhir/SearchParameter/risk-assessment-outcome)
  * resource[+]
    * type = #CarePlan
    * supportedProfile = Canonical(FollowUpCarePlan)
    * insert HoldsResults
    * insert Finds(_tag, token, http://hl7.org/fhir/SearchParameter/Resource-tag)
    * insert Finds(identifier, token, http://hl7.org/fhir/SearchParameter/clinical-identifier)
    * insert Finds(patient, reference, http://hl7.org/fhir/SearchParameter/clinical-patient)
    * insert Finds(status, token, http://hl7.org/fhir/SearchParameter/CarePlan-status)
    * insert Finds(category, token, http://hl7.org/fhir/SearchParameter/CarePlan-category)
  * resource[+]
    * type = #Observation
    * supportedProfile = Canonical(ProgressionStateObservation)
    * insert HoldsResults
    * insert Finds(_tag, token, http://hl7.org/fhir/SearchParameter/Resource-tag)
    * insert Finds(identifier, token, http://hl7.org/fhir/SearchParameter/clinical-identifier)
    * insert Finds(patient, reference, http://hl7.org/fhir/SearchParameter/clinical-patient)
    * insert Finds(code, token, http://hl7.org/fhir/SearchParameter/clinical-code)
    * insert Finds(date, date, http://hl7.org/fhir/SearchParameter/clinical-date)
  * resource[+]
    * type = #Provenance
    * supportedProfile = Canonical(AssessmentProvenance)
    * interaction[+].code = #read
    * interaction[+].code = #search-type
    * interaction[+].code = #create
    * insert Finds(_tag, token, http://hl7.org/fhir/SearchParameter/Resource-tag)
    * insert Finds(target, reference, http://hl7.org/fhir/SearchParameter/Provenance-target)

RuleSet: HoldsResults
* interaction[+].code = #read
* interaction[+].code = #vread
* interaction[+].code = #search-type
* interaction[+].code = #create
* interaction[+].code = #update
* versioning = #versioned
* conditionalCreate = true
* conditionalUpdate = true

RuleSet: Finds(name, type, definition)
* searchParam[+]
  * name = "{name}"
  * type = #{type}
  * definition = "{definition}"
