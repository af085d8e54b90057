#!/usr/bin/env bash
# PostgreSQL from Debian's packages, for tests: the programs only. Tests start their own private cluster
# (cluster.py); Debian's own cluster is neither made nor started. Run again, it does nothing.
set -euo pipefail

if compgen -G '/usr/lib/postgresql/*/bin/postgres' > /dev/null; then
  exit 0
fi
as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo -n)
"${as_root[@]}" mkdir -p /etc/postgresql-common
[ -e /etc/postgresql-common/createcluster.conf ] ||
  echo 'create_main_cluster = false' | "${as_root[@]}" tee /etc/postgresql-common/createcluster.conf > /dev/null
"${as_root[@]}" apt-get update -q
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends postgresql
