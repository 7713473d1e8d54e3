#!/usr/bin/env bats

load helpers
load fifo

# start_sender COUNT: rejoin_send, which joins again whenever it is told to.
start_sender() {
    mkfifo steps
    exec 7<>steps
    # shellcheck disable=SC2016 # that is for the shell in the background
    background sender sh -c '
        exec build/fifo/rejoin_send --step readings "$1" <steps' sh "$1"
}

@test "fifo/rejoin: its card holds" {
    card fifo/rejoin_recv.c
}

@test "fifo/rejoin: all arrives, though the sender joins a thousand times" {
    start build/fifo/rejoin_recv readings
    yes '' | limited build/fifo/rejoin_send --step readings 1000
    finish

    printed | grep '^1000 of 1000 readings arrived$'
    run ! grep 'end of file' logs/receiver
    nothing_left
}

@test "fifo/rejoin --no-own-end: end of file when the first sender leaves" {
    for _ in {1..5}; do
        start build/fifo/rejoin_recv --no-own-end readings
        run -1 limited build/fifo/rejoin_send readings 3
        run -1 finish
        printed | tail -n 1 | grep -x "rejoin_recv: end of file: the last \
sender has left, after [123] readings and without END"
        nothing_left
    done
}

# bats test_tags=long
@test "fifo/rejoin: after 30 s without a reading the receiver ends" {
    # shellcheck disable=SC2034 # helpers.bash uses it
    limit=60
    background owner build/fifo/rejoin_recv readings
    background other build/fifo/rejoin_recv --no-own-end others
    for name in owner other; do
        run -1 finish $name
        printed $name | tail -n 1 |
            grep -x "rejoin_recv: nothing was written to .* for 30 s"
    done
    nothing_left
}

@test "fifo/rejoin: opening it again is no cure: what was written is lost" {
    mkfifo readings
    # shellcheck disable=SC2016 # perl's own variables
    limited perl -e '
        sysopen R, "readings", 2048; # O_RDONLY | O_NONBLOCK
        for my $word ("first", "second") {
            open W, ">", "readings";
            syswrite W, $word;
            close W;
            last if $word eq "second"; # between end of file and the next open
            sysread R, $_, 10;
            sysread(R, $_, 10) == 0 or die "no end of file";
        }
        close R;
        sysopen R, "readings", 2048;
        sysread(R, $_, 10) == 0 or die "not lost: $_"'
    rm readings
}

@test "fifo/rejoin: a sender that is killed does not take the receiver along" {
    start build/fifo/rejoin_recv readings
    start_sender 3
    await grep -q 'sent #1, left' logs/sender
    signal KILL sender
    run finish sender

    limited build/fifo/rejoin_send readings 2
    finish
    printed | grep '^3 of 2 readings arrived$'
}

@test "fifo/rejoin: when the receiver is stopped, the sender says so and ends" {
    for signal in TERM KILL; do
        start build/fifo/rejoin_recv readings
        start_sender 3
        await grep -q 'sent #1, left' logs/sender
        signal "$signal"
        run finish
        echo >&7
        run -1 finish sender
        rm steps
    done
    printed sender | grep 'not opened for reading within 2 s$'
}

@test "fifo/rejoin: when the receiver leaves too early, the sender says so" {
    mkfifo readings
    exec 7<>readings
    without_reader build/fifo/rejoin_send readings 1
    [ "$output" = "rejoin_send: write readings: Broken pipe" ]
}

@test "fifo/rejoin: a receiver that is stopped takes its FIFO along" {
    leaves_nothing build/fifo/rejoin_recv readings
}

@test "fifo/rejoin: a path that is no FIFO of ours is refused" {
    refuses_what_is_there build/fifo/rejoin_recv taken

    run -1 limited build/fifo/rejoin_send README.md 3
    [ "$output" = "rejoin_send: README.md: not a FIFO" ]
}

@test "fifo/rejoin: a sender without a receiver says so" {
    run -1 limited build/fifo/rejoin_send readings 3
    [ "$output" = "rejoin_send: open readings: is the receiver running?: \
No such file or directory" ]
}

@test "fifo/rejoin: wrong arguments get the usage line and status 2" {
    run -2 limited build/fifo/rejoin_recv --own-end readings
    [ "$output" = "usage: rejoin_recv [--no-own-end] FIFO" ]

    run -2 limited build/fifo/rejoin_send readings -1
    [ "$output" = "usage: rejoin_send [--step] FIFO COUNT" ]
    nothing_left
}

