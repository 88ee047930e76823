#!/bin/sh
# The browser libraries and fonts that package.json names under "lectern.vendor", as files that can be installed. They are
# in the tarball of `make dist` and never committed. Prints the folder that has them: DIR, or static/vendor beside the
# sources; what is there from the same package.json and package-lock.json is taken, else DIR is made anew from
# NODE_MODULES, or by npm if that is not named.
# Usage: vendor.sh SRCDIR DIR [NODE_MODULES]
set -eu
LC_ALL=C
export LC_ALL
case $# in
2 | 3) ;;
*)
	echo "usage: vendor.sh SRCDIR DIR [NODE_MODULES]" >&2
	exit 2
	;;
esac
src=$1 dir=$2 modules=${3:-}
package=$src/package.json
list=$(cat "$package" "$src/package-lock.json" | sha256sum | cut -c 1-64)

die() {
	printf 'static/vendor: %s\n' "$*" >&2
	exit 1
}

# pairs MEMBER: "name value" of each line in that object of package.json
pairs() { sed -n '/"'"$1"'": {/,/}/ s/^ *"\([^"]*\)": *"\([^"]*\)",*$/\1 \2/p' "$package"; }

for there in "$dir" "$src/static/vendor"; do
	if [ "$(cat "$there/.list" 2>/dev/null)" = "$list" ]; then
		printf '%s\n' "$there"
		exit 0
	fi
done

rm -rf "$dir.new"
mkdir -p "$dir.new"
trap 'rm -rf "$dir.new" "$dir.npm"' EXIT
if [ -z "$modules" ]; then
	cure='or take the tarball of a release, which has them; or name a node_modules that has them: make MODULES=/path/to/node_modules'
	command -v npm >/dev/null 2>&1 ||
		die "the browser libraries of package-lock.json are not here: install npm and run this again, $cure"
	rm -rf "$dir.npm"
	mkdir "$dir.npm"
	cp "$package" "$src/package-lock.json" "$dir.npm/"
	(cd "$dir.npm" && npm ci --omit=dev --ignore-scripts --no-audit --no-fund --no-update-notifier >&2) ||
		die "npm could not fetch the browser libraries of package-lock.json: is its registry reachable? If not, $cure"
	modules=$dir.npm/node_modules
fi
pairs dependencies | while read -r name version; do
	grep -q "\"version\": \"$version\"" "$modules/$name/package.json" || die "$modules has not $name $version"
done
pairs vendor | while read -r name from; do
	# The source map is not installed; a reference to it would only give a 404.
	sed '/^\/\/# sourceMappingURL=/d' "$modules/$from" >"$dir.new/$name" || die "$modules/$from cannot be read"
done
printf '%s\n' "$list" >"$dir.new/.list"
rm -rf "$dir"
mv "$dir.new" "$dir"
printf '%s\n' "$dir"
