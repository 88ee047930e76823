#!/bin/sh
# The installed units under a real systemd: a container by systemd-nspawn on a copy-on-write view of this machine, with
# a network, a /run and a /var/lib/lectern of its own. Programs, units and the web server's configuration are those of
# the installation; a recording goes the whole way, processes die and come back.
# timeout: 1200
set -u
: "${LECTERN_APP:?run me by ./lectern test integration/systemd}" "${LECTERN_STATE:?}" "${LECTERN_SRC:?}"
# shellcheck source=tests/lib/tap.sh
. "$LECTERN_SRC/tests/lib/tap.sh"
[ "$(id -u)" -eq 0 ] || skip_all 'needs root'
command -v systemd-nspawn >/dev/null || skip_all 'systemd-nspawn is not installed'
base=$(mktemp -d)
root=$base/root
# The container's processes get a group of their own in each hierarchy that systemd uses, removed at the end.
groups=
for tree in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
	if [ -e "$tree/cgroup.procs" ]; then groups="$groups $tree/${base##*/}"; fi
done
in_groups() {
	for group in $groups; do
		mkdir "$group"
		echo 0 >"$group/cgroup.procs"
	done
	exec "$@"
}
finish() {
	# shellcheck disable=SC2086 # a list
	find $groups -depth -type d -exec rmdir {} + 2>/dev/null
	umount -l "$root" 2>/dev/null
	umount -l "$base/layer" 2>/dev/null
	rm -rf --one-file-system "$base"
}
trap finish EXIT
trap 'exit 1' INT TERM

mkdir "$root" "$base/layer" "$base/give" "$base/take"
mount -t tmpfs -o mode=755 tmpfs "$base/layer" || skip_all 'this machine mounts no tmpfs'
mkdir "$base/layer/upper" "$base/layer/work"
mount -t overlay -o "lowerdir=/,upperdir=$base/layer/upper,workdir=$base/layer/work" overlay "$root" ||
	skip_all 'this machine mounts no overlay'

# --- what verify has to say: nothing ---
units=$LECTERN_APP/lib/systemd/system
said=$(systemd-analyze verify --man=no "$units"/lectern*.service "$units/lectern.target" 2>&1 | grep -i lectern)
explain() { echo "$said"; }
[ -z "$said" ]
ok $? 'systemd-analyze verify finds nothing'

# --- the machine: nothing of this one starts, but what the units need and what watches them ---
etc=$root/etc/systemd/system
rm -rf "$etc"/*.wants "$root"/etc/rc?.d "$root/var/lib/lectern" "$root/var/log/lighttpd"
mkdir -p "$etc/multi-user.target.wants" "$etc/lectern.target.wants" "$root/var/lib/lectern" "$root/var/db"
install -d -o www-data "$root/var/log/lighttpd"
chown lectern:lectern "$root/var/db"
cp -r "$units"/lectern* "$etc/"
# The units forbid ptrace, which a build with sanitizers needs to look for leaks at its end.
mkdir -p "$etc/lectern-.service.d"
printf '[Service]\nEnvironment=ASAN_OPTIONS=detect_leaks=0\n' >"$etc/lectern-.service.d/test.conf"
for unit in web authz store lived schedd courierd noded workerd rtmpd; do ln -s "../lectern-$unit.service" "$etc/lectern.target.wants/"; done
sed "s|/var/log/lighttpd/lectern.log|/take/access.log|" "$LECTERN_APP/share/lectern/lighttpd/lectern.conf" >"$root/etc/lighttpd/lighttpd.conf"
cat >"$etc/mariadb.service" <<'UNIT'
[Service]
User=lectern
RuntimeDirectory=mysqld
ExecStartPre=mariadb-install-db --no-defaults --datadir=/var/db --auth-root-authentication-method=normal --skip-test-db --skip-name-resolve --innodb-log-file-size=16M
ExecStart=mariadbd --no-defaults --datadir=/var/db --socket=/run/mysqld/mysqld.sock --skip-networking --skip-name-resolve --innodb-log-file-size=16M --init-file=/give/init.sql
UNIT
cat >"$base/give/init.sql" <<'SQL'
CREATE DATABASE IF NOT EXISTS lectern CHARACTER SET utf8mb4 COLLATE utf8mb4_uca1400_ai_ci;
CREATE USER IF NOT EXISTS lectern@localhost IDENTIFIED VIA unix_socket;
GRANT ALL ON lectern.* TO lectern@localhost;
SQL
cat >"$etc/proof.service" <<'UNIT'
[Service]
Type=oneshot
ExecStart=/bin/sh /give/inside.sh
StandardOutput=append:/take/tap
StandardError=append:/take/tap
ExecStopPost=systemctl poweroff --force
TimeoutStartSec=900
[Unit]
After=multi-user.target
UNIT
for unit in mariadb.service lectern.target lighttpd.service proof.service; do
	path=/etc/systemd/system/$unit
	[ -e "$root$path" ] || path=/lib/systemd/system/$unit
	ln -s "$path" "$etc/multi-user.target.wants/$unit"
done
usermod -R "$root" -aG lectern www-data 2>/dev/null || sed -i 's/^\(lectern:.*:\)\([^:]*\)$/\1www-data/' "$root/etc/group"
cat >"$base/give/lectern.conf" <<'CONF'
base_url = http://127.0.0.1
core_url = http://127.0.0.1
store_url = http://127.0.0.1
database_socket = /run/mysqld/mysqld.sock
join_token_file = /var/lib/lectern/join.token
store_min_free = 1M
CONF
ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=640x360:r=25 -f lavfi -i sine=f=330:r=48000 -t 4 -c:v libx264 -preset ultrafast \
	-pix_fmt yuv420p -g 50 -c:a aac "$base/give/cam.mp4" || exit 1

# --- what happens inside ---
cp "$LECTERN_SRC/tests/lib/tap.sh" "$base/give/"
cat >"$base/give/inside.sh" <<'INSIDE'
. /give/tap.sh
tap_count=1 # the first was outside
explain() { journalctl -q --no-pager -o cat -n 25 -u 'lectern-*' -u lighttpd -u mariadb | cut -c 1-400; }
wait_for() { wait_until 100 "$@" >/dev/null 2>&1; }
ctl() { runuser -u lectern -- "$APP/bin/lecternctl" -c "$CONF" "$@"; }
all='web authz store lived schedd courierd noded workerd rtmpd'
active() { for one in $all; do systemctl -q is-active "lectern-$one" || return 1; done; }

wait_for active
ok $? 'every unit runs after the boot'
# shellcheck disable=SC2046 # a list
systemd-analyze security --threshold=20 $(printf 'lectern-%s ' $all) >/run/exposure
ok $? "the most exposed unit stands at $(grep -o 'level for .*' /run/exposure | grep -o '[0-9.]* [A-Z]*' | sort -rn | head -n 1), 2.0 at most"
wait_for ctl migrate
ok $? 'the schema is loaded'
ctl org add uni &&
	ctl term add 2026w &&
	ctl course add proof --org uni --term 2026w &&
	ctl node token --org uni --roles worker,storage,entry,ingest >/run/token &&
	install -o lectern -g lectern -m 600 /run/token /var/lib/lectern/join.token
ok $? 'an organisation, a course, a token for its nodes'
wait_for curl -fsS http://127.0.0.1/health
ok $? 'lighttpd reaches lectern-web'
joined() { [ "$(ctl node list --json | jq 'map(select(.alive)) | length')" -eq 3 ]; }
wait_for joined
ok $? 'storage, worker and the program of live streams have joined'
linked() { ctl node list --json | jq -e '(.[] | select(.roles == "storage").id) as $store | any(.links_from == $store)'; }
wait_for linked
ok $? 'the worker links the files of the store: inside its unit, too, both lie below one mount'
lecture=$(ctl lecture import --course proof --title Proof --cam /give/cam.mp4 --publish --wait | tail -n 1)
show() { ctl lecture show "$lecture" --json; }
[ "$(show | jq -r .media)" = complete ]
ok $? 'a recording is complete: FFmpeg runs in its sandbox inside the unit'
playback=$(show | jq -r '.views[0].playback')
curl -fsS "$playback" | grep -q EXTM3U
ok $? 'and can be watched'
[ "$(curl -s -o /dev/null -w '%{http_code}' "${playback%/m/*}/m/forged/${playback#*/m/*/}")" = 403 ]
ok $? 'with its token only'
curl -fsS --compressed -o /dev/null http://127.0.0.1/static/css/base.css
ok $? 'style sheets come'
[ "$(pgrep -u lectern -f libexec/lectern | wc -l)" -ge 6 ] && ! pgrep -u root -f libexec/lectern
ok $? 'the programs belong to lectern, none to root'
who=$(ps -o user= -C lighttpd | sort -u | tr -d ' \n')
[ "$who" = www-data ] || { echo "# $who" && false; }
ok $? 'lighttpd is nobody special'

pid_of() { systemctl show -p MainPID --value "lectern-$1"; }

# --- reload
processes() { for one in web authz store; do pgrep -P "$(pid_of "$one")"; done; }
pids() { for one in web authz store; do pid_of "$one"; done; }
parents=$(pids) old=$(processes)
while [ ! -e /run/enough ]; do
	curl -fsS -o /dev/null http://127.0.0.1/login && curl -fsS -o /dev/null "$playback" &&
		curl -fsS -o /dev/null http://127.0.0.1/store/v1/health || echo >>/run/failed
done &
systemctl reload lectern-web lectern-authz lectern-store && systemctl reload lectern.target
ok $? 'units and target are reloaded'
settled() { ! processes | grep -qxF "$old"; }
wait_for settled
ok $? 'with other processes'
[ "$(pids)" = "$parents" ]
ok $? 'below the same parents'
: >/run/enough
wait
! [ -e /run/failed ]
ok $? 'and no request failed'

# again UNIT PID: the unit runs, as another process
again() { systemctl -q is-active "lectern-$1" && [ "$(pid_of "$1")" != "$2" ] && [ "$(pid_of "$1")" != 0 ]; }
die() { # die UNIT...: kills all at once; each must run again
	dead=
	for one in "$@"; do
		pid=$(pid_of "$one")
		dead="$dead $one:$pid"
		[ "$pid" -gt 1 ] && kill -9 "$pid" || return 1
	done
	for one in $dead; do wait_for again "${one%:*}" "${one#*:}" || return 1; done
}
# shellcheck disable=SC2086 # a list
die $all
ok $? 'killed all at once, each is started again'
back=0
for _ in 1 2 3 4 5 6; do die schedd || back=1; done
ok $back 'however often'
wait_for curl -fsS http://127.0.0.1/health && wait_for curl -fsS "$playback"
ok $? 'and everything works again'
systemctl stop lectern.target
stopped() {
	for one in $all; do if systemctl -q is-active "lectern-$one"; then return 1; fi; done
	! pgrep -u lectern -f libexec/lectern
}
wait_for stopped
ok $? 'stopping the target stops all of it'
systemctl --failed --no-legend | grep lectern
[ $? -eq 1 ]
ok $? 'and none has failed'
systemctl start lectern.target && wait_for active
ok $? 'starting it starts all'
echo "1..$tap_count"
INSIDE
sed -i "1i APP=$LECTERN_APP CONF=$LECTERN_STATE/etc/lectern.conf" "$base/give/inside.sh"

user=$(id -u lectern) group=$(id -g lectern)
chmod 755 "$base" "$base/give" && chmod 777 "$base/take"
(in_groups timeout -k 5 1000 systemd-nspawn --quiet --register=no --keep-unit --private-network --boot -D "$root" \
	--tmpfs="/var/lib/lectern:mode=0750,uid=$user,gid=$group" --bind-ro="$LECTERN_APP" --bind-ro="$base/give:/give" \
	--bind="$base/take:/take" --bind-ro="$base/give/lectern.conf:$LECTERN_STATE/etc/lectern.conf" </dev/null) >"$base/console" 2>&1
if ! [ -s "$base/take/tap" ]; then
	echo 'not ok 2 - systemd boots'
	tail -n 30 "$base/console" | sed 's/^/# /'
	echo '1..2'
	exit 1
fi
cat "$base/take/tap"
! grep -q '^not ok' "$base/take/tap" && [ -z "$said" ]
