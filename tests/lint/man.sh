#!/bin/sh
# Every program has a manual page, and all pages have one form: mandoc finds nothing, sections are in one order,
# references lead to pages that exist. Under CONFIGURATION a page lists the keys of lectern.conf that its program reads:
# each is a key, and each key is on some page.
set -u
cd "$(dirname "$0")/../.." || exit 1
command -v mandoc >/dev/null || { echo "1..0 # SKIP mandoc is not installed"; exit 0; }
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
bad=0 n=0

wrong() {
    echo "# $*"
    bad=$((bad + 1))
}

pages() { git ls-files -co --exclude-standard '*.[1-8]' '*.[1-8].in' | while read -r f; do [ ! -e "$f" ] || echo "$f"; done; }
name() { basename "${1%.in}"; }
section() { sed -n "/^\.SH $2\$/,/^\.SH /{/^\.SH /!p;}" "$1"; }

awk -v form=man -f doc/conf-keys.awk lib/os/conf.def >"$tmp/keys.man"
sed -n 's/^\.B //p' "$tmp/keys.man" | sort >"$tmp/keys"
: >"$tmp/named"
for f in $(pages); do
    n=$((n + 1)) page=$tmp/$(name "$f")
    sed -e "/@keys@/{r $tmp/keys.man" -e 'd}' -e 's|@sysconfdir@|/etc|' "$f" >"$page"
    mandoc -T lint -W warning "$page" >"$tmp/lint" || wrong "$f: $(sed 's/^mandoc: [^:]*://' "$tmp/lint" | head -3)"
    awk '
        BEGIN { n = split("NAME SYNOPSIS DESCRIPTION OPTIONS SIGNALS KEYS CONFIGURATION ENVIRONMENT FILES EXIT_STATUS SECURITY EXAMPLES SEE_ALSO", known)
                for (i = 1; i <= n; i++) rank[known[i]] = i }
        /^\.SH / { head = substr($0, 5); gsub(" ", "_", head); if (!first) first = head; last = head }
        /^\.SH / && head in rank { if (rank[head] < at) exit bad = 1; at = rank[head] }
        END { exit bad || first != "NAME" || last != "SEE_ALSO" }' "$page" || wrong "$f: its sections are not in the order of other pages"
    for ref in $(sed -n 's/^\.BR \(lectern[a-z.-]*\) (\([1-8]\)).*/\1.\2/p' "$page" | sort -u); do
        pages | while read -r p; do name "$p"; done | grep -qxF "$ref" || wrong "$f: there is no page $ref"
    done
    section "$page" CONFIGURATION | sed -nE 's/^\.(BR|B|RB) \(? ?([a-z_]+).*/\2/p' | sort -u >"$tmp/own"
    for key in $(comm -23 "$tmp/own" "$tmp/keys"); do wrong "$f: $key is not a key of lectern.conf"; done
    cat "$tmp/own" >>"$tmp/named"
done
for key in $(sort -u "$tmp/named" | comm -13 - "$tmp/keys"); do wrong "$key: no page of a program names this key"; done
for p in $(git ls-files -co --exclude-standard '*Makefile.inc' | xargs sed -n 's/^\(pkglibexec\|bin\)_PROGRAMS += //p'); do
    pages | while read -r f; do name "$f"; done | grep -qx "$p\.[18]" || wrong "$p has no page"
done

echo "1..1"
if [ "$n" -gt 0 ] && [ -s "$tmp/keys" ] && [ "$bad" -eq 0 ]; then echo "ok 1 - $n pages"; else echo "not ok 1 - $bad findings"; exit 1; fi
