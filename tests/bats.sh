#!/usr/bin/env bash
#
# tests/bats.sh FILE [NAME] -- run the tests of a .bats file, or those that have
# NAME in theirs, and print TAP.
#
# bats(1) itself, from 1.8 on, runs these files as well. But it starts a shell
# for each test, which reads the file and its helpers once more, and notes where
# it is before each command: 20 ms, and there are more than a thousand tests.
# Here a test is a fork of the shell that has read them. What of bats's language
# no test uses is not there: `run` knows -N and !, and of tags there is `long`.
#
# LONG=1 runs the tests with that tag, otherwise the others. RETRIES=1: what has
# failed has another try.
set -eE

export BATS_RUN_TMPDIR BATS_FILE_TMPDIR BATS_TEST_TMPDIR BATS_TEST_DIRNAME \
    BATS_TEST_NAME=
bats_file=$1
BATS_TEST_DIRNAME=$(cd "${1%/*}" && pwd)
BATS_RUN_TMPDIR=$(mktemp -d)
BATS_FILE_TMPDIR=$BATS_RUN_TMPDIR/file
bats_said=$BATS_RUN_TMPDIR/said # by setup_file, or a test
bats_done=                      # how many tests

setup_file() { :; }
teardown_file() { :; }
setup() { :; }
teardown() { :; }

bats_leave() {
    [ -n "$bats_done" ] || bats_not_ok 0 setup_file
    teardown_file >&2 || true
    rm -rf "$BATS_RUN_TMPDIR"
}
trap bats_leave EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# bats_not_ok NUMBER NAME [ARG]
bats_not_ok() {
    echo "not ok $1 $2"
    sed 's/^/# /' "$bats_said"
    echo "# again: bash tests/bats.sh $bats_file ${3-}"
}

# load NAME: read tests/NAME.bash.
load() {
    # shellcheck source=/dev/null
    . "$BATS_TEST_DIRNAME/$1.bash"
}

# skip [WHY]: end this test, which does not count.
skip() {
    bats_skipped=${1-}
    exit 0
}

# run [-STATUS|!] COMMAND...: what it prints is then in $output, and in $lines
# without empty ones, and its status in $status; fails where that is another
# one than is expected: STATUS, or with ! any but 0.
run() {
    local bats_wanted='' bats_flags=$-
    case $1 in
    ! | -[0-9]*)
        bats_wanted=${1#-}
        shift
        ;;
    esac
    set +eE
    output=$("$@" 2>&1)
    status=$?
    # shellcheck disable=SC2034 # a test's
    IFS=$'\n' read -rd '' -a lines <<<"$output"
    set "-$bats_flags"
    case $bats_wanted in
    '' | "$status") return 0 ;;
    !) [ $status -eq 0 ] || return 0 ;;
    esac
    echo "status $status, and $bats_wanted was expected"
    return 1
}

# bats_note STATUS COMMAND: where a test has failed, called functions first.
bats_note() {
    local i at
    bats_failed="\`$2' failed with status $1"
    for ((i = 1; i < ${#FUNCNAME[@]}; i++)); do
        at=${BASH_SOURCE[i]/#"$BATS_FILE_TMPDIR.bash"/"$bats_file"}
        bats_failed+=$'\n'"  $at, line ${BASH_LINENO[i - 1]}"
        [[ ${FUNCNAME[i]} != bats_test_* ]] || break
        bats_failed+=": ${FUNCNAME[i]}"
    done
}

# bats_test NUMBER: that test, whose status is ours.
bats_test() (
    exec >"$bats_said" 2>&1
    BATS_TEST_NAME=bats_test_$1
    BATS_TEST_TMPDIR=$BATS_RUN_TMPDIR/test/$1
    BATS_TEST_COMPLETED=
    bats_level=$BASH_SUBSHELL
    trap bats_end EXIT
    trap '[ $BASH_SUBSHELL -ne $bats_level ] ||
        bats_note $? "$BASH_COMMAND"' ERR
    set -e
    begin_test
    setup
    "$BATS_TEST_NAME"
    BATS_TEST_COMPLETED=1
)

bats_end() {
    trap - ERR
    set +eE
    if ! teardown; then
        BATS_TEST_COMPLETED=
        echo "teardown failed"
    fi
    if [ -n "${bats_skipped+it has}" ]; then
        echo "$bats_skipped" >"$BATS_TEST_TMPDIR.skipped"
    elif [ -z "$BATS_TEST_COMPLETED" ]; then
        [ -z "${output-}" ] || printf 'last output:\n%s\n' "$output"
        echo "${bats_failed-it ended too early}"
        exit 1
    fi
    exit 0
}

# The file as a script: each test is a function, and then come their names.
mkdir "$BATS_FILE_TMPDIR" "$BATS_RUN_TMPDIR/test"
: >"$bats_said"
awk '
    /^# bats file_tags=.*long/ { all = 1 }
    /^# bats test_tags=.*long/ { this = 1 }
    /^@test "/ {
        print "bats_test_" ++count "() {"
        sub(/^@test /, "")
        sub(/ \{$/, "")
        names = names "bats_names[" count "]=" $0 "\n" \
            "bats_long[" count "]=" (all || this ? 1 : "") "\n"
        this = 0
        next
    }
    { print }
    END { printf "%s", names }' "$bats_file" >"$BATS_FILE_TMPDIR.bash"
# shellcheck source=/dev/null
. "$BATS_FILE_TMPDIR.bash"

for bats_number in "${!bats_names[@]}"; do
    if [ -n "${2-}" ]; then
        [[ ${bats_names[bats_number]} == *"$2"* ]]
    else
        [ "${bats_long[bats_number]}" = "${LONG:+1}" ]
    fi || unset "bats_names[bats_number]"
done
echo "1..${#bats_names[@]}"

exec 3>&1 # where a test says more than whether it passed
[ ${#bats_names[@]} -eq 0 ] || setup_file >"$bats_said" 2>&1 3>&-

bats_done=0
for bats_number in "${!bats_names[@]}"; do
    bats_name=${bats_names[bats_number]}
    : $((++bats_done))
    for ((bats_try = 0; bats_try <= ${RETRIES-0}; bats_try++)); do
        [ $bats_try -eq 0 ] || rm -rf "$BATS_RUN_TMPDIR/test/$bats_number"
        set +e
        bats_test "$bats_number"
        bats_status=$?
        set -e
        [ $bats_status -ne 0 ] || break
    done
    if [ "$bats_status" -ne 0 ]; then
        bats_not_ok $bats_done "$bats_name" "${bats_name@Q}"
    elif [ -e "$BATS_RUN_TMPDIR/test/$bats_number.skipped" ]; then
        echo "ok $bats_done $bats_name # skip" \
            "$(<"$BATS_RUN_TMPDIR/test/$bats_number.skipped")"
    else
        echo "ok $bats_done $bats_name"
    fi
done
