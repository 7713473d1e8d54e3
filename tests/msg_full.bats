#!/usr/bin/env bats

load helpers
load msg

@test "msg/full: its card holds" {
    card msg/full_recv.c
}

@test "msg/full: who is seen to wait is the sender, for room in that queue" {
    start build/msg/full_recv README.md
    local queue
    queue=$(build/msg/list README.md | awk 'NR == 2 { print $2 }')
    # shellcheck disable=SC2016 # that shell's $$, which exec keeps
    limited bash -c 'echo $$; exec build/msg/full_send README.md 15' >sender
    finish
    printed | grep \
        "^process $(head -n 1 sender) waits in msgsnd($queue, 0x.*, 17, 0)"
}

@test "msg/full: a sender that sleeps for another reason is not waited for" {
    mkfifo go
    traced -e trace=openat build/msg/full_recv README.md
    background sender perl -MIPC::SysV=ftok -e '
        $queue = msgget(ftok("README.md", ord "I"), 0) // die $!;
        sub put { msgsnd($queue, pack("l! C N n a10", 1, @_), 0) or die $! }
        put 1, $_, 0, "oslo" for 1..10;
        open GO, "go";
        put 1, $_, 0, "oslo" for 11..15;
        put 2, 15, 0, "";'
    looked_at() { [ "$(grep -c "/proc/$(pid sender)/syscall" log)" -ge 3 ]; }
    await looked_at
    [ "$(printed | wc -l)" = 1 ] # the queue is full, and nobody waits for room
    : >go
    finish
    finish sender
    [ "$(story | head -n 1)" = "10 messages are 170 of 170 bytes" ]
}

@test "msg/full: with --no-wait what does not fit is lost, every time" {
    for _ in 1 2 3; do
        start build/msg/full_recv README.md
        run -0 limited build/msg/full_send --no-wait README.md 25
        finish
        [ "${#lines[@]}" -eq 15 ]
        [ "${lines[0]}" = "#11: the queue is full (EAGAIN): lost" ]
        [ "${lines[14]}" = "#25: the queue is full (EAGAIN): lost" ]
        printed | grep '^10 of 25 readings arrived'
    done
}

@test "msg/full: with waiting nothing is lost, however many" {
    start build/msg/full_recv README.md
    limited build/msg/full_send README.md 2000
    finish
    printed | grep '^2000 of 2000 readings arrived'
}

@test "msg/full: few readings fit, and nobody has to wait" {
    start build/msg/full_recv README.md
    run -0 limited build/msg/full_send README.md 5
    finish
    [ -z "$output" ]
    run ! grep -E 'waits|raised to 340' logs/receiver
    printed | grep '^5 of 5 readings arrived'
}

@test "msg/full: a sender that may not be looked into is seen to sleep" {
    need_root
    local nobody=(setpriv --reuid nobody --regid nogroup --clear-groups)
    chmod o+x "$BATS_RUN_TMPDIR"
    cp "$root/$build/msg/full_recv" .
    cp "$(command -v perl)" hidden
    chmod 111 hidden # who may not be read, may not be looked into

    start "${nobody[@]}" ./full_recv README.md
    # shellcheck disable=SC2016 # perl's $queue; setpriv itself could read it
    "${nobody[@]}" sh -c 'exec "$@"' sh ./hidden -MIPC::SysV=ftok -e '
        $queue = msgget(ftok("README.md", ord "I"), 0) // die $!;
        msgsnd($queue, pack("l! C N n a10", 1, @$_), 0) or die $!
            for map([1, $_, 0, "oslo"], 1..15), [2, 15, 0, ""];'
    finish
    printed | grep '^process .* waits in msgsnd, as it seems'
    printed | grep '^15 of 15 readings arrived'
}

@test "msg/full: wrong arguments get the usage line and status 2" {
    run -2 limited build/msg/full_recv README.md 3
    [ "$output" = "usage: full_recv FILE" ]

    run -2 limited build/msg/full_send --no-wait README.md
    [ "$output" = "usage: full_send [--no-wait] FILE COUNT" ]
}

@test "msg/truncate: its card holds" {
    card msg/truncate_recv.c
}

# truncate OPTION REMARK: what the receiver makes of it.
truncate() {
    # shellcheck disable=SC2086 # an option or nothing
    start build/msg/truncate_recv $1 README.md
    limited build/msg/truncate_send README.md "$2"
    finish
    story
}

@test "msg/truncate: with --cut the remark is lost, and nobody is told" {
    for _ in 1 2 3; do
        [ "$(truncate --cut 'fog in the fjord')" = "oslo #1 -3.2 C
oslo #2 -3.1 C
oslo #3 -3.0 C
3 of 3 readings arrived" ]
    done
}

@test "msg/truncate: every E2BIG doubles the room, up to the longest message" {
    truncate '' "$(printf '%08175d' 7)" >story
    [ "$(grep -c '^E2BIG' story)" -eq 9 ]
    [ "$(sed -n 's/^remark: //p' story | tr -d '\n' | wc -c)" -eq 8175 ]
    grep '^3 of 3 readings arrived' story
}

@test "msg/truncate: what is longer than a queue takes is refused at once" {
    start build/msg/truncate_recv README.md
    run -1 limited build/msg/truncate_send README.md "$(printf '%08176d' 7)"
    finish
    [ "$output" = "truncate_send: msgsnd of 8193 bytes: Invalid argument" ]
    printed | grep '2 of 3 readings arrived'
}

@test "msg/truncate: a remark does not give orders to the terminal" {
    truncate '' $'\033[2J' >story
    grep -Fx 'remark: ?[2J' story
    grep '^3 of 3 readings arrived' story
}

@test "msg/truncate: what is no reading has no remark" {
    start build/msg/truncate_recv README.md
    put 'put 1, "short", reading(7, 1, 1, "x") . "remarkable"'
    limited build/msg/truncate_send README.md ''
    finish
    [ "$(story | grep -c 'not a reading')" -eq 2 ]
    run ! grep remarkable logs/receiver
}

@test "msg/truncate: wrong arguments get the usage line and status 2" {
    run -2 limited build/msg/truncate_recv --cut
    [ "$output" = "usage: truncate_recv [--cut] FILE" ]

    run -2 limited build/msg/truncate_send README.md
    [ "$output" = "usage: truncate_send FILE REMARK" ]
}
