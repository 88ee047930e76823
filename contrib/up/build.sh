# shellcheck shell=sh
# From the checkout to STATE/app: a copy of the sources (so that the checkout may be read-only, in a closed folder or in a
# path with spaces), a build outside of it, an installation.

# sources_sync [OPTION]: prints the files that it changes; with -n, those that it would change.
sources_sync() {
	rsync "$@" -rlpc --delete --chmod=u+rwX,go-w --out-format=%n \
		--exclude=/.git --exclude=/var --exclude=node_modules --exclude=/static/vendor --exclude=/aclocal.m4 \
		--exclude=/autom4te.cache --exclude=/build-aux --exclude=/config.h.in --exclude='/config.h.in~' \
		--exclude=/configure --exclude='/configure~' --exclude=/Makefile.in \
		"$src/" "$work/"
}

# Contents are compared, and changed files get a new time, so that make notices every change, whatever the times in the
# checkout are. Files that autoreconf makes in the copy stay as they are.
sources_copy() {
	mkdir -p "$work"
	sources_sync >"$state/.changed"
	if [ -s "$state/.changed" ]; then
		rm -f "$state/.built"
		head -n 20 "$state/.changed"
	fi
}

# build_programs [CONFIGURE-ARGUMENT...]
build_programs() {
	if [ -e "$state/.built" ] && [ "$(cat "$state/.built")" = "$*" ]; then return 0; fi
	cd "$work"
	[ -e configure ] || autoreconf -i
	mkdir -p "$build"
	cd "$build"
	# a Makefile that cannot update itself is made again: a library that configure found may be gone
	if [ -e Makefile ] && ! make -s Makefile; then
		cd /
		rm -rf "$build"
		mkdir "$build"
		cd "$build"
	fi
	if ! [ -e config.status ] || [ "$(cat .arguments 2>/dev/null)" != "$*" ]; then
		"$work/configure" -q --prefix="$app" --sysconfdir="$state/etc" --localstatedir="$state" "$@"
		printf '%s\n' "$*" >.arguments
	fi
	make -s -j "$(nproc)"
	make -s install MODULES="$(modules_dir)/node_modules"
	printf '%s\n' "$*" >"$state/.built"
	printf '%s\n' "$(date +%s)" >"$state/.installed"
}

# modules_install production|all: installs the node_modules of package-lock.json in a folder that all instances share.
modules_install() {
	modules=$(modules_dir)
	if [ -e "$modules/.$1" ] || [ -e "$modules/.all" ]; then return 0; fi
	mkdir -p "$modules"
	cp "$src/package.json" "$src/package-lock.json" "$modules/"
	cd "$modules"
	set -- "$1" npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --cache "$cache/npm"
	[ "$1" = all ] || set -- "$@" --omit=dev
	modules_kind=$1
	shift
	"$@" || die "npm could not fetch the browser libraries of package-lock.json: is the npm registry reachable?"
	: >"$modules/.$modules_kind"
}

modules_dir() {
	printf '%s/node-%s' "$cache" "$(cat "$src/package.json" "$src/package-lock.json" | sha256sum | cut -c 1-16)"
}
