#!/bin/sh
# tests/prove.sh [PART ...] -- arguments that do not depend on luck, as far as
# they go: proof.md in shm/, udp/ and msg/ explains them. TAP, like the tests.
#
#     race      the ring and the halves under ThreadSanitizer
#     ring      spin: memory that reorders; ring-model without its mutations
#     tftp      spin: both ends, and a channel that loses; tftp-model
#     ftp       spin: client, worker, and their queue; ftp-model
#     sim       tftp in virtual time: SEED= and COUNT= repeat or go on
#     ftp-sim   msg/ftp in virtual time, the same
#     fuzz      libFuzzer, each tests/fuzz_*.c for FUZZ_SECONDS=
#
# All of them, without an argument, two side by side.
# A part whose tool is missing is skipped, with a line that says which.
set -u

cd "$(dirname "$0")/.." || exit 1
top=$(pwd)
build=${BUILD:-build}
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
# result STATUS NAME [LOG]: a line of TAP, to be numbered; of what failed, the
# log as well.
result() {
    if [ "$1" -eq 0 ]; then
        echo "ok $2"
        return
    fi
    echo "not ok $2"
    [ -z "${3-}" ] || sed 's/^/# /' "$3" | tail -n 30
}

skip() {
    echo "ok $1 # skip $2"
}

# --- ThreadSanitizer

# always COUNT STATUS COMMAND...: whether it ends so every time.
always() {
    count=$1 status=$2
    shift 2
    i=0
    while [ "$i" -lt "$count" ]; do
        "$@" >"$scratch/log" 2>&1
        [ $? -eq "$status" ] || return 1
        i=$((i + 1))
    done
}

prove_race() {
    tsan="gcc -std=gnu11 -g -O1 -fsanitize=thread -pthread"
    echo 'int main(void) { return 0; }' >"$scratch/empty.c"
    if ! $tsan -o "$scratch/it" "$scratch/empty.c" 2>/dev/null ||
        ! "$scratch/it" 2>/dev/null; then
        skip race "needs gcc, and a ThreadSanitizer that works here"
        return
    fi
    mkdir "$scratch/race" && cp -r shm common tests "$scratch/race"
    export TSAN_OPTIONS=halt_on_error=1 # the first report is enough
    $tsan -o "$scratch/it" tests/race.c
    for what in ring halves; do
        always 100 0 timeout 10 "$scratch/it" "$what"
        result $? "race: $what, 100 runs without a report" "$scratch/log"
        always 20 66 timeout 10 "$scratch/it" "$what" --relaxed
        result $? "race: $what --relaxed, 20 of 20 reported" "$scratch/log"
    done
    sed -i s/memory_order_acquire/memory_order_relaxed/ \
        "$scratch/race/shm/ring.h"
    $tsan -o "$scratch/it" "$scratch/race/tests/race.c" &&
        always 20 66 timeout 10 "$scratch/it" ring
    result $? "race: ring without acquire, 20 of 20 reported" "$scratch/log"
}

# --- spin

# Small enough that all orders of events can be tried.
small() {
    rm -rf "$scratch/model"
    mkdir "$scratch/model"
    cp -r common shm udp msg "$scratch/model"
    (cd "$scratch/model" && sed -i \
        's/RING_SLOTS 4096u/RING_SLOTS 4u/; s/RING_BATCH 32u/RING_BATCH 2u/
        s/TFTP_REQUEST_MAX 2048/TFTP_REQUEST_MAX 16/
        s/text\[256\]/text[16]/
        s/TFTP_WINDOW_MAX 2048/TFTP_WINDOW_MAX 3/' \
        shm/ring.h common/tftp.h udp/tftp/tftp_negotiate.h \
        udp/tftp/tftp_error.h)
}

# model NAME OPTIMIZE [DEFINE]: 0 if it holds, 1 if there is an error, 2 if the
# model itself could not be made.
model() {
    (
        cd "$scratch/model" && rm -f pan ./*.trail || exit 2
        # shellcheck disable=SC2086 # one word or none
        spin ${3-} -a "$top/tests/$1.pml" >log 2>&1 &&
            cc -w "$2" -I. -DHC4 -DSAFETY -DVECTORSZ=8192 -o pan pan.c \
                >>log 2>&1 ||
            exit 2
        timeout 100 ./pan -m1000000 >>log 2>&1
        grep -q 'errors: 0$' log && ! grep -q 'max search depth' log && exit 0
        grep -q 'errors: [1-9]\|Segmentation\|Aborted' log || exit 2
        exit 1
    )
}

# MODEL holds; then, without -model behind it, what each mutation does.
prove_model() {
    only=${1#"${1%-model}"}
    set -- "${1%-model}"
    if ! command -v spin >/dev/null; then
        skip "$1" "needs spin"
        return
    fi
    small
    model "$1" -O2
    result $? "$1: $(sed -n 's/^ *\([0-9]*\) states, stored$/\1/p' \
        "$scratch/model/log") states, all right" "$scratch/model/log"
    [ -z "$only" ] || return
    while read -r name what expression; do
        [ "$name" = "$1" ] || continue
        if [ -z "$expression" ]; then
            model "$1" -O0 "$what"
        else
            cp "$scratch/model/$what" "$scratch/kept"
            sed -i "$expression" "$scratch/model/$what"
            ! cmp -s "$scratch/kept" "$scratch/model/$what" && model "$1" -O0
        fi
        status=$?
        [ -z "$expression" ] || cp "$scratch/kept" "$scratch/model/$what"
        result $((status != 1)) "$1: found: $what $expression" \
            "$scratch/model/log"
    done <tests/prove.mutations
}

# --- the simulators

# simulate PROGRAM: of tftp or ftp.
simulate() {
    make -s BUILD="$build" "$build/tests/sim_$1" >"$scratch/log" 2>&1 &&
        timeout 600 "$build/tests/sim_$1" "${SEED:-1}" "${COUNT:-20000}" \
            >"$scratch/log" 2>&1
    result $? "sim: $1, $(cut -d: -f1 "$scratch/log" | tail -n 1)" \
        "$scratch/log"
}

# --- libFuzzer

prove_fuzz() {
    for source in tests/fuzz_*.c; do
        name=${source#tests/}
        name=${name%.c}
        seeds=$build/fuzz/$name # what is found is kept, and begun with
        mkdir -p "$seeds"
        if ! clang -std=gnu11 -g -O1 -fsanitize=fuzzer,address,undefined \
            -fno-sanitize-recover=all -o "$scratch/$name" "$source" \
            2>"$scratch/log"; then
            skip "$name" "needs clang with libFuzzer"
            continue
        fi
        seconds=${FUZZ_SECONDS:-3}
        timeout $((seconds + 30)) "$scratch/$name" -max_len=20000 \
            -max_total_time="$seconds" -artifact_prefix="$build/fuzz/" \
            "$seeds" "tests/corpus/$name" >"$scratch/log" 2>&1
        result $? "$name: $(sed -n 's/^Done \([0-9]*\) runs.*/\1/p' \
            "$scratch/log") inputs" "$scratch/log"
    done
}

if [ $# -ne 1 ]; then
    [ $# -gt 0 ] || set -- tftp race sim ftp-sim ring ftp fuzz
    printf '%s\n' "$@" | xargs -P 2 -n 1 sh "$top/tests/prove.sh" \
        >"$scratch/results" 2>&1
else
    case $1 in
    race | fuzz) "prove_$1" ;;
    sim) simulate tftp ;;
    ftp-sim) simulate ftp ;;
    *) prove_model "$1" ;;
    esac >"$scratch/results"
fi
awk '
    /^1\.\./ { next }
    /^(not )?ok / { sub(/ok ([0-9]+ )?/, "ok " ++n " ") }
    { print }
    END { print "1.." n }' "$scratch/results"
! grep -q '^not ok' "$scratch/results"
