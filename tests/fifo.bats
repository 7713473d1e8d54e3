#!/usr/bin/env bats

load helpers

# nothing_left: no FIFO is in the test's folder any more.
nothing_left() {
    [ -z "$(find . -type p)" ]
}

# is_refused PATH PROGRAM ARG...: the passive end says in one line that it does
# not take PATH for its FIFO.
is_refused() {
    local path=$1
    shift
    run -1 limited "$@"
    [ "$output" = "${1##*/}: mkfifo $path: File exists" ]
}

# refuses_what_is_there PROGRAM ARG...: whatever is at the path `taken`, and not
# a FIFO of ours, is left alone by this passive end.
refuses_what_is_there() {
    cp README.md taken
    is_refused taken "$@"
    cmp README.md taken

    rm taken && mkdir taken
    is_refused taken "$@"

    rmdir taken && ln -s README.md taken
    is_refused taken "$@"

    mkfifo target && ln -sfn target taken
    is_refused taken "$@"
    rm target taken

    if [ "$(id -u)" -eq 0 ]; then
        mkfifo taken && chown 65534 taken
        is_refused taken "$@"
        [ -p taken ]
        rm taken
    fi
}

# leaves_nothing PROGRAM ARG...: neither a passive end that is told to end, nor
# one that was killed and started again.
leaves_nothing() {
    for signal in INT TERM HUP; do
        start "$@"
        signal "$signal"
        run finish
        nothing_left
    done

    start "$@"
    signal KILL
    run finish
    run ! nothing_left
    start "$@"
    signal TERM
    run finish
    nothing_left
}

# start_and_fill: a receiver that has stopped reading, and a sender that waits,
# because the FIFO between them is full.
start_and_fill() {
    start build/fifo/basic_recv readings
    exec 7>readings # now it reads: if stopped in open, it would leave
    signal STOP
    background sender build/fifo/basic_send readings 1000000
    await asleep sender
    exec 7>&-
}

# ---- basic ----

@test "fifo/basic: its card holds" {
    card fifo/basic_recv.c
}

@test "fifo/basic: ten thousand readings arrive in order" {
    start build/fifo/basic_recv readings
    limited build/fifo/basic_send readings 10000
    finish

    printed | grep '^10000 of 10000 readings arrived$'
    printed | sed -n 's/^oslo #\([0-9]*\) .*/\1/p' | cmp - <(seq 10000)
    nothing_left
}

@test "fifo/basic: the receiver skips what is no reading" {
    start build/fifo/basic_recv readings
    exec 7>readings
    printf '%017d' 0 >&7
    limited build/fifo/basic_send readings 1
    exec 7>&-
    finish

    printed | grep '^skipped 17 bytes: not a reading$'
    printed | grep '^1 of 1 readings arrived$'
}

@test "fifo/basic: the receiver says that a sender left too early" {
    start build/fifo/basic_recv readings
    printf 'short' >readings
    run -1 finish

    printed | grep '^skipped 5 bytes: not a reading$'
    printed | grep '^basic_recv: the sender left without END, after 0 readings$'
    nothing_left
}

@test "fifo/basic: a sender that is killed leaves whole readings behind" {
    start_and_fill
    signal KILL sender
    run finish sender
    signal CONT
    run -1 finish

    run ! grep skipped logs/receiver
    printed | grep 'the sender left without END, after 3[0-9]* readings$'
    nothing_left
}

@test "fifo/basic: when the receiver is stopped, the sender says so and ends" {
    for signal in INT TERM KILL; do
        start_and_fill
        signal "$signal"
        signal CONT || [ "$signal" = KILL ]
        run finish
        run -1 finish sender
        [ "$(printed sender)" = "basic_send: write: Broken pipe" ]
    done
    rm readings # of the one that was killed
    nothing_left
}

@test "fifo/basic: a receiver that is stopped takes its FIFO along" {
    leaves_nothing build/fifo/basic_recv readings
}

@test "fifo/basic: what a killed receiver left behind, the next takes over" {
    start build/fifo/basic_recv readings
    signal KILL
    run finish
    [ -p readings ]

    start build/fifo/basic_recv readings
    limited build/fifo/basic_send readings 1
    finish
    nothing_left
}

@test "fifo/basic: a path that is no FIFO of ours is refused" {
    refuses_what_is_there build/fifo/basic_recv taken
}

@test "fifo/basic: nothing is written into a file" {
    cp README.md taken
    run -1 limited build/fifo/basic_send taken 3
    [ "$output" = "basic_send: taken: not a FIFO" ]
    cmp README.md taken
}

@test "fifo/basic: a sender without a receiver says so" {
    run -1 limited build/fifo/basic_send readings 3
    [ "$output" = "basic_send: open readings: is the receiver running?: \
No such file or directory" ]
}

@test "fifo/basic: a sender waits two seconds at a FIFO that nobody reads" {
    mkfifo readings
    run -1 limited build/fifo/basic_send readings 3
    [ "$output" = "basic_send: open readings: \
nobody opened it for reading within 2 s" ]
}

@test "fifo/basic: two receivers share what is sent" {
    start build/fifo/basic_recv readings
    background second build/fifo/basic_recv readings
    await grep -q '^ready' logs/second
    await asleep
    await asleep second
    limited build/fifo/basic_send readings 1000
    run finish
    run finish second

    # One of them has read END.
    cat logs/receiver logs/second >both
    grep -c 'of 1000 readings arrived$' both | grep -x 1
    grep -c 'the sender left without END' both | grep -x 1
    [ "$(grep -c '^oslo #' both)" -eq 1000 ]
    nothing_left
}

@test "fifo/basic: a receiver whose FIFO is removed ends" {
    start build/fifo/basic_recv readings
    rm readings
    run -1 finish
    printed | grep '^basic_recv: open readings: No such file or directory$'
}

@test "fifo/basic: eight pairs at once do not meet each other" {
    for i in {1..8}; do
        mkdir "$i"
        background "receiver$i" env -C "$i" "$PWD/build/fifo/basic_recv" \
            readings
    done
    for i in {1..8}; do
        await grep -q '^ready' "logs/receiver$i"
        background "sender$i" env -C "$i" "$PWD/build/fifo/basic_send" \
            readings "${i}00"
    done
    for i in {1..8}; do
        finish "receiver$i"
        finish "sender$i"
        printed "receiver$i" | grep "^${i}00 of ${i}00 readings arrived$"
    done
    nothing_left
}

@test "fifo/basic: wrong arguments get the usage line and status 2" {
    run -2 limited build/fifo/basic_recv
    [ "$output" = "usage: basic_recv FIFO" ]

    run -2 limited build/fifo/basic_send readings three
    [ "$output" = "usage: basic_send FIFO COUNT" ]

    run -0 limited build/fifo/basic_send --help
    [ "$output" = "usage: basic_send FIFO COUNT" ]
    nothing_left
}

# ---- mode ----

@test "fifo/mode: its card holds" {
    card fifo/mode.c
}

@test "fifo/mode: what the umask names is left out of the mode" {
    for line in '000 666 0666 prw-rw-rw-' '077 666 0600 prw-------' \
        '777 666 0000 p---------' '022 777 0755 prwxr-xr-x'; do
        read -r umask asked octal letters <<<"$line"
        limited build/fifo/mode --umask "$umask" readings "$asked" |
            grep -x "mkfifo *$octal  $letters"
    done
    nothing_left
}

@test "fifo/mode: it is the umask of the shell, if nothing else is asked for" {
    (umask 027 && limited build/fifo/mode readings) |
        grep -x 'mkfifo *0640  prw-r-----'
}

@test "fifo/mode: somebody else is kept out by the mode" {
    if [ "$(id -u)" -ne 0 ]; then
        skip "only root can be somebody else"
    fi
    mkdir shared && chmod 777 shared
    mkfifo -m 600 shared/mine
    mkfifo -m 666 shared/everybodys
    exec 7<>shared/mine 8<>shared/everybodys
    chmod 711 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/test "$PWD"

    run ! limited setpriv --reuid 65534 --clear-groups sh -c ': >>shared/mine'
    [[ $output == *"ermission denied"* ]]
    limited setpriv --reuid 65534 --clear-groups sh -c ': >>shared/everybodys'
}

@test "fifo/mode: a path that is no FIFO of ours is refused" {
    refuses_what_is_there build/fifo/mode taken
}

@test "fifo/mode: a FIFO that is there already does not keep its mode" {
    mkfifo -m 600 readings
    limited build/fifo/mode --umask 0 readings | grep '^mkfifo *0666'
}

@test "fifo/mode: wrong arguments get the usage line and status 2" {
    for wrong in '' '--umask 8 x' '--umask x' 'x 1000' 'x 066x' 'x 600 y'; do
        # shellcheck disable=SC2086
        run -2 limited build/fifo/mode $wrong
        [ "$output" = "usage: mode [--umask OCTAL] FIFO [OCTAL]" ]
    done
    nothing_left
}

# ---- meet ----

@test "fifo/meet: its card holds" {
    card fifo/meet_recv.c
}

@test "fifo/meet: nobody meets before both have come" {
    start build/fifo/meet_recv there back
    limited build/fifo/meet_send there back >sender
    finish

    # Merged by time: two come, two meet, and that twice.
    grep -hE 'open|met' logs/receiver sender | sort |
        awk '{ print $2, $2 == "met" ? $4 : $3 }' >events
    cmp events - <<'END'
open there
open there
met there
met there
open back
open back
met back
met back
END
}

@test "fifo/meet --swapped: both wait for each other, and say so" {
    start build/fifo/meet_recv --swapped there back
    run -1 limited build/fifo/meet_send there back
    [[ $output == *"meet_send: waited 1 s for somebody to open there to read" ]]
    run -1 finish
    [ "$(printed | tail -n 1)" = \
        "meet_recv: waited 2 s for somebody to open back to read" ]
    nothing_left
}

@test "fifo/meet: when the sender does not come again, the receiver ends" {
    start build/fifo/meet_recv there back
    exec 7>there # as a sender does, but this one goes no further
    run -1 finish
    printed | grep '^meet_recv: waited 2 s for somebody to open back to read$'
    nothing_left
}

@test "fifo/meet: when the receiver does not come again, the sender ends" {
    mkfifo there
    exec 7<>there # as a receiver does, but this one goes no further
    run -1 limited build/fifo/meet_send there back
    [[ $output == *"meet_send: open back: is the receiver running?: \
No such file or directory" ]]

    mkfifo back
    run -1 limited build/fifo/meet_send there back
    [[ $output == *"meet_send: waited 1 s for somebody to open back to write" ]]
}

@test "fifo/meet: a receiver that is stopped takes its FIFOs along" {
    leaves_nothing build/fifo/meet_recv there back
}

@test "fifo/meet: a path that is no FIFO of ours is refused" {
    refuses_what_is_there build/fifo/meet_recv taken back
    refuses_what_is_there build/fifo/meet_recv there taken
}

@test "fifo/meet: a sender without a receiver says so" {
    run -1 limited build/fifo/meet_send there back
    [[ $output == *"meet_send: open there: is the receiver running?: \
No such file or directory" ]]
}

@test "fifo/meet: wrong arguments get the usage line and status 2" {
    run -2 limited build/fifo/meet_recv there
    [ "$output" = "usage: meet_recv [--swapped] THERE BACK" ]

    run -2 limited build/fifo/meet_send --swapped there
    [ "$output" = "usage: meet_send THERE BACK" ]
    nothing_left
}

# ---- rejoin ----

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

@test "fifo/rejoin --no-own-end: the file ends whenever the sender leaves" {
    start build/fifo/rejoin_recv --no-own-end readings
    start_sender 3
    for i in 1 2 3; do
        await grep -q "sent #$i, left" logs/sender
        await eval "[ \$(grep -c '^end of file' logs/receiver) -eq $i ]"
        echo >&7
    done
    finish sender
    finish

    cmp logs/receiver - <<'END'
ready on readings
oslo #1 -3.2 C
end of file: the last sender has left
oslo #2 -3.1 C
end of file: the last sender has left
oslo #3 -3.0 C
end of file: the last sender has left
3 of 3 readings arrived
END
}

@test "fifo/rejoin --no-own-end: a silent FIFO is given up after two seconds" {
    start build/fifo/rejoin_recv --no-own-end readings
    start_sender 3
    await grep -q 'sent #1, left' logs/sender
    signal KILL sender
    run finish sender
    run -1 finish

    printed | grep '^rejoin_recv: nobody has written to readings for 2 s$'
    rm steps
    nothing_left
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
    printed sender | grep 'nobody opened it for reading within 2 s$'
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
