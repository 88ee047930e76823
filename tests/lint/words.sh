#!/bin/sh
# What must not stand in the tree: words of unfinished work, paths of one machine, SQL in C, HTML in C,
# banned calls, words of the protocol outside lib/wire.
set -u
cd "$(dirname "$0")/../.." || exit 1
bad=0

# refuse WHAT PATTERN PATHSPEC…
refuse() {
    what=$1 pattern=$2; shift 2
    rows=$(git grep --untracked -nIE "$pattern" -- "$@" ':!tests/lint/words.sh' ':!package-lock.json' | cut -c1-160 | head -20)
    [ -z "$rows" ] && return
    echo "# $what:"
    echo "$rows" | sed 's/^/#   /'
    bad=$((bad + 1))
}

refuse 'words of unfinished work' '\b(TODO|FIXME|XXX|HACK)\b' '*.[ch]' '*.sh' '*.js' '*.cs' '*.sql' lectern
refuse 'paths of one machine' '(/work/|/home/[a-z]|/root/)' .
refuse 'SQL outside sql/' '"(SELECT|INSERT|UPDATE|DELETE|REPLACE|WITH) ' 'lib/svc/*.c' 'lib/web/*.c' 'cgi-bin/*.c' 'daemons/*.c'
refuse 'HTML in C' '"[^"]*</?(div|p|a|span|html|body|form|table|li|ul)[ >]' 'lib/*.c' 'cgi-bin/*.c' 'daemons/*.c'
refuse 'inline script or style in a template' '(<script( type="[a-z]+")?>|<style|[[:space:]]style=|[[:space:]]on[a-z]+=)' 'templates/*.cs'
refuse 'a word that belongs to lib/wire' '"(CAM|PRES|COMB|disk_full|unreadable|no_video|unsupported|too_large)"' \
    'lib/*.[ch]' 'cgi-bin/*.[ch]' 'daemons/*.[ch]' ':!lib/wire'

echo "1..1"
if [ "$bad" -eq 0 ]; then echo "ok 1 - nothing found"; else echo "not ok 1 - $bad kinds of findings"; exit 1; fi
