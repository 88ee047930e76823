#!/bin/sh
# clang-format 14 is law: every C file of the tree is as it would write it.
set -u
cd "$(dirname "$0")/../.." || exit 1
bin=$(command -v clang-format-14 || command -v clang-format) || { echo "1..0 # SKIP clang-format is not installed"; exit 0; }
n=0 bad=0
for f in $(git ls-files -co --exclude-standard '*.c' '*.h'); do
    [ -e "$f" ] || continue
    n=$((n + 1))
    if ! "$bin" --dry-run -Werror "$f" >/dev/null 2>&1; then
        echo "# $f: run $bin -i $f"
        bad=$((bad + 1))
    fi
done
echo "1..1"
if [ "$n" -gt 0 ] && [ "$bad" -eq 0 ]; then echo "ok 1 - $n files formatted"; else echo "not ok 1 - $bad of $n files"; exit 1; fi
