#!/bin/sh
# Pages for visitors come as files with exactly the headers the program would send, and only to requests the
# program would answer with them.
set -u
: "${LECTERN_URL:?run me by ./lectern test integration/hot}" "${LECTERN_RUN:?}"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
n=0 bad=0
ok() {
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else
		echo "not ok $n - $2"
		bad=$((bad + 1))
	fi
}
# get FILE [CURL-ARGUMENT...]: body in FILE, headers in FILE.h
get() {
	get_file=$tmp/$1
	shift
	curl -sS -o "$get_file" -D "$get_file.h" "$@"
}
headers() { tr -d '\r' <"$tmp/$1.h" | grep -viE '^(date|content-length|etag|accept-ranges|last-modified|server|x-request-id|set-cookie)' | sort -f; }

# a cookie of no meaning keeps the request away from the file
get program -H 'Cookie: other=1' -H 'Accept-Language: en' "$LECTERN_URL/"
rm -f "$LECTERN_RUN"/hot/en/index.html
get first -H 'Accept-Language: en' "$LECTERN_URL/"
[ -s "$LECTERN_RUN/hot/en/index.html" ]
ok $? 'a visit without a session leaves a file'
printf '<!-- from the file -->' >>"$LECTERN_RUN/hot/en/index.html"
get hot -H 'Accept-Language: en' "$LECTERN_URL/"
grep -q 'from the file' "$tmp/hot"
ok $? 'the next visitor gets it'
headers program >"$tmp/a"
headers hot >"$tmp/b"
diff "$tmp/a" "$tmp/b" | sed 's/^/# /'
cmp -s "$tmp/a" "$tmp/b"
ok $? 'with the same headers'

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

# mark AGE: a file of that age that says so
mark() {
	printf '<!-- from the file -->' >>"$LECTERN_RUN/hot/en/index.html"
	touch -d "$1 seconds ago" "$LECTERN_RUN/hot/en/index.html"
}
# One of several visitors renews a file that is no longer fresh; nobody after that gets the old one for long.
mark 3
for _ in 1 2 3; do get renew -H 'Accept-Language: en' "$LECTERN_URL/"; done
! grep -q 'from the file' "$tmp/renew" && ! grep -q 'from the file' "$LECTERN_RUN/hot/en/index.html"
ok $? 'a file that is no longer fresh is renewed by a visit'
mark 120
get old -H 'Accept-Language: en' "$LECTERN_URL/"
! grep -q 'from the file' "$tmp/old"
ok $? 'an old file is not used'
[ "$(curl -s -o /dev/null -w '%{http_code}' "$LECTERN_URL/hot/en/index.html")" = 404 ]
ok $? 'the files have no address of their own'
echo "1..$n"
[ "$bad" -eq 0 ]
