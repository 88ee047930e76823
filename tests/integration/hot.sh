#!/bin/sh
# Pages for visitors come as files with exactly the headers the program would send, and only to requests the
# program would answer with them.
set -u
: "${LECTERN_SRC:?run me by ./lectern test integration/hot}" "${LECTERN_URL:?}" "${LECTERN_RUN:?}"
# shellcheck source=tests/lib/tap.sh
. "$LECTERN_SRC/tests/lib/tap.sh"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
# get FILE [CURL-ARGUMENT...]: body in FILE, headers in FILE.h
get() {
	get_file=$tmp/$1
	shift
	curl -sS -o "$get_file" -D "$get_file.h" "$@"
}
headers() { tr -d '\r' <"$tmp/$1.h" | grep -viE '^(date|content-length|etag|accept-ranges|last-modified|server|x-request-id|set-cookie)' | sort -f; }

# with any cookie the request goes to the program
get program -H 'Cookie: other=1' -H 'Accept-Language: en' "$LECTERN_URL/"
rm -f "$LECTERN_RUN"/hot/en/index.html
get first -H 'Accept-Language: en' "$LECTERN_URL/"
[ -s "$LECTERN_RUN/hot/en/index.html" ]
ok $? 'a visit without a session leaves a file'
# from_file FILE: a request while the file is fresh; repeated if a second ended in between
from_file() {
	for visit in 1 2 3 4 5 6 7 8 9 10; do
		printf '<!-- from the file -->' >>"$LECTERN_RUN/hot/en/index.html"
		get "$1" -H 'Accept-Language: en' "$LECTERN_URL/"
		if grep -q 'from the file' "$tmp/$1"; then return 0; fi
	done
	return 1
}
from_file hot
ok $? 'the next visitor gets it'
headers program >"$tmp/a"
headers hot >"$tmp/b"
diff "$tmp/a" "$tmp/b" | sed 's/^/# /'
cmp -s "$tmp/a" "$tmp/b"
ok $? 'with the same headers'

# Each page that lectern-web calls hot comes from its file: one address of each pattern, as the start page names it.
routes() { "$LECTERN_APP/libexec/lectern/lectern-web" --routes | jq -r '.[] | select(.flags | index("hot")) | .pattern'; }
page_of() { # PATTERN
	case $1 in
	*:*) grep -oE "href=\"$(printf '%s' "$1" | sed 's|:[a-z]*|[a-z0-9-]+|g')\"" "$tmp/hot" | head -n 1 | cut -d '"' -f 2 ;;
	*) echo "$1" ;;
	esac
}
served() { # PATH
	served_file=$LECTERN_RUN/hot/en$1.html
	if [ "$1" = / ]; then served_file=$LECTERN_RUN/hot/en/index.html; fi
	for visit in 1 2 3 4 5 6 7 8 9 10; do
		get served -H 'Accept-Language: en' "$LECTERN_URL$1"
		[ -e "$served_file" ] || return 1
		printf '<!-- from the file -->' >>"$served_file"
		get served -H 'Accept-Language: en' "$LECTERN_URL$1"
		if grep -q 'from the file' "$tmp/served"; then return 0; fi
	done
	return 1
}
for pattern in $(routes); do
	hot_page=$(page_of "$pattern")
	[ -n "$hot_page" ] && served "$hot_page"
	ok $? "$pattern is served as a file"
done

# lighttpd reads the list once a second; the program writes it when it is asked in between
stores_named() {
	for visit in 1 2 3 4 5 6 7 8 9 10; do
		printf ' https://store.example' >"$LECTERN_RUN/hot/stores"
		from_file stores && [ "$(headers stores | grep -o "self'[^;]* https://store.example;" | wc -l)" -eq 4 ] && return 0
		sleep 0.3
	done
	return 1
}
stores_named
ok $? 'other stores are named in the policy'
rm -f "$LECTERN_RUN/hot/stores"

# told KEY NAME CURL-ARGUMENT...: the program answers
told() {
	told_name=$1
	shift
	touch "$LECTERN_RUN/hot/en/index.html"
	get told -H "Accept-Language: ${language:-en}" "$@"
	! grep -q 'from the file' "$tmp/told"
	ok $? "the program answers $told_name"
}
told 'a session' -H 'Cookie: __Host-lectern=x' "$LECTERN_URL/"
language=de told 'another language' "$LECTERN_URL/"
told 'a query' "$LECTERN_URL/?lang=de"
told 'JSON' -H 'Accept: application/json' "$LECTERN_URL/"
told 'a form' -d 'a=b' "$LECTERN_URL/"

# mark AGE: a file of that age, with a content that can be recognised
mark() {
	printf '<!-- from the file -->' >>"$LECTERN_RUN/hot/en/index.html"
	touch -d "$1 seconds ago" "$LECTERN_RUN/hot/en/index.html"
}
# lighttpd remembers a file's age for a second or two: repeats the request until the program answers.
from_program() {
	for visit in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
		get "visit$visit" -H 'Accept-Language: en' "$LECTERN_URL/"
		grep -q 'from the file' "$tmp/visit$visit" || return 0
		sleep 0.3
	done
	return 1
}
mark 3
from_program && ! grep -q 'from the file' "$LECTERN_RUN/hot/en/index.html"
ok $? 'a file that is no longer fresh is renewed by a visit'
# in a folder that the program cannot write to, the file stays old and is not used
chmod 555 "$LECTERN_RUN/hot/en"
mark 120
# One request a second goes to the program in any case: of five at once none may get the file.
old=1
for round in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
	seen=0
	for visit in 1 2 3 4 5; do
		get old -H 'Accept-Language: en' "$LECTERN_URL/"
		if grep -q 'from the file' "$tmp/old"; then seen=1; fi
	done
	if [ "$seen" -eq 0 ]; then
		old=0
		break
	fi
	echo "# round $round: lighttpd still remembers the file as it was"
	sleep 0.3
done
ok $old 'an old file is not used'
chmod 755 "$LECTERN_RUN/hot/en"
[ "$(curl -s -o /dev/null -w '%{http_code}' "$LECTERN_URL/hot/en/index.html")" = 404 ]
ok $? 'the files have no address of their own'
end
