#!/bin/sh
# Copies the browser libraries and fonts named under "lectern.vendor" in
# package.json from NODE_MODULES into DIR. They are never committed; a file
# that is already the same is left alone, so that its ETag stays.
# Usage: vendor.sh PACKAGE_JSON NODE_MODULES DIR
set -eu
LC_ALL=C
export LC_ALL
[ $# -eq 3 ] || { echo "usage: vendor.sh PACKAGE_JSON NODE_MODULES DIR" >&2; exit 2; }
package=$1 modules=$2 dir=$3

mkdir -p "$dir"
sed -n '/"vendor"/,/}/ s/^ *"\([^"]*\)": *"\([^"]*\)",*$/\1 \2/p' "$package" |
while read -r name from; do
    [ -f "$modules/$from" ] || {
        echo "vendor.sh: $modules/$from is missing; run 'npm ci' first" >&2
        exit 1
    }
    # The source map is not installed; a reference to it would only give a 404.
    sed '/^\/\/# sourceMappingURL=/d' "$modules/$from" > "$dir/.$name.new"
    if cmp -s "$dir/.$name.new" "$dir/$name"; then
        rm "$dir/.$name.new"
    else
        mv "$dir/.$name.new" "$dir/$name"
    fi
done
