# shellcheck shell=sh
# Debian packages: only missing ones are installed, and their services are neither started nor left enabled.

# packages_missing [test]: names of the packages to install, one a line.
packages_missing() {
	awk -v group="${1:-}" '
		/^\[/ { skip = ($1 != "[" group "]"); next }
		{ sub(/#.*/, "") }
		NF && !skip { print $1, $2 }' "$src/contrib/packages.debian" |
		while read -r package command; do
			if [ -n "$command" ] && command -v "$command" >/dev/null 2>&1; then continue; fi
			[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf '%s\n' "$package"
		done
}

# While packages are installed, every start of a service is refused, whatever the machine's own policy says. That policy
# is restored afterwards, also after a run that was killed: the temporary policy names the process that wrote it.
policy=/usr/sbin/policy-rc.d
policy_deny() {
	policy_restore
	if [ -e "$policy" ] || [ -L "$policy" ]; then mv "$policy" "$policy.before-lectern"; fi
	printf '#!/bin/sh\n# of ./lectern up, for the seconds of an installation by process %d\nexit 101\n' "$$" >"$policy"
	chmod 755 "$policy"
}
policy_left() {
	policy_pid=$(sed -n 's|^# of ./lectern up, .* by process \([0-9]*\)$|\1|p' "$policy" 2>/dev/null)
	[ -n "$policy_pid" ] && ! kill -0 "$policy_pid" 2>/dev/null
}
policy_restore() {
	if [ -e "$policy" ] && grep -q 'of ./lectern up' "$policy"; then rm -f "$policy"; fi
	if [ -e "$policy.before-lectern" ] || [ -L "$policy.before-lectern" ]; then
		mv "$policy.before-lectern" "$policy"
	fi
}

packages_install() {
	command -v apt-get >/dev/null 2>&1 ||
		die "this is not a Debian system (no apt-get): install the packages of contrib/packages.debian by your own means."
	if policy_left; then policy_restore; fi
	missing=$(packages_missing "${1:-}" | sort -u | tr '\n' ' ')
	[ -n "$missing" ] || return 0
	printf 'missing: %s\n' "$missing"
	export DEBIAN_FRONTEND=noninteractive
	trap 'policy_restore' EXIT
	policy_deny
	# the package lists may be missing or old: they are updated before a second attempt, which decides
	# shellcheck disable=SC2086 # a list of names
	if ! packages_apt $missing; then
		apt-get update -q || die "the package lists could not be fetched (apt-get update): is the network there?"
		# shellcheck disable=SC2086
		packages_apt $missing ||
			die "apt-get could not install: $missing- see $uplog, install them by hand and run this again."
	fi
	policy_restore
	trap - EXIT
	for package in lighttpd nginx; do
		case " $missing " in
		*" $package "*) packages_disable "$package" ;;
		esac
	done
}

packages_apt() {
	apt-get install -q -y --no-install-recommends -o Dpkg::Use-Pty=0 -o Dpkg::Lock::Timeout=120 "$@"
}

# Services of packages that were installed only for their programs must not start at the next boot either.
packages_disable() {
	if command -v update-rc.d >/dev/null 2>&1; then update-rc.d "$1" disable || :; fi
	if [ -d /run/systemd/system ]; then systemctl disable "$1" || :; fi
}
