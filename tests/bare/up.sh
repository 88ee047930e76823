#!/bin/sh
# ./lectern up on a bare Debian 12: a debootstrap chroot with its own processes and mounts, a checkout that
# belongs to somebody else, below a folder closed to others, in a path with spaces.
#
# Asked for by `./lectern test bare`: it fetches a whole Debian and takes several minutes.
# timeout: 3000
set -u
src=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
# shellcheck source=tests/lib/tap.sh
. "$src/tests/lib/tap.sh"
[ "$(id -u)" -eq 0 ] || skip_all 'needs root'
command -v debootstrap >/dev/null || skip_all 'debootstrap is not installed'
unshare -m -p -f true 2>/dev/null || skip_all 'this machine gives no namespaces (unshare)'

base=$(mktemp -d /var/tmp/lectern-bare.XXXXXX)
root=$base/root
finish() {
	umount -l "$root/dev" "$root/sys" 2>/dev/null
	rm -rf --one-file-system "$base"
}
trap finish EXIT
trap 'exit 1' INT TERM

mirror=$(sed -n 's/^URIs: *\(http[^ ]*\/debian\)\/*$/\1/p' /etc/apt/sources.list.d/*.sources 2>/dev/null | head -n 1)
debootstrap --variant=minbase --include=ca-certificates bookworm "$root" "${mirror:-http://deb.debian.org/debian}" >"$base/debootstrap.log" 2>&1 ||
	skip_all "debootstrap got no Debian: $(tail -n 1 "$base/debootstrap.log")"

# What this machine needs to reach its mirrors, the new one needs too.
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
cp -r /etc/ssl/certs/. "$root/etc/ssl/certs/" 2>/dev/null
for f in /etc/npmrc /usr/etc/npmrc "$HOME/.npmrc"; do
	if [ -e "$f" ]; then mkdir -p "$root${f%/*}" && grep -v '^nodedir' "$f" >"$root$f"; fi
done
rm -f "$root/usr/sbin/policy-rc.d"
home="$root/srv/some body"
mkdir -p "$home"
cp -a "$src" "$home/a rather long name for a checkout"
rm -rf "$home/a rather long name for a checkout/.git" "$home/a rather long name for a checkout/var"
chown -R 1234:1234 "$home"
chmod 700 "$home"

# Its own processes and mounts, so that they end with it; it uses the network of this machine, so the port must be free
# here.
# shellcheck source=contrib/up/common.sh
port=$(. "$src/contrib/up/common.sh" && port_free_after 28080)
cat >"$base/inside" <<'EOF'
mount -t proc proc /proc
mkdir -p /dev/shm
cd "/srv/some body/a rather long name for a checkout" || exit 1
touch /tmp/before
begin=$(date +%s)
./lectern up --port "$PORT" ${WORDS:-} </dev/null >/tmp/up1 2>&1
echo "up $?" >/tmp/result
echo "seconds $(($(date +%s) - begin))" >>/tmp/result
begin=$(date +%s)
./lectern up --port "$PORT" ${WORDS:-} </dev/null >/tmp/up2 2>&1
echo "again $?" >>/tmp/result
echo "again_seconds $(($(date +%s) - begin))" >>/tmp/result
./lectern status --json >/tmp/status.json 2>&1
curl -fsS -o /dev/null "http://127.0.0.1:$PORT/" && echo 'answers 0' >>/tmp/result
[ -z "$(find . -mindepth 1 -newer /tmp/before ! -path ./var -print -quit)" ] && echo 'untouched 0' >>/tmp/result
# services that came with packages: none runs, none is enabled
ps -eo comm,args | grep -E '[l]ighttpd|[r]edis|[m]ariadbd' | grep -vE '/var/lib/lectern|svlogd|^runsv' >/tmp/foreign
[ -s /tmp/foreign ] || echo 'foreign 0' >>/tmp/result
[ -z "$(find /etc/systemd/system /etc/rc?.d -name '*lighttpd*' ! -name 'K*' 2>/dev/null)" ] && echo 'enabled 0' >>/tmp/result
[ -e /usr/sbin/policy-rc.d ] || echo 'policy 0' >>/tmp/result
./lectern down >/tmp/down 2>&1
echo "down $?" >>/tmp/result
[ "$(ps -eo comm --no-headers | grep -cE '^(lectern|lighttpd|redis|mariadbd|runsv|svlogd)')" -eq 0 ] && echo 'nothing 0' >>/tmp/result
EOF
cp "$base/inside" "$root/tmp/inside"
for f in null zero random urandom tty full; do
	[ -e "$root/dev/$f" ] || cp -a "/dev/$f" "$root/dev/$f"
done
unshare -m -p -f chroot "$root" env -i PORT="$port" WORDS="${LECTERN_BARE_WORDS:-}" HOME="$HOME" TERM=dumb \
	PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin sh /tmp/inside >"$base/out" 2>&1

value() { awk -v k="$1" '$1 == k { print $2 }' "$root/tmp/result" 2>/dev/null | grep . || echo 1; }
sed 's/^/# /' "$root/tmp/up1"
ok "$(value up)" "up on a bare Debian ($(value seconds) s)"
ok "$(value answers)" 'the start page answers'
ok "$(value again)" "up again ($(value again_seconds) s)"
ok "$(value untouched)" 'the checkout is as it was'
ok "$(value foreign)" 'no service of a package runs'
ok "$(value enabled)" 'no service of a package is enabled'
ok "$(value policy)" 'the policy on services is as it was'
ok "$(value down)" 'down'
ok "$(value nothing)" 'nothing is left running'
# shellcheck disable=SC2154 # of tap.sh
if [ "$tap_bad" -gt 0 ]; then
	sed 's/^/# /' "$root/tmp/up2" "$root/tmp/foreign" "$base/out"
	tail -n 60 "$root/var/lib/lectern/lectern/log/up.log" | sed 's/^/# /'
fi
end
