#!/bin/sh
# lectern-web without a database, on a socket of its own: the answers of pages, and its processes when one is killed, when
# it is asked to stop, when the parent is killed.
# instance: none
set -u
: "${LECTERN_SRC:?run me by ./lectern test integration/web_processes}"
# shellcheck source=tests/lib/tap.sh
. "$LECTERN_SRC/tests/lib/tap.sh"
web=${LECTERN_APP:-}/libexec/lectern/lectern-web
[ -x "$web" ] || web=${LECTERN_BUILD:-.}/lectern-web
dir=$(mktemp -d)
pid='' lid='' first=''
cleanup() {
	[ -z "$first" ] || kill -9 "$first" 2>/dev/null
	[ -z "$pid" ] || kill "$pid" 2>/dev/null
	[ -z "$lid" ] || kill "$lid" 2>/dev/null
	rm -rf "$dir"
}
trap cleanup EXIT
children() { pgrep -P "$pid" | wc -l; }
all_there() { [ "$(children)" -eq 6 ]; }
none_of() { for one in $1; do ! kill -0 "$one" 2>/dev/null || return 1; done; }
start() {
	"$web" -c "$dir/lectern.conf" 2>>"$dir/log" &
	pid=$!
	wait_until 60 test -S "$dir/web.sock" && wait_until 60 all_there
}
serves() { [ "$(code --max-time 2 "$url/login")" = 200 ]; }
code() { curl -s -o "$dir/body" -D "$dir/head" -w '%{http_code}' "$@"; }

cat >"$dir/lectern.conf" <<EOF
template_dir = $LECTERN_SRC/templates
run_dir = $dir/run
web_socket = $dir/web.sock
web_processes = 3
signin_socket = $dir/signin.sock
node_socket = $dir/node.sock
node_processes = 1
database_socket = $dir/none.sock
redis_socket = $dir/none.sock
EOF
mkdir "$dir/run" "$dir/empty"
port=$(free_port)
cat >"$dir/lighttpd.conf" <<EOF
server.modules = ("mod_fastcgi")
server.document-root = "$dir/empty"
server.bind = "127.0.0.1"
server.port = $port
server.errorlog = "$dir/lighttpd.log"
fastcgi.server = ("/" => (("socket" => "$dir/web.sock", "check-local" => "disable", "disable-time" => 0)))
EOF
start
ok $? 'three processes serve the pages, two the forms with a password, one the node API'
lighttpd -D -f "$dir/lighttpd.conf" >/dev/null 2>&1 &
lid=$!
url=http://127.0.0.1:$port
wait_until 60 curl -s -o /dev/null "$url/health"

[ "$(code "$url/login")" = 200 ]
ok $? 'a page that needs no database is there'
[ "$(code "$url/")" = 503 ] && grep -qi '^Retry-After: ' "$dir/head" && grep -q 'nothing is lost' "$dir/body"
ok $? 'a page that needs one says so, with 503 and when to try again'
[ "$(code -H 'Accept-Language: de' "$url/")" = 503 ] && grep -q 'es geht nichts verloren' "$dir/body"
ok $? 'in German, too'
[ "$(code -H 'Cookie: __Host-lectern=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' "$url/account")" = 503 ]
ok $? 'with a session, too'
[ "$(code -H 'Accept: application/json' "$url/lecture/aaaaaaaaaaaa/state.json")" = 503 ] && grep -q '"error":"' "$dir/body"
ok $? 'as JSON, too'
[ "$(code "$url/health")" = 503 ]
ok $? 'health is 503'

# figures are sums over processes and do not fall, even when a process dies
last=0 falls=0 i=0
while [ "$i" -lt 100 ]; do
	[ "$i" -ne 50 ] || kill -9 "$(pgrep -P "$pid" | head -n 1)"
	now=$(curl -s "$url/metrics/web" | sed -n 's/^[a-z_]*web_requests_total{[^}]*} \([0-9]*\)$/\1/p')
	[ -n "$now" ] || now=$last
	[ "$now" -ge "$last" ] || falls=$((falls + 1))
	last=$now i=$((i + 1))
done
[ "$falls" -eq 0 ] && [ "$last" -ge 90 ]
ok $? "100 looks at the figures, none falls; requests counted: $last"
wait_until 60 all_there
ok $? 'a process killed with -9 is there again'
[ "$(code "$url/login")" = 200 ]
ok $? 'and pages are answered'

# --- SIGHUP: the program is started anew
settle() { wait_until 60 none_of "$1" && wait_until 60 has "$2"; } # those have ended, so many are there
has() { [ "$(children)" -eq "$1" ]; }
descriptors() { find "/proc/$pid/fd" -mindepth 1 2>/dev/null | wc -l; }
wrk -t 1 -c 20 -d 60 --timeout 60 "$url/login" >"$dir/wrk" 2>&1 &
load=$!
before=$(descriptors) rc=0
for _ in 1 2 3; do
	old=$(pgrep -P "$pid")
	kill -HUP "$pid"
	settle "$old" 6 || rc=1
done
kill -0 "$load"
ok $((rc + $?)) 'three times SIGHUP under the load of 20 clients: each time other processes, below the same parent'
kill -INT "$load"
wait "$load"
grep -q 'requests in' "$dir/wrk" && ! grep -E 'Non-2xx|Socket errors' "$dir/wrk"
ok $? "and no request failed ($(sed -n 's/^ *\([0-9]* requests\) in.*/\1/p' "$dir/wrk"))"
[ "$(descriptors)" -eq "$before" ]
ok $? 'and no descriptor was left open'
old=$(pgrep -P "$pid")
cp "$dir/lectern.conf" "$dir/good.conf"
echo 'colour = red' >>"$dir/lectern.conf"
kill -HUP "$pid"
wait_until 60 grep -q 'what runs goes on' "$dir/log" && grep -q 'unknown key .colour' "$dir/log" && [ "$(pgrep -P "$pid")" = "$old" ] && serves
ok $? 'with a configuration that cannot be used what runs goes on, and the log says why'
sed -e 's/^web_processes = 3/web_processes = 1/' -e "s|/signin[.]sock|/moved.sock|" "$dir/good.conf" >"$dir/lectern.conf"
kill -HUP "$pid"
settle "$old" 4 && wait_until 60 test -S "$dir/moved.sock" && ! [ -e "$dir/signin.sock" ] && serves
ok $? 'fewer processes and another path are taken over'
old=$(pgrep -P "$pid")
cp "$dir/good.conf" "$dir/lectern.conf"
kill -HUP "$pid"
settle "$old" 6 && wait_until 60 test -S "$dir/signin.sock" && ! [ -e "$dir/moved.sock" ]
ok $? 'and back'

old=$(pgrep -P "$pid")
kill -TERM "$pid"
wait "$pid"
rc=$?
[ "$rc" -eq 0 ] && none_of "$old" && ! [ -e "$dir/web.sock" ] && ! [ -e "$dir/signin.sock" ]
ok $? "SIGTERM ends all, status $rc"
start
old=$(pgrep -P "$pid")
kill -9 "$pid"
wait "$pid" 2>/dev/null
wait_until 60 none_of "$old"
ok $? 'killing the parent with -9 leaves no process behind'
start
ok $? 'and it starts again on the sockets that were left'

kill -TERM "$pid"
wait "$pid"
if unshare --pid --fork true 2>/dev/null; then
	unshare --pid --fork --kill-child "$web" -c "$dir/lectern.conf" 2>>"$dir/log" &
	first=$! # it ignores SIGTERM; its end is that of all
	pid=
	wait_until 60 test -S "$dir/web.sock" && wait_until 60 serves
	ok $? 'as process 1, as in a container, it serves too'
else
	skip 'as process 1' 'no process namespaces here'
fi
end
