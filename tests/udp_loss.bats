#!/usr/bin/env bats
#
# What is lost, and how stop and wait gets it all the same.

# shellcheck disable=SC2016 # perl has its own variables
load helpers

# datagram BYTES [ADDRESS]: send it to the receiver, from bash itself.
datagram() {
    printf '%b' "$1" >"/dev/udp/${2-127.0.0.1}/$(port)"
}

# lossy COUNT [OPTION]...: send readings to a slow receiver with those options.
# Sets unbroken (the last reading before the first gap), arrived, sent, dropped.
lossy() {
    start build/udp/loss_recv "${@:2}" 127.0.0.1 0
    limited build/udp/loss_send 127.0.0.1 "$(port)" "$1"
    finish
    unbroken=$(printed | sed -n '3s/#1 to #\(.*\) arrived/\1/p')
    read -r arrived _ sent _ _ _ _ _ dropped < <(printed | tail -n 1)
}

@test "udp/loss: its card holds" {
    card udp/loss_recv.c
}

@test "udp/loss: the kernel has dropped exactly what is missing" {
    lossy 1000 --rcvbuf 8192
    [ "$dropped" -gt 0 ]
    [ $((sent - arrived)) -eq "$dropped" ]
}

@test "udp/loss: a bigger buffer loses later" {
    lossy 1000 --rcvbuf 4096
    [ "$unbroken" -lt 40 ]
    lossy 1000 --rcvbuf 65536
    [ "$unbroken" -gt 40 ]
}

@test "udp/loss: a buffer that is big enough loses nothing" {
    lossy 100
    [ "$unbroken $arrived $dropped" = "100 100 0" ]
}

@test "udp/loss: the receiver skips datagrams that are no readings" {
    start build/udp/loss_recv 127.0.0.1 0
    datagram 'short'
    limited build/udp/loss_send 127.0.0.1 "$(port)" 1
    finish
    printed | grep -x 'skipped 5 bytes: not a reading'
    printed | grep -x '1 of 1 datagrams arrived, the kernel dropped 0'
}

@test "udp/loss: a sender without a receiver says so" {
    run -1 limited build/udp/loss_send 127.0.0.1 9 0
    [[ $output == "loss_send: "*": Connection refused" ]]
}

@test "udp/loss: wrong arguments get the usage line and status 2" {
    for options in "--rcvbuf 0" "--rcvbuf" "--sndbuf 1"; do
        # shellcheck disable=SC2086 # two words
        run -2 limited build/udp/loss_recv $options 127.0.0.1 0
        [ "$output" = "usage: loss_recv [--rcvbuf BYTES] ADDRESS PORT" ]
    done
    run -2 limited build/udp/loss_send 127.0.0.1 9 1000001
    [ "$output" = "usage: loss_send ADDRESS PORT COUNT" ]
}

@test "udp/stopwait: its card holds" {
    card udp/stopwait_recv.c
}

# session SENDER_OPTIONS RECEIVER_OPTIONS COUNT: run the pair.
session() {
    # shellcheck disable=SC2086 # lists of words
    {
        start build/udp/stopwait_recv $2 127.0.0.1 0
        background sender \
            build/udp/stopwait_send $1 127.0.0.1 "$(port)" "$3"
        finish sender
        finish
    }
}

@test "udp/stopwait: drops what it is told to, and delivers all the same" {
    session "--drop 3,7" "--drop-ack 5" 10

    [ "$(printed sender | grep dropped)" = "#3   --X dropped
#7   --X dropped" ]
    [ "$(printed | grep dropped)" = "  X----- ACK #5 dropped" ]
    printed | grep -x -- '-------> #5 again: discarded'
    printed | sed -n 's/-------> oslo #\([0-9]*\) .*/\1/p' | cmp - <(seq 10)
    printed | grep -x -- '-------> 10 of 10 readings arrived'
}

@test "udp/stopwait: what is lost more than once arrives as well" {
    session "--drop 1,1,1,2" "--drop-ack 2,2" 2

    [ "$(printed sender | grep -c 'no answer')" -ge 6 ]
    printed | grep -x -- '-------> 2 of 2 readings arrived'
}

@test "udp/stopwait: END may be lost, and so may its ACK" {
    session "--drop 3" "--drop-ack 3" 2

    printed sender | grep -x 'END  --X dropped'
    [ "$(printed | grep -c 'readings arrived')" -eq 1 ]
    printed | grep -x -- '  X----- ACK END dropped'
    printed | grep -x -- '-------> END again: discarded'
    printed | grep -x -- '<------- ACK END'
}

@test "udp/stopwait: without ACKs the sender repeats itself and gives up" {
    start build/udp/stopwait_recv --no-ack 127.0.0.1 0
    run -1 limited build/udp/stopwait_send 127.0.0.1 "$(port)" 10
    [ "${lines[0]}" = "#1   ------->" ]
    [[ $output == *"stopwait_send: no ACK of #1 came within 3 s" ]]
    run -1 finish

    [ "$(printed | grep -c 'oslo')" -eq 1 ]
    [ "$(printed | grep -c '#1 again: discarded')" -ge 2 ]
    printed | grep -x 'stopwait_recv: #2 did not come within 2 s'
}

@test "udp/stopwait: without a timer one loss stops both" {
    start build/udp/stopwait_recv 127.0.0.1 0
    run -1 limited \
        build/udp/stopwait_send --no-timer --drop 2 127.0.0.1 "$(port)" 10
    [[ $output == *"stopwait_send: no ACK of #2 came within 3 s" ]]
    run -1 finish

    printed | grep -x 'stopwait_recv: #2 did not come within 2 s'
}

@test "udp/stopwait: without a timer all arrives as long as nothing is lost" {
    session --no-timer "" 10
    printed | grep -x -- '-------> 10 of 10 readings arrived'
}

@test "udp/stopwait: garbage, other senders and early readings change nothing" {
    start build/udp/stopwait_recv 127.0.0.1 0
    port=$(port) perl -MSocket -e '
        socket($_, PF_INET, SOCK_DGRAM, 0) or die for my ($sender, $other);
        my $to = pack_sockaddr_in($ENV{port}, inet_aton("127.0.0.1"));
        sub reading { pack "C N n a10", 1, $_[0], 0, "oslo" }
        send($other, "garbage", 0, $to);
        send($sender, reading(1), 0, $to);
        send($other, reading(2), 0, $to);
        send($sender, reading(9), 0, $to);
        send($sender, reading(2), 0, $to);
        send($sender, pack("C N n a10", 2, 2, 0, ""), 0, $to);
    '
    finish

    [ "$(printed | tail -n +2)" = "-------> skipped 7 bytes: not a reading
-------> oslo #1 0.0 C
<------- ACK #1
-------> #2 of another sender: discarded
-------> #9 too early: discarded
-------> oslo #2 0.0 C
<------- ACK #2
-------> 2 of 2 readings arrived
<------- ACK END" ]
}

@test "udp/stopwait: a sender without a receiver says so" {
    run -1 limited build/udp/stopwait_send 127.0.0.1 9 1
    [[ $output == *": Connection refused" ]]
}

@test "udp/stopwait: wrong arguments get the usage line and status 2" {
    for options in "--drop 0" "--drop" "--drop 1,x" "--no-ack"; do
        # shellcheck disable=SC2086 # two words
        run -2 limited build/udp/stopwait_send $options 127.0.0.1 9 1
        [[ $output == "usage: stopwait_send [--drop LIST] [--no-timer] "* ]]
    done
    run -2 limited build/udp/stopwait_recv --drop-ack , 127.0.0.1 0
    [[ $output == "usage: stopwait_recv [--drop-ack LIST] [--no-ack] "* ]]
}
