#!/bin/sh
# Every file of the repository is named by a Makefile.inc, or lies in a folder that one names: what is forgotten there is
# neither compiled nor run nor in the distribution, and nothing else says so. The lists are those that make reads.
set -u
cd "$(dirname "$0")/../.." || exit 1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
bad=0

# Makefile.am is a makefile: make itself puts the pieces together.
words() { # words EXPRESSION: one a line
    printf 'include Makefile.am\nlint-words:\n\t@printf "%%s\\n" %s\n' "$1" | make -s --no-print-directory -f - lint-words
}
# shellcheck disable=SC2016 # make expands
words '$(foreach v,$(filter %_SOURCES %_DATA %_MANS %_SCRIPTS %_HEADERS EXTRA_DIST,$(.VARIABLES)),$($(v)))' >"$tmp/listed" || exit 1
# shellcheck disable=SC2016
words '$(TESTS)' >"$tmp/tests" || exit 1

listed() { # listed PATH: by itself or by a folder around it
    path=$1
    until grep -qxF "$path" "$tmp/listed"; do
        case $path in */*) path=${path%/*} ;; *) return 1 ;; esac
    done
}

place_of() { # place_of FILE: the Makefile.inc nearest to it
    folder=$1
    while case $folder in */*) ;; *) false ;; esac; do
        folder=${folder%/*}
        if [ -e "$folder/Makefile.inc" ]; then echo "$folder/Makefile.inc"; return; fi
    done
    echo Makefile.am
}

advise() { # advise FILE: the lines that are missing, and where
    case $1 in
    tests/unit/*/test_*.c | tests/fuzz/drivers/fuzz_*.c)
        program=${1%.c}
        case $1 in tests/fuzz/*) program=tests/fuzz/${program##*/} ;; esac
        name=$(printf '%s' "$program" | tr -c 'A-Za-z0-9' _)
        echo "# $1 is in no program: add these lines to $(place_of "$1"), with the libraries that it links:"
        case $1 in
        tests/unit/*) echo "#     UNIT_TESTS += $program" ;;
        *) echo "#     check_PROGRAMS += $program" ;;
        esac
        echo "#     ${name}_SOURCES = $1$(case $1 in tests/fuzz/*) echo ' tests/fuzz/replay.c' ;; esac)"
        echo "#     ${name}_LDADD = …"
        ;;
    *) echo "# $1 is in no list: add \`  $1 \\\` to $(place_of "$1")" ;;
    esac
}

git ls-files -co --exclude-standard >"$tmp/files"
used() { # used SCRIPT: by another script of the tests
    grep -E '^tests/(run$|.*\.(mjs|sh)$)' "$tmp/files" | grep -vxF "$1" | xargs grep -qF "/${1##*/}"
}
n=0
while read -r file; do
    [ -e "$file" ] || continue
    case $file in
    Makefile.am | configure.ac | */Makefile.inc | .gitignore) continue ;; # automake distributes what it reads
    esac
    n=$((n + 1))
    listed "$file" || { advise "$file"; bad=$((bad + 1)); continue; }
    case $file in
    tests/unit/*/test_*.c)
        grep -qxF "${file%.c}" "$tmp/tests" || {
            echo "# $file is never run: add \`UNIT_TESTS += ${file%.c}\` to $(place_of "$file")"
            bad=$((bad + 1))
        }
        ;;
    tests/*/*.mjs | tests/*/*.sh) # what is not run itself is used by a file that is
        if [ ! -x "$file" ] && ! used "$file"; then
            echo "# $file is never run: chmod +x $file"
            bad=$((bad + 1))
        fi
        ;;
    esac
done <"$tmp/files"
echo "1..1"
if [ "$n" -gt 0 ] && [ "$bad" -eq 0 ]; then echo "ok 1 - $n files"; else echo "not ok 1 - $bad of $n files"; exit 1; fi
