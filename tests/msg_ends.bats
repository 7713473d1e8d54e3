#!/usr/bin/env bats

load helpers
load msg

# All that make a queue, and what they are called with.
receivers=(
    "types_recv README.md 0"
    "full_recv README.md"
    "truncate_recv README.md"
    "gone_recv README.md"
    "duplex_server README.md"
)

@test "msg: every receiver that is stopped takes its queue along" {
    for receiver in "${receivers[@]}"; do
        for signal in INT TERM HUP; do
            # shellcheck disable=SC2086 # a list of words
            start build/msg/$receiver
            in_kernel q
            signal "$signal"
            run -$((128 + $(kill -l $signal))) finish
            run ! in_kernel q
        done
    done
}

@test "msg: every receiver starts over what a killed one left" {
    for receiver in "${receivers[@]}"; do
        for _ in 1 2; do
            # shellcheck disable=SC2086 # a list of words
            start build/msg/$receiver
            signal KILL
            run finish
            in_kernel q
        done
        # shellcheck disable=SC2086
        start build/msg/$receiver
        signal TERM
        run finish
        run ! in_kernel q
    done
}

# killed_sender FILE: sends one reading and no END, and is killed.
killed_sender() {
    background sender perl -MIPC::SysV=ftok -e '
        $queue = msgget(ftok(shift, ord "I"), 0) // die $!;
        msgsnd($queue, pack("l! C N n a10", 1, 1, 1, 0, "oslo"), 0) or die $!;
        $| = 1;
        print "sent\n";
        select undef, undef, undef, undef' "$1"
    await grep -q sent logs/sender
    signal KILL sender
    run finish sender
}

@test "msg: a receiver whose sender was killed ends, and removes its queue" {
    local name
    # One that takes over an empty queue: its last sender ended long ago.
    cp README.md old
    background old build/msg/basic_recv old
    await grep -q ready logs/old
    killed_sender old
    await grep -q oslo logs/old
    signal KILL old
    run finish old
    background old build/msg/basic_recv old

    # One that was stopped while its sender sent, and ended as it should.
    cp README.md late
    background late build/msg/basic_recv late
    await grep -q ready logs/late
    signal STOP late
    limited build/msg/basic_send late 3

    for name in basic types full truncate gone; do
        cp README.md $name
        set -- $name
        [ $name != types ] || set -- $name 0
        background $name "build/msg/${name}_recv" "$@"
        await grep -q ready logs/$name
        killed_sender $name
    done
    for name in basic types full truncate gone; do
        run -1 finish $name
        printed $name |
            grep 'the sender has ended: No message of desired type'
    done

    signal ALRM late # a tick, before it can look into the queue
    signal CONT late
    finish late
    printed late | grep '3 of 3 readings arrived'
    limited build/msg/basic_send old 1
    finish old
    printed old | grep '1 of 1 readings arrived'
    run -0 limited build/msg/list basic types full truncate gone old late
    [ "${#lines[@]}" = 1 ]
}

@test "msg/duplex: a server whose client was killed says so, and ends" {
    start build/msg/duplex_server README.md 2
    background client build/msg/duplex_client README.md 1000000
    await grep -q asks logs/receiver
    signal KILL client
    run finish client
    limited build/msg/duplex_client README.md 1
    finish
    printed | grep '^process [0-9]* has ended$'
    run ! in_kernel q
}

@test "msg: a receiver whose output is closed ends, and removes its queue" {
    for receiver in "basic_recv README.md" "${receivers[@]:1:3}"; do
        : >log
        # shellcheck disable=SC2016,SC2086 # that shell's; a list of words
        limited sh -c 'build/msg/$@ | head -n 1 >log' sh $receiver &
        await grep -q ready log
        run limited build/msg/basic_send README.md 3
        wait $!
        run ! in_kernel q
    done
}

@test "msg: output that cannot be written is status 1, and removes the queue" {
    for receiver in "basic_recv README.md" "${receivers[@]:1:3}"; do
        # shellcheck disable=SC2016,SC2086 # that shell's; a list of words
        run -1 limited sh -c 'exec build/msg/"$@" >/dev/full' sh $receiver
        [[ $output == *": stdout: "* ]]
        run ! in_kernel q
    done
    run -1 limited sh -c 'build/msg/list >/dev/full'
    run -1 limited sh -c 'build/msg/ftok README.md >&-'
}

@test "msg: nohup(1) is respected" {
    start nohup build/msg/basic_recv README.md
    signal HUP
    limited build/msg/basic_send README.md 2
    finish
    printed | grep '2 of 2 readings arrived'
}

@test "msg: a queue that another user made is neither used nor removed" {
    need_root
    chmod o+x "$BATS_RUN_TMPDIR"
    setpriv --reuid=65534 --regid=65534 --clear-groups perl \
        -MIPC::SysV=ftok,IPC_CREAT -e '
        msgget(ftok("README.md", ord "I"), IPC_CREAT | 0666) // die $!'
    for receiver in "basic_recv README.md" "${receivers[@]}"; do
        # shellcheck disable=SC2086 # a list of words
        run -1 limited build/msg/$receiver
        [ "${#lines[@]}" = 1 ]
        in_kernel q
    done
    limited build/msg/list README.md | grep -o 'ipcrm.*' | sh
    run ! in_kernel q
}

@test "msg: where the kernel has no queue left, that is what it says" {
    need_right unshare -i
    for receiver in "basic_recv README.md" "${receivers[@]}"; do
        # shellcheck disable=SC2016,SC2086 # that shell's; a list of words
        run -1 limited unshare -i sh -c '
            echo 0 >/proc/sys/kernel/msgmni
            exec build/msg/"$@"' sh $receiver
        [[ $output == *"A kernel limit is reached: \`ipcs -l\` shows"* ]]
    done
}
