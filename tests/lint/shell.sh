#!/bin/sh
# Every shell script is what shellcheck and dash accept.
set -u
cd "$(dirname "$0")/../.." || exit 1
command -v shellcheck >/dev/null || { echo "1..0 # SKIP shellcheck is not installed"; exit 0; }
n=0
check() { # check NAME COMMAND...
    n=$((n + 1))
    label=$1
    shift
    if out=$("$@" 2>&1); then echo "ok $n - $label"; else printf '%s\n' "$out" | sed 's/^/# /'; echo "not ok $n - $label"; fi
}
check 'lectern and its pieces' shellcheck -x -a lectern
check 'test runner' shellcheck -x tests/run .ci/run
check 'services' shellcheck -s sh -e SC1091,SC2154 contrib/runit/*
# shellcheck disable=SC2046 # no spaces in our names
check 'other scripts' shellcheck -S warning -e SC1091,SC2089,SC2090 $(git ls-files -co --exclude-standard '*.sh' | grep -v '^contrib/up/')
for f in lectern tests/run contrib/up/*.sh contrib/demo/*.sh; do check "$f as dash reads it" dash -n "$f"; done
echo "1..$n"
