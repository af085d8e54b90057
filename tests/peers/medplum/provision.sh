#!/usr/bin/env bash
# @medplum/fhir-router 4.5.2 with its definitions, from npm: a FHIR store with other habits than HAPI's. Idempotent.
# Needs node 18 or later with npm. Everything goes below $FHIRGATE_PEERS/medplum.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
into=${FHIRGATE_PEERS:-$HOME/.cache/fhirgate-peers}/medplum
version=$(cat "$here"/{provision.sh,package.json,server.mjs} | sha256sum | cut -d' ' -f1)
[ "$(cat "$into/provisioned" 2>/dev/null)" = "$version" ] && exit 0

for tool in node npm; do
  command -v "$tool" > /dev/null || { echo "$tool is needed" >&2; exit 1; }
done
mkdir -p "$into"
cd "$into"
rm -f provisioned
cp "$here/package.json" "$here/server.mjs" .
npm install --silent --no-audit --no-fund --ignore-scripts
echo "$version" > provisioned
