#!/bin/sh
# A recording goes its whole way by lecternctl, whatever program is killed under it: same files, one committed attempt,
# nothing left over. What cannot be read is refused in words. Deleting for good leaves no file. The node API believes nobody.
# shellcheck disable=SC2317 # functions called by name
# timeout: 1200
set -u
: "${LECTERN_SRC:?run me by ./lectern test integration/pipeline}" "${LECTERN_URL:?}" "${LECTERN_NAME:?}" "${LECTERN_STATE:?}"
# shellcheck source=tests/lib/tap.sh
. "$LECTERN_SRC/tests/lib/tap.sh"
lectern=$LECTERN_SRC/lectern
store=$LECTERN_STATE/store
tmp=$(mktemp -d)
chmod 755 "$tmp"
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
ctl() { "$lectern" ctl --name "$LECTERN_NAME" "$@"; }
pid_of() { "$lectern" status --json --name "$LECTERN_NAME" | jq -r ".processes[] | select(.name == \"$1\") | .pid"; }

clip() { # clip FILE SECONDS COLOUR: compliant 720p with sound
	ffmpeg -nostdin -v error -y -f lavfi -i "testsrc2=s=1280x720:r=25" -f lavfi -i "sine=f=$3:r=48000" -t "$2" \
		-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 50 -c:a aac "$1" </dev/null
}

import() { # import OUT TITLE ARGUMENT...
	import_out=$1
	import_title=$2
	shift 2
	ctl lecture import --course "$course" --title "$import_title" "$@" >"$import_out" 2>&1
}
key_of() { tail -n 1 "$1" | tr -d '[:space:]'; }
show() { ctl lecture show "$1" --json >"$tmp/show.json"; }
shown() { jq -e "$1" "$tmp/show.json" >/dev/null; }
files_of() { find "$store/media/$1" "$store/incoming/$1" -type f 2>/dev/null; }

course=$(ctl course list --json | jq -r '.[0] | "\(.term)/\(.slug)"')
clip "$tmp/cam.mp4" 6 300
clip "$tmp/pres.mp4" 4 500
chmod 644 "$tmp"/*.mp4

# --- the whole way ---
import "$tmp/out" 'Two views' --cam "$tmp/cam.mp4" --pres "$tmp/pres.mp4" --wait
ok $? 'an import is processed to the end' "$tmp/out"
key=$(key_of "$tmp/out")
show "$key"
shown '.media == "complete" and (.views | length) == 2 and (.failures | length) == 0'
ok $? 'and its lecture is complete' "$tmp/show.json"
shown '[.views[] | .renditions[0].copied and (.renditions | length) > 1 and .quality == "full"] | all'
ok $? 'the top is copied, the rest encoded'
shown '.work[0].plan | length > 0'
ok $? 'the plan is told'
jq -r '.views[] | .view as $v | .artifacts[] | "\(.sha256)  \($v)/\(.path)"' "$tmp/show.json" >"$tmp/sums"
(cd "$store/media/$key/g$(jq .generation "$tmp/show.json")" && sha256sum --quiet -c "$tmp/sums") >"$tmp/log" 2>&1
ok $? 'every object of the manifest is there with its hash' "$tmp/log"
jq -r '.views[].playback' "$tmp/show.json" | while read -r url; do
	curl -sSf -o "$tmp/master" "$url" && grep -q '^#EXT-X-STREAM-INF' "$tmp/master" || exit 1
done
ok $? 'the playback addresses work'
url=$(jq -r '.views[0].playback' "$tmp/show.json")
[ "$(curl -sS -o /dev/null -w '%{http_code}' "$(printf '%s' "$url" | sed 's|/m/[^/]*/|/m/forged/|')")" = 403 ]
ok $? 'and nothing else in their place'
[ -z "$(find "$store/incoming" -path "*$key*" -type f)" ]
ok $? 'no artifact is left behind'

# --- what cannot be read ---
head -c 100000 /dev/urandom >"$tmp/noise.mp4"
ffmpeg -nostdin -v error -y -f lavfi -i sine=r=48000 -t 3 -c:a aac "$tmp/sound.mp4" </dev/null
printf '#EXTM3U\n#EXTINF:9,\nfile:///etc/passwd\n' >"$tmp/list.mp4"
chmod 644 "$tmp"/*.mp4
for one in noise:unreadable sound:no_video list:unreadable; do
	import "$tmp/out" "Refused" --cam "$tmp/${one%%:*}.mp4" --wait
	[ $? -eq 1 ]
	ok $? "${one%%:*} is refused" "$tmp/out"
	show "$(key_of "$tmp/out")"
	shown ".media == \"failed\" and .reason == \"${one##*:}\" and .failures[0].sentence != \"\""
	ok $? "as ${one##*:}, in words" "$tmp/show.json"
done
ctl task list --json | jq '[.[] | select(.state == "failed")][0].id' >"$tmp/id"
ctl task show "$(cat "$tmp/id")" >"$tmp/log"
grep -q 'attempt 1' "$tmp/log" && grep -q '|' "$tmp/log"
ok $? 'task show tells attempts and log' "$tmp/log"

# --- whatever is killed ---
publish_is() { # publish_is KEY-FILE PATTERN: the step of the newest task
	ctl task list --json | jq -r '[.[] | select(.kind == "publish")][0] | "\(.step) \(.step_state)"' | grep -qE "$1"
}

runs_again() { [ -n "$(pid_of "$1")" ] && [ "$(pid_of "$1")" != "$victim" ]; }

# killed PROGRAM STEP: kill -9 while the import is in that step
killed() {
	wait_until 60 publish_is "$2"
	victim=$(pid_of "$1")
	kill -9 "$victim"
	wait_until 10 runs_again "$1"
	ok $? "$1 killed: it runs again"
}

# One after the other during the same import, which waits for its lecture all the time.
import "$tmp/out-killed" 'Killed' --cam "$tmp/cam.mp4" --wait &
import_pid=$!
killed schedd 'probe|quick'
killed noded 'quick (leased|running)|full'
killed web '(quick|commit|full) (leased|running)'
killed workerd 'full running'
killed mariadb . # at once, while the job is given out again: a slow machine must not miss it
wait "$import_pid"
ok $? 'whatever was killed: processed all the same' "$tmp/out-killed"
killed_key=$(key_of "$tmp/out-killed")
show "$killed_key"
shown '.media == "complete" and .generation == 2'
ok $? 'killed: complete, each generation committed once' "$tmp/show.json"
jq -r '.views[] | .view as $v | .artifacts[] | "\(.sha256)  \($v)/\(.path)"' "$tmp/show.json" >"$tmp/sums"
(cd "$store/media/$killed_key/g2" && sha256sum --quiet -c "$tmp/sums") >"$tmp/log" 2>&1
ok $? 'killed: every object with its hash' "$tmp/log"

# --- deleting for good ---
[ -n "$(files_of "$key")" ]
ok $? 'before: files'
ctl lecture delete "$key" --now >"$tmp/log"
ok $? 'deleting for good begins' "$tmp/log"
gone() { ! ctl lecture show "$key" >/dev/null 2>&1; }
wait_until 90 gone
ok $? 'the lecture goes when its files are gone'
[ -z "$(files_of "$key")" ]
ok $? 'no file is left of it'

# --- the node API ---
post() { # post PATH BODY [CURL-ARGUMENT...]: the status
	post_path=$1
	post_body=$2
	shift 2
	curl -sS -o "$tmp/answer" -w '%{http_code}' -H 'Content-Type: application/json' "$@" --data-binary "$post_body" \
		"$LECTERN_URL/api/v1/node/$post_path"
}
expect() { # expect STATUS NAME PATH BODY [CURL-ARGUMENT...]
	expect_status=$1
	expect_name=$2
	shift 2
	expect_got=$(post "$@")
	[ "$expect_got" = "$expect_status" ]
	ok $? "$expect_name: $expect_got" "$tmp/answer"
}
expect 401 'heartbeat without a token' heartbeat '{}'
expect 401 'heartbeat with a token nobody has' heartbeat '{}' -H 'Authorization: Bearer xxxx'
expect 422 'join with half an object' join '{"token":'
expect 403 'join with a forged token' join '{"token":"a.b.c","name":"x","roles":["worker"]}'
org=$(ctl org list --json | jq -r '.[0].slug')
token=$(ctl node token --org "$org" --roles worker --uses 1)
expect 403 'join for a role the token does not give' join "{\"token\":\"$token\",\"name\":\"guest\",\"roles\":[\"storage\"]}"
expect 200 'join' join "{\"token\":\"$token\",\"name\":\"guest\",\"roles\":[\"worker\"]}"
guest=$(jq -r .token "$tmp/answer")
guest_id=$(jq -r .node "$tmp/answer")
expect 403 'join with a token that is used up' join "{\"token\":\"$token\",\"name\":\"guest\",\"roles\":[\"worker\"]}"
expect 200 'heartbeat' heartbeat '{"slots":{}}' -H "Authorization: Bearer $guest"
jq -e '(.keys | length) == 0 and (.assign | length) == 0 and (.every // 2) > 0' "$tmp/answer" >/dev/null
ok $? 'a worker is answered without keys, since it verifies no tokens, and without work' "$tmp/answer"
token=$(ctl node token --org "$org" --roles storage --uses 1)
expect 200 'join as a store' join "{\"token\":\"$token\",\"name\":\"guest\",\"roles\":[\"storage\"],\"url\":\"http://127.0.0.1:9\"}"
store_id=$(jq -r .node "$tmp/answer")
expect 200 'heartbeat of a store' heartbeat '{"slots":{}}' -H "Authorization: Bearer $(jq -r .token "$tmp/answer")"
jq -e '(.keys | length) >= 2' "$tmp/answer" >/dev/null
ok $? 'a store is answered with keys' "$tmp/answer"
ctl node revoke "$store_id"
expect 200 "a report on somebody else's job" heartbeat \
	'{"jobs":[{"job":1,"attempt":1,"fence":1,"state":"done","outputs":{}}]}' -H "Authorization: Bearer $guest"
jq -e '.refused[0].job == 1' "$tmp/answer" >/dev/null
ok $? 'is refused' "$tmp/answer"
log=$(head -c 49152 /dev/zero | tr '\0' x)
expect 200 'a log full of rubbish and a wild guess of the time' heartbeat \
	"{\"jobs\":[{\"job\":1,\"attempt\":1,\"fence\":1,\"state\":\"running\",\"eta\":1e9,\"log\":\"$log\"}]}" -H "Authorization: Bearer $guest"
expect 422 'a job that is no number' heartbeat '{"jobs":[{"job":"1; DROP TABLE job"}]}' -H "Authorization: Bearer $guest"
expect 422 'a load beyond all bounds' heartbeat '{"load":{"cpu":1e300}}' -H "Authorization: Bearer $guest"
ctl node revoke "$guest_id"
expect 401 'heartbeat after the node was revoked' heartbeat '{}' -H "Authorization: Bearer $guest"

end
