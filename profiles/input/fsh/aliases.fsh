// The systems of others that our profiles name.
Alias: $UCUM = http://unitsofmeasure.org
Alias: $ObservationStatus = http://hl7.org/fhir/observation-status
Alias: $RequestStatus = http://hl7.org/fhir/request-status
Alias: $RequestIntent = http://hl7.org/fhir/request-intent
Alias: $ActivityStatus = http://hl7.org/fhir/care-plan-activity-status
Alias: $ActivityKind = http://hl7.org/fhir/resource-types
Alias: $RiskProbability = http://terminology.hl7.org/CodeSystem/risk-probability
Alias: $ParticipantType = http://terminology.hl7.org/CodeSystem/provenance-participant-type
Alias: $DataOperation = http://terminology.hl7.org/CodeSystem/v3-DataOperation
Alias: $EntityRole = http://hl7.org/fhir/provenance-entity-role
