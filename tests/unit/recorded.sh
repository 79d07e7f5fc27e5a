#!/usr/bin/env bash
# recorded.sh PROGRAM [ARG...]: a program that has the recorder's rooms in itself (sanitized as it is), recorded. Fails as the
# program does, and when nothing was recorded.
set -u
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
mkdir -m 700 "$place/trace"
# The counters page, as the wrapper makes it: magic, version 1, zeros (trace/format.h).
printf '\x4e\x31\x5f\x43\x4e\x54\0\0\1\0\0\0\0\0\0\0' >"$place/trace/counters"
truncate -s 4096 "$place/trace/counters"
N1PROF_TRACE_DIR=$place/trace N1PROF_KEY=00112233445566778899aabbccddeeff "$@" || exit 1
compgen -G "$place/trace/*.n1" >/dev/null || { echo "nothing was recorded"; exit 1; }
