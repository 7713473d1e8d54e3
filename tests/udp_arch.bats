#!/usr/bin/env bats
# bats file_tags=long
#
# What differs between machines, and what must not: udp/.

load helpers
load arch

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
    for pair in "${pairs[@]}"; do
        # shellcheck disable=SC2086 # two
        basic $pair
        [ "$(printed | tail -n +2)" = "$right" ]
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

@test "udp/varlen: readings of any length, between any two machines" {
    for pair in "${pairs[@]}"; do
        between "$pair" udp/varlen calm snow
        printed | grep -x 'oslo #1 -3.2 C: calm'
        printed | grep -x '2 of 2 readings arrived'
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
