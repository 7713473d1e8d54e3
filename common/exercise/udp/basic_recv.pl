# common/exercise/udp/basic_recv.pl -- the stages of udp/basic_recv.
use strict;
use warnings;
use Grader;
use Net;
use Process;
use Reading;

my $send = 'build/udp/basic_send';
my @hand = ('YOU 127.0.0.1 9400', "$send 127.0.0.1 9400 3");

# All of the lines, and status 0.
sub all_arrive {
    my ($you, $port, $n, %more) = @_;
    ends($you, 0, after => 'when END has come', %more);
    prints($you, ["ready on 127.0.0.1:$port",
        map { "127.0.0.1: $_" } lines_of(1 .. $n),
            "$n of $n readings arrived"],
        sent => { map { $_ => sample($_) } 1 .. $n }, %more);
}

stage 'three readings arrive',
    hand => \@hand,
    notes => 'udp/README.md, The steps',
    why => 'A datagram is a reading of 17 bytes, and each recvfrom takes one.',
    hint => 'socket with SOCK_DGRAM, bind, ready, and recvfrom in a loop: the'
        . ' kind in the first byte says whether it is END.',
    sub {
        my ($you, $port) = ready_at('127.0.0.1');
        expect(is_bound('udp', $port),
            expected => "a UDP socket with port $port, when ready is said",
            came => 'there is none in /proc/net/udp',
            why => 'The sender may come as soon as ready is said: bind first.');
        other($send, '127.0.0.1', $port, 3);
        all_arrive($you, $port, 3);
    };

stage 'no reading at all',
    hand => ['YOU 127.0.0.1 9400', "$send 127.0.0.1 9400 0"],
    notes => 'udp/README.md, The steps',
    why => 'END is a datagram of its own: it may be the first one.',
    sub {
        my ($you, $port) = ready_at('127.0.0.1');
        other($send, '127.0.0.1', $port, 0);
        all_arrive($you, $port, 0);
    };

socket_arguments_stage();

stage 'a port that is taken: status 1',
    hand => ['YOU 127.0.0.1 9400', 'YOU 127.0.0.1 9400'],
    notes => 'udp/README.md, The steps',
    why => 'A port belongs to one socket: bind fails with EADDRINUSE. That is'
        . ' no wrong argument, so status 1, and the reason on stderr.',
    sub {
        my ($first, $port) = ready_at('127.0.0.1');
        my $you = you('127.0.0.1', $port);
        wait_until(sub { $you->ended || @{ $you->{out} } }, 2);
        expect(!@{ $you->{out} },
            expected => 'the second one ends, and says why',
            came => $you->{out}[0] // '',
            why => 'With SO_REUSEADDR or SO_REUSEPORT both are bound, and each'
                . ' datagram goes to one of them: a UDP receiver sets neither.');
        ends($you, 1, after => 'as the port is taken');
        says_why($you, qr/Address already in use/, 'Address already in use');
        prints($you, []);
    };

stage 'over IPv6 as well',
    hand => ['YOU ::1 9400', "$send ::1 9400 3"],
    notes => 'udp/README.md, The steps',
    why => 'The family of the socket is the family of the address that'
        . ' getaddrinfo(3) has found; an address of IPv6 has 28 bytes, one of'
        . ' IPv4 16.',
    hint => 'socket(here->ai_family, ...), struct sockaddr_storage for the'
        . ' sender, getnameinfo(3) with NI_NUMERICHOST. Where a port follows an'
        . ' address of IPv6 stands in brackets: [::1]:9400.',
    sub {
        skip('IPv6 on the loopback interface would run it') if !has_ipv6();
        my ($you, $port) = ready_at('::1');
        other($send, '::1', $port, 3);
        ends($you, 0, after => 'when END has come');
        prints($you, ["ready on [::1]:$port",
            map { "::1: $_" } lines_of(1 .. 3), '3 of 3 readings arrived']);
    };

stage 'each line says who sent it',
    hand => ['YOU 0.0.0.0 9400', send_by_hand(sample(1)),
        "$send 127.0.0.1 9400 0"],
    notes => 'udp/README.md, The steps',
    why => 'Any number of senders share a socket: recvfrom fills in the address'
        . ' of the one that sent this datagram.',
    hint => 'Set from_len to the size of the buffer before each call: recvfrom'
        . ' writes there.',
    sub {
        my ($you, $port) = ready_at('127.0.0.1');
        peer(sub {
            for (1, 2, 1, 3) {
                my $sock = udp_socket("127.0.0.$_");
                print "127.0.0.$_:\n";
                send_to($sock, $port, sample($_));
            }
            send_to(udp_socket('127.0.0.1'), $port, end_of(4));
        });
        ends($you, 0, after => 'when END has come');
        prints($you, ["ready on 127.0.0.1:$port",
            (map { "127.0.0.$_: " . line_of($_) } 1, 2, 1, 3),
            '127.0.0.1: 4 of 4 readings arrived']);
    };

# What is sent that is no reading, and how that is to be noticed.
my @strange = (
    ['too short', substr(sample(1), 0, 16),
        'recvfrom returns how many bytes have come: a reading has 17.'],
    ['without any byte', '', 'A datagram may be empty: recvfrom returns 0, which'
        . ' is no end of file here.'],
    ['a byte too long', sample(2) . 'x',
        'What does not fit into the buffer is cut off, without an error: with'
        . ' MSG_TRUNC recvfrom returns the size that the datagram had.'],
    ['of 1000 bytes', sample(3) . 'y' x 983,
        'What does not fit into the buffer is cut off, without an error: with'
        . ' MSG_TRUNC recvfrom returns the size that the datagram had.'],
    ['of a kind that there is not', "\7" . substr(sample(4), 1),
        'A kind is 1 or 2: check it before the rest is used.'],
    ['all zero', "\0" x 17, 'A kind is 1 or 2: zeroed memory is no reading.'],
    ['without a NUL behind the station', substr(sample(5), 0, 7) . 'o' x 10,
        'A string without its NUL goes on into whatever is behind it in'
        . ' memory: check that the last byte is NUL.'],
);

stage 'what is no reading is skipped',
    hand => ['YOU 127.0.0.1 9400', send_by_hand(sample(2) . 'x'),
        "$send 127.0.0.1 9400 3"],
    notes => 'udp/README.md, Any length',
    why => 'Any process of the network can send to a port. Check the size, the'
        . ' kind and the NUL before anything of a datagram is used; skip what'
        . ' is wrong with one line, and go on.',
    hint => 'MSG_TRUNC among the flags of recvfrom, or a buffer that is a byte'
        . ' longer than a reading.',
    sub {
        my ($you, $port) = ready_at('127.0.0.1');
        my @lines = "ready on 127.0.0.1:$port";
        my (%sent, %whys);
        for my $i (0 .. $#strange) {
            my ($what, $bytes, $why) = @{ $strange[$i] };
            $sent{ scalar @lines } = $bytes;
            $whys{ scalar @lines } = $why;
            my $size = length $bytes;
            push @lines, $size <= 17
                ? "127.0.0.1: skipped $size bytes: not a reading"
                : [qr/^127\.0\.0\.1: skipped \d+ bytes: not a reading$/,
                    "127.0.0.1: skipped $size bytes: not a reading"];
            push @lines, '127.0.0.1: ' . line_of($i + 1);
        }
        my $n = @strange;
        push @lines, "127.0.0.1: $n of $n readings arrived";
        peer(sub {
            my $sock = udp_socket();
            for my $i (0 .. $#strange) {
                my ($what, $bytes) = @{ $strange[$i] };
                print "a datagram $what:\n";
                send_to($sock, $port, $bytes);
                send_to($sock, $port, sample($i + 1));
            }
            send_to($sock, $port, end_of($n));
        });
        # Where it stands still, what it has printed says more.
        wait_until(sub { $you->ended }, 4);
        prints($you, \@lines, sent => \%sent, whys => \%whys);
        ends($you, 0, after => 'when END has come');
    };

stage 'a hundred that come while it does something else',
    hand => ['YOU 127.0.0.1 9400', 'kill -STOP PID; ' .
        "$send 127.0.0.1 9400 100; kill -CONT PID"],
    notes => 'udp/README.md, Loss',
    why => 'The kernel keeps what arrives until it is received, as far as the'
        . ' receive buffer reaches: nothing of this is lost.',
    hint => 'A program that was stopped and goes on may find its recvfrom'
        . ' interrupted: -1 with EINTR, signal(7).',
    sub {
        my ($you, $port) = ready_at('127.0.0.1');
        $you->signal('STOP');
        my $sender = other($send, '127.0.0.1', $port, 100);
        wait_until(sub { $sender->ended }, 2);
        $you->signal('CONT');
        all_arrive($you, $port, 100);
    };

stage 'a signal is not the end',
    hand => ['strace -o log -e inject=recvfrom:error=EINTR:when=1+2 '
        . 'YOU 127.0.0.1 9400', "$send 127.0.0.1 9400 3"],
    notes => 'udp/README.md, The steps',
    why => 'A signal handler that runs can make recvfrom return -1 with EINTR:'
        . ' that is no error, call it again.',
    hint => 'errno == EINTR: go on with the loop.',
    sub {
        my ($you, $port) = ready_at('127.0.0.1',
            { inject => 'recvfrom,recvmsg:error=EINTR:when=2+2' });
        note('kernel', 'every second recvfrom fails with EINTR');
        other($send, '127.0.0.1', $port, 3);
        all_arrive($you, $port, 3);
    };

stage 'a sender that begins late is waited for',
    hand => ['YOU 127.0.0.1 9400', "sleep 3; $send 127.0.0.1 9400 3"],
    notes => 'udp/README.md, Remember',
    why => 'The limit is for what follows the first datagram: that one may be'
        . ' long in coming.',
    hint => 'recv(2) with MSG_PEEK waits for a datagram and leaves it there;'
        . ' after that set SO_RCVTIMEO.',
    sub {
        my ($you, $port) = ready_at('127.0.0.1');
        wait_until(sub { $you->ended }, 3);
        other($send, '127.0.0.1', $port, 3) if !$you->ended;
        all_arrive($you, $port, 3);
    };

stage 'END is lost: status 1, two seconds later',
    hand => ['YOU 127.0.0.1 9400', send_by_hand(sample(1))],
    notes => 'udp/README.md, Remember',
    why => 'UDP has no end of file, and END can be lost like any datagram: so'
        . ' each receive after the first has a limit.',
    hint => 'setsockopt(2), SO_RCVTIMEO: recvfrom returns -1 with EAGAIN when'
        . ' nothing came in that time; set_recv_timeout_after_first() of'
        . ' udp/recv_timeout.h does both.',
    sub {
        my ($you, $port) = ready_at('127.0.0.1');
        peer(sub { send_to(udp_socket(), $port, sample(1)) });
        wait_until(sub { $you->ended }, 1);
        expect(!$you->ended || @{ $you->{out} } < 2,
            expected => 'it waits for 2 s after the last datagram',
            came => 'it ' . $you->how_ended . ' before that') if $you->ended;
        ends($you, 1, after => 'as nothing comes after #1', within => 4);
        says_why($you, qr/END|\d s|timed? ?out|nothing|unavailable/i,
            'that nothing came');
        prints($you, ["ready on 127.0.0.1:$port", '127.0.0.1: ' . line_of(1)]);
    };

full_disk_stage 'a full disk: status 1',
    hand => ['YOU 127.0.0.1 9400 >/dev/full; echo $?', "$send 127.0.0.1 9400 3"],
    begin => sub {
        my @here = ('127.0.0.1', free_port());
        return (\@here, sub { is_bound('udp', $here[1]) }, [$send, @here, 3]);
    };

stage 'eight at once, each on a port of its own',
    hand => ['for i in 1 2 3 4 5 6 7 8; do YOU 127.0.0.1 0 & done; wait',
        "$send 127.0.0.1 PORT 100"],
    notes => 'udp/README.md, The steps',
    why => 'Port 0 asks for a free port: any number of receivers run at once.',
    sub {
        my @all = map { you('127.0.0.1', 0, { name => "you $_" }) } 1 .. 8;
        for (@all) {
            my $port = ready_port($_);
            other($send, '127.0.0.1', $port, 100);
            all_arrive($_, $port, 100);
        }
    };

solved 'It names the sender in any notation that the system knows, and says at'
    . ' a port that is taken which other one would do (port 0).';
