#!/usr/bin/env bash
# Installs the ORM into a folder of its own and builds a small program against it: by pkg-config (shared and static) and by
# find_package(). Moves the folder first, so that nothing points back at where it was made.
#   install_test.sh BUILD CONSUMER_FOLDER [CFLAGS...]
set -euo pipefail
build=$1
consumer=$2
shift 2
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

cmake --install "$build" --component n1orm --prefix "$place/made" >/dev/null
mv "$place/made" "$place/prefix"
pc=$(find "$place/prefix" -name n1orm.pc)
export PKG_CONFIG_PATH="${pc%/*}${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}"
library=${pc%/*}/..

check() {
    local said
    said=$("$@")
    [ "$said" = "2 notes, last: tea" ] || { echo "install_test: $1 said '$said'" >&2; exit 1; }
}

read -ra flags < <(pkg-config --cflags --libs n1orm)
cc -std=c11 -Wall -Wextra -Werror "$@" "$consumer/consumer.c" "${flags[@]}" -o "$place/shared"
check env LD_LIBRARY_PATH="$library" "$place/shared"

read -ra include < <(pkg-config --cflags n1orm)
# Nothing to warn of, by whatever compiler is there; from C++ too.
for compiler in gcc clang; do
    command -v "$compiler" >/dev/null || continue
    for std in c11 c17 c2x; do
        "$compiler" "-std=$std" -Wall -Wextra -pedantic -Werror -fsyntax-only "$consumer/consumer.c" "${include[@]}" 2>&1
    done
done
for compiler in g++ clang++; do
    command -v "$compiler" >/dev/null || continue
    for std in c++11 c++20; do
        "$compiler" "-std=$std" -Wall -Wextra -pedantic -Werror -fsyntax-only "$consumer/consumer.cc" "${include[@]}" 2>&1
    done
done
cc -std=c11 "$@" -c "$consumer/model.c" "${flags[@]}" -o "$place/model.o"
c++ "$@" "$consumer/consumer.cc" "$place/model.o" "${flags[@]}" -o "$place/cc"
check env LD_LIBRARY_PATH="$library" "$place/cc"

# Our archive, the clients' shared libraries: --static would ask for all that libpq's own archive needs.
read -ra flags < <(pkg-config --cflags --libs n1orm)
read -ra clients < <(pkg-config --libs sqlite3 libpq)
cc -std=c11 "$@" "$consumer/consumer.c" "${flags[@]/-ln1orm/-l:libn1orm.a}" "${clients[@]}" -lm -o "$place/static"
check "$place/static"

cmake -S "$consumer" -B "$place/cmake" -DCMAKE_PREFIX_PATH="$place/prefix" -DCMAKE_C_FLAGS="$*" >/dev/null
cmake --build "$place/cmake" >/dev/null
check "$place/cmake/consumer_shared"
check "$place/cmake/consumer_static"
echo "install_test: shared, static and find_package() work"
