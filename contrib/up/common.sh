# shellcheck shell=sh
# Messages, steps and paths that the parts of ./lectern share. Sourced, never run; expects $src (the checkout) and $name
# (the instance) to be set before paths_init.

say() { printf '%s\n' "$*"; }

# die SENTENCE: says what went wrong and what to do about it; inside a step the step prints it.
die() {
	if [ -n "${step_error:-}" ]; then
		printf '%s\n' "$*" >"$step_error"
	else
		printf 'lectern: %s\n' "$*" >&2
	fi
	exit 1
}

now_ms() { date +%s%3N; }

seconds() { # seconds MILLISECONDS: "12.3 s"
	printf '%d.%d s' "$(($1 / 1000))" "$(($1 % 1000 / 100))"
}

# The paths of an instance.
paths_init() {
	root=/var/lib/lectern
	cache=$root/.cache
	state=$root/$name
	run=/run/lectern/$name
	app=$state/app
	build=$state/build
	work=$state/src
	conf=$state/etc/lectern.conf
	service=$state/service
	logs=$state/log
	uplog=$logs/up.log
	ctl=$app/bin/lecternctl
}

name_check() {
	case $name in
	'' | *[!a-z0-9-]* | -*) die "the name '$name' must be made of a-z, 0-9 and '-', and not begin with '-'." ;;
	esac
	[ "${#name}" -le 32 ] || die "the name '$name' is longer than 32 characters."
}

# Commands that touch the system run as root: directly, or through sudo.
need_root() {
	[ "$(id -u)" -ne 0 ] || return 0
	command -v sudo >/dev/null 2>&1 ||
		die "this needs root, and sudo is not installed: run it as root."
	if ! sudo -n true 2>/dev/null && ! [ -t 0 ]; then
		die "this needs root, and sudo asks for a password but there is no terminal: run it as root."
	fi
	exec sudo -- "$src/lectern" "$@"
}

# One up, down, reset or test at a time for an instance. Long-lived children must be started with 9>&-.
lock_take() {
	mkdir -p "$root" || die "cannot create $root."
	exec 9>"$root/.$name.lock"
	flock -n 9 || die "another ./lectern command is working on the instance '$name': wait for it to end."
}

disk_free_mb() { df -Pm "$1" | awk 'NR == 2 { print $4 }'; }

# step "Text" COMMAND [ARGUMENT...]: runs it with its output in the log and prints one line with the time it took. On a
# terminal the line counts while it runs; elsewhere a long step prints a line every 15 s.
step() {
	step_text=$1
	shift
	step_begin=$(now_ms)
	step_error=$logs/.error
	rm -f "$step_error"
	printf '\n=== %s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$step_text" >>"$uplog"
	step_from=$(wc -c <"$uplog")
	(
		set -eu
		trap - EXIT
		trap 'exit 1' TERM # so that traps for EXIT run
		"$@"
	) >>"$uplog" 2>&1 </dev/null &
	step_pid=$!
	step_watch "$step_pid"
	step_rc=0
	wait "$step_pid" || step_rc=$?
	step_pid=
	[ "$step_rc" -eq 0 ] || step_failed
	step_error=
	if [ -t 1 ]; then printf '\r\033[K'; fi
	printf '  %-46s %8s\n' "$step_text" "$(seconds $(($(now_ms) - step_begin)))"
}

step_watch() {
	step_ticks=0
	step_told=0
	while kill -0 "$1" 2>/dev/null; do
		step_gone=$((($(now_ms) - step_begin) / 1000))
		if [ -t 1 ]; then
			[ "$step_gone" -lt 1 ] || printf '\r\033[K  %-46s %6d s  %s' "$step_text" "$step_gone" "$(step_hint 40)"
		elif [ $((step_gone - step_told)) -ge 15 ]; then
			step_told=$step_gone
			printf '  %s … %d s  %s\n' "$step_text" "$step_gone" "$(step_hint 70)"
		fi
		step_ticks=$((step_ticks + 1))
		if [ "$step_ticks" -lt 20 ]; then sleep 0.05; else sleep 0.4; fi
	done
}

# The last thing the running step wrote, cut to fit.
step_hint() {
	tail -c 400 "$uplog" | tr '\r' '\n' | awk 'NF { l = $0 } END { print l }' | tr -cd '[:print:]' | cut -c "1-$1"
}

step_failed() {
	if [ -t 1 ]; then printf '\r\033[K'; fi
	printf '  %-46s   failed\n' "$step_text"
	step_why=
	[ ! -s "$step_error" ] || step_why=$(cat "$step_error")
	rm -f "$step_error"
	step_error=
	step_tail=4
	[ -n "$step_why" ] || step_tail=25
	tail -c "+$((step_from + 1))" "$uplog" | tail -n "$step_tail" | cut -c 1-300 | sed 's/^/    | /' >&2
	if [ -z "$step_why" ]; then
		step_why="'$step_text' failed; the whole output is in $uplog."
	fi
	if [ "$(disk_free_mb "$state")" -lt 64 ]; then
		step_why="the disk that holds $state is full: free some space and run the same command again."
	fi
	die "$step_why"
}

# Ends the running step with the script; otherwise it would hold the lock of the next one. At a second Ctrl-C the script
# ends without waiting.
step_interrupted() {
	trap - INT TERM
	printf '\n' >&2
	if [ -n "${step_pid:-}" ]; then
		step_end "$step_pid"
		wait "$step_pid" || :
	fi
	step_error=
	die "interrupted; the same command continues where this one stopped."
}

# step_end PID: ends the process and all that it started, except an installation of packages, which would have to be
# repaired by hand if it were interrupted.
step_end() {
	case $(cat "/proc/$1/comm" 2>/dev/null) in
	apt-get | dpkg) return 0 ;;
	esac
	# the process is stopped first, so that it can start no more children while they are listed
	kill -STOP "$1" 2>/dev/null || return 0
	# shellcheck disable=SC2046 # numbers
	set -- "$1" $(children_of "$1")
	kill "$1" 2>/dev/null || :
	kill -CONT "$1" 2>/dev/null || :
	shift
	for step_child in "$@"; do step_end "$step_child"; done
}

# children_of PID: one a line
children_of() { grep -lx "PPid:	$1" /proc/[0-9]*/status 2>/dev/null | tr -dc '0-9\n'; }

# wait_for SECONDS COMMAND...: repeats the command until it succeeds.
wait_for() {
	wait_left=$(($1 * 10))
	shift
	while ! "$@" >/dev/null 2>&1; do
		wait_left=$((wait_left - 1))
		[ "$wait_left" -gt 0 ] || return 1
		sleep 0.1
	done
}

# port_owner PORT: prints who listens there ("nginx, pid 12"); fails if nobody does, or only this instance.
port_owner() {
	port_inodes=$(awk -v p="$(printf ':%04X' "$1")" '$4 == "0A" && substr($2, length($2) - 4) == p { print $10 }' \
		/proc/net/tcp /proc/net/tcp6 2>/dev/null)
	for port_inode in $port_inodes; do
		port_pid=$(find /proc/[0-9]*/fd -lname "socket:\[$port_inode\]" 2>/dev/null | sed -n '1s|^/proc/\([0-9]*\)/.*|\1|p')
		if [ -z "$port_pid" ]; then
			printf 'another program'
			return 0
		fi
		if grep -qzxF "LECTERN_INSTANCE=${name:-}" "/proc/$port_pid/environ" 2>/dev/null; then continue; fi
		printf '%s, pid %s' "$(cat "/proc/$port_pid/comm" 2>/dev/null)" "$port_pid"
		return 0
	done
	return 1
}

# port_free_after PORT: the first free port from there on whose ports for TLS and live streams are free, too.
port_free_after() {
	port_try=$1
	until ports_free "$port_try"; do port_try=$((port_try + 1)); done
	printf '%d' "$port_try"
}

ports_free() {
	for port_one in "$1" $(($1 + 363)) $(($1 + 364)) $(($1 + 365)); do
		if port_owner "$port_one" >/dev/null; then return 1; fi
	done
}
