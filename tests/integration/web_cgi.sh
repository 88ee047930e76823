#!/bin/sh
# Every page handler runs as plain CGI from a shell: no web server, no FastCGI, the answer on standard output.
set -u
: "${LECTERN_SRC:?run me by ./lectern test integration/web_cgi}" "${LECTERN_CONF:?}"
# shellcheck source=tests/lib/tap.sh
. "$LECTERN_SRC/tests/lib/tap.sh"
web=${LECTERN_APP:-}/libexec/lectern/lectern-web
[ -x "$web" ] || web=${LECTERN_BUILD:-.}/lectern-web
out=$(mktemp) conf=$LECTERN_CONF
trap 'rm -f "$out"' EXIT
explain() { head -n 3 "$out"; }
# cgi NAME=VALUE...: one request, with nothing in the environment but what is given
cgi() {
	if [ "$(id -u)" -eq 0 ] && id lectern >/dev/null 2>&1 && [ -z "${LECTERN_CGI_SELF:-}" ]; then
		(cd / && setpriv --reuid=lectern --regid=lectern --clear-groups env -i "$@" "$web" -c "$conf" 2>/dev/null)
	else
		env -i "$@" "$web" -c "$conf" 2>/dev/null
	fi
}
status() { sed -n '1s/^Status: \([0-9]*\).*/\1/p' "$out"; }

"$web" --routes | jq -r '.[] | "\(.method) \(.pattern) \(.handler) \(.access)"' >"$out.rows"
trap 'rm -f "$out" "$out.rows"' EXIT
[ -s "$out.rows" ]
ok $? "$(wc -l <"$out.rows") routes are read"
while read -r method pattern handler access; do
	path=$(printf '%s' "$pattern" | sed 's/:term/2026w/; s/:slug/none/; s/:id/1/; s/:key/aaaaaaaaaaaa/; s/:u\>/aaaaaaaaaaaa/; s/:program/lectern-web/')
	cgi REQUEST_METHOD="$method" PATH_INFO="$path" REMOTE_ADDR=127.0.0.1 >"$out" </dev/null
	rc=$?
	case $method:$access:$(status) in
	GET:public:200 | GET:public:303 | GET:public:404 | GET:public:403 | GET:local:200 | GET:local:404) ;;
	GET:signedin:303 | GET:signedin:401 | GET:lecturer:303) ;;
	POST:public:403 | POST:signedin:303 | POST:signedin:401 | POST:lecturer:303 | POST:node:401 | POST:node:422) ;;
	*) rc=1 ;;
	esac
	grep -q '^X-Request-Id: [0-9a-f]' "$out" || rc=1
	ok $rc "$method $pattern ($handler): $(status)"
done <"$out.rows"

# a form on standard input, with the cookie and the token of its page
cgi REQUEST_METHOD=GET PATH_INFO=/login >"$out"
cookie=$(tr -d '\r' <"$out" | sed -n 's/^Set-Cookie: \([^;]*\);.*/\1/p')
token=$(sed -n 's/.*name="csrf" value="\([^"]*\)".*/\1/p' "$out" | head -n 1)
form="csrf=$token&login=cgi&password=wrong"
printf '%s' "$form" | cgi REQUEST_METHOD=POST PATH_INFO=/login HTTP_COOKIE="$cookie" CONTENT_LENGTH=${#form} \
	CONTENT_TYPE=application/x-www-form-urlencoded REMOTE_ADDR=127.0.0.1 >"$out"
[ "$(status)" = 422 ] && grep -q 'value="cgi"' "$out"
ok $? "a form is read from standard input: $(status)"
cgi REQUEST_METHOD=GET PATH_INFO=/ QUERY_STRING=lang=de >"$out"
[ "$(status)" = 303 ] && grep -q '^Location: /' "$out"
ok $? 'the query is read'
cgi REQUEST_METHOD=HEAD PATH_INFO=/ >"$out"
[ "$(status)" = 200 ] && ! grep -q '<html' "$out"
ok $? 'HEAD has no body'
# a third language is a folder: English with a name, a word, plurals and dates of its own
folder=$(mktemp -d)
trap 'rm -rf "$out" "$out.rows" "$folder"' EXIT
cp -R "$LECTERN_SRC/templates" "$folder/templates"
cp -R "$folder/templates/lang/en" "$folder/templates/lang/sv"
sed -i -e 's/^  name = English$/  name = Svenska/' -e 's/^  skip = .*/  skip = Hoppa till/' \
	-e 's/^  plural = .*/  plural = n == 1 ? one : other/' -e 's/^  month_year = .*/  month_year = {year}, {month}/' \
	"$folder/templates/lang/sv/base.hdf"
sed -e '/^template_dir/d' "$LECTERN_CONF" >"$folder/lectern.conf"
echo "template_dir = $folder/templates" >>"$folder/lectern.conf"
chmod -R a+rX "$folder"
conf=$folder/lectern.conf
cgi REQUEST_METHOD=GET PATH_INFO=/login HTTP_ACCEPT_LANGUAGE=en >"$out"
[ "$(status)" = 200 ] && grep -q '<a href="/login?lang=sv" hreflang="sv" lang="sv">Svenska</a>' "$out" && grep -q '>Deutsch</a>' "$out"
ok $? 'the third language is offered'
cgi REQUEST_METHOD=GET PATH_INFO=/login HTTP_ACCEPT_LANGUAGE='sv-SE,sv;q=0.9,en;q=0.8' >"$out"
[ "$(status)" = 200 ] && grep -q '<html lang="sv">' "$out" && grep -q 'Hoppa till' "$out" && ! grep -q '>Svenska</a>' "$out"
ok $? 'and spoken to who prefers it'
cgi REQUEST_METHOD=GET PATH_INFO=/login QUERY_STRING=lang=sv >"$out"
[ "$(status)" = 303 ] && grep -q '^Set-Cookie: lectern-lang=sv;' "$out"
ok $? 'and to who chooses it'
cgi REQUEST_METHOD=GET PATH_INFO=/login HTTP_COOKIE=lectern-lang=sv >"$out"
grep -q '<html lang="sv">' "$out"
ok $? 'which is remembered'
rm "$folder/templates/lang/sv/base.hdf"
cgi REQUEST_METHOD=GET PATH_INFO=/login >"$out"
[ $? -ne 0 ] && [ ! -s "$out" ]
ok $? 'a language that does not say its name stops the start'
end
