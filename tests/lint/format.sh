#!/bin/sh
# One handwriting: every C file as clang-format 14 formats it, every script of a browser or of node as prettier does, and
# a few habits that they do not check (doc/style.md).
set -u
cd "$(dirname "$0")/../.." || exit 1
bad=0

wrong() {
    echo "# $1"
    bad=$((bad + 1))
}

files() { git ls-files -co --exclude-standard "$@" | while read -r f; do [ ! -e "$f" ] || echo "$f"; done; }

bin=$(command -v clang-format-14 || command -v clang-format) || { echo "1..0 # SKIP clang-format is not installed"; exit 0; }
n=$(files '*.c' '*.h' | wc -l)
for f in $(files '*.c' '*.h' | xargs -P 2 -n 50 "$bin" --dry-run 2>&1 | sed -n 's/^\([^ :]*\):[0-9]*:[0-9]*: warning:.*/\1/p' | sort -u); do
    wrong "$f: run $bin -i $f"
done

prettier=${LECTERN_MODULES:-node_modules}/.bin/prettier
[ -x "$prettier" ] || { echo "1..0 # SKIP prettier is not installed: run me by ./lectern test lint"; exit 0; }
for f in $(files '*.js' '*.mjs' | xargs "$prettier" --config package.json --list-different); do
    wrong "$f: run $prettier --config package.json --write $f"
done

# habit WORDS PATTERN: no line of a C file matches.
habit() {
    for f in $(files '*.c' '*.h' | xargs grep -nE "$2" /dev/null | tr ' ' '_'); do wrong "$f ($1)"; done
}
habit 'sizeof *x, parentheses only for types' 'sizeof\((\*|[a-z_]+(->|\.|\[))'
habit 'strcmp() == 0' '![ ]*(str|mem)(n|case|ncase)?cmp\('
habit 'section heads are /* --- words --- */' '/\* (-{4,}|={2,})'
habit 'WARN_UNUSED stands first' '^[^#]*\) WARN_UNUSED;'

# Declarations at the head of a function are followed by its first statement, without a blank line.
for f in $(files '*.c' | xargs awk '
    FNR == 1 { head = 0 }
    /^\{$/ { head = 1; seen = 0; next }
    !head { next }
    /^$/ { if (seen) print FILENAME ":" FNR; head = 0; next }
    /^    (return|if|for|while|switch|do|goto|case)[ ;(]/ { head = 0; next }
    /^    (const |static |unsigned |volatile )*((struct|enum|union) [a-z_0-9]+|[A-Za-z_0-9]+)( const)? \**[A-Za-z_0-9]+(\[[^=]*\])*( = .*|, .*)?[;{(,]?$/ { seen = 1; next }
    /^     / { next }
    { head = 0 }'); do
    wrong "$f (no blank line after declarations)"
done

echo "1..1"
if [ "$n" -gt 0 ] && [ "$bad" -eq 0 ]; then echo "ok 1 - $n C files, and the scripts"; else echo "not ok 1 - $bad places"; exit 1; fi
