#!/bin/sh
# A header is a contract: every one compiles alone, those of lib compile together, and every .c file includes
# its own header first.
set -u
cd "$(dirname "$0")/../.." || exit 1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
: >"$tmp/config.h"
: >"$tmp/all.c"
bad=0 n=0
flags="-std=c11 -Wall -Wextra -Werror -fsyntax-only -I. -isystem /usr/include/ClearSilver -isystem /usr/include/mariadb -isystem /usr/include/libxml2 -isystem /usr/include/xmlsec1 -DXMLSEC_NO_SIZE_T
  -D_GNU_SOURCE -DPACKAGE_VERSION=\"0\" -DLECTERN_SYSCONFDIR=\"\" -DLECTERN_DATADIR=\"\" -DLECTERN_LIBEXECDIR=\"\""
for h in $(git ls-files -co --exclude-standard 'lib/*.h' 'cgi-bin/*.h' 'daemons/*.h'); do
    [ -e "$h" ] || continue
    case $h in lib/base/poison.h) continue ;; esac
    n=$((n + 1))
    printf '#include "%s"\n' "$h" >"$tmp/one.c"
    # The list of statements is made by the build; a header that needs it is compiled there.
    if grep -q 'sql/statements' "$h"; then continue; fi
    # shellcheck disable=SC2086
    if ! cc $flags "$tmp/one.c" 2>"$tmp/out"; then
        echo "# $h does not compile alone:"; sed 's/^/#   /' "$tmp/out" | head -5
        bad=$((bad + 1))
    fi
    case $h in lib/*) printf '#include "%s"\n' "$h" >>"$tmp/all.c" ;; esac
    c=${h%.h}.c
    if [ -e "$c" ] && [ "$(sed -n 's/^#include "\(.*\)"/\1/p' "$c" | head -1)" != "$h" ]; then
        echo "# $c does not include $h first"
        bad=$((bad + 1))
    fi
done
# shellcheck disable=SC2086
if ! cc $flags "$tmp/all.c" 2>"$tmp/out"; then
    echo "# the headers of lib do not compile together:"; sed 's/^/#   /' "$tmp/out" | head -5
    bad=$((bad + 1))
fi
echo "1..1"
if [ "$bad" -eq 0 ] && [ "$n" -gt 0 ]; then echo "ok 1 - $n headers"; else echo "not ok 1 - $bad findings"; exit 1; fi
