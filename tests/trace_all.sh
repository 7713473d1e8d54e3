#!/bin/bash
# tests/trace_all.sh [ROUNDS [LESSON|FOLDER]...] -- trace all lessons, again and
# again: each trace can be put in order, holds nothing negative, and agrees with
# the kernel's own figures. Says what did not, and how many there were.
set -u
. common/card.sh

rounds=${1-1}
[ $# -eq 0 ] || shift
export BUILD=${BUILD:-build}
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT
traces=0 figures=0 wrong=0
for _ in $(seq "$rounds"); do
    for source in $(card_sources "$@"); do
        lesson=$(card_lesson "$source")
        name=$BUILD/trace/$(tr / _ <<<"$lesson")
        traces=$((traces + 1))
        if ! timeout 120 sh common/trace/lesson.sh "$lesson" \
            2>"$errors" >/dev/null ||
            ! awk -f tests/trace_check.awk "$name.events" >>"$errors"; then
            wrong=$((wrong + 1))
            echo "$lesson: $(head -n 1 "$errors" | cut -c 1-300)"
        fi
        compared=$(sed -n 's/^note.* times: \([0-9]*\) figures.*/\1/p' \
            "$name.events" 2>/dev/null)
        figures=$((figures + ${compared:-0}))
    done
done
echo "$traces traces, $wrong of them wrong; $figures figures of the kernel's"
[ "$wrong" -eq 0 ]
