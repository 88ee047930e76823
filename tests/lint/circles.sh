#!/bin/sh
# No circle of files: who calls whom is read from the object files of the build, so that a call through a header
# of another file counts, too. The two halves of a node (lib/node: the node and its list of jobs) are one thing
# in two files.
set -u
src=$(CDPATH='' cd -- "$(dirname "$0")/../.." && pwd -P) || exit 1
build=${LECTERN_BUILD:-}
[ -d "$build/lib" ] || { echo "1..0 # SKIP no build: run me by ./lectern test lint"; exit 0; }
cd "$build" || exit 1
halves='lib/node/node lib/node/jobs'
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

# "caller called" for every pair of files of lib
find lib -name '*.o' | while read -r object; do
    file=$(printf '%s' "$object" | sed 's|/[a-z]*_a-|/|; s|\.o$||')
    [ -e "$src/$file.c" ] || continue # left over from a file that has moved
    nm "$object" | awk -v file="$file" '$1 == "U" { print "uses", $2, file; next } $2 ~ /^[BDRT]$/ { print "has", $3, file }'
done >"$tmp/symbols"
awk '
    $1 == "has" { home[$2] = $3 }
    $1 == "uses" { calls[$3 " " $2] }
    END { for (c in calls) { split(c, a, " "); if (a[2] in home && home[a[2]] != a[1]) print a[1], home[a[2]] } }' "$tmp/symbols" |
    sort -u >"$tmp/calls"
files=$(awk '{ print $1; print $2 }' "$tmp/calls" | sort -u | wc -l)
awk -v a="${halves% *}" -v b="${halves#* }" '!($1 == a && $2 == b || $1 == b && $2 == a)' "$tmp/calls" >"$tmp/judged"

echo "1..1"
if tsort "$tmp/judged" >/dev/null 2>"$tmp/loops" && [ "$files" -gt 50 ]; then
    echo "ok 1 - $files files, $(wc -l <"$tmp/calls") pairs that call, no circle"
else
    # tsort names the files of each circle; the calls among them say where to cut
    sed -n 's/^tsort: \(lib.*\)$/\1/p' "$tmp/loops" | sort -u >"$tmp/names"
    while read -r caller called; do
        if grep -qx "$caller" "$tmp/names" && grep -qx "$called" "$tmp/names"; then
            echo "# $caller calls $called: $(awk -v a="$caller" -v b="$called" '
                $1 == "has" && $3 == b { has[$2] } $1 == "uses" && $3 == a { uses[$2] }
                END { for (s in uses) if (s in has) printf "%s ", s }' "$tmp/symbols")"
        fi
    done <"$tmp/judged"
    echo "not ok 1 - circles among $(wc -l <"$tmp/names") files"
    exit 1
fi
