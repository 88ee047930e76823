#!/bin/sh
# Every library that configure demands is linked by something, and the Debian package that it names is one of those that
# ./lectern installs.
set -u
cd "$(dirname "$0")/../.." || exit 1
n=0 bad=0
files=$(git ls-files '*Makefile.inc' Makefile.am configure.ac)
# "VARIABLE PACKAGE" of each LECTERN_LIBRARY([VARIABLE], [name and version], [PACKAGE])
rows=$(sed -n 's/^LECTERN_LIBRARY(\[\([A-Z0-9]*\)\], \[[^]]*\], \[\([a-z0-9.-]*\)\])$/\1 \2/p' configure.ac)
while read -r variable package; do
    n=$((n + 1))
    # shellcheck disable=SC2086 # a list of files
    grep -q "\$[({]*${variable}_LIBS" $files || {
        echo "# configure.ac: nothing links $variable"
        bad=$((bad + 1))
    }
    grep -qE "^$package( |\$)" contrib/packages.debian || {
        echo "# contrib/packages.debian: $package is missing"
        bad=$((bad + 1))
    }
done <<ROWS
$rows
ROWS
[ "$n" -eq "$(grep -c '^LECTERN_LIBRARY(' configure.ac)" ] || {
    echo "# configure.ac: a LECTERN_LIBRARY line that this test does not read"
    bad=$((bad + 1))
}
echo "1..1"
if [ "$n" -gt 0 ] && [ "$bad" -eq 0 ]; then echo "ok 1 - $n libraries"; else echo "not ok 1 - $bad findings"; exit 1; fi
