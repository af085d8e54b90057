#!/usr/bin/env bash
# axe-core 4.14.1 from npm: judges whether a page can be used by everybody. Idempotent.
# Needs npm. Everything goes below $FHIRGATE_PEERS/axe.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
into=${FHIRGATE_PEERS:-$HOME/.cache/fhirgate-peers}/axe
version=$(cat "$here"/{provision.sh,package.json} | sha256sum | cut -d' ' -f1)
[ "$(cat "$into/provisioned" 2>/dev/null)" = "$version" ] && exit 0

command -v npm > /dev/null || { echo "npm is needed" >&2; exit 1; }
mkdir -p "$into"
cd "$into"
rm -f provisioned
cp "$here/package.json" .
npm install --silent --no-audit --no-fund --ignore-scripts
echo "$version" > provisioned
