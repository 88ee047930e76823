#!/bin/sh
# What ./lectern promises about an instance: every process shown, whatever dies comes back, up twice is
# harmless, down leaves nothing, and every obstacle is one clear sentence.
# timeout: 1200
set -u
: "${LECTERN_SRC:?run me by ./lectern test integration/up}" "${LECTERN_NAME:?}" "${LECTERN_STATE:?}" "${LECTERN_BUILD:?}" "${LECTERN_APP:?}"
# shellcheck source=tests/lib/tap.sh
. "$LECTERN_SRC/tests/lib/tap.sh"
lectern=$LECTERN_SRC/lectern
tmp=$(mktemp -d)
other=up-$$
finish() {
	umount "/var/lib/lectern/$other" 2>/dev/null
	"$lectern" reset --yes --name "$other" >/dev/null 2>&1
	rm -rf "$tmp"
}
trap finish EXIT
trap 'exit 1' INT TERM
status() { "$lectern" status --json --name "$LECTERN_NAME" >"$tmp/status"; }
field() { jq -r ".processes[] | select(.name == \"$1\") | .$2" "$tmp/status"; }
# refused WORDS...: lectern says no, in the file out
refused() { ! "$lectern" "$@" >"$tmp/out" 2>&1 </dev/null; }
one_line() { [ "$(wc -l <"$tmp/out")" -eq 1 ]; }
up() { LECTERN_CONFIGURE="--enable-sanitizers --enable-werror" "$lectern" up --name "$LECTERN_NAME" "$@"; }

# --- status
status
ok $? 'status --json'
all=$(jq -r '.processes[].name' "$tmp/status" | sort | tr '\n' ' ')
[ "$all" = 'authz courierd lighttpd lived mariadb noded redis rtmpd schedd store web workerd ' ]
ok $? "every process is there: $all"
[ "$(jq '[.processes[] | select(.state == "run" and .pid > 0 and .uptime >= 0 and .version != null)] | length' "$tmp/status")" -eq 12 ]
ok $? 'each with state, pid, uptime and version' "$tmp/status"
[ "$(jq '.queue | type' "$tmp/status")" = '"object"' ]
ok $? 'and the queue' "$tmp/status"

# --- what dies comes back
# again NAME PID: it runs for a while, and not as that process
again() { status && [ "$(field "$1" state)" = run ] && [ "$(field "$1" pid)" != "$2" ] && [ "$(field "$1" uptime)" -ge 1 ]; }
for one in $(jq -r '.processes[].name' "$tmp/status"); do
	pid=$(field "$one" pid)
	kill -9 "$pid"
	wait_until 120 again "$one" "$pid"
	ok $? "$one is back after kill -9" "$tmp/status"
done
answers() { curl -fsS -o /dev/null --max-time 20 "$LECTERN_URL/" 2>"$tmp/out"; }
wait_until 120 answers
ok $? 'the start page answers after all that'
[ "$(jq '[.processes[] | select(.restarts >= 1)] | length' "$tmp/status")" -eq 12 ]
ok $? 'the restarts are counted' "$tmp/status"

# --- figures are those of the sources that are here
echo '# other sources' >>"$LECTERN_STATE/src/README.md"
refused bench media --name "$LECTERN_NAME" && one_line && grep -q 'lectern up first' "$tmp/out"
ok $? 'bench does not measure what was built from other sources' "$tmp/out"

# --- up again
up >/dev/null 2>&1
ok $? 'up takes the sources that are here'
cp "$LECTERN_ACCOUNTS" "$tmp/accounts"
pids() { status && jq -c '[.processes[] | {name, pid}] | sort' "$tmp/status"; }
# what a build would change: a compiled file, an installed one
built() { find "$LECTERN_BUILD" "$LECTERN_APP" -newer "$tmp/before" ! -type d; }
pids_before=$(pids)
: >"$tmp/before"
up >"$tmp/out" 2>&1
ok $? 'up on a running instance' "$tmp/out"
if [ -s "$LECTERN_STATE/.changed" ]; then
	for what in 'builds and installs nothing' 'starts no process anew'; do
		skip "$what" 'the sources changed while the tests ran'
	done
else
	built >"$tmp/built"
	[ ! -s "$tmp/built" ]
	ok $? 'builds and installs nothing' "$tmp/built"
	pids >"$tmp/pids"
	[ "$(cat "$tmp/pids")" = "$pids_before" ]
	ok $? 'starts no process anew' "$tmp/pids"
fi
cmp -s "$LECTERN_ACCOUNTS" "$tmp/accounts"
ok $? 'and keeps the accounts'

# --- reload
status
web=$(field web pid) restarts=$(field web restarts)
processes() { pgrep -P "$web" | sort; }
old=$(processes)
others() { ! processes | grep -qxF "$old"; }
number() { [ "$(processes | wc -l)" -eq "$1" ]; }
reload() { "$lectern" reload --name "$LECTERN_NAME" >"$tmp/out" 2>&1 </dev/null; }
reload
ok $? 'reload' "$tmp/out"
status
[ "$(field web pid)" = "$web" ] && [ "$(field web restarts)" = "$restarts" ] && wait_until 60 others
ok $? 'gives lectern-web other processes, and is no restart' "$tmp/status"
own=$LECTERN_STATE/etc/lectern.conf.local
echo 'web_processes = 2' >"$own"
reload
ok $? 'reload takes a setting of our own' "$tmp/out"
wait_until 60 number 6
ok $? 'two processes each for pages, passwords and nodes'
echo 'colour = red' >"$own"
old=$(processes)
! reload && grep -q 'would not start.*colour' "$tmp/out"
ok $? 'a wrong one is refused, and named' "$tmp/out"
[ "$(processes)" = "$old" ] && answers
ok $? 'and what runs goes on'
rm -f "$own"
reload
ok $? 'without it reload works again' "$tmp/out"

# --- TLS on another address
port=${LECTERN_URL##*:}
up --listen 127.0.0.3 >"$tmp/out" 2>&1
ok $? 'up --listen' "$tmp/out"
curl -fsS -o /dev/null --cacert "$LECTERN_STATE/etc/tls.crt" "https://127.0.0.3:$((port + 363))/health" 2>"$tmp/out"
ok $? 'serves with a certificate for that address' "$tmp/out"
answers
ok $? 'and on loopback as before'
refused up --name "$LECTERN_NAME" --listen 203.0.113.77 && one_line && grep -q "has no address '203.0.113.77'.*--listen" "$tmp/out"
ok $? 'an address of another machine is refused in one sentence' "$tmp/out"
curl -fsS -o /dev/null --cacert "$LECTERN_STATE/etc/tls.crt" "https://127.0.0.3:$((port + 363))/health" 2>"$tmp/out"
ok $? 'and nothing was changed' "$tmp/out"
(cd / && up --listen '*') >"$tmp/out" 2>&1
ok $? 'up --listen "*", on the port that we have already' "$tmp/out"
curl -fsS -k -o /dev/null "https://127.0.0.4:$((port + 363))/health" 2>"$tmp/out"
ok $? 'serves on every address' "$tmp/out"
up --listen off >"$tmp/out" 2>&1
ok $? 'up --listen off' "$tmp/out"
! curl -s -o /dev/null "https://127.0.0.3:$((port + 363))/health"
ok $? 'ends that'

# --- obstacles
refused up --name "$other" --port "$port" && one_line && grep -q "port $port is taken (lighttpd, pid .*--port" "$tmp/out"
ok $? 'a taken port: who has it, and what to do' "$tmp/out"
grep -q -- "--name $other --port" "$tmp/out" && [ ! -e "/var/lib/lectern/$other" ]
ok $? 'for the same instance; and nothing was made' "$tmp/out"
setpriv --reuid=65534 --regid=65534 --clear-groups env PATH=/usr/bin:/bin "$lectern" up --name "$other" >"$tmp/out" 2>&1 </dev/null
rc=$?
if grep -q 'Permission denied' "$tmp/out"; then
	skip 'without rights' 'this checkout is closed to other users'
else
	[ "$rc" -ne 0 ] && one_line && grep -q 'needs root' "$tmp/out"
	ok $? 'without rights: one sentence' "$tmp/out"
fi
mkdir -p "/var/lib/lectern/$other"
if mount -t tmpfs -o size=8m tmpfs "/var/lib/lectern/$other" 2>/dev/null; then
	refused up --name "$other" --port 18999 && grep -qE '^lectern: the disk that holds .* (full|less than)' "$tmp/out"
	ok $? 'a full disk: one sentence' "$tmp/out"
	umount "/var/lib/lectern/$other"
else
	skip 'a full disk' 'this machine does not let us mount a small disk'
fi
for words in 'up --port http' 'up --port 0' 'up --colour' 'reload --now' 'status --xml' 'reset' 'sing' 'up --name ../x'; do
	# shellcheck disable=SC2086 # words
	refused $words && one_line
	ok $? "'$words' is refused in one sentence" "$tmp/out"
done

# --- interrupted
policy=/usr/sbin/policy-rc.d
[ ! -e "$policy" ] || cp "$policy" "$tmp/policy"
[ ! -e "$policy" ] || mv "$policy" "$policy.before-lectern"
printf '#!/bin/sh\n# of ./lectern up, for the seconds of an installation by process 99999999\nexit 101\n' >"$policy"
# a shell makes commands started with & ignore SIGINT
perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV' "$lectern" up --name "$LECTERN_NAME" >"$tmp/out" 2>&1 </dev/null &
pid=$!
wait_until 60 grep -q '^Lectern, instance' "$tmp/out"
kill -INT "$pid"
wait "$pid"
[ $? -eq 1 ] && grep -q '^lectern: interrupted' "$tmp/out"
ok $? 'Ctrl-C says so' "$tmp/out"
flock -n "/var/lib/lectern/.$LECTERN_NAME.lock" true
ok $? 'and holds up no other command'
up >"$tmp/out" 2>&1
ok $? 'the same command again' "$tmp/out"
if [ -e "$tmp/policy" ]; then cmp -s "$policy" "$tmp/policy"; else [ ! -e "$policy" ]; fi
ok $? 'a policy-rc.d that a killed run left behind is gone, the old one back'

# --- down and up
"$lectern" down --name "$LECTERN_NAME" >"$tmp/out" 2>&1
ok $? 'down' "$tmp/out"
grep -lzxF "LECTERN_INSTANCE=$LECTERN_NAME" /proc/[0-9]*/environ >"$tmp/left" 2>/dev/null
[ ! -s "$tmp/left" ]
ok $? 'leaves no process' "$tmp/left"
[ ! -e "/run/lectern/$LECTERN_NAME" ]
ok $? 'and no socket'
"$lectern" status --name "$LECTERN_NAME" >"$tmp/out" 2>&1 && grep -q 'is down' "$tmp/out"
ok $? 'status says so' "$tmp/out"
up >"$tmp/out" 2>&1
ok $? 'up again' "$tmp/out"
answers
ok $? 'the start page answers'

end
