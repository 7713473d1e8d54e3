#!/usr/bin/env bats

load helpers
load msg

@test "msg/types: its card holds" {
    card msg/types_recv.c
}

# types MSGTYPS TYPES: what types_recv prints.
types() {
    # shellcheck disable=SC2086 # lists of words
    start build/msg/types_recv README.md $1
    # shellcheck disable=SC2086
    limited build/msg/types_send README.md $2
    finish
    story | tail -n +2
}

@test "msg/types: -n takes the lowest type first, first come first served" {
    [ "$(types '-8 -8 -8 -8' '8 1 8 1')" = \
"msgtyp -8:  8:#1 [1:#2]  8:#3  1:#4
msgtyp -8:  8:#1  8:#3 [1:#4]
msgtyp -8: [8:#1]  8:#3
msgtyp -8: [8:#3]" ]
}

@test "msg/types: what lies above n, -n does not take" {
    [ "$(types '-2' '3 4')" = \
        "msgtyp -2: nothing, No message of desired type" ]
}

@test "msg/types: MSG_EXCEPT passes over one type only" {
    [ "$(types '^1 ^1 ^1' '1 2 1 3')" = \
"msgtyp ^1:  1:#1 [2:#2]  1:#3  3:#4
msgtyp ^1:  1:#1  1:#3 [3:#4]
msgtyp ^1: nothing, No message of desired type" ]
}

@test "msg/types: what nobody took goes with the queue" {
    [ "$(types 0 '5 6 7')" = "msgtyp  0: [5:#1]  6:#2  7:#3" ]
    run ! in_kernel q
}

@test "msg/types: a message that only says that it is the end, is not" {
    start build/msg/types_recv README.md 0 0
    put 'put 9, "END"; put 9, reading(1, 7, 0, "x") . "x"; put 4, "garbage"'
    limited build/msg/types_send README.md 5
    finish
    [ "$(story)" = "skipped 3 bytes: not a reading
skipped 18 bytes: not a reading
msgtyp  9: [9:END], sent last and taken first
msgtyp  0: [4:?]  5:#1
msgtyp  0: [5:#1]" ]
}

@test "msg/types: a kernel without MSG_COPY shows what is taken" {
    traced -e trace=msgrcv -e inject=msgrcv:error=ENOSYS:when=2 \
        build/msg/types_recv README.md -2
    limited build/msg/types_send README.md 2 1
    finish
    grep 'MSG_COPY.*INJECTED' log
    [ "$(story | tail -n 1)" = "msgtyp -2: [1:#2]" ]
}

@test "msg/types: wrong arguments get the usage line and status 2" {
    local wrong
    for wrong in "" README.md "README.md 10" "README.md ^" "README.md ^^1"; do
        # shellcheck disable=SC2086 # a list of words
        run -2 limited build/msg/types_recv $wrong
        [ "$output" = "usage: types_recv FILE MSGTYP..., as 0, 3, -2, ^2" ]
    done
    for wrong in "" README.md "README.md 0" "README.md 9" "README.md 1 x"; do
        # shellcheck disable=SC2086
        run -2 limited build/msg/types_send $wrong
        [ "$output" = "usage: types_send FILE TYPE..., each from 1 to 8" ]
    done
}

@test "msg/duplex: its card holds" {
    card msg/duplex_server.c
}

@test "msg/duplex: eight clients at once, and each gets its own answers" {
    start build/msg/duplex_server README.md 8
    for client in {1..8}; do
        background "$client" build/msg/duplex_client README.md "10$client"
    done
    for client in {1..8}; do
        finish "$client"
        [ "$(printed "$client" | cut -d ' ' -f 2)" = \
            "$(seq -f '#%.0f' "10$client")" ]
    done
    finish
    [ "$(story | grep -c 'says thank you')" -eq 8 ]
}

@test "msg/duplex: with --same-type the server eats its answer, every time" {
    local try
    for try in 1 2 3 4 5 6; do
        cp README.md "$try"
        background "server$try" build/msg/duplex_server --same-type "$try"
        await grep -q ready "logs/server$try"
        background "client$try" build/msg/duplex_client --same-type "$try" 3
    done
    for try in 1 2 3 4 5 6; do
        run -1 finish "client$try"
        [ "$(printed "client$try")" = \
            "duplex_client: waited 2 s for an answer of type 1" ]
        finish "server$try"
        [ "$(story "server$try" | sed 's/process [0-9]*/PID/')" = \
"PID asks for #1
skipped 17 bytes: not a question
PID says thank you" ]
    done
}

@test "msg/duplex: the server skips what is no question" {
    start build/msg/duplex_server README.md
    put 'put 1, "", "short", pack("i L", 1, 5), pack("i L", 0, 5),
             pack("i L", -7, 5), pack("i L a*", 99, 5, "longer"), "x" x 500'
    limited build/msg/duplex_client README.md 1
    finish
    [ "$(story | grep -c 'skipped .* bytes: not a question')" -eq 7 ]
    [ "$(story | grep -c 'asks for')" -eq 1 ]
}

@test "msg/duplex: the server does not wait for room, lest all wait" {
    start build/msg/duplex_server README.md
    # shellcheck disable=SC2016 # perl's $all
    put 'use IPC::Msg;
         $all = IPC::Msg->new(ftok("README.md", ord "I"), 0);
         $all->set(qbytes => 20);
         put 5, "ten bytes.";
         put 1, pack("i L", 99, 7);'
    await grep 'no room to answer process 99' logs/receiver
    put 'put 1, pack("i L", 99, 0)'
    finish
}

@test "msg/duplex: an answer to somebody who had our process id is skipped" {
    start build/msg/duplex_server README.md
    export -f put
    # shellcheck disable=SC2016 # that shell's $$, which exec keeps
    run -0 limited bash -c '
        put "put $$, reading(1, 40, 0, q(bergen)), q(garbage)"
        exec build/msg/duplex_client README.md 2'
    finish
    [ "$output" = "skipped an answer to #40
skipped 7 bytes: not a reading
oslo #1 -3.2 C
oslo #2 -3.1 C" ]
}

@test "msg/duplex: a client that is stopped says goodbye" {
    start build/msg/duplex_server README.md
    stop
    # Without its alarm it has all the time that this test may need.
    background client env ASAN_OPTIONS=detect_leaks=0 \
        strace -qqo log -e inject=setitimer:retval=0 \
        build/msg/duplex_client README.md 1
    await grep -q msgrcv log
    kill -INT "$(children client)"
    run -130 finish client
    signal CONT
    finish
    printed | grep 'says thank you'
}

@test "msg/duplex: a client does not wait for ever for a killed server" {
    start build/msg/duplex_server README.md
    signal KILL
    run finish
    run -1 limited build/msg/duplex_client README.md 3
    [[ $output == *"waited 2 s for an answer of type "* ]]

    # What it asked for, the next server answers.
    start build/msg/duplex_server README.md
    finish
    printed | grep 'asks for #1'
    run ! in_kernel q
}

@test "msg/duplex: wrong arguments get the usage line and status 2" {
    run -2 limited build/msg/duplex_server README.md 0
    [ "$output" = "usage: duplex_server [--same-type] FILE [CLIENTS]" ]

    run -2 limited build/msg/duplex_client README.md
    [ "$output" = "usage: duplex_client [--same-type] FILE COUNT" ]
}
