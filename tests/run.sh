#!/bin/sh
# tests/run.sh [FOLDER] -- run all tests, or those of one folder, and count.
#
# The unit tests of common/ (cmocka), the programs against each other (bats),
# and the transcripts: every command in a console block of the notes (clitest).
# All of them speak TAP; the last line is for people.
set -u
. common/card.sh

folder=${1-}
export BUILD="${BUILD:-build}"

for tool in bats clitest perl; do
    if ! command -v $tool >/dev/null; then
        echo "make check needs $tool: sh common/setup.sh installs it" >&2
        exit 1
    fi
done

scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
results=$scratch/results

# A unit test that dies says nothing: its status speaks.
units() {
    for unit in "$BUILD"/tests/test_*; do
        if [ -x "$unit" ]; then
            CMOCKA_MESSAGE_OUTPUT=TAP "$unit" 2>&1
            status=$?
            [ $status -le 125 ] ||
                echo "not ok - $unit ended with status $status"
        fi
    done
}

# Much of a test is waiting: where GNU parallel is there, several files run at
# a time (within a file bats would sleep a second before each test).
pairs() {
    set -- tests
    [ -z "$folder" ] || set -- tests/"$folder"*.bats
    if [ ! -e "$1" ]; then
        echo "not ok - there is no tests/$folder.bats"
    elif command -v parallel >/dev/null; then
        bats --print-output-on-failure --formatter tap \
            --jobs $((2 * $(nproc))) --no-parallelize-within-files "$@"
    else
        bats --print-output-on-failure --formatter tap "$@"
    fi
}

# console FILE: what its console blocks show, and a prompt that ends it.
console() {
    awk '/^```console$/ { on = 1; next } /^```/ { on = 0 } on
        END { print "$ " }' "$1"
}

# Where both languages show the same, as they should, it is run once.
transcripts() {
    for notes in README.md ${folder:-*}/*.md; do
        [ -f "$notes" ] || continue
        console "$notes" >"$scratch/console"
        grep -q '^\$ .' "$scratch/console" || continue
        english=${notes%.zh.md}.md
        [ "$notes" != common/README.zh.md ] || english=README.md
        if [ "$notes" != "${notes%.zh.md}" ] && [ "$english" != "$notes" ] &&
            console "$english" | cmp -s - "$scratch/console"; then
            continue
        fi
        here=$(card_folder "$BUILD")
        if (cd "$here" && timeout 300 clitest --color never --progress none \
            "$scratch/console") >"$scratch/output" 2>&1; then
            echo "ok - the transcripts of $notes"
        else
            echo "not ok - the transcripts of $notes"
            sed 's/^/# /' "$scratch/output"
        fi
        rm -rf "$here"
    done
}

{
    units
    pairs
    transcripts
} | tee "$results"

# A plan says how many there are to be: who did not get that far has failed.
# A skip is "ok ... # skip reason" in bats, "not ok ... # SKIP" in cmocka.
awk '
    /^1\.\.[0-9]+$/ { planned += substr($0, 4) }
    / - the transcripts of / { planned++ }
    tolower($0) ~ /^(not )?ok .*# skip/ {
        skipped++
        reasons = reasons "\n    " $0
        next
    }
    /^ok /     { passed++ }
    /^not ok / { failed++; failures = failures "\n    " $0 }
    END {
        missing = planned - passed - failed - skipped
        if (missing > 0) {
            failed += missing
            failures = failures "\n    " missing " did not even run"
        }
        if (failures) print "\nfailed:" failures
        if (reasons) print "\nskipped:" reasons
        printf "\n%d passed, %d failed", passed, failed
        printf skipped ? ", %d skipped\n" : "\n", skipped
        exit failed > 0 || passed == 0
    }' "$results"
