#!/usr/bin/env bats

# shellcheck disable=SC2030,SC2031,SC2154 # each test has its own $parent

load helpers
load pipe

@test "pipe/coprocess: its card holds" {
    card pipe/coprocess.c
}

@test "pipe/coprocess: an answer longer than the pipe arrives" {
    limited build/pipe/coprocess '10 ^ 99999' | tail -1 >answer
    [ "$(wc -c <answer)" -eq 100014 ]
}

@test "pipe/coprocess: with one pipe, it reads back its own questions" {
    run -1 limited build/pipe/coprocess --one-pipe '6 * 7' '2 ^ 64'
    [ "${lines[0]}" = "6 * 7 = 6 * 7" ]
    [ "${lines[1]}" = "2 ^ 64 = 2 ^ 64" ]
    [ "${lines[2]}" = \
        "coprocess: read back its own questions: nothing has reached bc" ]
}

@test "pipe/coprocess: a question without an answer has a time limit" {
    run -1 limited build/pipe/coprocess 'x = 3'
    [ "${lines[-1]}" = "coprocess: x = 3: no answer in 2 s" ]
    run -1 limited build/pipe/coprocess 'quit'
    [ "${lines[-1]}" = "coprocess: quit: bc has ended" ]
}

@test "pipe/coprocess: an answer without an end is none" {
    mkdir bin && printf '#!/bin/sh\nread line\nprintf 4' >bin/bc
    chmod +x bin/bc
    run -1 env PATH="$PWD/bin:$PATH" timeout 20 build/pipe/coprocess '6 * 7'
    [ "$output" = "coprocess: 6 * 7: bc has ended" ]
}

@test "pipe/coprocess: whichever process is killed, none stays" {
    for index in 0 1; do
        running 1 build/pipe/coprocess 'while (1) {}'
        all_end $index 137 1
    done
}

@test "pipe/coprocess: wrong arguments get the usage line and status 2" {
    refuses "coprocess [--one-pipe] QUESTION..." coprocess "" --wrong
}

@test "pipe/cloexec: its card holds" {
    card pipe/cloexec.c
}

@test "pipe/cloexec: without O_CLOEXEC one cat keeps the other one waiting" {
    run -1 limited build/pipe/cloexec --no-cloexec
    [[ ${lines[-1]} == *"waited 1 s for the first cat to see end of file"* ]]
    [ "${#lines[@]}" = 2 ]
}

@test "pipe/cloexec: whichever process is killed, none stays" {
    for index in 0 1 2; do
        running 2 build/pipe/cloexec --no-cloexec
        # 141: SIGPIPE, if the first cat is killed before it is written to
        all_end $index 137 1 141
    done
}

@test "pipe/cloexec: wrong arguments get the usage line and status 2" {
    refuses "cloexec [--no-cloexec]" cloexec 1 --wrong
}

# readings COUNT: what the filter feeds to its command.
readings() {
    awk -v count="$1" 'BEGIN {
        for (seq = 1; seq <= count; seq++)
            printf "oslo #%d %.1f C\n", seq, (seq % 50 - 33) / 10
    }'
}

@test "pipe/filter: its card holds" {
    card pipe/filter.c
}

@test "pipe/filter: much in and much out at once is no deadlock" {
    limited build/pipe/filter 100000 cat >answer
    cmp answer <(readings 100000 && echo "cat ended with status 0")

    limited build/pipe/filter 100000 sed 's/.*/&&&&/' >answer
    [ "$(wc -l <answer)" -eq 100001 ]
}

@test "pipe/filter: a command that answers at the end is no deadlock either" {
    limited build/pipe/filter 100000 sort -r >answer
    cmp answer <(readings 100000 | sort -r && echo "sort ended with status 0")
}

@test "pipe/filter: a command need not read, nor print" {
    run -0 limited build/pipe/filter 100000 head -n 1
    [ "${lines[0]}" = "oslo #1 -3.2 C" ]
    [ "${lines[1]}" = "head ended with status 0" ]
    run -0 limited build/pipe/filter 100000 true
    run -0 limited build/pipe/filter 100000 sh -c 'exec <&-'
    run -0 limited build/pipe/filter 100000 \
        sh -c 'exec >&-; cat >all'
    cmp all <(readings 100000)
}

@test "pipe/filter: says how the command ended" {
    run -1 limited build/pipe/filter 3 sh -c 'exit 7'
    [ "$output" = "sh ended with status 7" ]
    run -1 limited build/pipe/filter 3 sh -c 'kill -KILL $$'
    [ "$output" = "sh was ended by signal 9" ]
    run -1 limited build/pipe/filter 3 ./nothing
    [ "${lines[0]}" = "filter: ./nothing: No such file or directory" ]
    [ "${lines[1]}" = "./nothing ended with status 127" ]
}

@test "pipe/filter: if it does not close, the command waits in vain" {
    run -1 limited build/pipe/filter --no-close 3 sort
    [ "$output" = \
        "filter: waited 1 s for sort, which waits for end of file" ]
    run -1 limited build/pipe/filter --no-close 3 sh -c 'trap "" TERM; cat'
    [[ ${lines[-1]} == *"waited 1 s for sh"* ]]
}

@test "pipe/filter: when it is killed, the command ends too" {
    for signal in INT TERM KILL; do
        held 1 build/pipe/filter 3 perl -MPOSIX=pause -e pause
        child=${children[0]}
        kill -"$signal" "$parent"
        run -"$((128 + $(kill -l "$signal")))" finish lesson
        await all_gone "$parent" "$child"
    done
}

@test "pipe/filter: when its own output is closed, it ends and says so" {
    run -0 limited sh -c 'build/pipe/filter 3 yes 2>error | head -n 1'
    [ "$output" = y ]
    [ "$(cat error)" = "filter: stdout: write error" ]
}

@test "pipe/filter: wrong arguments get the usage line and status 2" {
    refuses "filter [--no-close] COUNT COMMAND [ARGUMENT]..." \
        filter "" "x cat" 3 "--wrong 3 cat" "-- 3"
}
