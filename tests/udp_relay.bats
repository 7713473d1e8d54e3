#!/usr/bin/env bats

# shellcheck disable=SC2016,SC2030,SC2031 # perl has its own; each test has one
load helpers

# through OPTION...: put the relay, by that name, before the receiver that has
# been started. Sets relay_port, the port to send to.
through() {
    background relay build/udp/relay "$@" 127.0.0.1 0 127.0.0.1 "$(port)"
    await grep -q '^ready' logs/relay
    relay_port=$(printed relay | sed -n 's/^ready on .*://p')
}

# stop_relay: ask it to end; its totals are printed then.
stop_relay() {
    signal INT relay
    run -130 finish relay
}

# diagram: what the relay said about each datagram.
diagram() {
    printed relay | grep -E '^[0-9]+ .*#'
}

@test "udp/relay: its card holds" {
    card udp/relay/main.c
}

@test "udp/relay: what is not impaired arrives as it was sent" {
    start build/udp/basic_recv 127.0.0.1 0
    through
    limited build/udp/basic_send 127.0.0.1 "$relay_port" 20
    finish
    stop_relay

    printed | grep -x '127.0.0.1: 20 of 20 readings arrived'
    printed | sed -n 's/.*oslo #\([0-9]*\) .*/\1/p' | cmp - <(seq 20)
    printed relay | grep -x 'there: 21 received'
}

@test "udp/relay: IPv4 on one side and IPv6 on the other" {
    start build/udp/stopwait_recv ::1 0
    background relay build/udp/relay 127.0.0.1 0 ::1 "$(port)"
    await grep -q '^ready' logs/relay
    relay_port=$(printed relay | sed -n 's/^ready on .*://p')
    limited build/udp/stopwait_send 127.0.0.1 "$relay_port" 2
    finish

    printed | grep -x -- '-------> 2 of 2 readings arrived'
}

@test "udp/relay: the longest datagram passes" {
    start build/udp/varlen_recv 127.0.0.1 0
    through
    limited build/udp/varlen_send 127.0.0.1 "$relay_port" \
        "$(printf '%065490d' 0)"
    finish

    printed | grep -x 'skipped 65507 bytes: there is room for 25'
}

@test "udp/relay: a seed does the same again, and another one something else" {
    local impairments="--loss 20 --dup 20 --reorder 20 --corrupt 20"
    impairments+=" --undetected 20"
    for seed in 5 5 6; do
        # shellcheck disable=SC2086 # a list of options
        background relay build/udp/relay $impairments --seed $seed --idle 200 \
            127.0.0.1 0 127.0.0.1 9
        await grep -q '^ready' logs/relay
        limited build/udp/basic_send 127.0.0.1 \
            "$(sed -n 's/^ready on .*://p' logs/relay)" 50
        finish relay
        diagram >>diagrams.$seed
    done

    [ "$(wc -l <diagrams.6)" -ge 51 ]
    cmp <(head -n $(($(wc -l <diagrams.5) / 2)) diagrams.5) \
        <(tail -n $(($(wc -l <diagrams.5) / 2)) diagrams.5)
    run ! cmp <(head -n 51 diagrams.5) <(head -n 51 diagrams.6)
}

@test "udp/relay: a list is lost to the datagram, each way by itself" {
    start build/udp/stopwait_recv 127.0.0.1 0
    through --drop 2,5 --drop-back 2
    limited build/udp/stopwait_send 127.0.0.1 "$relay_port" 4
    finish

    [ "$(diagram | grep dropped)" = \
        "1      #2 --X               17 bytes: dropped
1              X-- #2        5 bytes: dropped
1      #5 --X               17 bytes: dropped" ]
    printed | grep -x -- '-------> 4 of 4 readings arrived'
}

@test "udp/relay: probabilities count both ways, or each way has its own" {
    for options in "--loss 100" "--loss-back 0 --loss 100"; do
        start build/udp/basic_recv 127.0.0.1 0
        # shellcheck disable=SC2086 # a list of options
        through $options
        limited build/udp/basic_send 127.0.0.1 "$relay_port" 9
        await grep -q '#10 --X .*: lost' logs/relay
        stop_relay
        printed | tail -n +2 | cmp - /dev/null
        printed relay | grep -x 'there: 10 received, 10 lost'
    done

    start build/udp/stopwait_recv 127.0.0.1 0
    through --loss-back 100 --loss 0
    run -1 limited build/udp/stopwait_send 127.0.0.1 "$relay_port" 1
    stop_relay
    printed | grep -x -- '-------> #1 again: discarded'
    [ "$(diagram | grep -c 'X-- .*: lost')" -ge 2 ]
}

@test "udp/relay: what is duplicated comes twice" {
    start build/udp/basic_recv 127.0.0.1 0
    through --dup 100
    limited build/udp/basic_send 127.0.0.1 "$relay_port" 2
    finish

    printed | grep -x '127.0.0.1: 4 of 2 readings arrived'
    diagram | grep -x '1      #1 =======>          17 bytes: duplicated'
}

@test "udp/relay: what is reordered is overtaken by one, or goes alone" {
    start build/udp/basic_recv 127.0.0.1 0
    through --reorder 100
    limited build/udp/basic_send 127.0.0.1 "$relay_port" 2
    finish

    [ "$(printed | tail -n +2)" = "127.0.0.1: oslo #2 -3.1 C
127.0.0.1: oslo #1 -3.2 C
127.0.0.1: 2 of 2 readings arrived" ]
    [ "$(diagram)" = "1      #1 --+               17 bytes: reordered
1      #2 ------->          17 bytes
1      #1   +---->          17 bytes
1      #3 --+               17 bytes: reordered
1      #3   +---->          17 bytes" ]
}

@test "udp/relay: corruption shows in the checksum, and nothing arrives" {
    start build/udp/basic_recv 127.0.0.1 0
    through --corrupt 100
    limited build/udp/basic_send 127.0.0.1 "$relay_port" 20
    await grep -q '#21 --X' logs/relay
    stop_relay

    printed relay | grep -x 'there: 21 received, 21 corrupted'
    [ "$(diagram | sed -n 's/.*sum \(.*\) is now .*/\1/p' | wc -l)" -eq 21 ]
    run ! grep -E 'sum (....) is now \1' logs/relay
    printed | tail -n +2 | cmp - /dev/null
}

@test "udp/relay: undetected corruption passes the checksum, and arrives" {
    start build/udp/varlen_recv 127.0.0.1 0
    through --undetected 100 --drop 3
    limited build/udp/varlen_send 127.0.0.1 "$relay_port" aabbccdd aaaabbbb
    await grep -q '#3 --X' logs/relay
    limited build/udp/varlen_send 127.0.0.1 "$(port)" end
    finish

    [ "$(diagram | grep -cE 'corrupted at .* sum (....) is still \1')" -eq 2 ]
    [ "$(printed | wc -l)" -eq 5 ] # ready; two that are corrupted; end; the sum
    run ! grep -x 'oslo #1 -3.2 C: aabbccdd' logs/receiver
    run ! grep -x 'oslo #2 -3.1 C: aaaabbbb' logs/receiver
}

@test "udp/relay: each datagram is late by the delay, both ways" {
    start build/udp/loss_recv 127.0.0.1 0
    through --delay 30 --delay-back 40 --jitter 5
    local start=${EPOCHREALTIME//[.,]/}
    limited build/udp/loss_send 127.0.0.1 "$relay_port" 0
    [ $((${EPOCHREALTIME//[.,]/} - start)) -ge 70000 ]
    finish
}

@test "udp/relay: in an outage all is lost, and afterwards nothing" {
    start build/udp/stopwait_recv 127.0.0.1 0
    through --outage 0-300
    limited build/udp/stopwait_send 127.0.0.1 "$relay_port" 2
    finish

    diagram | head -n 1 | grep '#1 --X  .*: lost in an outage'
    printed | grep -x -- '-------> 2 of 2 readings arrived'
}

@test "udp/relay: two clients are two sessions" {
    start build/udp/basic_recv 127.0.0.1 0
    through --drop 1
    limited build/udp/basic_send 127.0.0.1 "$relay_port" 1
    await grep -q '^1 *#2 -' logs/relay
    start build/udp/basic_recv 127.0.0.1 0
    limited build/udp/basic_send 127.0.0.1 "$relay_port" 1
    await grep -q '^2 *#2 -' logs/relay

    [ "$(diagram | grep -c ' #1 --X .*: dropped')" -eq 2 ]
}

@test "udp/relay: a server may answer from another port, as TFTP does" {
    background receiver perl -MSocket -e '
        $| = 1;
        sub bound {
            socket(my $s, PF_INET, SOCK_DGRAM, 0) or die;
            bind($s, pack_sockaddr_in(0, inet_aton($_[0]))) or die;
            return $s;
        }
        my $known = bound("127.0.0.1");
        my ($port) = unpack_sockaddr_in getsockname $known;
        print "ready on 127.0.0.1:$port\n";
        for my $round (1, 2) {
            my $client = recv($known, my $question, 100, 0);
            send(bound("127.0.0.2"), "from another host", 0, $client);
            my $own = bound("127.0.0.1");
            send($own, "answer to $question", 0, $client);
            my $again = recv($own, my $ack, 100, 0);
            print $again eq $client ? "same client" : "another", ": $ack\n";
            send($own, "end", 0, $client);
        }
    '
    await grep -q '^ready' logs/receiver
    through
    relay_port=$relay_port limited perl -MSocket -e '
        sub new { socket(my $s, PF_INET, SOCK_DGRAM, 0) or die; return $s }
        my $relay = pack_sockaddr_in($ENV{relay_port}, inet_aton("127.0.0.1"));
        my ($client, $other) = (new, new);
        for my $round (1, 2) {
            send($client, "question $round", 0, $relay);
            my $from = recv($client, my $answer, 100, 0);
            die $answer unless $answer eq "answer to question $round";
            die "the same port" if $from eq $relay || $seen{$from}++;
            send($other, "noise", 0, $from);
            send($client, "ack $round", 0, $from);
            my $again = recv($client, my $end, 100, 0);
            die $end unless $end eq "end";
            die "another port" unless $again eq $from;
        }
    '
    finish
    stop_relay

    [ "$(printed | tail -n +2)" = "same client: ack 1
same client: ack 2" ]
    printed relay | grep -x 'there: 4 received, 2 rejected'
    printed relay | grep -x 'back: 4 received, 2 rejected'
}

# skipped N: whether the receiver has skipped that many.
skipped() {
    [ "$(grep -c skipped logs/receiver)" -ge "$1" ]
}

@test "udp/relay: a client too many is rejected" {
    start build/udp/basic_recv 127.0.0.1 0
    through --silent
    relay_port=$relay_port perl -MSocket -e '
        my $relay = pack_sockaddr_in($ENV{relay_port}, inet_aton("127.0.0.1"));
        for (1 .. 130) {
            socket($client[$_], PF_INET, SOCK_DGRAM, 0) or die;
            send($client[$_], "x", 0, $relay);
        }
        send($client[1], "the last one", 0, $relay);
    '
    await grep -q 'skipped 12 bytes' logs/receiver
    stop_relay
    printed relay | grep -x 'there: 129 received, 2 rejected'
}

# ready NAME: the port it is ready on, as soon as it is.
ready() {
    await grep -q '^ready' "logs/$1"
    sed -n 's/^ready on .*://p' "logs/$1"
}

@test "udp/relay: stop and wait gets through 10 % of everything, both ways" {
    for n in 1 2 3 4; do
        background receiver$n build/udp/stopwait_recv 127.0.0.1 0
        background relay$n build/udp/relay --seed $n --silent \
            --loss 10 --dup 10 --reorder 10 \
            127.0.0.1 0 127.0.0.1 "$(ready receiver$n)"
        background sender$n build/udp/stopwait_send \
            127.0.0.1 "$(ready relay$n)" 5
    done
    for n in 1 2 3 4; do
        finish sender$n
        finish receiver$n
        printed receiver$n | sed -n 's/-------> oslo #\([0-9]*\) .*/\1/p' |
            cmp - <(seq 5)
    done
}

@test "udp/stopwait: an ACK that comes twice is none for what follows" {
    start build/udp/stopwait_recv 127.0.0.1 0
    through --dup-back 100
    limited build/udp/stopwait_send --drop 2,3 127.0.0.1 "$relay_port" 2
    finish
    printed | grep -x -- '-------> 2 of 2 readings arrived'
}

@test "udp/relay: it ends by the signal, and prints its totals" {
    for signal in INT TERM HUP; do
        background relay build/udp/relay 127.0.0.1 0 127.0.0.1 9
        await grep -q '^ready' logs/relay
        signal $signal relay
        run -$((128 + $(kill -l $signal))) finish relay
        [ "$(printed relay | tail -n 2)" = "there: 0 received
back: 0 received" ]
    done
}

@test "udp/relay: wrong arguments get the usage lines and status 2" {
    for options in "--loss 101" "--loss -1" "--loss nan" "--loss 1x" --loss \
        "--delay 60001" "--outage 5" "--outage 5-5" "--outage 5-4" "--drop 0" \
        "--seed -1" "--idle 0" "--dropp 1" ""; do
        # shellcheck disable=SC2086 # a list of options
        run -2 limited build/udp/relay $options 127.0.0.1 0 127.0.0.1
        [[ ${lines[0]} == \
            "usage: relay [OPTION]... ADDRESS PORT TO-ADDRESS TO-PORT" ]]
    done
}

@test "udp/relay: a flood does not keep a signal away" {
    start build/udp/relay 127.0.0.1 0 127.0.0.1 9
    for name in first second; do
        background $name perl -MSocket -e '
            socket(my $s, PF_INET, SOCK_DGRAM, 0) or die;
            my $to = pack_sockaddr_in(shift, INADDR_LOOPBACK);
            send($s, "x", 0, $to) while 1' "$(port)"
    done
    await grep -q '#1000 ' logs/receiver
    signal TERM
    run -143 finish
    signal KILL first
    signal KILL second
}
