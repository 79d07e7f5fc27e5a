#!/usr/bin/env bash
# A private PostgreSQL cluster for the tests: nobody's data, trust authentication, loopback and a unix socket, a free port.
#   pg_cluster.sh start HOME   makes and starts it, and writes HOME/env (sourced by with_pg.sh)
#   pg_cluster.sh stop HOME    stops it and removes it
# The server never runs as root: a root caller hands it to the user `postgres`. Its files lie in HOME where that user can
# reach HOME (and the socket's path is short enough), otherwise in a folder of their own under TMPDIR; HOME/where tells.
# A guard stops the cluster when the process that asked for it (ctest) is gone without having said stop.
set -euo pipefail

die() {
    echo "pg_cluster: $*" >&2
    exit 1
}

[ $# -ge 2 ] || die "usage: pg_cluster.sh start|stop HOME"
verb=$1
mkdir -p "$2"
home=$(cd "$2" && pwd)
self=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")

server_user=$(id -un)
as_server=(env)
if [ "$(id -u)" -eq 0 ]; then
    server_user=postgres
    id "$server_user" >/dev/null 2>&1 || die "running as root, and there is no user 'postgres' to hand the server to"
    as_server=(setpriv "--reuid=$server_user" "--regid=$server_user" --init-groups env "HOME=/")
fi

find_bin() {
    if command -v initdb >/dev/null; then
        dirname "$(command -v initdb)"
        return
    fi
    local newest
    newest=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
    [ -x "$newest/initdb" ] || die "no PostgreSQL server here (Debian: apt-get install postgresql)"
    echo "$newest"
}

# The first place that the server's user can reach and whose socket path fits into a sockaddr_un (107 bytes).
choose_place() {
    local parent place
    for parent in "$home" "${TMPDIR:-/tmp}" /tmp /var/tmp; do
        place=$(mktemp -d "$parent/n1pg.XXXXXX" 2>/dev/null) || continue
        [ "$(id -u)" -ne 0 ] || chown "$server_user" "$place"
        if [ ${#place} -le 80 ] && (cd / && "${as_server[@]}" test -w "$place/."); then
            echo "$place"
            return
        fi
        rmdir "$place"
    done
    die "no folder that the user $server_user can write: tried $home, ${TMPDIR:-/tmp}, /var/tmp"
}

free_port() {
    /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

stop_cluster() {
    local place pid
    [ -f "$home/where" ] || return 0
    place=$(cat "$home/where")
    if [ -f "$place/data/postmaster.pid" ]; then
        pid=$(head -n 1 "$place/data/postmaster.pid")
        (cd / && "${as_server[@]}" "$(find_bin)/pg_ctl" -D "$place/data" -m immediate -w -t 30 stop) >/dev/null 2>&1 ||
            kill -QUIT "$pid" 2>/dev/null || true
    fi
    case $place in */n1pg.??????) rm -rf "$place" ;; esac
    rm -f "$home/where" "$home/env"
}

start_cluster() {
    local bin place port try
    stop_cluster
    bin=$(find_bin)
    place=$(choose_place)
    echo "$place" >"$home/where"
    (cd / && "${as_server[@]}" "$bin/initdb" -D "$place/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 -N) \
        >"$home/initdb.log" 2>&1 || die "initdb failed: $(tail -n 3 "$home/initdb.log")"
    cat >>"$place/data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = '$place'
fsync = off
full_page_writes = off
synchronous_commit = off
shared_buffers = 32MB
max_connections = 60
autovacuum = off
timezone = 'UTC'
lc_messages = 'C'
CONF
    for try in 1 2 3 4 5; do
        port=$(free_port)
        if (cd / && "${as_server[@]}" "$bin/pg_ctl" -D "$place/data" -o "-p $port" -l "$place/log" -w -t 60 start) \
            </dev/null >/dev/null 2>&1; then
            break
        fi
        [ "$try" -lt 5 ] || die "the server does not start: $(tail -n 3 "$place/log" 2>/dev/null)"
    done
    cat >"$home/env.new" <<ENV
export N1_TEST_PG_URL='postgresql://postgres@127.0.0.1:$port/postgres'
export N1_TEST_PG_SOCKET_URL='postgresql:///postgres?host=$place&port=$port&user=postgres'
export PGHOST='127.0.0.1' PGPORT='$port' PGUSER='postgres' PGDATABASE='postgres'
export N1_TEST_PG_BIN='$bin'
ENV
    mv "$home/env.new" "$home/env"
    setsid "$self" guard "$home" "$PPID" "$(head -n 1 "$place/data/postmaster.pid")" </dev/null >/dev/null 2>&1 &
}

# Ends when the server is gone; stops the server when its owner is.
guard_cluster() {
    local owner=$1 server=$2
    while [ -d "/proc/$server" ]; do
        if [ ! -d "/proc/$owner" ]; then
            if [ -f "$home/where" ] && [ "$(head -n 1 "$(cat "$home/where")/data/postmaster.pid" 2>/dev/null)" = "$server" ]; then
                stop_cluster
            else
                kill -QUIT "$server" 2>/dev/null || true
            fi
            return
        fi
        sleep 1
    done
}

case $verb in
start) start_cluster ;;
stop) stop_cluster ;;
guard) guard_cluster "$3" "$4" ;;
*) die "unknown verb '$verb'" ;;
esac
