#!/bin/sh
# Makes sql/previous.def anew: the statements of the version before, of which tests/unit/db/test_versions.c holds that
# they run on the schema of this one. Run it with the commit of a version as soon as that is released; doc/style.md,
# "Schema changes", says what follows from it.
# Usage: sql/previous.sh COMMIT
set -eu
LC_ALL=C
export LC_ALL
[ $# -eq 1 ] || {
	echo "usage: sql/previous.sh COMMIT" >&2
	exit 2
}
src=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
commit=$(git -C "$src" rev-parse --verify --short=12 "$1^{commit}")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
git -C "$src" archive "$commit" sql | tar -x -C "$tmp"

# Its own list of files, in its order, and its own script.
# shellcheck disable=SC2016 # make expands
queries=$(printf 'include sql/Makefile.inc\nqueries:\n\t@echo $(SQL_QUERIES)\n' | make -s -C "$tmp" --no-print-directory -f - queries)
schema=$(cd "$tmp/sql/schema" && printf '%s\n' [0-9]*.sql | tail -n 1)
number=${schema%%_*}
number=${number#"${number%%[!0]*}"}
{
	echo "/* The statements of commit $commit, whose last schema file is $schema. Made by sql/previous.sh. */"
	echo "SCHEMA($number)"
	# shellcheck disable=SC2086 # a list of files
	(cd "$tmp" && awk -f sql/statements.awk $queries) | grep '^SQL('
} >"$tmp/previous.def"
mv "$tmp/previous.def" "$src/sql/previous.def"
echo "sql/previous.def: $(grep -c '^SQL(' "$src/sql/previous.def") statements of $commit, schema up to $schema"
