#!/usr/bin/env bats
#
# What only hosts of their own can show: three of them, on one network.

# shellcheck disable=SC2016 # perl and awk have variables of their own
load helpers
load hosts

setup_file() {
    make_hosts 3
}

setup() {
    need_hosts
}

@test "udp/basic: from host to host, over IPv4 and IPv6" {
    for address in 10.9.0.2 fd09::2; do
        across $address udp/basic 3
        printed | grep "1: 3 of 3 readings arrived"
    done
}

@test "udp/varlen: from host to host, over IPv4 and IPv6" {
    for address in 10.9.0.2 fd09::2; do
        across $address udp/varlen calm snow
        printed | grep -x 'oslo #2 -3.1 C: snow'
        printed | grep -x '2 of 2 readings arrived'
    done
}

@test "udp/loss: from host to host it is lost where it arrives, and counted" {
    for address in 10.9.0.2 fd09::2; do
        across $address udp/loss 1000
        read -r arrived _ sent _ _ _ _ _ dropped < <(printed | tail -n 1)
        [ "$dropped" -gt 0 ]
        [ $((arrived + dropped)) -eq "$sent" ]
    done
}

@test "udp/broadcast: two hosts get what a third one sends to both addresses" {
    start "${on2[@]}" build/udp/broadcast_recv 9400
    background second "${on3[@]}" build/udp/broadcast_recv 9400
    await grep -q '^ready' logs/second
    run -0 limited "${on1[@]}" build/udp/broadcast_send net0 9400 2
    [ "${lines[0]}" = "net0 is 10.9.0.1, netmask 255.255.255.0" ]
    finish
    finish second

    printed | grep -x 'to 10.9.0.255: oslo #1 -3.2 C'
    printed | grep -x 'to 255.255.255.255: oslo #2 -3.1 C'
    printed | grep -x 'to 10.9.0.255: 2 of 2 readings arrived'
    cmp logs/receiver logs/second
}

@test "udp/multicast: from host to host, over IPv4 and IPv6" {
    for group in 239.255.0.1 ff12::9400; do
        start "${on2[@]}" build/udp/multicast_recv $group 9400 net0
        background other "${on3[@]}" \
            build/udp/multicast_recv $group 9400 net0
        await grep -q '^ready' logs/other
        limited "${on1[@]}" build/udp/multicast_send $group 9400 net0 2
        finish
        finish other

        printed | grep -x '2 of 2 readings arrived'
        cmp logs/receiver logs/other
    done
}

# only_on_net0 GROUP HOST...: what host 1 sends on net0 arrives at a receiver of
# host 2 that has joined there, and not at one of that host that joined on lo.
only_on_net0() {
    local group=$1
    shift
    start "${on2[@]}" build/udp/multicast_recv "$group" 9400 net0
    background other "$@" build/udp/multicast_recv "$group" 9400 lo
    await grep -q '^ready' logs/other
    limited "${on1[@]}" build/udp/multicast_send "$group" 9400 net0 1
    finish
    signal TERM other
    run finish other

    printed | grep -x '1 of 1 readings arrived'
    run ! grep oslo logs/other
}

@test "udp/multicast: a group is joined on one interface and no other" {
    for group in 239.255.0.1 ff12::9400; do
        only_on_net0 $group "${on3[@]}"
    done
}

@test "udp/multicast: joined on one interface, deaf on another that is joined" {
    for group in 239.255.0.1 ff12::9400 ff15::9400; do
        only_on_net0 $group "${on2[@]}"
    done
}

@test "udp/multicast: without joining nothing arrives over IPv6 either" {
    start "${on2[@]}" build/udp/multicast_recv --no-join ff12::9400 9400 net0
    limited "${on1[@]}" build/udp/multicast_send ff12::9400 9400 net0 1
    run -1 finish
    run ! grep oslo logs/receiver
}

@test "udp/multicast: --no-loop goes out, and not to this host's own" {
    for group in 239.255.0.1 ff12::9400; do
        start "${on1[@]}" build/udp/multicast_recv $group 9400 net0
        background other "${on2[@]}" build/udp/multicast_recv $group 9400 net0
        await grep -q '^ready' logs/other
        limited "${on1[@]}" \
            build/udp/multicast_send --no-loop $group 9400 net0 1
        limited "${on1[@]}" build/udp/multicast_send $group 9400 net0 2
        finish
        finish other

        printed | grep -x '2 of 2 readings arrived'
        printed other | grep -x '1 of 1 readings arrived'
    done
}

@test "udp/multicast: a TTL of 0 stays at home if a socket there has joined" {
    for group in 239.255.0.1 ff12::9400; do
        start "${on1[@]}" build/udp/multicast_recv $group 9400 net0
        background other "${on2[@]}" build/udp/multicast_recv $group 9400 net0
        await grep -q '^ready' logs/other
        limited "${on1[@]}" build/udp/multicast_send --ttl 0 $group 9400 net0 1
        limited "${on1[@]}" build/udp/multicast_send $group 9400 net0 2
        finish
        finish other

        printed | grep -x '1 of 1 readings arrived'
        printed other | grep -x '2 of 2 readings arrived'
    done
}

@test "udp/multicast: a TTL of 0 goes out if no socket here has joined" {
    for group in 239.255.0.1 ff12::9400; do
        start "${on2[@]}" build/udp/multicast_recv $group 9400 net0
        limited "${on1[@]}" build/udp/multicast_send --ttl 0 $group 9400 net0 1
        finish
        printed | grep -x '1 of 1 readings arrived'
    done
}

# drop_every N: a firewall on hosts 1 and 2 drops every Nth datagram of UDP.
drop_every() {
    for host in "$HOSTS-1" "$HOSTS-2"; do
        ip netns exec "$host" nft -f - <<END
            add table inet loss
            add chain inet loss in { type filter hook input priority 0; }
            add rule inet loss in meta l4proto udp \
                numgen inc mod $1 == $(($1 - 1)) drop
END
    done
}

drop_none() {
    for host in "$HOSTS-1" "$HOSTS-2"; do
        ip netns exec "$host" nft delete table inet loss
    done
}

@test "udp/stopwait: all arrives when a firewall drops every third datagram" {
    need nft
    drop_every 3
    start "${on2[@]}" build/udp/stopwait_recv fd09::2 0
    run -0 limited "${on1[@]}" build/udp/stopwait_send fd09::2 "$(port)" 5
    finish
    drop_none

    [[ $output == *"no answer"* ]]
    printed | grep -x -- '-------> 5 of 5 readings arrived'
}

@test "udp/tftp: from host to host, both ways, over IPv4 and IPv6" {
    mkdir served
    head -c 3000000 /dev/urandom >served/file
    for address in 10.9.0.2 fd09::2; do
        start "${on2[@]}" build/udp/tftp_server --writable $address 0 served
        limited "${on1[@]}" build/udp/tftp_client $address "$(port)" file copy
        cmp served/file copy
        limited "${on1[@]}" build/udp/tftp_client --put $address "$(port)" \
            copy back
        cmp served/back copy
        rm served/back copy
        signal TERM
        run -143 finish
    done
}

@test "udp/tftp: to host and back when a firewall drops every fifth datagram" {
    mkdir served
    head -c 3000000 /dev/urandom >served/file
    drop_every 5
    start "${on2[@]}" build/udp/tftp_server 10.9.0.2 0 served
    limited "${on1[@]}" build/udp/tftp_client 10.9.0.2 "$(port)" file copy
    cmp served/file copy
    drop_none
    signal TERM
    run -143 finish
}

@test "udp/relay: the kernel drops what is corrupted, unless undetected" {
    start "${on2[@]}" build/udp/basic_recv 10.9.0.2 9400
    # Four datagrams with the checksum of the first: as it was, with one bit
    # changed, with two words swapped, and (with its own) END.
    "${on1[@]}" perl -MSocket -e '
        sub sum {
            my $sum = 0;
            $sum += $_ for unpack "n*", $_[0] . "\0" x (length($_[0]) % 2);
            $sum = ($sum & 0xffff) + ($sum >> 16) while $sum >> 16;
            return 0xffff - $sum;
        }
        socket(my $raw, PF_INET, SOCK_RAW, 17) or die $!;
        my $to = inet_aton("10.9.0.2");
        sub datagram {
            my ($data, $of) = @_;
            my $header = pack("n3", 9999, 9400, 8 + length $data);
            my $pseudo = inet_aton("10.9.0.1") . $to;
            my $sum = sum($pseudo . pack("n2", 17, 8 + length $of) .
                          $header . pack("n", 0) . $of);
            send($raw, $header . pack("n", $sum) . $data, 0,
                 pack_sockaddr_in(0, $to)) or die $!;
        }
        my $reading = pack("C N n a10", 1, 1, -32 & 0xffff, "oslo");
        my $corrupted = $reading ^ ("\0" x 4 . "\x40");
        my $undetected = $reading;
        substr($undetected, 8, 4) =~ s/(..)(..)/$2$1/s;
        my $end = pack("C N x12", 2, 3);
        datagram($reading, $reading);
        datagram($corrupted, $reading);
        datagram($undetected, $reading);
        datagram($end, $end);
    '
    finish

    [ "$(printed | tail -n +2)" = "10.9.0.1: oslo #1 -3.2 C
10.9.0.1: oo #1 -3.2 C
10.9.0.1: 2 of 3 readings arrived" ]
    ip netns exec "$HOSTS-2" awk '
        /^Udp:/ && !names { names = split($0, name); next }
        /^Udp:/ { split($0, value) }
        END {
            for (i in name)
                if (name[i] == "InCsumErrors")
                    exit value[i] != 1
        }' /proc/net/snmp
}
