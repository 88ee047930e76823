#!/bin/sh
# cppcheck over the C sources: warnings, performance and portability; style is clang-format's and the compiler's.
# varFuncNullUB: POSIX has NULL be a pointer, and the sentinel attribute makes the compiler check lists that end with it.
set -u
cd "$(dirname "$0")/../.." || exit 1
command -v cppcheck >/dev/null || { echo "1..0 # SKIP cppcheck is not installed"; exit 0; }
out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT
git ls-files -co --exclude-standard 'lib/*.c' 'cgi-bin/*.c' 'daemons/*.c' |
    cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=2 -j2 \
        --suppress=missingInclude --suppress=unknownMacro --suppress=readdirCalled --suppress=varFuncNullUB --library=posix --library=tests/lint/cppcheck.cfg -I . -DPACKAGE_VERSION='"0"' -DLECTERN_SYSCONFDIR='""' -DLECTERN_DATADIR='""' -DLECTERN_LIBEXECDIR='""' \
        --template='{file}:{line}: {id}: {message}' --file-list=- >"$out" 2>&1
rc=$?
echo "1..1"
if [ $rc -eq 0 ]; then echo "ok 1 - cppcheck finds nothing"; else sed 's/^/# /' "$out" | head -40; echo "not ok 1 - cppcheck"; exit 1; fi
