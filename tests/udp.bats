#!/usr/bin/env bats

load helpers

@test "udp/basic: its card holds" {
    card udp/basic_recv.c
}

@test "udp/basic: the receiver skips datagrams that are no readings" {
    start build/udp/basic_recv 127.0.0.1 0
    printf 'short' >"/dev/udp/127.0.0.1/$(port)"
    printf '%0100d' 0 >"/dev/udp/127.0.0.1/$(port)"
    limited build/udp/basic_send 127.0.0.1 "$(port)" 1
    finish

    printed | grep 'skipped 5 bytes: not a reading'
    printed | grep 'skipped 100 bytes: not a reading'
    printed | grep '1 of 1 readings arrived'
}

@test "udp/basic: two receivers cannot have the same port" {
    start build/udp/basic_recv 127.0.0.1 0

    run -1 limited build/udp/basic_recv 127.0.0.1 "$(port)"
    [[ $output == *"Address already in use"* ]]
}

@test "udp/basic: the sender succeeds though nobody listens" {
    run -0 limited build/udp/basic_send 127.0.0.1 9 3
    [ -z "$output" ]
}

@test "udp/basic: wrong arguments get the usage line and status 2" {
    run -2 limited build/udp/basic_recv 127.0.0.1
    [ "$output" = "usage: basic_recv ADDRESS PORT" ]

    run -2 limited build/udp/basic_recv 127.0.0.1 65536
    [ "$output" = "usage: basic_recv ADDRESS PORT" ]

    run -2 limited build/udp/basic_send 127.0.0.1 9400 three
    [ "$output" = "usage: basic_send ADDRESS PORT COUNT" ]

    run -2 limited build/udp/basic_send localhost 9400 3
    [[ $output == *"localhost: not an IPv4 address"* ]]
}
