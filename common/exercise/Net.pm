# common/exercise/Net.pm -- sockets on the loopback interface, for stages.
package Net;

use strict;
use warnings;
use Errno qw(EAGAIN);
use Exporter 'import';
use Socket qw(:DEFAULT :addrinfo SO_RCVTIMEO MSG_DONTWAIT MSG_NOSIGNAL);
use Time::HiRes qw(time);
use Grader;
use Process;
use Reading;

our @EXPORT = qw(ready_at not_our_address socket_arguments_stage ready_port
    is_bound udp_socket send_to receive_from arrival tcp_connect tcp_socket
    port_of free_port send_by_hand has_ipv6 fate_of caller_of says hears);

use constant SIOCGSTAMP => 0x8906;

sub has_ipv6 {
    my $sock = eval { udp_socket('::1') };
    return defined $sock;
}

# An address as connect and bind want it.
sub address {
    my ($host, $port) = @_;
    my ($error, $found) = getaddrinfo($host, $port,
        { flags => AI_NUMERICHOST, socktype => SOCK_DGRAM });
    die "$host: $error" if $error;
    return ($found->{family}, $found->{addr});
}

sub port_of {
    my ($sock) = @_;
    my ($error, undef, $port) = getnameinfo(getsockname $sock,
        NI_NUMERICHOST | NI_NUMERICSERV);
    die $error if $error;
    return $port;
}

# udp_socket(HOST): bound to a free port there. tcp_socket(HOST): listens.
sub udp_socket {
    my ($host) = @_;
    my ($family, $here) = address($host // '127.0.0.1', 0);
    socket my $sock, $family, SOCK_DGRAM, 0 or return;
    bind $sock, $here or return;
    arrival($sock); # the kernel notes it from then on
    return $sock;
}

# arrival(SOCKET): when the datagram that was received last came into the socket,
# which may be long before this process was there to receive it.
sub arrival {
    my ($sock) = @_;
    my $stamp = pack 'l! l!', 0, 0;
    ioctl $sock, SIOCGSTAMP, $stamp or return time;
    my ($seconds, $us) = unpack 'l! l!', $stamp;
    return $seconds + $us / 1e6;
}

sub tcp_socket {
    my ($host) = @_;
    my ($family, $here) = address($host // '127.0.0.1', 0);
    socket my $sock, $family, SOCK_STREAM, 0 or die "socket: $!";
    bind $sock, $here or die "bind: $!";
    listen $sock, 128 or die "listen: $!";
    return $sock;
}

# tcp_connect(PORT, HOST): a connection.
sub tcp_connect {
    my ($port, $host) = @_;
    my ($family, $there) = address($host // '127.0.0.1', $port);
    socket my $sock, $family, SOCK_STREAM, 0 or die "socket: $!";
    connect $sock, $there or die "connect: $!\n";
    return $sock;
}

# Whether it has ended, and how, for a message.
sub fate_of {
    my ($you) = @_;
    wait_until(sub { $you->ended }, 0.2);
    return $you->ended ? '; the server ' . $you->how_ended
        . (@{ $you->{err} } ? ": $you->{err}[-1]" : '') : '';
}

# caller_of(PROCESS, PORT, NAME): the grader as a client of it, under that name.
sub caller_of {
    my ($you, $port, $name) = @_;
    my $sock = eval { tcp_connect($port) };
    chomp(my $error = $@);
    fail(expected => "the $name client can connect",
        came => $error . fate_of($you)) if !$sock;
    note($name, 'connects');
    return { sock => $sock, name => $name, seq => 0, of => $you };
}

# says(CLIENT, BYTES, WHAT): it sends them, as far as they are taken within 3 s;
# WHAT is for the log.
sub says {
    my ($c, $bytes, $what) = @_;
    note($c->{name}, "sends $what");
    my $all = length $bytes;
    wait_until(sub {
        while (length $bytes) {
            my $n = send $c->{sock}, $bytes, MSG_NOSIGNAL | MSG_DONTWAIT;
            return '' if !defined $n && $! == EAGAIN;
            return note($c->{name}, "cannot send: $!") if !defined $n;
            substr($bytes, 0, $n) = '';
        }
        return 1;
    }, 3);
    note($c->{name}, ($all - length $bytes) . " of $all bytes were taken")
        if length $bytes;
}

# hears(CLIENT, N, SECONDS): what comes in that time, up to n bytes: (bytes, why
# no more will come). In place of N a function can say of the bytes that there
# are enough.
sub hears {
    my ($c, $n, $seconds) = @_;
    my ($bytes, $over) = ('');
    my $left = ref $n ? sub { $n->($bytes) ? 0 : 65536 }
        : sub { $n - length $bytes };
    wait_until(sub {
        while (!defined $over && (my $most = $left->()) > 0) {
            my $piece;
            if (!defined recv $c->{sock}, $piece, $most, MSG_DONTWAIT) {
                return '' if $! == EAGAIN;
                $over = "$!";
            } elsif (length $piece == 0) {
                $over = 'end of file';
            } else {
                $bytes .= $piece;
            }
        }
        return 1;
    }, $seconds, $c->{sock});
    note($c->{name}, $over) if defined $over;
    return ($bytes, $over);
}

# free_port(TYPE): one that is in use by nobody at this moment.
sub free_port {
    my $sock = ($_[0] // 'udp') eq 'udp' ? udp_socket() : tcp_socket();
    return port_of($sock);
}

# send_to(SOCKET, PORT, BYTES): one datagram, or bytes on a connection without
# PORT; says so.
sub send_to {
    my ($sock, $port, $bytes, $host) = @_;
    my $there = defined $port
        ? (address($host // '127.0.0.1', $port))[1] : undef;
    my $n = defined $there ? send $sock, $bytes, 0, $there
        : send $sock, $bytes, 0;
    die "send: $!\n" if !defined $n;
    my ($first) = split /\n/, describe($bytes);
    print "sends $first\n";
}

# receive_from(SOCKET, SECONDS): (bytes, port) of the next datagram; nothing if
# none comes.
sub receive_from {
    my ($sock, $seconds) = @_;
    my $left = seconds_left($seconds);
    my $ready = 0;
    while (!$ready && (my $more = $left->()) > 0) {
        vec(my $wanted = '', fileno $sock, 1) = 1;
        $ready = select($wanted, undef, undef, $more) > 0;
    }
    return if !$ready;
    my $from = recv $sock, my $bytes, 65535, 0;
    return if !defined $from;
    my (undef, undef, $port) = getnameinfo($from,
        NI_NUMERICHOST | NI_NUMERICSERV);
    return ($bytes, $port);
}

# ready_port(PROCESS, HOST, SCHEME): the port in "ready on HOST:PORT", its first
# line; perhaps with "http://" before it.
sub ready_port {
    my ($p, $host, $scheme) = @_;
    $host //= '127.0.0.1';
    my $shown = ($scheme // '') . ($host =~ /:/ ? "[$host]" : $host);
    wait_until(sub { @{ $p->{out} } || $p->ended }, 5);
    return $1 if @{ $p->{out} }
        && $p->{out}[0] =~ /^ready on \Q$shown\E:([1-9]\d*)$/;
    fail(
        expected => "ready on $shown:PORT, with the port that it has",
        came => $p->{out}[0],
        why => 'Port 0 asks the kernel for a free port: getsockname(2) says'
            . ' which one it is.',
    ) if @{ $p->{out} } && $p->{out}[0] =~ /^ready on \Q$shown\E:0$/;
    ready($p, "ready on $shown:PORT");
}

# ready_at(HOST, ARGUMENTS...): the student's program on a free port, when it is
# ready, and the port.
sub ready_at {
    my ($host, @more) = @_;
    my $you = you($host, 0, @more);
    return ($you, ready_port($you, $host));
}

# not_our_address(ARGUMENTS...): it is called with another machine's address.
sub not_our_address {
    my $you = you('192.0.2.1', 0, @_);
    ends($you, 1, after => 'as no interface here has that address');
    says_why($you, qr/Cannot assign requested address/,
        'Cannot assign requested address');
    prints($you, []);
}

# socket_arguments_stage(): of a program that is given an address and a port.
sub socket_arguments_stage {
    stage 'wrong arguments: usage, and status 2',
        hand => ['YOU', 'YOU 127.0.0.1 99999', 'YOU 192.0.2.1 9400'],
        notes => 'README.md, How to read it',
        why => 'A port is a number from 0 to 65535: anything else is a wrong'
            . ' argument, status 2. An address that this machine has not is a'
            . ' call that fails: status 1.',
        hint => 'strtol(3) says where the number ended: there nothing may'
            . ' follow. is_port() of common/address.h does that.',
        sub {
            wrong_arguments([], ['127.0.0.1'], ['127.0.0.1', '99999'],
                ['127.0.0.1', '0', 'three']);
            not_our_address();
        };
}

# is_bound(TYPE, PORT): whether a socket of this machine has that port.
sub is_bound {
    my ($type, $port) = @_;
    for my $file ("/proc/net/$type", "/proc/net/${type}6") {
        open my $table, '<', $file or next;
        my $hex = sprintf '%04X', $port;
        # Of tcp, those that listen.
        return 1 if grep { /^\s*\d+: [0-9A-F]+:$hex \S+ (\S\S)/
            && ($type eq 'udp' || $1 eq '0A') } <$table>;
    }
    return '';
}

# How one sends such a datagram by hand.
sub send_by_hand {
    my ($bytes) = @_;
    return sprintf q{printf '%s' >/dev/udp/127.0.0.1/9400}, join '',
        map { sprintf '\\x%02x', $_ } unpack 'C*', $bytes;
}

1;
