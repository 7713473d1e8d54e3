#!/usr/bin/env bats
# bats file_tags=long
#
# The readings of tcp/ between machines whose numbers look different.

load helpers
load arch

@test "tcp/basic: readings arrive right between any two machines" {
    for pair in "${pairs[@]}"; do
        between "$pair" tcp/basic 2
        printed | grep -x 'oslo #1 -3.2 C'
        printed | grep -x '2 of 2 readings arrived'
    done
}

@test "tcp/framing: a length means the same on any two machines" {
    for pair in "${pairs[@]}"; do
        between "$pair" tcp/framing calm snow
        printed | grep -x 'oslo #2 -3.1 C: snow'
        printed | grep -x '2 of 2 readings arrived'
    done
}

@test "tcp/halfclose: question and answer between any two machines" {
    for pair in "${pairs[@]}"; do
        read -r server client <<<"$pair"
        on "$server" tcp/halfclose_server 127.0.0.1 0
        start "${command[@]}"
        on "$client" tcp/halfclose_client 127.0.0.1 "$(port)" 60
        run -0 limited "${command[@]}"
        finish
        [ "${lines[1]}" = "oslo #50 -3.3 C" ]
    done
}

@test "tcp/serial_server: served, whatever machine the client is" {
    for pair in "here s390x" "s390x here" "i686 s390x" "s390x i686"; do
        read -r server client <<<"$pair"
        on "$server" tcp/serial_server --clients 1 127.0.0.1 0
        start "${command[@]}"
        on "$client" tcp/client --clients 1 127.0.0.1 "$(port)" 3
        run -0 limited "${command[@]}"
        finish
        [[ $output == *": 3 readings, mean -3.1 C" ]]
    done
}
