#!/bin/sh
# The tarball of `make dist` is all that a build host needs: unpacked and configured, `make install` brings every file that
# pages ask for, browser libraries and fonts with their licences too, and asks npm for nothing. A checkout without them
# says what to do.
# instance: none
set -u
: "${LECTERN_SRC:?run me by ./lectern test integration/package}" "${LECTERN_BUILD:?}" "${LECTERN_MODULES:?}"
# shellcheck source=tests/lib/tap.sh
. "$LECTERN_SRC/tests/lib/tap.sh"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
explain() { tail -n 40 "$tmp/out"; }
# an npm that only tells that it was asked
mkdir "$tmp/bin"
printf '#!/bin/sh\necho "$*" >>"%s"\nexit 1\n' "$tmp/asked" >"$tmp/bin/npm"
chmod 755 "$tmp/bin/npm"

# --- the tarball ---
(cd "$LECTERN_BUILD" && rm -f lectern-*.tar.xz && make -s dist MODULES="$LECTERN_MODULES" XZ_OPT=-0) >"$tmp/out" 2>&1 &&
	mkdir "$tmp/src" && tar -xf "$LECTERN_BUILD"/lectern-*.tar.xz -C "$tmp/src" --strip-components=1
ok $? 'make dist makes a tarball'
rm -f "$LECTERN_BUILD"/lectern-*.tar.xz
(
	cd "$tmp/src" && PATH=$tmp/bin:$PATH && export PATH &&
		./configure -q --prefix=/usr --sysconfdir=/etc/lectern CPPFLAGS=-D_FORTIFY_SOURCE=2 &&
		make -s install-data DESTDIR="$tmp/installed"
) >"$tmp/out" 2>&1
ok $? 'unpacked, it is configured and installs its data'
[ ! -e "$tmp/asked" ]
ok $? 'without asking npm'
grep FORTIFY "$tmp/src/Makefile" >"$tmp/out"
[ "$(grep -c . "$tmp/out")" -eq 1 ] && grep -q '^CPPFLAGS = -D_FORTIFY_SOURCE=2$' "$tmp/out"
ok $? 'a _FORTIFY_SOURCE of the caller is not defined again'

# --- browser libraries and fonts ---
share=$tmp/installed/usr/share/lectern
jq -r '.lectern.vendor | to_entries[] | "\(.key) \(.value)"' "$LECTERN_SRC/package.json" >"$tmp/vendor"
rc=0
while read -r name from; do
	# a source map is not installed, nor a line that names it
	LC_ALL=C sed '/^\/\/# sourceMappingURL=/d' "$LECTERN_MODULES/$from" | cmp - "$share/static/vendor/$name" || rc=1
done <"$tmp/vendor" >"$tmp/out" 2>&1
[ "$rc" -eq 0 ] && [ "$(find "$share/static/vendor" -type f | wc -l)" -eq "$(grep -c . "$tmp/vendor")" ]
ok $? "$(grep -c . "$tmp/vendor") files of node_modules are installed as they are, and no other"
# a package is one folder of node_modules, or two where the first is @scope
sed -E 's|^[^ ]* ((@[^/]*/)?[^/]*)/.*|\1|' "$tmp/vendor" | sort -u >"$tmp/packages"
sed -nE 's|^[^ ]*\.license\.txt ((@[^/]*/)?[^/]*)/.*|\1|p' "$tmp/vendor" | sort -u | diff - "$tmp/packages" >"$tmp/out"
ok $? 'each package has its licence beside it'

# --- what pages ask for ---
{
	grep -rhoE '/static/[A-Za-z0-9_./-]+' "$share/templates" | sed -n 's|^/static/\(.*[^/]\)$|\1|p'
	grep -rhoE 'Page\.(styles|scripts)\.[0-9]+ = "[^"]+"' "$share/templates" | sed 's/.*"\(.*\)"/\1/; s|.*\.css$|css/&|; s|.*\.js$|js/&|'
	for kind in css js; do
		grep -rhoE "(from |import |import\(|url\()[\"']?\.\.?/[^\"')]+" "$share/static/$kind" | sed -E "s|^[^.]*|$kind/|"
	done
} | sort -u >"$tmp/wanted"
rc=0
while read -r file; do [ -f "$share/static/$file" ] || { echo "$file is not installed" && rc=1; }; done <"$tmp/wanted" >"$tmp/out"
[ "$rc" -eq 0 ] && grep -q '^css/../vendor/.*woff2$' "$tmp/wanted" &&
	grep -q '^js/../vendor/hls.mjs$' "$tmp/wanted" && grep -q '^css/forms.css$' "$tmp/wanted" && grep -q '^js/player.js$' "$tmp/wanted"
ok $? "all $(grep -c . "$tmp/wanted") files that templates, styles and scripts name are there"
printf 'base_url = http://127.0.0.1\ntemplate_dir = %s\nrun_dir = %s\n' "$share/templates" "$tmp/run" >"$tmp/lectern.conf"
mkdir "$tmp/run"
REQUEST_METHOD=GET REQUEST_URI=/login SCRIPT_NAME='' REMOTE_ADDR=127.0.0.1 "$LECTERN_BUILD/lectern-web" -c "$tmp/lectern.conf" >"$tmp/page" 2>"$tmp/out"
grep -q '^Status: 200' "$tmp/page" && grep -q '</html>' "$tmp/page"
ok $? 'lectern-web makes a page of the installed templates'

# --- a checkout ---
mkdir "$tmp/checkout" "$tmp/checkout/static"
cp "$LECTERN_SRC/package.json" "$LECTERN_SRC/package-lock.json" "$tmp/checkout/"
vendor() { (cd "$tmp/checkout" && PATH=$1 /bin/sh "$LECTERN_SRC/static/vendor.sh" . static/vendor) >"$tmp/out" 2>&1; }
mkdir "$tmp/tools"
for tool in sh sed cat cut sha256sum mkdir rm cp mv grep; do ln -s "$(command -v "$tool")" "$tmp/tools/$tool"; done
vendor "$tmp/tools"
[ $? -eq 1 ] && grep -q 'install npm.*tarball.*MODULES=' "$tmp/out"
ok $? 'without npm it says what to do'
vendor "$tmp/bin:$tmp/tools"
[ $? -eq 1 ] && grep -q '^ci .*--ignore-scripts' "$tmp/asked" && grep -q 'registry.*tarball.*MODULES=' "$tmp/out"
ok $? 'and if npm cannot fetch them'
[ -z "$(ls "$tmp/checkout/static")" ]
ok $? 'which leaves nothing half made'
for package in $(jq -r '.dependencies | keys[]' "$LECTERN_SRC/package.json"); do
	mkdir -p "$tmp/old/$package"
	cp "$LECTERN_MODULES/$package/package.json" "$tmp/old/$package/"
done
sed -i 's/"version": "[^"]*"/"version": "0.0.1"/' "$tmp/old/hls.js/package.json"
! sh "$LECTERN_SRC/static/vendor.sh" "$tmp/checkout" "$tmp/checkout/static/vendor" "$tmp/old" >"$tmp/out" 2>&1 &&
	grep -q 'has not hls.js' "$tmp/out" && [ ! -e "$tmp/checkout/static/vendor" ]
ok $? 'a node_modules with another version is refused'

end
