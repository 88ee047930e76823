# shellcheck shell=sh
# From the checkout to STATE/app: a copy of the sources (so that the checkout may be read-only, below a
# closed folder or in a path with spaces), a build outside of it, an installation.

# sources_sync [OPTION]: names what it changes; with -n, what it would.
sources_sync() {
	rsync "$@" -rlpc --delete --chmod=u+rwX,go-w --out-format=%n \
		--exclude=/.git --exclude=/var --exclude=node_modules --exclude=/static/vendor --exclude=/aclocal.m4 \
		--exclude=/autom4te.cache --exclude=/build-aux --exclude=/config.h.in --exclude='/config.h.in~' \
		--exclude=/configure --exclude='/configure~' --exclude=/Makefile.in \
		"$src/" "$work/"
}

# The copy compares contents and gives changed files a fresh time, so that make notices every change,
# whatever the times in the checkout are. What autoreconf makes in the copy is left alone.
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
	# what configure once found may be gone: a Makefile that cannot renew itself is made anew
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

# modules_install production|all: node_modules of package-lock.json, kept beside the instances and shared.
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
