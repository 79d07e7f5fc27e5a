#!/usr/bin/env bash
# Runs a command with the way to the tests' PostgreSQL cluster in its environment (N1_TEST_PG_URL, PGHOST …).
#   with_pg.sh HOME COMMAND [ARG...]      HOME: where pg_cluster.sh keeps the cluster's env file
# An N1_TEST_PG_URL that is set already wins, so that the tests can be pointed at another server.
set -euo pipefail
home=$1
shift
if [ -z "${N1_TEST_PG_URL:-}" ]; then
    if [ ! -r "$home/env" ]; then
        echo "with_pg: no cluster in $home: run it by ctest, or tests/e2e/pg_cluster.sh start $home" >&2
        exit 1
    fi
    # shellcheck disable=SC1091
    . "$home/env"
fi
exec "$@"
