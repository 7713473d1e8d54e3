# common/exercise/udp/stopwait_recv.pl -- the stages of udp/stopwait_recv.
use strict;
use warnings;
use Time::HiRes qw(time);
use Grader;
use Net;
use Process;
use Reading;

my $send = 'build/udp/stopwait_send';
my @hand = ('YOU 127.0.0.1 9400', "$send 127.0.0.1 9400 3");

# Of what it prints only readings and the end of them count: behind an arrow, as
# ours prints them, or by themselves.
sub readings_arrive {
    my ($you, $n, %more) = @_;
    ends($you, 0, after => 'when END has come', within => 6, %more);
    $you->{out} = [map { s/^-+> //r }
        grep { /^(-+> )?(\S+ #\d+ -?[\d.]+ C|\d+ of \d+ readings arrived)$/ }
        @{ $you->{out} }];
    prints($you, [lines_of(1 .. $n), "$n of $n readings arrived"], %more);
}

# The ACK of a reading, and of END.
sub ack { return pack 'C N', 1, $_[0] }
sub ack_of_end { return pack 'C N', 2, $_[0] }

sub show_ack {
    my ($bytes) = @_;
    return 'none' if !defined $bytes;
    my ($kind, $seq) = unpack 'C N', $bytes . "\0" x 5;
    return hex_of($bytes) . (length $bytes != 5 ? ', ' . length($bytes) . ' bytes'
        : $kind == 1 ? ": ACK #$seq" : $kind == 2 ? ": ACK END, seq $seq"
        : ": kind $kind, seq $seq");
}

# What a peer of ours found wrong: its last words are what was expected, what
# came, and why. False if they are EXCUSE: it has seen nothing.
sub peer_agrees {
    my ($you, $peer, $excuse) = @_;
    wait_until(sub { $peer->ended }, 6);
    return '' if $excuse && ($peer->{err}[-1] // '') eq $excuse;
    my ($expected, $came, $why) =
        map { /^(.*)\t(.*)\t(.*)$/ ? ($1, $2, $3) : () } @{ $peer->{err} };
    fail(expected => $expected, came => $came,
        length $why ? (why => $why) : ()) if defined $expected;
    expect($peer->{status} == 0, expected => 'our sender gets through',
        came => $peer->{err}[-1] // $peer->how_ended) if $peer->ended;
    return 1;
}

# In a peer: send BYTES, and have WANTED for an answer, or none.
sub exchange {
    my ($sock, $port, $bytes, $wanted, $why) = @_;
    send_to($sock, $port, $bytes);
    my ($got) = receive_from($sock, defined $wanted ? 1 : 0.15);
    print 'gets ', show_ack($got), "\n" if defined $got;
    return if ($got // '') eq ($wanted // '');
    die show_ack($wanted), "\t", show_ack($got), "\t", $why // '', "\n";
}

# In a peer: nothing comes.
sub no_ack {
    my ($sock, $why) = @_;
    my ($got) = receive_from($sock, 0.15) or return;
    die "no ACK\t", show_ack($got), "\t$why\n";
}

stage 'an ACK is five bytes: kind and number',
    hand => ['YOU 127.0.0.1 9400', send_by_hand(sample(258))],
    notes => 'udp/README.md, Stop and wait',
    why => 'The ACK repeats the kind and the number of what it acknowledges, the'
        . ' number in network byte order.',
    hint => 'struct ack_wire of udp/stopwait.h; htonl(3).',
    sub {
        my ($you, $port) = ready_at('127.0.0.1');
        my $peer = peer(sub {
            my $sock = udp_socket();
            exchange($sock, $port, sample($_), ack($_)) for 1 .. 258;
            exchange($sock, $port, end_of(258), ack_of_end(258),
                'END has a kind of its own in its ACK as well, or it could be'
                . ' taken for that of the last reading.');
        });
        peer_agrees($you, $peer);
        readings_arrive($you, 258);
    };

stage 'three readings arrive, and our sender ends well',
    hand => \@hand,
    notes => 'udp/README.md, Stop and wait',
    why => 'The sender sends the next reading when this one is acknowledged,'
        . ' and sends this one again until it is.',
    hint => 'sendto(2) to the address that recvfrom(2) has filled in.',
    sub {
        my ($you, $port) = ready_at('127.0.0.1');
        my $sender = other($send, '127.0.0.1', $port, 3);
        wait_until(sub { $you->ended }, 6);
        readings_arrive($you, 3);
        ends($sender, 0, after => 'when END is acknowledged');
        my @again = grep { /no answer/ } @{ $sender->{out} };
        expect(!@again, expected => 'an ACK of each datagram, at once',
            came => "our sender had $again[0]" =~ s/ +/ /gr) if @again;
    };

socket_arguments_stage();

stage 'a duplicate is acknowledged, and not printed again',
    hand => ['YOU 127.0.0.1 9400', send_by_hand(sample(1)) . ' # twice'],
    notes => 'udp/README.md, Stop and wait',
    why => 'A reading comes again when its ACK was lost: the sender has to be'
        . ' told once more, or it sends for ever; the user has it already.',
    sub {
        my ($you, $port) = ready_at('127.0.0.1');
        my $peer = peer(sub {
            my $sock = udp_socket();
            exchange($sock, $port, sample($_), ack($_),
                'What comes again is acknowledged again: its ACK was lost.')
                for 1, 1, 2, 2, 2, 1, 3;
            exchange($sock, $port, end_of(3), ack_of_end(3));
        });
        peer_agrees($you, $peer);
        readings_arrive($you, 3);
    };

stage 'one that comes too early is not acknowledged',
    hand => ['YOU 127.0.0.1 9400', send_by_hand(sample(3))],
    notes => 'udp/README.md, Stop and wait',
    why => 'An ACK says that this one and all before it are there. One that'
        . ' comes before its turn is discarded without a word: its sender will'
        . ' send it again.',
    sub {
        my ($you, $port) = ready_at('127.0.0.1');
        my $peer = peer(sub {
            my $sock = udp_socket();
            exchange($sock, $port, sample(1), ack(1));
            exchange($sock, $port, sample(3), undef,
                '#2 is missing: an ACK of #3 would make the sender believe that'
                . ' it has arrived.');
            exchange($sock, $port, end_of(3), undef,
                'END is the last in the sequence: it is too early as long as a'
                . ' reading is missing.');
            exchange($sock, $port, sample($_), ack($_)) for 2, 3;
            exchange($sock, $port, end_of(3), ack_of_end(3));
        });
        peer_agrees($you, $peer);
        readings_arrive($you, 3);
    };

stage 'the ACK of END is lost: END comes again',
    hand => ['YOU 127.0.0.1 9400',
        'build/udp/relay --drop-back 4 127.0.0.1 9401 127.0.0.1 9400',
        "$send 127.0.0.1 9401 3"],
    notes => 'udp/README.md, Stop and wait',
    why => 'The last ACK can be lost as well, and nothing comes after it that'
        . ' would say so: stay for a while after END, and acknowledge it each'
        . ' time.',
    hint => 'RFC 1350 calls that dallying: a receive timeout of DALLY_US after'
        . ' END, and end when it passes.',
    sub {
        for (1 .. 5) {
            my ($you, $port) = ready_at('127.0.0.1');
            my $peer = peer(sub {
                my $sock = udp_socket();
                exchange($sock, $port, sample(1), ack(1));
                exchange($sock, $port, end_of(1), ack_of_end(1));
                pause(0.4);
                # On a busy machine it may be too late now for any receiver.
                die "late\n" if time > arrival($sock) + 0.6;
                exchange($sock, $port, end_of(1), ack_of_end(1),
                    'Whoever has sent the last ACK does not know that it has'
                    . ' arrived: stay for 0.7 s after END, and acknowledge it'
                    . ' each time that it comes.');
            });
            peer_agrees($you, $peer, 'late') or next;
            readings_arrive($you, 1);
            return;
        }
        skip('a machine with less to do would run it');
    };

# What is sent that is no reading.
my @strange = (
    ['too short', substr sample(2), 0, 16],
    ['without any byte', ''],
    ['a byte too long', sample(2) . 'x'],
    ['of a kind that there is not', "\7" . substr sample(2), 1],
    ['without a NUL behind the station', substr(sample(2), 0, 7) . 'o' x 10],
);

stage 'what is no reading is skipped, and not acknowledged',
    hand => ['YOU 127.0.0.1 9400', send_by_hand(sample(1) . 'x')],
    notes => 'udp/README.md, Any length',
    why => 'Any process can send to a port. Check the size, the kind and the NUL'
        . ' before anything of a datagram is used.',
    hint => 'MSG_TRUNC makes recvfrom return the size that the datagram had;'
        . ' reading_decode() of common/reading.h checks the rest.',
    sub {
        my ($you, $port) = ready_at('127.0.0.1');
        my $peer = peer(sub {
            my $sock = udp_socket();
            exchange($sock, $port, sample(1), ack(1));
            for (@strange) {
                my ($what, $bytes) = @$_;
                print "a datagram $what:\n";
                exchange($sock, $port, $bytes, undef,
                    "A datagram $what is no reading: no ACK.");
            }
            exchange($sock, $port, sample(2), ack(2));
            exchange($sock, $port, end_of(2), ack_of_end(2));
        });
        peer_agrees($you, $peer);
        readings_arrive($you, 2);
    };

stage 'another sender disturbs nobody',
    hand => ['YOU 127.0.0.1 9400', "$send 127.0.0.1 9400 3",
        send_by_hand(sample(2))],
    notes => 'udp/README.md, Stop and wait',
    why => 'The first sender is the one: what comes from another address is not'
        . ' part of this conversation, and gets no ACK.',
    hint => 'Keep the address of the first, and compare address and port:'
        . ' address_same() of common/address.h.',
    sub {
        my ($you, $port) = ready_at('127.0.0.1');
        my $peer = peer(sub {
            my ($sock, $stranger) = (udp_socket(), udp_socket());
            exchange($sock, $port, sample(1), ack(1));
            exchange($stranger, $port, sample(2), undef,
                'That was another sender\'s: it is neither taken nor'
                . ' acknowledged.');
            no_ack($sock, 'That was another sender\'s: it is not taken.');
            exchange($stranger, $port, end_of(1), undef,
                'That was another sender\'s END.');
            exchange($sock, $port, sample(2), ack(2));
            exchange($sock, $port, end_of(2), ack_of_end(2));
        });
        peer_agrees($you, $peer);
        readings_arrive($you, 2);
    };

stage 'a signal is not the end',
    hand => ['strace -o log -e inject=recvfrom:error=EINTR:when=1+2 '
        . 'YOU 127.0.0.1 9400', "$send 127.0.0.1 9400 3"],
    notes => 'udp/README.md, Stop and wait',
    why => 'A signal handler that runs can make recvfrom return -1 with EINTR:'
        . ' that is no error, call it again.',
    sub {
        my ($you, $port) = ready_at('127.0.0.1',
            { inject => 'recvfrom,recvmsg:error=EINTR:when=2+2' });
        note('kernel', 'every second recvfrom fails with EINTR');
        my $sender = other($send, '127.0.0.1', $port, 3);
        readings_arrive($you, 3);
        ends($sender, 0, after => 'when END is acknowledged');
    };

stage 'a network that loses, duplicates and reorders',
    hand => ['YOU 127.0.0.1 9400', 'build/udp/relay --loss 10 --dup 10 '
        . '--reorder 10 127.0.0.1 9401 127.0.0.1 9400',
        "$send 127.0.0.1 9401 15"],
    notes => 'udp/README.md, A bad network',
    why => 'Each reading is to arrive once, and in order, whatever happens to'
        . ' datagrams and ACKs on their way.',
    sub {
        my ($you, $port) = ready_at('127.0.0.1');
        my $relay = other('build/udp/relay', qw(--loss 10 --dup 10 --reorder 10),
            '127.0.0.1', 0, '127.0.0.1', $port, { name => 'network' });
        my $entry = ready_port($relay);
        my $sender = other($send, '127.0.0.1', $entry, 15);
        wait_until(sub { $you->ended }, 12);
        readings_arrive($you, 15);
        ends($sender, 0, after => 'when END is acknowledged');
    };

stage 'the sender is killed: status 1, two seconds later',
    hand => ['YOU 127.0.0.1 9400', send_by_hand(sample(1))],
    notes => 'udp/README.md, Remember',
    why => 'Nobody says that a sender is gone: after the first datagram each'
        . ' wait has a limit.',
    sub {
        my ($you, $port) = ready_at('127.0.0.1');
        peer(sub {
            exchange(udp_socket(), $port, sample(1), ack(1));
        });
        ends($you, 1, after => 'as nothing comes after #1', within => 4);
        says_why($you, qr/#2|END|\d s|timed? ?out|nothing|unavailable/i,
            'that nothing came');
    };

full_disk_stage 'a full disk: status 1',
    hand => ['YOU 127.0.0.1 9400 >/dev/full; echo $?', "$send 127.0.0.1 9400 3"],
    begin => sub {
        my @here = ('127.0.0.1', free_port());
        return (\@here, sub { is_bound('udp', $here[1]) }, [$send, @here, 3]);
    };

solved 'It draws each datagram and each ACK as an arrow, can lose ACKs on'
    . ' purpose (--drop-ack), and goes by a sequence in which END has a place of'
    . ' its own: sequence_of() of udp/stopwait.h.';
