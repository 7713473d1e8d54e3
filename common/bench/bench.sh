#!/bin/sh
# common/bench/bench.sh [FOLDER]... -- measure the mechanisms: make bench.
#
# All of them in turns, several rounds, so that whatever else the machine does
# disturbs all alike; of the rounds the median, and how far the middle half of
# them lies apart. Leaves build/bench/*.tsv, and plots if gnuplot is there.
# With QUICK=1 all is short: it shows that it works, not what it costs. With
# FIGURES=1 the figures become those of the repository, and the notes that quote
# them are written again: quote.sh.
set -u
. common/card.sh

build=${BUILD:-build}
out=${OUT:-$build/bench}
rounds=7
seconds=118
quick=
if [ -n "${QUICK-}" ]; then
    rounds=3
    seconds=10
    quick=--quick
fi
if [ -n "${FIGURES-}" ] && [ $# -gt 0 ]; then
    echo "bench: FIGURES=1 is of all folders in one run" >&2
    exit 2
fi
[ $# -gt 0 ] || set -- pipe fifo msg sem shm udp tcp

folder=$(card_folder "$build") || exit 1
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

mkdir -p "$out"
rm -f "$out"/*.tsv "$out"/*.svg

# What it was measured on.
machine() {
    printf '%s, Linux %s\n' "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo |
        head -n 1), $(nproc) cores" "$(uname -r)"
    printf 'load before: %s; ' "$(cut -d ' ' -f 1-3 /proc/loadavg)"
    for limit in fs/pipe-max-size kernel/msgmax kernel/msgmnb \
        net/core/rmem_default; do
        printf '%s %s; ' "${limit#*/}" "$(cat /proc/sys/$limit 2>/dev/null)"
    done
    echo "up to $rounds rounds"
}

# What a program wants to be told: where both ends meet.
operands() {
    case $1 in
    msg | sem | shm) echo README.md ;;
    fifo) echo path ;;
    esac
}

machine
# A round is begun if it will end in time, should it take as long as the others.
start=$(date +%s)
round=1
while [ $round -le $rounds ] &&
    [ $((($(date +%s) - start) * round)) -le $((seconds * (round - 1))) ]; do
    for mechanism; do
        [ ! -t 2 ] || printf '\rround %d of %d: %-5s' \
            $round $rounds "$mechanism" >&2
        # shellcheck disable=SC2046 # none or one
        (cd "$folder" && timeout 120 "build/$mechanism/bench" $quick \
            $(operands "$mechanism")) >"$folder/rows" || {
            echo "bench: $mechanism/bench failed" >&2
            exit 1
        }
        sed "1d; s/^/$mechanism $round /" "$folder/rows" >>"$folder/all"
    done
    round=$((round + 1))
done
[ ! -t 2 ] || printf '\r%30s\r' '' >&2

awk -v out="$out" -f common/bench/bench.awk "$folder/all" &&
    awk -f common/bench/tables.awk "$out/figures.tsv" "$out/ratios.tsv" ||
    exit 1
echo
if command -v gnuplot >/dev/null; then
    # It warns of each line that has no points: a batch, there and back.
    if gnuplot -e "folder='$out'" common/bench/bench.gnuplot \
        2>"$folder/said"; then
        echo "plots: $out/latency.svg, $out/throughput.svg"
    else
        cat "$folder/said" >&2
        exit 1
    fi
else
    echo "no plots: gnuplot is not installed"
fi
echo "figures: $out/figures.tsv, $out/ratios.tsv"
if [ -n "${FIGURES-}" ]; then
    {
        machine | sed -n '1s/^/# /p'
        cat "$out/figures.tsv"
    } >common/bench/figures.tsv
    sh common/bench/quote.sh
fi
