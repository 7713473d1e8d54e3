# common/exercise/udp/stopwait_send.pl -- the stages of udp/stopwait_send.
use strict;
use warnings;
use Grader;
use Net;
use Process;
use Reading;

my $recv = 'build/udp/stopwait_recv';
my @hand = ("$recv 127.0.0.1 9400", 'YOU 127.0.0.1 9400 3');

sub ack { return pack 'C N', 1, $_[0] }
sub ack_of_end { return pack 'C N', 2, $_[0] }

# A receiver that is written here, peer(sub), on a port of its own: (it, port).
# Its code is given the socket. What it dies of is what the student got wrong.
sub receiver {
    my ($code) = @_;
    my $peer = peer(sub {
        my $sock = udp_socket();
        print 'has port ', port_of($sock), "\n";
        $code->($sock);
    });
    wait_until(sub { @{ $peer->{out} } }, 5);
    return ($peer, $peer->{out}[0] =~ /(\d+)/);
}

# The last datagram: its bytes, the port that it came from, and when.
my ($last, $asked, $came) = ('', undef, 0);

# In a receiver: the next datagram is WANTED, within SECONDS; or none is. That
# the last one comes again after the timeout is right, whatever is wanted.
sub wants {
    my ($sock, $wanted, $seconds, $why) = @_;
    my $left = seconds_left($seconds);
    my ($got, $from);
    while (($got, $from) = receive_from($sock, $left->())) {
        my $waited = arrival($sock) - $came;
        $came += $waited;
        last if $got ne $last || $got eq ($wanted // '') || $waited < 0.1;
        printf "gets the same after %.0f ms\n", 1000 * $waited;
    }
    ($last, $asked) = ($got, $from) if defined $got;
    my @show = map { defined $_ ? describe($_) =~ s/\n/ = /r : 'no datagram' }
        $wanted, $got;
    print "gets $show[1]\n" if defined $got;
    die join("\t", @show, $why // ''), "\n" if ($got // '') ne ($wanted // '');
}

sub answers {
    my ($sock, $bytes) = @_;
    send_to($sock, $asked, $bytes);
}

# In a receiver: what is left, reading by reading, with END.
sub takes_rest {
    my ($sock, $from, $n) = @_;
    for my $seq ($from .. $n) {
        wants($sock, sample($seq), 2);
        answers($sock, ack($seq));
    }
    wants($sock, end_of($n), 2, 'After the last reading comes END, with the'
        . ' number of readings.');
    answers($sock, ack_of_end($n));
}

# The receiver has seen what it was to see, and the program has ended well.
sub all_well {
    my ($you, $peer, %more) = @_;
    wait_until(sub { $peer->ended }, 8);
    my ($expected, $came, $why) =
        map { /^(.*)\t(.*)\t(.*)$/ ? ($1, $2, $3) : () } @{ $peer->{err} };
    fail(expected => $expected, came => $came,
        length $why ? (why => $why) : ()) if defined $expected;
    ends($you, 0, after => 'when END is acknowledged', %more);
    ends($peer, 0, after => 'with END') if !@{ $peer->{err} };
}

stage 'each reading when the one before is acknowledged',
    hand => \@hand,
    notes => 'udp/README.md, Stop and wait',
    why => 'A datagram is a reading of 17 bytes, numbers in network byte order;'
        . ' the next one is sent when the ACK of this one has come.',
    hint => 'send, then poll with a time limit, then recv: kind and number of'
        . ' the ACK have to be those of the reading.',
    sub {
        my ($peer, $port) = receiver(sub {
            my ($sock) = @_;
            wants($sock, sample(1), 2);
            wants($sock, undef, 0.1, 'Stop and wait: nothing else is sent before'
                . ' the ACK, or the timeout.');
            answers($sock, ack(1));
            takes_rest($sock, 2, 3);
        });
        my $you = you('127.0.0.1', $port, 3);
        all_well($you, $peer);
    };

stage 'our receiver gets a thousand, and none',
    hand => ["$recv 127.0.0.1 9400", 'YOU 127.0.0.1 9400 1000'],
    notes => 'udp/README.md, Stop and wait',
    why => 'END is sent as a reading is: until it is acknowledged.',
    sub {
        for my $n (1000, 0) {
            my $other = other($recv, '127.0.0.1', 0);
            my $you = you('127.0.0.1', ready_port($other), $n);
            ends($you, 0, after => 'when END is acknowledged', within => 8);
            ends($other, 0, after => 'a while after END');
            expect($other->{out}[-2] =~ /> $n of $n readings arrived$/,
                expected => "$n of $n readings arrived",
                came => $other->{out}[-2]);
        }
    };

stage 'wrong arguments: usage, and status 2',
    hand => ['YOU', 'YOU 127.0.0.1 99999 3', 'YOU 127.0.0.1 9400 -1'],
    notes => 'README.md, How to read it',
    why => 'A port is a number from 0 to 65535, a count from 0 to 1000000:'
        . ' anything else is a wrong argument, status 2.',
    sub {
        wrong_arguments([], ['127.0.0.1', '9400'], ['127.0.0.1', '99999', '3'],
            ['127.0.0.1', '9400', '-1'], ['127.0.0.1', '9400', 'three'],
            ['127.0.0.1', '9400', '3x']);
        my ($peer, $port) = receiver(sub { takes_rest($_[0], 1, 1) });
        all_well(you('127.0.0.1', $port, 1), $peer);
    };

stage 'what is lost is sent again',
    hand => ["$recv --drop-ack 2 127.0.0.1 9400", 'YOU 127.0.0.1 9400 3'],
    notes => 'udp/README.md, Stop and wait',
    why => 'When no ACK comes in time the reading or its ACK is lost: send the'
        . ' same bytes again, also of END.',
    hint => 'poll(2) returns 0 when the time is over. A timeout of 300 to 600 ms'
        . ' will do; udp/rto.h follows the round trips.',
    sub {
        my ($peer, $port) = receiver(sub {
            my ($sock) = @_;
            wants($sock, sample(1), 2);
            print "does not answer\n";
            wants($sock, sample(1), 1.5, 'No ACK has come: after a timeout of'
                . ' at most a second the same datagram is sent again.');
            answers($sock, ack(1));
            wants($sock, end_of(1), 2);
            print "does not answer\n";
            wants($sock, end_of(1), 1.5, 'END is acknowledged as well: send it'
                . ' again.');
            answers($sock, ack_of_end(1));
        });
        all_well(you('127.0.0.1', $port, 1), $peer);
    };

stage 'not before the timeout, and not for ever less',
    hand => \@hand,
    notes => 'udp/README.md, Stop and wait',
    why => 'Whoever sends again too soon fills the network with duplicates: wait'
        . ' 200 ms at least, and not shorter each time.',
    hint => 'RFC 6298: the timeout is doubled each time that it passes, up to a'
        . ' limit.',
    sub {
        my ($peer, $port) = receiver(sub {
            my ($sock) = @_;
            wants($sock, sample(1), 2);
            for (1 .. 3) {
                my $before = $came;
                wants($sock, sample(1), 1.5, 'It has not come again. The'
                    . ' timeout may grow, but only up to a second.');
                my $waited = $came - $before;
                die sprintf("200 ms at least until it is sent again\t%.0f ms"
                    . "\t\n", 1000 * $waited) if $waited < 0.18;
            }
            answers($sock, ack(1));
            takes_rest($sock, 2, 1);
        });
        all_well(you('127.0.0.1', $port, 1), $peer);
    };

stage 'an old ACK is none',
    hand => ["$recv 127.0.0.1 9400", 'build/udp/relay --dup-back 100 '
        . '127.0.0.1 9401 127.0.0.1 9400', 'YOU 127.0.0.1 9401 3'],
    notes => 'udp/README.md, Stop and wait',
    why => 'An ACK can come twice, and late: it counts only if kind and number'
        . ' are those of the reading that waits.',
    sub {
        my ($peer, $port) = receiver(sub {
            my ($sock) = @_;
            wants($sock, sample(1), 2);
            answers($sock, ack(1));
            wants($sock, sample(2), 2);
            answers($sock, ack(1));
            wants($sock, undef, 0.1, 'That was the ACK of #1 for the second time:'
                . ' neither is #2 acknowledged, nor is it time to send it'
                . ' again. Sending at each old ACK doubles them for ever: the'
                . ' Sorcerer\'s Apprentice, RFC 1123, section 4.2.3.1.');
            answers($sock, ack(2));
            wants($sock, end_of(2), 2);
            answers($sock, ack(2));
            wants($sock, end_of(2), 1.5, 'The ACK of END has kind 2: this was one'
                . ' of a reading with the same number, so END is sent again.');
            answers($sock, ack_of_end(2));
        });
        all_well(you('127.0.0.1', $port, 2), $peer);
    };

stage 'an answer that is no ACK is none',
    hand => \@hand,
    notes => 'udp/README.md, Any length',
    why => 'Any program can be at that port, and send anything: five bytes, kind'
        . ' and number in network byte order, or it is no ACK.',
    sub {
        my ($peer, $port) = receiver(sub {
            my ($sock) = @_;
            wants($sock, sample(1), 2);
            my @strange = (['of four bytes', substr ack(1), 0, 4],
                ['of six bytes', ack(1) . "\0"], ['without any byte', ''],
                ['with its number in host byte order', pack 'C V', 1, 1],
                ['of a kind that there is not', pack 'C N', 7, 1]);
            for (@strange) {
                my ($what, $bytes) = @$_;
                print "an answer $what:\n";
                answers($sock, $bytes);
                my ($got, $from) = receive_from($sock, 0.05);
                next if !defined $got || $got eq sample(1);
                die "#1 is not acknowledged\tsends the next one\tAn answer $what"
                    . " is no ACK.\n";
            }
            answers($sock, ack(1));
            my ($got) = receive_from($sock, 2);
            # It may have been sent again by the clock meanwhile.
            ($got) = receive_from($sock, 2) if ($got // '') eq sample(1);
            answers($sock, ack_of_end(1)) if ($got // '') eq end_of(1);
        });
        all_well(you('127.0.0.1', $port, 1), $peer);
    };

stage 'an ACK from another address is none',
    hand => \@hand,
    notes => 'udp/README.md, A connected datagram socket',
    why => 'On a socket that is not connected anything arrives, from anywhere:'
        . ' connect(2), or compare the address that recvfrom fills in.',
    sub {
        my ($peer, $port) = receiver(sub {
            my ($sock) = @_;
            wants($sock, sample(1), 2);
            send_to(udp_socket(), $asked, ack(1));
            wants($sock, undef, 0.1, 'That ACK came from another port than the'
                . ' receiver\'s: a stranger sent it.');
            answers($sock, ack(1));
            takes_rest($sock, 2, 1);
        });
        all_well(you('127.0.0.1', $port, 1), $peer);
    };

stage 'nobody is there: status 1, soon',
    hand => ['YOU 127.0.0.1 9400 3'],
    notes => 'udp/README.md, A connected datagram socket',
    why => 'Where nobody answers a sender gives up, with a line that says so;'
        . ' where the port is closed the kernel says it at once: ECONNREFUSED'
        . ' on a connected socket.',
    hint => 'An error of send or recv is the answer to an earlier datagram: end'
        . ' with status 1, or count it as no answer until the time is over.',
    sub {
        my $you = you('127.0.0.1', free_port(), 3);
        ends($you, 1, after => 'as nothing listens there', within => 6);
        says_why($you);
        my ($peer, $port) = receiver(sub {
            my ($sock) = @_;
            my $times = 0;
            $times++ while defined +(receive_from($sock, 2))[0];
            print "has got $times datagrams, and never answered\n";
            die "several datagrams before it gives up\t$times\tOne that is lost"
                . " is no reason to give up: try for some seconds.\n"
                if $times < 4;
        });
        $you = you('127.0.0.1', $port, 3);
        ends($you, 1, after => 'as nobody answers', within => 8);
        says_why($you);
        $you->{status} = 0; # that was right
        all_well($you, $peer);
    };

stage 'a signal is not the end',
    hand => ['strace -o log -e inject=poll:error=EINTR:when=1+2 '
        . 'YOU 127.0.0.1 9400 3'],
    notes => 'udp/README.md, Stop and wait',
    why => 'A signal handler that runs makes poll and select return -1 with'
        . ' EINTR: wait for what is left of the time.',
    sub {
        my ($peer, $port) = receiver(sub { takes_rest($_[0], 1, 3) });
        my $you = you('127.0.0.1', $port, 3, { inject =>
            'poll,ppoll,select,pselect6,epoll_wait:error=EINTR:when=1+2' });
        note('kernel', 'every second poll or select fails with EINTR');
        all_well($you, $peer);
    };

stage 'a network that loses, duplicates and reorders',
    hand => ["$recv 127.0.0.1 9400", 'build/udp/relay --loss 10 --dup 10 '
        . '--reorder 10 127.0.0.1 9401 127.0.0.1 9400', 'YOU 127.0.0.1 9401 15'],
    notes => 'udp/README.md, A bad network',
    why => 'Each reading is to arrive, whatever happens to datagrams and ACKs on'
        . ' their way.',
    sub {
        my $other = other($recv, '127.0.0.1', 0);
        my $relay = other('build/udp/relay', qw(--loss 10 --dup 10 --reorder 10),
            '127.0.0.1', 0, '127.0.0.1', ready_port($other),
            { name => 'network' });
        my $you = you('127.0.0.1', ready_port($relay), 15);
        wait_until(sub { $you->ended }, 12);
        ends($you, 0, after => 'when END is acknowledged');
        ends($other, 0, after => 'a while after END');
    };

solved 'Its timeout follows the round trips (RFC 6298, udp/rto.h), by which it'
    . ' is right on a fast network and on a slow one; and it leaves out round'
    . ' trips of what was sent twice (Karn).';
