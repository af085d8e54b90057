// oidc-provider as the authorization server of a small FHIR server, on a free port of this machine.
//
// Its settings come as JSON in OIDC_PEER: {jwks, secret, life}. It prints its port when it is ready, and ends when
// its input does. /fhir has a smart-configuration (plain OAuth has none) and one Patient that needs a living token.
import { createServer } from 'node:http';

import Provider from 'oidc-provider';

const { jwks, secret, life } = JSON.parse(process.env.OIDC_PEER);
const FHIR = 'urn:fhirgate:test:fhir';
// What the FHIR server knows; a scope beyond these is left out of the grant without a word.
const REGISTERED = 'system/Observation.rs system/Condition.rs system/Observation.read system/Condition.read';
// Known to the authorization server, and not allowed to our clients.
const FORBIDDEN = 'system/Patient.rs';

const server = createServer();
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address();
const issuer = `http://127.0.0.1:${port}`;

const backend = { grant_types: ['client_credentials'], redirect_uris: [], response_types: [], scope: 'openid' };
const provider = new Provider(issuer, {
  clients: [
    { ...backend, client_id: 'by-key', token_endpoint_auth_method: 'private_key_jwt', jwks },
    { ...backend, client_id: 'by:secret', client_secret: secret, token_endpoint_auth_method: 'client_secret_basic' },
    { ...backend, client_id: 'by-form', client_secret: secret, token_endpoint_auth_method: 'client_secret_post' },
  ],
  clientAuthMethods: ['private_key_jwt', 'client_secret_basic', 'client_secret_post'],
  enabledJWA: { clientAuthSigningAlgValues: ['ES384', 'RS384'] },
  pkce: { required: () => true, methods: ['S256'] },
  scopes: ['openid', FORBIDDEN],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => FHIR,
      getResourceServerInfo: () => ({ scope: REGISTERED, accessTokenTTL: life, accessTokenFormat: 'opaque' }),
    },
  },
});

const answer = (response, status, body) => {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
};
const smart = {
  authorization_endpoint: `${issuer}/auth`,
  token_endpoint: `${issuer}/token`,
  capabilities: ['client-confidential-asymmetric', 'permission-v1', 'permission-v2'],
  grant_types_supported: ['authorization_code', 'client_credentials'],
  code_challenge_methods_supported: ['S256'],
  token_endpoint_auth_methods_supported: ['private_key_jwt', 'client_secret_basic', 'client_secret_post'],
  token_endpoint_auth_signing_alg_values_supported: ['ES384', 'RS384'],
};
const oauth = provider.callback();
server.on('request', async (request, response) => {
  if (request.url === '/fhir/.well-known/smart-configuration') {
    answer(response, 200, smart);
  } else if (request.url === '/fhir/Patient/1') {
    const [, bearer] = (request.headers.authorization ?? '').split(' ');
    const token = bearer && await provider.ClientCredentials.find(bearer);
    if (token && !token.isExpired) answer(response, 200, { resourceType: 'Patient', id: '1' });
    else answer(response, 401, { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'login' }] });
  } else {
    oauth(request, response);
  }
});

console.log(port);
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
