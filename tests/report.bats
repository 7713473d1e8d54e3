#!/usr/bin/env bats
# tests/report.bats -- make report: a lesson's run, filled into a lab report.

load helpers.bash

# report LESSON [FILE]: as make report does it, in this language.
report() {
    (cd "$root" && BUILD=${BUILD_HERE:-$build} LC_ALL=${LC_HERE:-C} \
        timeout 20 sh common/report/report.sh "$@")
}

setup() {
    mine=$BATS_TEST_TMPDIR/mine.md
}

@test "a report has the output, the machine, the limits, the questions" {
    run -0 report msg/full "$mine"
    [ "$output" = "$mine" ]
    grep -qx '| lesson | msg/full: let a queue .* |' "$mine"
    grep -qF "terminal 2 \$ build/msg/full_send README.md 15" "$mine"
    grep -q '#11: the queue is full (EAGAIN), so wait$' "$mine"
    grep -qx "$(uname -srm)" "$mine"
    grep -qx "max size of message (bytes) = $(cat /proc/sys/kernel/msgmax)" \
        "$mine"
    grep -qxF "| \`full_send --no-wait\` | | | |" "$mine"
    [ "$(grep -c '^> *$' "$mine")" -eq 6 ]
}

@test "in Chinese where the locale is, with the same parts" {
    report shm/basic "$mine"
    LC_HERE=zh_CN.UTF-8 report shm/basic "$mine.zh"
    grep -qx '# 实验报告' "$mine.zh"
    [ "$(grep -c '^##' "$mine")" -eq "$(grep -c '^##' "$mine.zh")" ]
    grep -q 'oslo #3 -3.0 C' "$mine.zh"
}

@test "nothing is left to be filled in but what the student writes" {
    for lesson in pipe/basic fifo/basic sem/lock udp/basic tcp/basic; do
        report "$lesson" "$mine"
        run -1 grep '<!--' "$mine"
        rm "$mine"
    done
}

@test "a report that is there is not overwritten" {
    echo "my answers" >"$mine"
    run -1 report pipe/basic "$mine"
    [[ $output == *"is there already"* ]]
    [ "$(cat "$mine")" = "my answers" ]
}

@test "what is no lesson gets the usage line, and 2" {
    run -2 report pipe/basics "$mine"
    [[ $output == *"Did you mean pipe/basic?" ]]
    run -2 report pipe "$mine"
    run -2 report ''
    [ ! -e "$mine" ]
}

@test "a lesson that fails its card: status 1, and both are in the report" {
    mkdir -p wrong/pipe
    ln -s "$root/$build/common" wrong/common
    printf '#!/bin/sh\necho oslo #1 -99.9 C\n' >wrong/pipe/basic
    chmod +x wrong/pipe/basic
    BUILD_HERE=$PWD/wrong run -1 report pipe/basic "$mine"
    [[ $output == *"see its section 2"* ]]
    grep -q 'its card promises' "$mine"
}
