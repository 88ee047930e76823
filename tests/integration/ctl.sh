#!/bin/sh
# lecternctl on a running installation: what it lists is JSON, what it refuses is one sentence and an exit status.
set -u
: "${LECTERN_SRC:?run me by ./lectern test integration/ctl}" "${LECTERN_NAME:?}"
# shellcheck source=tests/lib/tap.sh
. "$LECTERN_SRC/tests/lib/tap.sh"
tmp=$(mktemp -d)
: "${LECTERN_URL:?}"
trap 'rm -rf "$tmp"' EXIT
explain() { cat "$tmp/out" "$tmp/err"; }
ctl() { "$LECTERN_SRC/lectern" ctl --name "$LECTERN_NAME" "$@" >"$tmp/out" 2>"$tmp/err"; }
# refused STATUS WORDS TITLE COMMAND...: exit status, and one sentence with these words
refused() {
	want=$1 words=$2 title=$3
	shift 3
	ctl "$@"
	[ $? -eq "$want" ] && [ "$(wc -l <"$tmp/err")" -eq 1 ] && grep -q "$words" "$tmp/err" && [ ! -s "$tmp/out" ]
	ok $? "$title"
}
unique=t$(date +%s)$$

ctl check --json && jq -e 'all(.good)' "$tmp/out" >/dev/null
ok $? 'nothing is wrong with a fresh installation'
# wrong CHECKS WORDS LINE: with that line in the configuration these checks fail, and no others, with these words
wrong() {
	{
		grep -v "^${3%% *} = " "$LECTERN_CONF"
		printf '%s\n' "$3"
	} >"$tmp/conf"
	chmod 644 "$tmp/conf"
	ctl -c "$tmp/conf" check --json
	[ $? -eq 1 ] && [ "$(jq -r '[.[] | select(.good | not) | .name] | join(" ")' "$tmp/out")" = "$1" ] &&
		jq -e --arg w "$2" '[.[] | select(.good | not) | .text | contains($w)] | any' "$tmp/out" >/dev/null
	ok $? "check sees '$3'"
}
mkdir "$tmp/empty"
chmod 755 "$tmp" "$tmp/empty"
wrong 'addresses nodes' 'base_url = nonsense' 'base_url = nonsense'
wrong addresses 'Europe/Berlin' 'time_zone = Mars/City'
wrong addresses '/nosuch.crt: No such file' 'database_ca_file = /nosuch.crt'
wrong redis 'Is Redis running' 'redis_socket = /nosuch.sock'
wrong folders '/nosuch: No such file' 'store_root = /nosuch'
wrong room 'uploads are refused' 'store_min_free = 1000000G'
wrong keys 'lecternctl migrate' "key_dir = $tmp/empty"
wrong tools 'Install the package ffmpeg' 'ffmpeg = /nosuch'
wrong nodes 'is its store_url right' 'base_url = http://127.0.0.1:9'
ctl migrate && grep -q 'up to date' "$tmp/out"
ok $? 'migrate a second time changes nothing'
ctl metrics && awk '{ name = $1; type = $2; sub(/^[^ ]* [^ ]* /, ""); print "| `" name "` | " type " | " $0 " |" }' "$tmp/out" >"$tmp/told" &&
	[ -s "$tmp/told" ] && grep '^| `lectern_' "$LECTERN_SRC/doc/operations.md" | diff - "$tmp/told" >"$tmp/out"
ok $? 'operations.md lists every figure as the programs do'
ctl status --json && jq -e '.content.people >= 4 and .content.courses >= 7 and (.jobs | type) == "object"' "$tmp/out" >/dev/null
ok $? 'status counts people, courses and jobs'
ctl course list --json && jq -e 'map(.visibility) | unique == ["enrolled", "hidden", "public", "signedin"]' "$tmp/out" >/dev/null
ok $? 'courses of every visibility are listed'
ctl org list --json && jq -e 'map(select(.slug == "computing")) | .[0].parent > 0' "$tmp/out" >/dev/null
ok $? 'organisations are a tree'
ctl live list --json && jq -e 'type == "array"' "$tmp/out" >/dev/null
ok $? 'live streams are a list'
refused 1 'no such lecture' 'a lecture that does not exist is not ended' live end nosuchkey000
ctl term list --json && jq -e 'map(select(.current)) | length == 1' "$tmp/out" >/dev/null
ok $? 'one term is the current one'
ctl user list --json && jq -e 'map(select(.login == "demo-lecturer")) | .[0].roles == "lecturer @computing"' "$tmp/out" >/dev/null
ok $? 'roles are listed with their organisation'

ctl user add "$unique" --name 'Zoë "quoted" <b>' --org computing --password-random && [ "$(wc -c <"$tmp/out")" -eq 21 ]
ok $? 'a random password is printed once'
ctl user list --json && jq -e --arg u "$unique" 'map(select(.login == $u)) | .[0].name == "Zoë \"quoted\" <b>"' "$tmp/out" >/dev/null
ok $? 'a name with quotes and tags survives'
refused 1 'is taken' 'a login is taken once' user add "$unique"
refused 1 'no organisation nowhere' 'an unknown organisation is named' user add "x$unique" --org nowhere
echo short | ctl user passwd "$unique" --password-stdin
[ $? -eq 1 ] && grep -q 'fewer than 10 characters' "$tmp/err"
ok $? 'a short password is refused'
echo 'a good long password' | ctl user passwd "$unique" --password-stdin
# signs_in: the status of a sign-in with that password; 303 is a success
signs_in() {
	rm -f "$tmp/jar"
	csrf=$(curl -s -c "$tmp/jar" "$LECTERN_URL/login" | sed -n 's/.*name="csrf" \(value\|content\)="\([^"]*\)".*/\2/p' | head -n 1)
	curl -s -o /dev/null -w '%{http_code}' -b "$tmp/jar" -c "$tmp/jar" --data-urlencode "csrf=$csrf" \
		-d "login=$unique&password=a+good+long+password&next=/" "$LECTERN_URL/login"
}
account() { curl -s -o /dev/null -w '%{http_code}' -b "$tmp/jar" "$LECTERN_URL/account"; }
[ "$(signs_in)" = 303 ] && [ "$(account)" = 200 ] && cp "$tmp/jar" "$tmp/before" && ctl user disable "$unique"
ok $? 'a person is disabled'
[ "$(account)" != 200 ] && [ "$(signs_in)" != 303 ]
ok $? 'their session has ended, and no new one begins'
ctl user list --json && jq -e --arg u "$unique" 'map(select(.login == $u)) | .[0].disabled' "$tmp/out" >/dev/null
ok $? 'the list says so'
ctl user enable "$unique" && [ "$(signs_in)" = 303 ] && cp "$tmp/before" "$tmp/jar" && [ "$(account)" != 200 ]
ok $? 'enabled, they may sign in anew; the old session is gone'
refused 1 'no person nobody-here' 'an unknown person is named' user disable nobody-here

ctl course add "$unique" --org computing --name 'Before' --downloads && ctl course edit "$unique" --name 'After <b>' --visibility enrolled
ok $? 'a course is changed'
course() { ctl course list --json && jq -e --arg s "$1" "map(select(.slug == \$s)) | .[0] | $2" "$tmp/out" >/dev/null; }
course "$unique" '.name == "After <b>" and .visibility == "enrolled" and .downloads'
ok $? 'what was not given stays'
ctl course edit "$unique" --slug "$unique-b" --no-downloads && course "$unique-b" '.name == "After <b>" and (.downloads | not)'
ok $? 'a new address, and no downloads'
refused 1 'is taken' 'an address is taken once' course edit "$unique-b" --slug algorithms
refused 2 'not both' 'downloads or not' course edit "$unique-b" --downloads --no-downloads
refused 2 'not both' 'gaps are kept or cut' course edit "$unique-b" --keep-gaps --cut-gaps
ctl course edit "$unique-b" --keep-gaps --keep-first && course "$unique-b" '.keep_gaps and .keep_first' &&
	ctl course edit "$unique-b" --cut-gaps && course "$unique-b" '(.keep_gaps | not) and .keep_first' &&
	ctl course edit "$unique-b" --take-over && course "$unique-b" '.keep_first | not'
ok $? 'settings of live streams are given and taken'
refused 2 'public, signedin' 'a visibility is one of four' course edit "$unique-b" --visibility secret

refused 2 'admin, maintainer or lecturer' 'a role is one of three' user grant "$unique" king
refused 1 'there is no course nosuch' 'an unknown course is named' course enrol nosuch "$unique"
ctl course enrol algorithms "$unique" && ctl course enrol algorithms "$unique"
ok $? 'enrolling twice is fine'
refused 2 'usage: lecternctl course enrol' 'missing words show the usage' course enrol
refused 2 'there is no command' 'an unknown command is refused' nonsense
refused 2 'unknown option --nonsense' 'an unknown option is refused' course list --nonsense
refused 2 'one of --cam' 'an import without a file' lecture import --course "$unique-b" --title x
count() { ctl status --json && jq .content.lectures "$tmp/out"; }
before=$(count)
refused 1 "cannot read $tmp/nosuch.mp4" 'an import of a file that is not there' lecture import --course "$unique-b" --title x --cam "$tmp/nosuch.mp4"
: >"$tmp/empty.mp4"
refused 1 'with something in it' 'an import of an empty file' lecture import --course "$unique-b" --title x --cam "$LECTERN_DEMO/cam.mp4" --pres "$tmp/empty.mp4"
[ "$(count)" = "$before" ]
ok $? 'neither leaves a lecture behind'
refused 1 'a time like' 'a time is a time' lecture import --course "$unique-b" --title x --cam "$LECTERN_DEMO/cam.mp4" --starts yesterday
printf 'no video' >"$tmp/tiny.mp4"
import() { ctl lecture import --course "$unique-b" --title "$1" --cam "$tmp/tiny.mp4" --starts "$2" && keys="$keys $(tail -n 1 "$tmp/out")"; }
overlap='First of this course takes place at that time, too'
keys=
import First 2030-03-05T10:00:00Z && ! grep -q 'takes place' "$tmp/err" && import Second 2030-03-05T11:00:00Z && grep -q "$overlap" "$tmp/err"
ok $? 'an import says which lecture of the course takes place at its time'
import Third 2030-03-05T15:00:00Z && ! grep -q 'takes place' "$tmp/err"
ok $? 'and nothing if there is none'
for key in $keys; do ctl lecture delete "$key" --now; done
refused 1 'there is no term 1999w' 'an unknown term is named' course add "$unique" --org computing --term 1999w
refused 1 'there is no organisation nowhere' 'so is an unknown organisation of a course' course add "$unique" --org nowhere
ctl org add "$unique-o" --parent arts && ctl org edit "$unique-o" --name 'Été <b>' --slug "$unique-p" --contact help@example.org && ctl org move "$unique-p" --parent engineering &&
	ctl org archive "$unique-p" && ctl org list --json &&
	jq -e --arg s "$unique-p" 'map({(.slug): .}) | add | .[$s] as $o | $o.name == "Été <b>" and $o.parent == .engineering.id and $o.contact == "help@example.org" and $o.archived != null' "$tmp/out" >/dev/null
ok $? 'an organisation is renamed, moved and archived'
refused 1 'is archived' 'an archived organisation gets no course' course add "$unique-x" --org "$unique-p"
ctl org restore "$unique-p" && ctl course add "$unique-x" --org "$unique-p"
ok $? 'once it is restored it does'
refused 1 'or below it' 'an organisation is not moved below itself' org move engineering --parent computing
refused 2 'say where to' 'a move goes somewhere' org move engineering
refused 1 'such as Europe/Berlin' 'a time zone is one that exists' org add "$unique" --zone Mars/City
refused 2 'or --password-random' 'a new password must come from somewhere' user passwd "$unique"
refused 2 'say for which organisation' 'a node belongs to somebody' node token
ctl audit --limit 5 && grep -q 'org.move' "$tmp/out" && [ "$(wc -l <"$tmp/out")" -eq 5 ]
ok $? 'the audit knows what was done'

end
