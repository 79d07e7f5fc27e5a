#!/usr/bin/env bash
# memcheck.sh SHIM PROGRAM [ARG...]: the program under the shim under valgrind's memcheck; its children too. Fails on any error and
# when nothing was recorded. (The shim is never sanitized, because it runs inside programs that are not.)
set -u
shim=$1
shift
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
mkdir -m 700 "$place/trace"
# The counters page, as the wrapper makes it: magic, version 1, zeros (trace/format.h).
printf '\x4e\x31\x5f\x43\x4e\x54\0\0\1\0\0\0\0\0\0\0' >"$place/trace/counters"
truncate -s 4096 "$place/trace/counters"
N1PROF_TRACE_DIR=$place/trace N1PROF_KEY=00112233445566778899aabbccddeeff \
    valgrind --quiet --error-exitcode=9 --trace-children=yes --leak-check=no --log-file="$place/log.%p" \
    --run-libc-freeres=no --vgdb=no --suppressions="$(dirname "$0")/memcheck.supp" --soname-synonyms=somalloc=nouserintercepts env LD_PRELOAD="$shim" "$@" >"$place/out" 2>&1
status=$?
if [ -n "$(cat "$place"/log.*)" ] || [ $status -eq 9 ]; then
    cat "$place"/log.*
    exit 1
fi
[ $status -eq 0 ] || { cat "$place/out"; exit 1; }
compgen -G "$place/trace/*.n1" >/dev/null || { echo "nothing was recorded"; exit 1; }
