#!/usr/bin/env bats
#
# How the programs of udp/ end: output that cannot be written, a reader that has
# gone, signals, one end that is killed.

load helpers

# The receivers, and what their senders get: PORT stands for the receiver's.
pairs() {
    cat <<'END'
basic 127.0.0.1 0 / 127.0.0.1 PORT 3
varlen 127.0.0.1 0 / 127.0.0.1 PORT calm snow
loss 127.0.0.1 0 / 127.0.0.1 PORT 3
stopwait 127.0.0.1 0 / 127.0.0.1 PORT 2
broadcast 0 / lo PORT 3
multicast 239.255.5.1 0 lo / 239.255.5.1 PORT lo 3
local weather / weather 3
END
}

@test "udp: output that cannot be written is status 1" {
    for lesson in layout options "addresses 127.0.0.1" "connected 127.0.0.1"; do
        for output in /dev/full closed; do
            if [ $output = closed ]; then
                run -1 limited sh -c "build/udp/$lesson >&-"
            else
                run -1 limited sh -c "build/udp/$lesson >$output"
            fi
            [[ $output == *": stdout: "* ]]
        done
    done
    for lesson in basic varlen loss stopwait; do
        run -1 limited sh -c "build/udp/${lesson}_recv 127.0.0.1 0 >/dev/full"
        [[ $output == *": stdout: "* ]]
    done
}

@test "udp: a receiver ends when nothing reads its output any more" {
    local name arguments reader port
    mkfifo output
    while read -r name arguments; do
        [ "$name" != loss ] || continue # it prints at its end alone
        head -n 1 <output >first 3>&- &
        reader=$!
        # shellcheck disable=SC2086 # a list of words
        background receiver sh -c 'exec "$@" >output' sh \
            build/udp/"${name}"_recv ${arguments%/*}
        wait $reader
        port=$(sed -n 's/^ready on .*:\([0-9]*\)$/\1/p' first)
        arguments=${arguments#*/}
        # shellcheck disable=SC2086 # a list of words
        run limited build/udp/"${name}"_send ${arguments/PORT/$port}
        run -141 finish
        [ ! -e weather ]
        rm first
    done < <(pairs)
}

@test "udp: a signal ends a receiver by that signal" {
    local name arguments number
    while read -r name arguments; do
        for number in INT TERM HUP; do
            # shellcheck disable=SC2086 # a list of words
            start build/udp/"${name}"_recv ${arguments%/*}
            signal $number
            run "-$((128 + $(kill -l $number)))" finish
            [ ! -e weather ]
        done
    done < <(pairs)
}

@test "udp: an ignored SIGHUP stays ignored" {
    local name arguments
    while read -r name arguments; do
        # shellcheck disable=SC2086 # a list of words
        start env --ignore-signal=HUP build/udp/"${name}"_recv ${arguments%/*}
        signal HUP
        arguments=${arguments#*/}
        # shellcheck disable=SC2086 # a list of words
        limited build/udp/"${name}"_send ${arguments/PORT/$(port)}
        finish
    done < <(pairs)
    start env --ignore-signal=HUP build/udp/relay 127.0.0.1 0 127.0.0.1 9
    signal HUP
    signal TERM
    run -143 finish
}
