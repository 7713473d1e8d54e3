#!/usr/bin/env bats
#
# The same programs on three machines: this one; i686, whose long and pointers
# have 32 bits; s390x, whose numbers begin with the high byte.

load helpers

setup_file() {
    if crossed; then
        # Not with the flags that this make check was given.
        env -u MAKEFLAGS -u MAKELEVEL make -s -C "$root" arch
    fi
}

setup() {
    crossed || skip "no cross compilers for s390x and i686, or no qemu-user"
    ln -sfn "$root/build-s390x" "$root/build-i686" .
}

crossed() {
    command -v s390x-linux-gnu-gcc && command -v i686-linux-gnu-gcc &&
        command -v qemu-s390x
} >/dev/null

# on MACHINE PROGRAM ARG...: the command that runs it there, in `command`.
on() {
    case $1 in
    here) command=("build/$2") ;;
    i686) command=("build-i686/$2") ;;
    s390x) command=(qemu-s390x "build-s390x/$2") ;;
    esac
    command+=("${@:3}")
}

# basic RECEIVER SENDER [OPTION]: run the pair on those two machines.
basic() {
    on "$1" udp/basic_recv 127.0.0.1 0
    start "${command[@]}"
    on "$2" udp/basic_send ${3+"$3"} 127.0.0.1 "$(port)" 2
    limited "${command[@]}"
    finish
}

right="127.0.0.1: oslo #1 -3.2 C
127.0.0.1: oslo #2 -3.1 C
127.0.0.1: 2 of 2 readings arrived"

wrong="127.0.0.1: oslo #16777216 -793.7 C
127.0.0.1: oslo #33554432 -768.1 C
127.0.0.1: 2 of 33554432 readings arrived"

@test "udp/basic: readings arrive right between any two machines" {
    for receiver in here i686 s390x; do
        for sender in here i686 s390x; do
            basic $receiver $sender
            [ "$(printed | tail -n +2)" = "$right" ]
        done
    done
}

@test "udp/basic: raw readings arrive wrong where the byte order differs" {
    for receiver in here i686 s390x; do
        basic $receiver i686 --raw
        [ "$(printed | tail -n +2)" = "$wrong" ]
    done
}

@test "udp/basic: raw readings arrive right from s390x alone" {
    for receiver in here i686 s390x; do
        basic $receiver s390x --raw
        [ "$(printed | tail -n +2)" = "$right" ]
    done
}

@test "udp/layout: in memory every machine has its own bytes" {
    on i686 udp/layout
    run -0 limited "${command[@]}"
    [ "${lines[0]}" = "in memory: 20 bytes" ]
    [ "${lines[3]}" = "   4  seq      01 00 00 00" ]

    on s390x udp/layout
    run -0 limited "${command[@]}"
    [ "${lines[0]}" = "in memory: 32 bytes" ]
    [ "${lines[3]}" = "   8  seq      00 00 00 00 00 00 00 01" ]
}

@test "udp/layout: on the wire all machines have the same bytes" {
    for machine in here i686 s390x; do
        on $machine udp/layout
        limited "${command[@]}" | sed -n '/on the wire/,$p' >$machine
        [ "$(wc -l <$machine)" -eq 5 ]
    done
    cmp here i686
    cmp here s390x
}

@test "udp/stopwait: both ends understand each other on different machines" {
    for receiver in here s390x; do
        for sender in i686 s390x; do
            on $receiver udp/stopwait_recv --drop-ack 1 127.0.0.1 0
            start "${command[@]}"
            on $sender udp/stopwait_send --drop 2 127.0.0.1 "$(port)" 3
            limited "${command[@]}"
            finish
            printed | grep -x -- '-------> 3 of 3 readings arrived'
        done
    done
}

@test "udp/tftp: a file goes from any machine to another" {
    mkdir served
    head -c 300000 /dev/urandom >served/file
    for pair in "here s390x" "s390x here" "i686 s390x" "s390x i686"; do
        read -r server client <<<"$pair"
        on "$server" udp/tftp_server 127.0.0.1 0 served
        start "${command[@]}"
        on "$client" udp/tftp_client 127.0.0.1 "$(port)" file copy
        limited "${command[@]}"
        cmp served/file copy
        rm copy
        signal TERM
        run -143 finish
    done
}
