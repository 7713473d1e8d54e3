# tests/tftp.bash -- a TFTP server and clients, for the tests of udp/tftp.
# shellcheck shell=bash disable=SC2016 # the dollars are perl's

load helpers

host=127.0.0.1
port= # of the server, or of the relay before it

root_and_to() {
    mkdir root to
    head -c 100000 /dev/urandom >root/file
}
prepare root_and_to

# serve OPTION...: start the server for the directory root.
serve() {
    start build/udp/tftp_server "$@" 127.0.0.1 0 root
    port=$(port)
}

# through OPTION...: put the relay before the server.
through() {
    background relay build/udp/relay --silent "$@" 127.0.0.1 0 127.0.0.1 "$port"
    await grep -q '^ready' logs/relay
    port=$(printed relay | sed -n 's/^ready on .*://p')
}

# get OPTION... FROM TO
get() {
    limited build/udp/tftp_client "${@:1:$#-2}" "$host" "$port" "${@: -2}"
}

# put OPTION... FROM TO
put() {
    get --put "$@"
}

# slowly OPTION...: get `big` through a relay with a delay, in the background,
# and return when 100 kB have come.
slowly() {
    background client build/udp/tftp_client --block 1428 --window 16 "$@" \
        127.0.0.1 "$port" big to/copy
    await some_has_come
}

some_has_come() {
    [ "$(stat -c %s to/.copy.part 2>/dev/null || echo 0)" -gt 100000 ]
}

# logged PATTERN: wait for that line of the server.
logged() {
    await grep -q -- "$1" logs/receiver
}

# only NAME...: what is in the directory `to`, hidden files too.
only() {
    [ "$(find to -mindepth 1 -printf '%P\n' | sort | xargs)" = "$*" ]
}

stop() {
    signal TERM
    run -143 finish
}

# a_port: a number that is free now.
a_port() {
    perl -MIO::Socket::INET -e '
        print IO::Socket::INET->new(Proto => "udp", LocalAddr => "127.0.0.1")
            ->sockport'
}

# What both ends in perl have: free(), a socket; to(), a datagram to a port; and
# answer(), the next datagram, whose port is $tid then.
perl_sockets='
    sub free { IO::Socket::INET->new(Proto => "udp",
        LocalAddr => "127.0.0.1") or die $! }
    sub to { my ($s, $p, $m) = @_;
        send $s, $m, 0, sockaddr_in($p, inet_aton("127.0.0.1")) }
    sub answer { my ($s, $wait) = @_; my $r = "";
        vec($r, fileno $s, 1) = 1;
        return undef unless select $r, undef, undef, $wait // 5;
        my $from = recv $s, my $m, 65536, 0;
        $tid = (sockaddr_in $from)[0];
        return $m }'

# send PERL ARG...: a client, with $port, the server's.
send() {
    limited perl -MIO::Socket::INET -e "$perl_sockets; \$port = shift; $1" \
        "$port" "${@:2}"
}

# answer PERL: a server, with $s, the socket of requests, and $t, that of its
# transfer; by the name of receiver.
answer() {
    start perl -MIO::Socket::INET -e "$perl_sockets"'
        $| = 1; $s = free(); $t = free();
        print "ready on 127.0.0.1:", $s->sockport, "\n";'"$1"
    port=$(port)
}
