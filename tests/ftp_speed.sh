#!/usr/bin/env bash
# tests/ftp_speed.sh [MEGABYTES] -- msg/ftp against a copier that does nothing
# but read, msgsnd, msgrcv and write: tmpfs to tmpfs, both ends on one core.
#
# The best of five each, in turns. On one core, the CPU time of both ends is the
# time it takes while nobody else is there: other people's work shows in MB/s,
# but not in the ratio of CPU times.
set -eu
size=${1-1000}
build=$PWD/${BUILD:-build}
[ -d "$build" ] || build=$PWD/build
tests=$(cd "$(dirname "$0")" && pwd)
TIMEFORMAT='%U %S'

folder=$(mktemp -d -p /dev/shm)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
${CC:-cc} -O2 -o bare_copier "$tests/bare_copier.c"
head -c "${size}000000" /dev/urandom >file
date >key
mkfifo ready
core=$(taskset -cp $$ | sed 's/.*[ ,-]//')

# Each prints when it started and ended, and when all is over, its CPU times.
bare() {
    echo "$EPOCHREALTIME"
    time taskset -c "$core" ./bare_copier file copy
    echo "$EPOCHREALTIME"
}

ftp() {
    time {
        taskset -c "$core" "$build/msg/ftp_server" --requests 1 . key \
            >ready 2>log &
        read -r _ <ready
        echo "$EPOCHREALTIME"
        taskset -c "$core" "$build/msg/ftp_client" key file copy >sum
        echo "$EPOCHREALTIME"
        wait
    }
}

for _ in 1 2 3 4 5; do
    for what in bare ftp; do
        { $what 2>cpu; } >clock
        cmp file copy
        rm copy
        # from, to, user, system
        echo "$what $(paste -sd ' ' clock) $(cat cpu)" >>all
    done
done

awk -v size="$size" '
    { wall = $3 - $2; cpu = $4 + $5 }
    !($1 in least) || wall < least[$1] { least[$1] = wall }
    !($1 in best) || cpu < best[$1] { best[$1] = cpu }
    END {
        b = least["bare"]
        f = least["ftp"]
        printf "%d MB: bare %.0f MB/s, ftp %.0f MB/s, %.2f of it; ", size,
            size / b, size / f, b / f
        printf "by CPU time: %.2f\n", best["bare"] / best["ftp"]
    }' all
