// oidc-provider as the authorization server of a small FHIR server, on a free port of this machine.
//
// Its settings come as JSON in OIDC_PEER: {jwks, secret, life}. It prints its port when it is ready, and ends when
// its input does. /fhir has a smart-configuration (plain OAuth has none) and one Patient that needs a living token.
// /app/fhir is for launches: its person says yes to everything that is registered, and what SMART adds to OAuth (aud,
// the patient, fhirUser) is added here.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';

import Provider, { errors } from 'oidc-provider';

const { jwks, secret, life } = JSON.parse(process.env.OIDC_PEER);
const FHIR = 'urn:fhirgate:test:fhir';
// What the FHIR server knows; a scope beyond these is left out of the grant without a word.
const REGISTERED = 'system/Observation.rs system/Condition.rs system/Observation.read system/Condition.read';
// Known to the authorization server, and not allowed to our clients.
const FORBIDDEN = 'system/Patient.rs';

const APP = 'urn:fhirgate:test:app';
const REDIRECT = 'https://fhirgate.example.org/callback/main';
const APP_SCOPES = 'openid fhirUser launch launch/patient online_access';
const APP_DATA = 'patient/Patient.rs patient/Observation.rs patient/Condition.rs';
// Listed, and yet never part of a grant.
const EMPTY = 'patient/Procedure.rs';

const server = createServer();
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address();
const issuer = `http://127.0.0.1:${port}`;

const backend = { grant_types: ['client_credentials'], redirect_uris: [], response_types: [], scope: 'openid' };
// Of its own, new each time: id_tokens are signed RS256 for some clients and ES256 for others.
const signing = [['rsa', { modulusLength: 2048 }], ['ec', { namedCurve: 'P-256' }]].map(
  ([kind, options], number) => ({
    ...generateKeyPairSync(kind, options).privateKey.export({ format: 'jwk' }), use: 'sig', kid: `sign-${number}`,
  }),
);
const app = {
  grant_types: ['authorization_code', 'refresh_token'], redirect_uris: [REDIRECT], response_types: ['code'],
};
const provider = new Provider(issuer, {
  jwks: { keys: signing },
  clients: [
    { ...app, client_id: 'app-public', token_endpoint_auth_method: 'none' },
    { ...app, client_id: 'app-secret', client_secret: secret, token_endpoint_auth_method: 'client_secret_basic' },
    {
      ...app, client_id: 'app-key', token_endpoint_auth_method: 'private_key_jwt', jwks,
      id_token_signed_response_alg: 'ES256',
    },
    { ...backend, client_id: 'by-key', token_endpoint_auth_method: 'private_key_jwt', jwks },
    { ...backend, client_id: 'by:secret', client_secret: secret, token_endpoint_auth_method: 'client_secret_basic' },
    { ...backend, client_id: 'by-form', client_secret: secret, token_endpoint_auth_method: 'client_secret_post' },
  ],
  clientAuthMethods: ['none', 'private_key_jwt', 'client_secret_basic', 'client_secret_post'],
  enabledJWA: { clientAuthSigningAlgValues: ['ES384', 'RS384'], idTokenSigningAlgValues: ['RS256', 'ES256'] },
  pkce: { required: () => true, methods: ['S256'] },
  scopes: ['openid', FORBIDDEN, ...APP_SCOPES.split(' ')],
  claims: { openid: ['sub'], fhirUser: ['fhirUser'] },
  conformIdTokenClaims: false,
  findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id, fhirUser: `${issuer}/app/fhir/Practitioner/7` }) }),
  extraParams: {
    launch: null,
    aud(ctx, value) {
      if (value !== undefined && value !== `${issuer}/app/fhir`) throw new errors.InvalidTarget('another server');
    },
  },
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  issueRefreshToken: (ctx, client, code) => client.grantTypeAllowed('refresh_token') && code.scopes.has('online_access'),
  rotateRefreshToken: true,
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    revocation: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: (ctx, client) => (client.clientId.startsWith('app-') ? APP : FHIR),
      useGrantedResource: () => true,
      getResourceServerInfo: (ctx, indicator) => ({
        scope: indicator === APP ? `${APP_DATA} ${EMPTY}` : REGISTERED, accessTokenTTL: life, accessTokenFormat: 'opaque',
      }),
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
const launchable = {
  ...smart,
  issuer,
  jwks_uri: `${issuer}/jwks`,
  revocation_endpoint: `${issuer}/token/revocation`,
  capabilities: ['launch-ehr', 'launch-standalone', 'sso-openid-connect', 'permission-online', 'permission-v2'],
  authorization_response_iss_parameter_supported: true,
};
provider.use(async (ctx, next) => {
  await next();
  if (ctx.oidc?.route === 'token' && ctx.body?.access_token && ctx.oidc.client.clientId.startsWith('app-')) {
    if (ctx.oidc.params.grant_type === 'authorization_code') ctx.body.patient = '1';
  }
});

// The person: logs in at once and grants all that is asked for, but for the scope that nobody gets.
const consent = async (request, response) => {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') {
    await provider.interactionFinished(request, response, { login: { accountId: 'u7' } });
    return;
  }
  const grant = grantId ? await provider.Grant.find(grantId)
    : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  const asked = params.scope.split(' ');
  grant.addOIDCScope(asked.filter((each) => APP_SCOPES.split(' ').includes(each)).join(' '));
  grant.addResourceScope(APP, asked.filter((each) => APP_DATA.split(' ').includes(each)).join(' '));
  grant.rejectResourceScope(APP, EMPTY);
  await provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
};

const appFhir = async (request, response) => {
  const path = request.url.slice('/app/fhir'.length).split('?')[0];
  if (path === '/.well-known/smart-configuration') return answer(response, 200, launchable);
  if (path === '/metadata') {
    const resource = [{ type: 'Patient', interaction: [{ code: 'read' }] }];
    return answer(response, 200, { resourceType: 'CapabilityStatement', fhirVersion: '4.0.1', rest: [{ mode: 'server', resource }] });
  }
  const [, bearer] = (request.headers.authorization ?? '').split(' ');
  const token = bearer && await provider.AccessToken.find(bearer);
  if (!token || token.isExpired) {
    return answer(response, 401, { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'login' }] });
  }
  if (!token.scopes.has('patient/Patient.rs') || path !== '/Patient/1') {
    return answer(response, 403, { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'forbidden' }] });
  }
  return answer(response, 200, { resourceType: 'Patient', id: '1' });
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
  } else if (request.url.startsWith('/app/fhir')) {
    await appFhir(request, response);
  } else if (request.url.startsWith('/interaction/')) {
    await consent(request, response);
  } else {
    oauth(request, response);
  }
});

console.log(port);
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
