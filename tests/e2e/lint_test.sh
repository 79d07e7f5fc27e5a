#!/usr/bin/env bash
# Does scripts/lint find what it is there to find? A small repository with one fault of each kind, and one without any.
#   lint_test.sh SOURCE
set -euo pipefail
source=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
git -c init.defaultBranch=main init -q .
mkdir -p scripts trace reports analyzer preload/base
cp "$source/scripts/lint" "$source/scripts/packages" scripts/
cp "$source/.clang-format" .

printf '#ifndef GOOD_H\n#define GOOD_H\n\n#include <stdint.h>\n\nuint32_t good(void);\n\n#endif\n' >trace/good.h
printf '#include "trace/good.h"\n\nuint32_t good(void)\n{\n    return 1;\n}\n' >trace/good.c
if ! scripts/lint >clean.log 2>&1; then
    cat clean.log
    echo "lint_test: a clean repository has faults" >&2
    exit 1
fi
rm clean.log

printf '#include "trace/good.h"\n#include <glib.h>\n' >preload/outside.c
printf '#include "analyzer/inner.h"\n#include "preload/outside.c"\n' >reports/walls.c
printf '#include "preload/outside.c"\n' >preload/base/upwards.c
printf '#ifndef INNER_H\n#define INNER_H\n\nuint32_t inner(void);\n\n#endif\n' >analyzer/inner.h
printf 'int ugly( void );\n' >trace/ugly.c
# shellcheck disable=SC2016
printf '#!/bin/bash\necho $1\n' >scripts/sloppy
yes '' | head -n 601 >analyzer/long.c || true
printf 'see /%s/notes\n' root >notes.md
printf '/* %sDO: later */\n' TO >analyzer/open.c
printf 'build gcc\n' >>scripts/packages

scripts/lint >lint.log && { echo "lint_test: the faults were not found" >&2; exit 1; }
status=0
while IFS= read -r wanted; do
    if ! grep -qF -- "$wanted" lint.log; then
        echo "lint_test: not found: $wanted" >&2
        status=1
    fi
done <<'WANTED'
preload/outside.c:2: <glib.h> is not for preload/
preload/base/upwards.c:1: preload/outside.c is not for preload/base/
reports/walls.c:1: analyzer/inner.h is not for reports/
reports/walls.c:2: preload/outside.c is not for reports/
analyzer/inner.h: does not compile alone
trace/ugly.c:1: not in the house's format
scripts/sloppy: shellcheck
scripts/sloppy: is a script and not executable
analyzer/long.c: 601 lines
notes.md: names a path of one machine
analyzer/open.c: left open
scripts/packages: line
WANTED
[ $status -eq 0 ] || cat lint.log
exit $status
