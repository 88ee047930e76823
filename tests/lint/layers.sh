#!/bin/sh
# Includes go in the right direction (doc/architecture.md): each folder may use only the folders named here, and each
# outside library may be included by the folders named with it.
set -u
cd "$(dirname "$0")/../.." || exit 1
bad=0 seen=0 folders=

# layer FOLDER ALLOWED…: includes of lib/… in FOLDER may name FOLDER itself and the allowed ones.
layer() {
    dir=$1; shift
    folders="$folders $dir"
    for f in $(git ls-files -co --exclude-standard ":(glob)$dir/*.c" ":(glob)$dir/*.h"); do
        [ -e "$f" ] || continue
        seen=$((seen + 1))
        for used in $(sed -n 's/^#include "\(lib\/[a-z\/]*\)\/[^/]*".*/\1/p' "$f" | sort -u); do
            [ "$used" = "$dir" ] && continue
            case " $* " in
            *" $used "*) ;;
            *) echo "# $f includes $used, which $dir may not use"; bad=$((bad + 1)) ;;
            esac
        done
    done
}

# only PATTERN FOLDER…: only these folders include that library.
only() {
    pattern=$1; shift
    for f in $(git grep --untracked -lE "^#include <$pattern" -- 'lib/*.[ch]' 'cgi-bin/*.[ch]' 'daemons/*.[ch]'); do
        for dir in "$@"; do
            case $f in "$dir"/*) continue 2 ;; esac
        done
        echo "# $f includes <$pattern…>, which belongs to $*"
        bad=$((bad + 1))
    done
}

layer lib/base
layer lib/os      lib/base
layer lib/proto   lib/base lib/os lib/net
layer lib/live    lib/base lib/proto lib/format
layer lib/net     lib/base lib/os
layer lib/wire    lib/base lib/net
layer lib/db      lib/base lib/os
layer lib/store   lib/base lib/os lib/net lib/wire
layer lib/node    lib/base lib/os lib/net lib/proto lib/wire
layer lib/format  lib/base
layer lib/play    lib/base lib/os lib/net lib/proto lib/node lib/store lib/wire
layer lib/saml    lib/base
layer lib/media   lib/base lib/os lib/net lib/format lib/wire
# lib/svc: policy, audit and the like at the bottom, people and teaching above, the pipeline on top in its three floors.
rules="lib/base lib/os lib/db lib/net lib/proto lib/wire"
layer lib/svc                  $rules
layer lib/svc/people           $rules lib/svc
layer lib/svc/sso              $rules lib/saml lib/svc lib/svc/people
layer lib/svc/teaching         $rules lib/svc lib/svc/people
layer lib/svc/pipeline/records $rules lib/svc lib/svc/people lib/svc/teaching
layer lib/svc/pipeline/flow    $rules lib/svc lib/svc/people lib/svc/teaching lib/svc/pipeline/records
layer lib/svc/live             $rules lib/svc lib/svc/people lib/svc/teaching lib/svc/pipeline/records lib/svc/pipeline/flow
layer lib/svc/pipeline/doors   $rules lib/svc lib/svc/people lib/svc/teaching lib/svc/pipeline/records lib/svc/pipeline/flow lib/svc/live
services="lib/saml lib/svc lib/svc/people lib/svc/sso lib/svc/teaching lib/svc/pipeline/records lib/svc/pipeline/flow lib/svc/live lib/svc/pipeline/doors"
layer lib/fcgi        lib/base lib/os
layer lib/web         lib/base lib/os lib/db lib/net lib/proto lib/fcgi
layer cgi-bin/web     $rules $services lib/web lib/fcgi lib/format
layer cgi-bin/authz   lib/base lib/os lib/play lib/fcgi
layer cgi-bin/store   lib/base lib/os lib/net lib/proto lib/node lib/store lib/wire lib/fcgi
layer daemons/schedd  $rules $services
layer daemons/courierd $rules $services
layer daemons/workerd lib/base lib/os lib/net lib/proto lib/live lib/node lib/media lib/store lib/wire
layer daemons/noded   lib/base lib/os lib/net lib/proto lib/node lib/store lib/wire
layer daemons/rtmpd   lib/base lib/os lib/net lib/proto lib/live lib/media lib/node lib/store lib/wire
layer daemons/lived   lib/base lib/os lib/net lib/proto lib/live lib/play lib/node lib/store lib/wire lib/format
layer daemons/sandbox lib/base lib/os
layer daemons/ctl     $rules $services

only 'mysql|<mariadb' lib/db
only 'mariadb/' lib/db
only 'ClearSilver' lib/web
only 'fcg' lib/fcgi
only 'curl/' lib/net
only 'hiredis' lib/net
only 'seccomp' daemons/sandbox
only 'event2/' daemons/rtmpd daemons/lived
only 'argon2' lib/svc/people
only 'libxml|<xmlsec' lib/saml

# The map for readers has a row for each folder of lib that has a rule here, and for no other.
for dir in $folders; do
    case $dir in lib/*) grep -q "^| $dir |" doc/architecture.md || { echo "# doc/architecture.md has no row for $dir"; bad=$((bad + 1)); } ;; esac
done
for dir in $(sed -n 's/^| \(lib[a-z\/]*\) |.*/\1/p' doc/architecture.md); do
    case " $folders " in *" $dir "*) ;; *) echo "# doc/architecture.md has a row for $dir, which has no rule here"; bad=$((bad + 1)) ;; esac
done

echo "1..1"
if [ "$bad" -eq 0 ] && [ "$seen" -gt 0 ]; then echo "ok 1 - $seen files, every include points down"; else echo "not ok 1 - $bad includes"; exit 1; fi
