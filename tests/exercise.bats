#!/usr/bin/env bats
# shellcheck disable=SC2154 # run sets output

load helpers
load exercise

@test "exercise: begins with a task in both languages and a skeleton" {
    run -0 make -s exercise LESSON=msg/basic_recv
    [[ $output == *"yours      exercises/msg/basic_recv.c"* ]]
    grep -q 'TODO 1: ' exercises/msg/basic_recv.c
    for task in msg/basic_recv reading; do
        test -s exercises/$task.md
        test -s exercises/$task.zh.md
    done
}

@test "exercise: what is there is not overwritten" {
    make -s exercise LESSON=msg/basic_recv
    echo mine >exercises/msg/basic_recv.c
    run ! make -s exercise LESSON=msg/basic_recv
    [[ $output == *"is there already, and stays as it is"* ]]
    [[ $output == *"To start anew: rm "* ]]
    [ "$(cat exercises/msg/basic_recv.c)" = mine ]
}

@test "exercise: another language gets the task and an empty file" {
    run -0 make -s exercise LESSON=msg/basic_recv IN=python
    [[ $output == *"CMD='python3 exercises/msg/basic_recv.py'"* ]]
    [[ $output == *"common/exercise.md, In another language"* ]]
    grep -q '^## In another language$' common/exercise.md
    test -f exercises/msg/basic_recv.py
    run ! test -s exercises/msg/basic_recv.py
    run ! test -e exercises/msg/basic_recv.c
}

@test "exercise: the calls that the notes show in Python can be made" {
    need python3
    for notes in common/exercise.md common/exercise.zh.md; do
        sed -n '/^```python$/,/^```$/{/^```/d;p}' $notes >calls.py
        rm README.md && touch README.md
        run -0 timeout -k 1 10 python3 calls.py
        [ "${lines[0]}" = "(1, 1, -32, b'oslo\x00\x00\x00\x00\x00\x00')" ]
        [ "${lines[1]}" = 1 ]
        [ "${lines[2]}" = "(1650553705, 1, 128)" ]
        for kind in q s m; do
            run ! in_kernel $kind
        done
    done
}

@test "exercise: an unknown lesson gets the list of those that there are" {
    for command in exercise grade; do
        run -2 make -s $command LESSON=msg/nosuch
        [[ $output == *"LESSON is one of:"*"  msg/basic_recv"* ]]
    done
}

@test "grade: a program that is not there, not built, or at its end at once" {
    run ! grade msg/basic_recv
    grep 'there is no exercises/msg/basic_recv.c: make exercise' graded
    begin msg/basic_recv
    echo 'int main(void) { return 0 }' >exercises/msg/basic_recv.c
    run ! grade msg/basic_recv
    grep 'not ok it can be built' graded
    grep 'exercises/msg/basic_recv.c:1:' graded
    run ! grade msg/basic_recv ./none
    grep 'not ok 1 three readings arrive' graded
    grep 'No such file or directory' graded
    run ! grade msg/basic_recv true
    grep 'it ended with status 0, and has printed nothing' graded
}

@test "grade: ends at the first stage that fails, and ALL=1 goes on" {
    begin msg/basic_recv
    run ! grade msg/basic_recv
    [ "$(grep -c '^not ok' graded)" = 1 ]
    run ! env ALL=1 timeout 60 perl common/exercise/grade.pl msg/basic_recv
    [ "$(grep -c '^not ok' <<<"$output")" = 13 ]
}

@test "grade: a failed stage says what, why, and how to see it by hand" {
    solve msg/basic_recv "$root/tests/wrong/msg_basic_recv/host_order.sed"
    run ! grade msg/basic_recv
    for words in 'expected oslo #1 -3.2 C' 'came     oslo #16777216 -3.2 C' \
        '00 00 00 01 | ff e0' 'seq 1, tenths -32' 'host byte order' \
        'msg/README.md, ' 'terminal 2 $ build/msg/basic_send README.md 3' \
        'you      oslo #16777216 -3.2 C'; do # the other one may still run
        grep -F -- "$words" graded
    done
    run ! grep -F 'hint ' graded
    run ! grep -F 'Ours is' graded
    run ! env HINT=1 timeout 60 perl common/exercise/grade.pl msg/basic_recv
    [[ $output == *"hint     ftok(FILE"* ]]
}

@test "grade: REPORT adds a line, and progress knows how far it is" {
    begin msg/basic_recv
    [[ $(make -s progress) == *"msg/basic_recv "*begun* ]]
    run ! env REPORT=report timeout 60 perl common/exercise/grade.pl \
        msg/basic_recv
    hash=$(sha256sum exercises/msg/basic_recv.c)
    [ "$(cat report)" = "$(printf 'msg/basic_recv\t0\t13\t%s' "${hash%% *}")" ]
    [[ $(make -s progress) == *"msg/basic_recv "*"0 of 13 stages"* ]]
    solve msg/basic_recv
    env REPORT=report make -s grade LESSON=msg/basic_recv
    [ "$(wc -l <report)" = 2 ]
    [[ $(make -s progress) == *"msg/basic_recv "*done* ]]
}

a_student_runs() {
    children_of "$(pid grader)" && grep -q quiet "/proc/${children[0]}/cmdline"
}

@test "grade: leaves nothing behind when it is interrupted" {
    mkfifo quiet
    background grader perl common/exercise/grade.pl msg/basic_recv \
        'sh -c "read -r line <>quiet"'
    local children
    await a_student_runs
    grader=$(pid grader)
    student=${children[0]}
    signal INT grader
    run -130 finish grader
    gone "$student"
    run ! compgen -G "${TMPDIR-/tmp}/exercise-$grader-*"
}

@test "exercise: every stage names a section that is in the notes" {
    perl -ne 'print "$1\n" while /notes => \x27(.*?)\x27/g' \
        common/exercise/*.pm common/exercise/*/*.pl | sort -u >sections
    [ -s sections ]
    while IFS= read -r section; do
        grep -q "^##* ${section#*, }\$" "${section%%, *}" ||
            { echo "there is no $section" && false; }
    done <sections
}

@test "exercise msg/basic_recv: the skeleton has no steps, fails all" {
    differs msg/basic_recv
    nothing_works msg/basic_recv
}

@test "exercise msg/basic_recv: the solution passes all" {
    all_works msg/basic_recv
}

# bats test_tags=long
@test "exercise msg/basic_recv: each wrong program is told its mistake" {
    wrong msg/basic_recv
}

@test "exercise pipe/basic: the skeleton has no steps, fails all" {
    differs pipe/basic
    nothing_works pipe/basic
}

# bats test_tags=long
@test "exercise pipe/basic: the solution passes all" {
    all_works pipe/basic
}

# bats test_tags=long
@test "exercise pipe/basic: each wrong program is told its mistake" {
    wrong pipe/basic
}

# bats test_tags=long
@test "exercise pipe/filter: the skeleton has no steps, fails all" {
    differs pipe/filter
    nothing_works pipe/filter
}

# bats test_tags=long
@test "exercise pipe/filter: the solution passes all" {
    all_works pipe/filter
}

# bats test_tags=long
@test "exercise pipe/filter: each wrong program is told its mistake" {
    wrong pipe/filter
}

# bats test_tags=long
@test "exercise fifo/basic_recv: the skeleton has no steps, fails all" {
    differs fifo/basic_recv
    nothing_works fifo/basic_recv
}

# bats test_tags=long
@test "exercise fifo/basic_recv: the solution passes all" {
    all_works fifo/basic_recv
}

# bats test_tags=long
@test "exercise fifo/basic_recv: each wrong program is told its mistake" {
    wrong fifo/basic_recv
}

# bats test_tags=long
@test "exercise msg/basic_send: the skeleton has no steps, fails all" {
    differs msg/basic_send
    nothing_works msg/basic_send
}

# bats test_tags=long
@test "exercise msg/basic_send: the solution passes all" {
    all_works msg/basic_send
}

# bats test_tags=long
@test "exercise msg/basic_send: each wrong program is told its mistake" {
    wrong msg/basic_send
}

# bats test_tags=long
@test "exercise fifo/request_server: the skeleton has no steps, fails all" {
    differs fifo/request_server
    nothing_works fifo/request_server
}

# bats test_tags=long
@test "exercise fifo/request_server: the solution passes all" {
    all_works fifo/request_server
}

# bats test_tags=long
@test "exercise fifo/request_server: each wrong program is told its mistake" {
    wrong fifo/request_server
}

# bats test_tags=long
@test "exercise sem/lock: the skeleton has no steps, fails all" {
    differs sem/lock
    nothing_works sem/lock
}

# bats test_tags=long
@test "exercise sem/lock: the solution passes all" {
    all_works sem/lock
}

# bats test_tags=long
@test "exercise sem/lock: each wrong program is told its mistake" {
    wrong sem/lock
}

# bats test_tags=long
@test "exercise sem/together: the skeleton has no steps, fails all" {
    differs sem/together
    nothing_works sem/together
}

# bats test_tags=long
@test "exercise sem/together: the solution passes all" {
    all_works sem/together
}

# bats test_tags=long
@test "exercise sem/together: each wrong program is told its mistake" {
    wrong sem/together
}

# bats test_tags=long
@test "exercise msg/duplex_server: the skeleton has no steps, fails all" {
    differs msg/duplex_server
    nothing_works msg/duplex_server
}

# bats test_tags=long
@test "exercise msg/duplex_server: the solution passes all" {
    all_works msg/duplex_server
}

# bats test_tags=long
@test "exercise msg/duplex_server: each wrong program is told its mistake" {
    wrong msg/duplex_server
}

# bats test_tags=long
@test "exercise msg/ftp_client: the skeleton has no steps, fails all" {
    differs msg/ftp_client
    nothing_works msg/ftp_client
}

# bats test_tags=long
@test "exercise msg/ftp_client: the solution passes all" {
    all_works msg/ftp_client
}

# bats test_tags=long
@test "exercise msg/ftp_client: each wrong program is told its mistake" {
    wrong msg/ftp_client
}

@test "handout: all tasks and all questions, and no answer" {
    make -s handout
    for exercise in $(sh common/exercise/exercise.sh --list); do
        grep -q "^## $exercise: " build/handout.md
        grep -q "^## $exercise：" build/handout.zh.md
    done
    for handout in build/handout.md build/handout.zh.md; do
        grep -q -- '--leave-open 3' "$handout"
        run ! grep -E '\]\(answers|end of file, but a write end is open' \
            "$handout"
    done
}

# bats test_tags=long
@test "exercise: right programs in Python and Perl pass" {
    for file in "$root"/tests/right/*; do
        lesson=$(basename "${file%.*}")
        grade "${lesson/_//}" "$(interpreter "$file") $file" ||
            { cat graded && false; }
    done
}
