# common/exercise/tcp/framing_recv.pl -- the stages of tcp/framing_recv.
use strict;
use warnings;
use Grader;
use Net;
use Process;
use Reading;
use Socket qw(IPPROTO_TCP TCP_NODELAY);

my $send = 'build/tcp/framing_send';
my @hand = ('YOU 127.0.0.1 9400', "$send 127.0.0.1 9400 calm snow wind");

# A message in its frame.
sub frame { return pack 'n/a*', $_[0] }
sub said { return frame(sample($_[0]) . $_[1]) }
sub said_end { return frame(end_of($_[0])) }

# In a peer: a connection on which each write is a segment of its own.
sub connection {
    my ($port) = @_;
    my $sock = tcp_connect($port);
    setsockopt $sock, IPPROTO_TCP, TCP_NODELAY, 1 or die "TCP_NODELAY: $!";
    return $sock;
}

sub sends {
    my ($sock, $bytes, $what) = @_;
    print "sends $what\n" if defined $what;
    my $n = syswrite $sock, $bytes;
    die "write: $!\n" if !defined $n;
}

# All of the lines, and status 0.
sub all_arrive {
    my ($you, $port, $lines, %more) = @_;
    my $n = @$lines;
    # What it has printed says more than the status that came of it.
    ends($you, 0, after => 'when END has come', %more)
        if !wait_until(sub { $you->ended }, 5);
    prints($you, ["ready on 127.0.0.1:$port",
        (map { line_of($_) . ": $lines->[$_ - 1]" } 1 .. $n),
        "$n of $n readings arrived"], %more);
    ends($you, 0, after => 'when END has come', %more);
}

my @long = ('x' x 40, '', 'y');

stage 'three readings arrive, each with its remark',
    hand => \@hand,
    notes => 'tcp/README.md, The calls',
    why => 'A frame is two bytes of length, in network byte order, and then as'
        . ' many bytes: a reading of 17, and a remark of 0 to 40.',
    hint => 'Receive two bytes, then as many as they say: recv(2) with'
        . ' MSG_WAITALL.',
    sub {
        my ($you, $port) = ready_at('127.0.0.1');
        expect(is_bound('tcp', $port),
            expected => "a socket that listens on port $port, when ready is said",
            came => 'there is none in /proc/net/tcp',
            why => 'The sender may come as soon as ready is said: listen first.');
        other($send, '127.0.0.1', $port, qw(calm snow wind));
        all_arrive($you, $port, [qw(calm snow wind)]);
    };

stage 'no reading at all, no remark, the longest remark',
    hand => ['YOU 127.0.0.1 9400', "$send 127.0.0.1 9400 ''"],
    notes => 'tcp/README.md, The calls',
    why => 'A remark has 0 to 40 bytes, and no NUL at its end: the length says'
        . ' where it ends.',
    sub {
        my ($you, $port) = ready_at('127.0.0.1');
        other($send, '127.0.0.1', $port);
        all_arrive($you, $port, []);
        ($you, $port) = ready_at('127.0.0.1');
        other($send, '127.0.0.1', $port, @long);
        all_arrive($you, $port, \@long);
    };

socket_arguments_stage();

stage 'the stream comes byte by byte',
    hand => ['YOU 127.0.0.1 9400', "$send --dribble 127.0.0.1 9400 calm snow"],
    notes => 'tcp/README.md, The calls',
    why => 'recv returns what has arrived, one byte at least: even the two bytes'
        . ' of a length can come one by one. Receive until there are as many as'
        . ' you want.',
    hint => 'A loop that adds up what recv returns, or MSG_WAITALL.',
    sub {
        my ($you, $port) = ready_at('127.0.0.1');
        peer(sub {
            my $sock = connection($port);
            my $all = said(1, 'calm') . said(2, 'snow') . said_end(2);
            print "sends ", length $all, " bytes, one at a time\n";
            for my $byte (split //, $all) {
                sends($sock, $byte);
                pause(0.003);
            }
        });
        all_arrive($you, $port, [qw(calm snow)]);
    };

stage 'the stream comes in two pieces, cut anywhere',
    hand => \@hand,
    notes => 'tcp/README.md, The calls',
    why => 'A frame can be cut behind its first byte, within its reading, or'
        . ' within its remark: TCP knows of no frames.',
    sub {
        my $all = said(1, 'calm') . said_end(1);
        for my $cut (1, 2, 5, 20, 23, 24, 30) {
            my ($you, $port) = ready_at('127.0.0.1');
            peer(sub {
                my $sock = connection($port);
                sends($sock, substr($all, 0, $cut), "the first $cut bytes");
                pause(0.02);
                sends($sock, substr($all, $cut), 'the others');
            });
            all_arrive($you, $port, ['calm']);
        }
    };

stage 'three hundred frames in one write',
    hand => \@hand,
    notes => 'tcp/README.md, The calls',
    why => 'What was written by many writes can be there all at once: one recv'
        . ' may return the end of one frame and the beginning of the next.'
        . ' Take no more than the length says, or keep the rest.',
    sub {
        my ($you, $port) = ready_at('127.0.0.1');
        my @remarks = map { 'r' x ($_ % 41) } 1 .. 300;
        peer(sub {
            my $sock = connection($port);
            my $all = join '', map { said($_, $remarks[$_ - 1]) } 1 .. 300;
            sends($sock, $all . said_end(300), 'all frames in one write');
        });
        all_arrive($you, $port, \@remarks);
    };

stage 'what is no text is not shown as it is',
    hand => \@hand,
    notes => 'tcp/README.md, Remember',
    why => 'Bytes that come from outside can move the cursor of a terminal, or'
        . ' worse: show what is not printable as a question mark.',
    hint => 'isprint(3); message_report() of tcp/frame.h does that.',
    sub {
        my ($you, $port) = ready_at('127.0.0.1');
        peer(sub {
            my $sock = connection($port);
            sends($sock, said(1, "red\e[31m\0\n!") . said_end(1),
                'a remark with ESC, NUL and a line break');
        });
        all_arrive($you, $port, ['red?[31m??!']);
    };

stage 'a frame that holds no reading is skipped',
    hand => \@hand,
    notes => 'tcp/README.md, The calls',
    why => 'The length was right, so the next frame is where it should be: say'
        . ' that this one was no reading, and go on.',
    sub {
        my ($you, $port) = ready_at('127.0.0.1');
        my @strange = ("\7" . substr(sample(1), 1), "\0" x 30,
            substr(sample(1), 0, 7) . 'o' x 10);
        peer(sub {
            my $sock = connection($port);
            for (0 .. $#strange) {
                print "a frame that holds ", hex_of($strange[$_]), "\n";
                sends($sock, frame($strange[$_]) . said($_ + 1, 'calm'));
            }
            sends($sock, said_end(3), 'END');
        });
        ends($you, 0, after => 'when END has come');
        prints($you, ["ready on 127.0.0.1:$port",
            (map { ('skipped ' . length($strange[$_ - 1])
                . ' bytes: not a reading', line_of($_) . ': calm') } 1 .. 3),
            '3 of 3 readings arrived']);
    };

stage 'a length that cannot be is the end: status 1',
    hand => ['YOU 127.0.0.1 9400',
        q{printf 'GET / HTTP/1.1\r\n\r\n' >/dev/tcp/127.0.0.1/9400}],
    notes => 'tcp/README.md, Break it',
    why => 'A frame has 17 to 57 bytes. In a stream without boundaries there is'
        . ' nothing by which to find the next frame: give up, and say so.'
        . ' And never receive more than the buffer holds because a stranger says'
        . ' so.',
    hint => 'errx(1, ...) as soon as the length is out of range, before another'
        . ' byte is received.',
    sub {
        for (['of 16', pack 'n', 16], ['of 58', pack('n', 58) . 'x' x 58],
            ['of 65535', pack('n', 65535) . 'x' x 3000], ['of 0', "\0\0"],
            ['that is GE', "GET / HTTP/1.1\r\n\r\n"]) {
            my ($what, $bytes) = @$_;
            my ($you, $port) = ready_at('127.0.0.1');
            peer(sub {
                my $sock = connection($port);
                sends($sock, said(1, 'calm') . $bytes, "#1, and a length $what");
                sysread $sock, my $rest, 1; # keep it open
            });
            ends($you, 1, after => "after a length $what");
            says_why($you, qr/length|frame/i, 'the length, or that this is no'
                . ' frame');
            prints($you, ["ready on 127.0.0.1:$port", line_of(1) . ': calm']);
        }
    };

stage 'the stream ends in the middle: status 1',
    hand => ['YOU 127.0.0.1 9400', "$send 127.0.0.1 9400 calm, killed"],
    notes => 'tcp/README.md, The calls',
    why => 'End of file within a frame, or before END, means that something is'
        . ' missing: that is not well.',
    hint => 'recv returns 0 at end of file; with MSG_WAITALL it returns less'
        . ' than was asked for, if the stream ends before.',
    sub {
        my $all = said(1, 'calm') . said(2, 'snow');
        for my $cut (0, 23, 24, 30, length $all) {
            my ($you, $port) = ready_at('127.0.0.1');
            peer(sub {
                my $sock = connection($port);
                sends($sock, substr($all, 0, $cut), "$cut bytes") if $cut > 0;
                close $sock;
                print "closes\n";
            });
            ends($you, 1, after => "after $cut bytes without END");
            says_why($you, qr/end of file|EOF|END|closed|missing|short/i,
                'end of file');
            prints($you, ["ready on 127.0.0.1:$port",
                map { line_of($_) . ': ' . (qw(calm snow))[$_ - 1] }
                    1 .. ($cut == length $all ? 2 : $cut >= 23 ? 1 : 0)]);
        }
    };

stage 'a sender that is slow is waited for',
    hand => \@hand,
    notes => 'tcp/README.md, The calls',
    why => 'A stream that is silent has not ended: end of file says when.',
    sub {
        my ($you, $port) = ready_at('127.0.0.1');
        peer(sub {
            my $sock = connection($port);
            sends($sock, substr(said(1, 'calm'), 0, 10), 'half of #1');
            print "is silent for 1.5 s\n";
            pause(1.5);
            sends($sock, substr(said(1, 'calm'), 10) . said_end(1), 'the rest');
        });
        all_arrive($you, $port, ['calm']);
    };

full_disk_stage 'a full disk: status 1',
    hand => ['YOU 127.0.0.1 9400 >/dev/full; echo $?',
        "$send 127.0.0.1 9400 calm"],
    begin => sub {
        my @here = ('127.0.0.1', free_port('tcp'));
        return (\@here, sub { is_bound('tcp', $here[1]) },
            [$send, @here, 'calm']);
    };

solved 'It asks the kernel to wait for all bytes (MSG_WAITALL) instead of adding'
    . ' up, and with --naive it shows what happens to a program that does'
    . ' neither.';
