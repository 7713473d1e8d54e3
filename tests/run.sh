#!/bin/sh
# tests/run.sh [FOLDER] -- run all tests, or those of one folder, and count.
#
# The unit tests of the headers (cmocka), the programs against each other
# (bats), and the transcripts in the notes (clitest), several files side by
# side, as most of it is waiting. LONG=1 runs what takes long instead: soaks,
# fuzzing, other machines. A terminal shows how far it is; build/check.log has
# all of it, as TAP.
set -u

folder=${1-}
export BUILD="${BUILD:-build}" TAGS='!long'
[ -z "${LONG-}" ] || TAGS=long

for tool in bats clitest perl; do
    if ! command -v $tool >/dev/null; then
        echo "make check needs $tool: sh common/setup.sh installs it" >&2
        exit 1
    fi
done
if ! bats --version | grep -Eq ' (1\.([89]|[1-9][0-9])|[2-9])'; then
    echo "make check needs bats 1.8 or newer: sh common/setup.sh" >&2
    exit 1
fi

cores=$(nproc)
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
log=$BUILD/check.log
touch "$log" 2>/dev/null || log=/dev/null

# long_first FILE...: in the order of how long they took the last time, or else
# of their size.
long_first() {
    wc -c "$@" | awk '
        /^# took [0-9]+ s: / { took[$5] = $3; next }
        FILENAME != "-" || $2 == "total" { next }
        { print $2 in took ? took[$2] : /bats$/ ? $1 / 1000 : 0, $2 }
        ' "$log" - | sort -rn | cut -d ' ' -f 2
}
scripts=$(ls tests/"$folder"*.bats 2>/dev/null)
if [ -n "$folder" ] && [ -z "$scripts" ]; then
    echo "there is no tests/$folder.bats" >&2
    exit 1
fi
# shellcheck disable=SC2086 # several words
set -- $scripts
if [ -z "${LONG-}" ]; then
    # shellcheck disable=SC2086 # a pattern
    for file in $(grep -ls '^```console$' README.md ${folder:-*}/*.md) \
        "$BUILD"/tests/test_*; do
        [ -f "$file" ] && [ "${file%.d}" = "$file" ] && set -- "$@" "$file"
    done
fi
files=$(long_first "$@")
# shellcheck disable=SC2086 # several words
total=$(awk -v wanted="${LONG:+1}" '
    FNR == 1 { all = 0 }
    /^# bats file_tags=.*long/ { all = 1 }
    /^# bats test_tags=.*long/ { this = 1 }
    /^@test / { count += (all || this) == +wanted; this = 0 }
    END { print +count }' $scripts)
echo "$total tests of programs, $# files," \
    "about $((total / (10 * cores) + 5)) s${LONG:+ and more}"

# Lines as they come; on a terminal, only what failed, and how far it is.
show() {
    if [ -t 1 ]; then
        awk -v total="$total" '
            /^(not )?ok [0-9]/ { done++ }
            /^not ok / { failed++; said = 1 }
            /^ok / { said = 0 }
            said { printf "\r\033[K%s\n", $0 }
            { printf "\r\033[K%d of %d, %d failed", done, total, failed }
            END { printf "\r\033[K" }'
    else
        cat
    fi
}

# shellcheck disable=SC2016 # for the bash that xargs starts
echo "$files" | nl | xargs -P $((4 * cores)) -n 2 bash -c '
    sh tests/one.sh "$2" >"$0/$1" 2>&1
    echo "# took $SECONDS s: $2" >>"$0/$1"
    echo "$(<"$0/$1")"' "$scratch" | show
cat "$scratch"/* >"$scratch/all"
[ "$log" = /dev/null ] || cp "$scratch/all" "$log"

# A plan says how many there are to be: one that did not get that far has
# failed.
awk '
    /^1\.\.[0-9]+$/ { planned += substr($0, 4) }
    /^ok .*# skip/ {
        skipped++
        sub(/^ok [-0-9]* */, "")
        reasons = reasons "\n    " $0
        next
    }
    /^ok /     { passed++ }
    /^not ok / { failed++; failures = failures "\n    " $0 }
    /^# again: / && failed > shown {
        shown = failed
        failures = failures "\n        " substr($0, 10)
    }
    END {
        missing = planned - passed - failed - skipped
        if (missing > 0) {
            failed += missing
            failures = failures "\n    " missing " did not even run"
        }
        if (failures) print "\nfailed, and what repeats it:" failures
        if (reasons) print "\nskipped:" reasons
        printf "\n%d passed, %d failed", passed, failed
        printf skipped ? ", %d skipped\n" : "\n", skipped
        exit failed > 0 || passed == 0
    }' "$scratch/all"
