#!/bin/sh
# Nothing dead: the linker drops what a program cannot reach (--gc-sections, configure.ac), so a function of lib/, cgi-bin/
# or daemons/ that is in no program is used by no program, whoever else calls it, tests included. A function that only its
# own file uses is static. A statement of sql/queries is named by a program's sources.
set -u
src=$(CDPATH='' cd -- "$(dirname "$0")/../.." && pwd -P) || exit 1
build=${LECTERN_BUILD:-}
[ -e "$build/Makefile" ] || { echo "1..0 # SKIP no build: run me by ./lectern test lint"; exit 0; }
cd "$build" || exit 1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

# For tests and for people alone, with the reason:
cat >"$tmp/allowed" <<'ALLOWED'
db_fault            makes a statement fail as the server would
page_skeleton       is copied for a new page, and compiled so that it stays true
view_read           reads the values of the golden tests from files
SQL_db_settings     shows what the server made of SQL_db_session
ALLOWED

list() { # list EXPRESSION: its words in the Makefile of the build, one a line
    printf 'include Makefile\nlint-list:\n\t@printf "%%s\\n" %s\n' "$1" | make -s --no-print-directory -f - lint-list
}
# shellcheck disable=SC2016 # make expands
list '$(bin_PROGRAMS) $(pkglibexec_PROGRAMS)' | xargs nm -A | awk '$(NF - 1) == "T" { print $NF }' | sort -u >"$tmp/linked"

# "has NAME FILE", "uses NAME FILE": of the objects that make would make
# shellcheck disable=SC2016 # make expands
list '$(sort $(foreach v,$(filter %_OBJECTS,$(.VARIABLES)),$($(v))))' | while read -r object; do
    [ ! -e "$object" ] || echo "$object"
done | xargs nm -A | awk '
    {
        file = name = $1
        sub(/:.*/, "", name); sub(/.*\//, "", name); sub(/.*-/, "", name); sub(/\.o$/, ".c", name)
        sub(/[^\/]*$/, "", file)
        file = file name
    }
    $(NF - 1) == "T" { print "has", $NF, file }
    $(NF - 1) ~ /U$/ { print "uses", $NF, file }' >"$tmp/symbols"
awk '$1 == "has" && $3 !~ /^(tests|bench)/ && $2 != "main" { print $2, $3 }' "$tmp/symbols" | sort >"$tmp/functions"
awk '$1 == "uses" { print $2 }' "$tmp/symbols" | sort -u >"$tmp/wanted"

{
    join -v 1 "$tmp/functions" "$tmp/linked" | sed 's/$/ is in no program: no other file of one calls it/'
    join -v 1 "$tmp/functions" "$tmp/wanted" | join - "$tmp/linked" | sed 's/$/ is used by its own file alone: make it static/'
    cd "$src" && grep -hrow 'SQL_[a-z0-9_]*' lib cgi-bin daemons --include='*.[ch]' | sort -u >"$tmp/named"
    sed -n 's/^SQL(\([a-z0-9_]*\),.*/SQL_\1/p' "$build/sql/statements.def" | sort -u | comm -23 - "$tmp/named" |
        sed 's/$/ sql\/queries is named by no program/'
} | sort >"$tmp/dead"
sed 's/ .*//' "$tmp/allowed" | sort | join -v 2 - "$tmp/dead" >"$tmp/bad"
sort "$tmp/allowed" | join -v 1 - "$tmp/dead" | sed 's/ .*/ is allowed, but no longer dead: strike it from the list/' >>"$tmp/bad"

echo "1..1"
functions=$(wc -l <"$tmp/functions") statements=$(grep -c '^SQL(' "$build/sql/statements.def")
if [ ! -s "$tmp/bad" ] && [ "$functions" -gt 300 ] && [ "$statements" -gt 100 ]; then
    echo "ok 1 - $functions functions and $statements statements, none dead"
else
    sed 's/^/# /' "$tmp/bad"
    echo "not ok 1 - $(wc -l <"$tmp/bad") of $functions functions and $statements statements"
    exit 1
fi
