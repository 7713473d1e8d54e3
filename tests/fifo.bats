#!/usr/bin/env bats

load helpers
load fifo

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

@test "fifo/basic: a sender waits two seconds at a FIFO without a reader" {
    mkfifo readings
    run -1 limited build/fifo/basic_send readings 3
    [ "$output" = "basic_send: open readings: \
not opened for reading within 2 s" ]
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
    [ "${lines[0]}" = "usage: basic_send FIFO COUNT" ]
    nothing_left
}

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

@test "fifo/mode: another user is kept out by the mode" {
    need_root
    mkdir shared && chmod 777 shared
    mkfifo -m 600 shared/mine
    mkfifo -m 666 shared/public
    exec 7<>shared/mine 8<>shared/public
    chmod 711 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/test "$PWD"

    run ! limited setpriv --reuid 65534 --clear-groups sh -c ': >>shared/mine'
    [[ $output == *"ermission denied"* ]]
    limited setpriv --reuid 65534 --clear-groups sh -c ': >>shared/public'
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


@test "fifo/mode: a default ACL decides in place of the umask" {
    need setfacl
    mkdir shared
    setfacl -d -m u::rw,g::rw,o::rw shared ||
        skip "a file system with ACLs would run it"
    limited build/fifo/mode --umask 077 shared/readings |
        grep -x 'mkfifo *0666  prw-rw-rw-'
}

@test "fifo/nonblock: its card holds" {
    card fifo/nonblock.c
}

@test "fifo/nonblock: a path that is no FIFO of ours is refused" {
    refuses_what_is_there build/fifo/nonblock taken
}

@test "fifo/nonblock: wrong arguments get the usage line and status 2" {
    for wrong in '' 'a b' --wrong; do
        # shellcheck disable=SC2086
        run -2 limited build/fifo/nonblock $wrong
        [ "$output" = "usage: nonblock FIFO" ]
    done
    nothing_left
}
