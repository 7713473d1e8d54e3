#!/usr/bin/env bats

load helpers
load msg

@test "msg/basic: its card holds" {
    card msg/basic_recv.c
}

@test "msg/basic: the receiver skips messages that are no readings" {
    start build/msg/basic_recv README.md
    put 'put 7, "short", "x" x 100, "", reading(1, 9, 9, "bergen") . "x"'
    limited build/msg/basic_send README.md 1
    finish

    printed | grep 'skipped 5 bytes: not a reading'
    printed | grep 'skipped 0 bytes: not a reading'
    printed | grep '1 of 1 readings arrived'
    [ "$(story | grep -c 'not a reading')" -eq 4 ]
    run ! grep bergen logs/receiver
}

@test "msg/basic: messages wait for the receiver, not the other way about" {
    start build/msg/basic_recv README.md
    stop
    limited build/msg/basic_send README.md 900
    signal CONT
    finish
    printed | grep '900 of 900 readings arrived'
}

@test "msg/basic: a receiver that is stopped takes its queue along" {
    for signal in INT TERM HUP; do
        start build/msg/basic_recv README.md
        in_kernel q
        signal "$signal"
        run finish
        run ! in_kernel q
    done
}

@test "msg/basic: a sender that waits for room ends with the queue" {
    start build/msg/basic_recv README.md
    stop
    background sender build/msg/basic_send README.md 100000
    await asleep sender
    signal TERM
    signal CONT
    run finish
    run -1 finish sender
    [ "$(printed sender)" = "basic_send: msgsnd: Identifier removed" ]
}

@test "msg/basic: what a killed receiver left behind, the next one takes over" {
    start build/msg/basic_recv README.md
    signal KILL
    run finish
    in_kernel q

    start build/msg/basic_recv README.md
    limited build/msg/basic_send README.md 1
    finish
    run ! in_kernel q
}

@test "msg/basic: a sender without a receiver says so" {
    run -1 limited build/msg/basic_send README.md 3
    [[ $output == *"is the receiver running?: No such file or directory"* ]]
}

@test "msg/basic: wrong arguments get the usage line and status 2" {
    run -2 limited build/msg/basic_recv
    [ "$output" = "usage: basic_recv FILE" ]

    run -2 limited build/msg/basic_send README.md three
    [ "$output" = "usage: basic_send FILE COUNT" ]
}

@test "msg/list: its card holds" {
    card msg/list.c
}

# ours and theirs ID: the first six columns of list, and all those of ipcs(1).
ours() {
    limited build/msg/list | grep " $1 " | xargs | cut -d ' ' -f 1-6
}
theirs() {
    ipcs -q | grep " $1 " | xargs
}

@test "msg/list: agrees with ipcs(1), and its last column removes the queue" {
    start build/msg/basic_recv README.md
    stop
    limited build/msg/basic_send README.md 10
    limited build/msg/list README.md >list
    [ "$(wc -l <list)" -eq 2 ]

    read -r _ id _ _ bytes messages sender receiver remedy < <(tail -n 1 list)
    [ "$bytes $messages $receiver" = "187 11 0" ]
    [ "$sender" -gt 0 ]
    [ "$(ours "$id")" = "$(theirs "$id")" ]
    [ "$remedy" = "ipcrm -q $id" ]

    signal KILL
    run finish
    $remedy
    run ! in_kernel q
}

@test "msg/list: agrees with ipcs(1) about strangers, and keeps off them" {
    local id line ours theirs
    id=$(perl -MIPC::SysV=:all -e '
        $queue = msgget(ftok("README.md", ord "J"), IPC_CREAT | 0640) // die $!;
        msgsnd($queue, pack("l! a*", 1, "x" x 1000), 0) or die $!;
        print $queue')
    line=$(limited build/msg/list | grep " $id " || true)
    ours=$(ours "$id" || true)
    theirs=$(theirs "$id" || true)
    ipcrm -q "$id"

    [[ $ours == *" 640 1000 1" ]]
    [ "$ours" = "$theirs" ]
    [[ $line == *" -" ]]
}

@test "msg/list: with files, only the queues of their keys" {
    cp README.md other
    cp README.md neither
    start build/msg/basic_recv README.md
    background another build/msg/basic_recv other
    await grep -q ready logs/another

    [ "$(limited build/msg/list neither | wc -l)" -eq 1 ]
    [ "$(limited build/msg/list neither other | wc -l)" -eq 2 ]
    [ "$(limited build/msg/list README.md other | wc -l)" -eq 3 ]
    signal TERM
    signal TERM another
    run finish
    run finish another
}

@test "msg/list: wrong arguments get the usage line and status 2" {
    run -2 limited build/msg/list --all
    [ "$output" = "usage: list [FILE...]" ]

    run -1 limited build/msg/list missing
    [ "$output" = "list: ftok missing: No such file or directory" ]
}
