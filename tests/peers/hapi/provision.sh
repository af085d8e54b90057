#!/usr/bin/env bash
# The HAPI FHIR JPA server 8.8.0 (R4), from Maven Central. Idempotent. Needs java and javac 17 and mvn.
# Everything goes below $FHIRGATE_PEERS/hapi.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
into=${FHIRGATE_PEERS:-$HOME/.cache/fhirgate-peers}/hapi
version=$(cat "$here"/{provision.sh,pom.xml,src/main/java/HapiServer.java} | sha256sum | cut -d' ' -f1)
[ "$(cat "$into/provisioned" 2>/dev/null)" = "$version" ] && exit 0

for tool in java javac mvn; do
  command -v "$tool" > /dev/null || { echo "$tool is needed" >&2; exit 1; }
done
mkdir -p "$into"
cd "$into"
rm -rf provisioned pom.xml src target
cp -r "$here/pom.xml" "$here/src" .
mvn -q -B package
echo "$version" > provisioned
