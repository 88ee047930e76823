# TAP, waiting and ports, for tests in sh: . "$LECTERN_SRC/tests/lib/tap.sh"
# shellcheck shell=sh
tap_count=0 tap_bad=0

# ok STATUS NAME [FILE]...: of what is not ok, the files are shown, and what explain prints.
ok() {
	tap_count=$((tap_count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tap_count - $2"
		return 0
	fi
	echo "not ok $tap_count - $2"
	tap_bad=$((tap_bad + 1))
	shift 2
	for shown in "$@"; do [ ! -s "$shown" ] || tail -n 40 "$shown" | sed 's/^/# /'; done
	explain 2>&1 | sed 's/^/# /'
}
explain() { :; } # a test may define its own afterwards

skip() { # skip NAME REASON
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}
skip_all() { # skip_all REASON: the whole test, said before its first line
	echo "1..0 # SKIP $1"
	exit 0
}
# The last command of a test: its status is that of the test.
end() {
	echo "1..$tap_count"
	[ "$tap_bad" -eq 0 ]
}

# wait_until SECONDS COMMAND...: until it succeeds. The limit is for tests that would never end: a slow machine must
# not reach it.
wait_until() {
	wait_end=$(($(date +%s) + $1))
	shift
	until "$@"; do
		[ "$(date +%s)" -lt "$wait_end" ] || return 1
		sleep 0.1
	done
}

# A port of 127.0.0.1 that is free.
free_port() {
	node -e 'import(process.argv[1]).then(async net => console.log(await net.freePort()))' "$LECTERN_SRC/tests/lib/net.mjs"
}
