# common/exercise/tcp/fork_server.pl -- the stages of tcp/fork_server.
use strict;
use warnings;
use Grader;
use Net;
use Process;
use Reading;
use Socket qw(SOL_SOCKET SO_LINGER);

my $client = 'build/tcp/client';

# Start the student's server on a free port: (it, the port).
sub server {
    my $you = you(@_, '127.0.0.1', 0);
    return ($you, ready_port($you));
}

# The answer to reading n: that, with the mean of n readings.
sub mean_of {
    my ($n) = @_;
    my $sum = 0;
    $sum += Reading::tenths_of($_) for 1 .. $n;
    return reading_bytes(DATA_KIND, $n, int($sum / $n), 'oslo');
}

# What has come is this message.
sub is_answer {
    my ($you, $c, $wanted, $what) = @_;
    my ($bytes, $over) = hears($c, 17, 2);
    return note($c->{name}, "gets $what") if $bytes eq $wanted;
    fail(
        expected => "$what, for the $c->{name} client:\n" . describe($wanted),
        came => (length $bytes ? describe($bytes) : 'nothing')
            . (defined $over ? ", and then $over"
                : length $bytes < 17 ? ' in 2 s' : '')
            . fate_of($you),
    );
}

# It sends its next readings, and each is answered.
sub asks {
    my ($you, $c, $n) = @_;
    for (1 .. $n) {
        my $seq = ++$c->{seq};
        says($c, sample($seq), "#$seq");
        is_answer($you, $c, mean_of($seq), "the mean of $seq");
    }
}

sub says_end { says($_[0], end_of($_[0]{seq}), 'END') }

# It sends END, and gets its answer and end of file.
sub leaves {
    my ($you, $c) = @_;
    says_end($c);
    is_answer($you, $c, end_of($c->{seq}), 'END');
    closed($c, 'after END');
}

# The server closes this connection, and sends nothing more.
sub closed {
    my ($c, $after) = @_;
    my ($bytes, $over) = hears($c, 1, 1.5);
    return if $bytes eq '' && defined $over;
    fail(
        expected => "end of file for the $c->{name} client, $after",
        came => length $bytes ? "more bytes: " . hex_of($bytes)
            : 'the connection is open, 1.5 s later',
    );
}

# The server goes on.
sub still_there {
    my ($you, $after) = @_;
    my $fate = fate_of($you);
    expect(!$fate, expected => "the server goes on, $after",
        came => $fate =~ s/^; the server/it/r);
}

# All have been served: it ends. If not, a child that goes on may be the reason.
sub is_over {
    my ($you, $what) = @_;
    ends($you, 0, after => "as $what", hang => sub {
        my @live = grep { $_->[1] ne 'Z' } $you->children or return;
        return why => "Its child $live[0][0] goes on, although its client has"
            . ' gone: a child serves one client, and then ends. Without'
            . ' _exit(2) it goes on with what is the parent\'s.';
    });
}

stage 'one client: each reading is answered with the mean so far',
    hand => ['YOU --clients 1 127.0.0.1 9400', "$client 127.0.0.1 9400 3"],
    notes => 'tcp/README.md, Five servers',
    why => 'The answer to a reading is that reading, but for its tenths: those'
        . ' are the sum of all of this client divided by its number. Numbers'
        . ' are in network byte order.',
    hint => 'serve() of tcp/service.h does all of it for one connection.',
    sub {
        my ($you, $port) = server('--clients', 1);
        expect(is_bound('tcp', $port),
            expected => "a socket that listens on port $port, at ready",
            came => 'there is none in /proc/net/tcp',
            why => 'Clients may come as soon as ready is said: listen first.');
        my $c = caller_of($you, $port, 'first');
        asks($you, $c, 4);
        says_end($c);
        is_answer($you, $c, end_of(4), 'END');
        is_over($you, 'its only client has been served');
    };

stage 'wrong arguments: usage, and status 2',
    hand => ['YOU', 'YOU --clients 0 127.0.0.1 9400', 'YOU 192.0.2.1 9400'],
    notes => 'README.md, How to read it',
    why => 'A port is a number from 0 to 65535, a number of clients is 1 at'
        . ' least: anything else is a wrong argument, status 2. An address that'
        . ' this machine has not is a call that fails: status 1.',
    sub {
        wrong_arguments([], ['127.0.0.1'], ['127.0.0.1', '99999'],
            ['127.0.0.1', '0', 'three'], ['--clients', '0', '127.0.0.1', '0'],
            ['--clients', 'all', '127.0.0.1', '0']);
        not_our_address();
    };

stage 'the port is taken: status 1',
    hand => ["build/tcp/fork_server 127.0.0.1 9400 &", 'YOU 127.0.0.1 9400'],
    notes => 'tcp/README.md, Break it',
    why => 'bind(2) fails while another socket listens there: say so, and do'
        . ' not say ready.',
    sub {
        my $taken = tcp_socket();
        my $you = you('127.0.0.1', port_of($taken));
        ends($you, 1, after => 'as another program listens on that port');
        says_why($you, qr/Address already in use/, 'Address already in use');
        prints($you, []);
    };

stage 'a client that is slow holds up nobody',
    hand => ['YOU 127.0.0.1 9400', 'nc 127.0.0.1 9400',
        "$client --clients 2 127.0.0.1 9400 3"],
    notes => 'tcp/README.md, Five servers',
    why => 'Who waits for one client can accept no other. The child waits for'
        . ' its client; the parent goes back to accept at once.',
    hint => 'fork(2) after each accept; only the child calls serve().',
    sub {
        my ($you, $port) = server();
        my $silent = caller_of($you, $port, 'silent');
        my $half = caller_of($you, $port, 'halting');
        says($half, substr(sample(1), 0, 9), 'half of #1');
        my $quick = caller_of($you, $port, 'quick');
        asks($you, $quick, 3);
        says($half, substr(sample(1), 9), 'the rest of #1');
        is_answer($you, $half, mean_of(1), 'the mean of 1');
        $half->{seq} = 1;
        asks($you, $silent, 2);
        says_end($_) for $quick, $half, $silent;
        is_answer($you, $_, end_of($_->{seq}), 'END')
            for $quick, $half, $silent;
    };

stage 'a client sees end of file when its conversation has ended',
    hand => ['YOU --clients 2 127.0.0.1 9400', "$client 127.0.0.1 9400 3"],
    notes => 'tcp/README.md, Five servers',
    why => 'After fork both processes hold the connection, and it is closed'
        . ' only when its last descriptor is. The parent has to close its own:'
        . ' the child goes on with the other one.',
    hint => 'close(connection) in the parent, after fork.',
    sub {
        my ($you, $port) = server('--clients', 2);
        my $c = caller_of($you, $port, 'first');
        asks($you, $c, 2);
        leaves($you, $c);
    };

stage 'a child that ends interrupts accept, but not the server',
    hand => ['YOU --clients 3 127.0.0.1 9400',
        "for i in 1 2 3; do $client 127.0.0.1 9400 3; done",
        'kill -CHLD PID: the same, while a client is connected'],
    notes => 'tcp/README.md, Five servers',
    why => 'SIGCHLD has a handler, so accept fails with EINTR whenever a child'
        . ' ends: call it again. And a handler that waits (waitpid without'
        . ' WNOHANG) holds up all: SIGCHLD may come without a child that has'
        . ' ended.',
    hint => 'errno == EINTR: continue; or SA_RESTART. waitpid with WNOHANG.',
    sub {
        my ($you, $port) = server('--clients', 4);
        for my $n (1, 2) {
            my $c = caller_of($you, $port, $n == 1 ? 'first' : 'second');
            asks($you, $c, 1);
            leaves($you, $c);
            still_there($you, "when $n of 4 clients have been served");
        }
        my $third = caller_of($you, $port, 'third');
        asks($you, $third, 1);
        $you->signal('CHLD');
        still_there($you, 'as a signal has come');
        my $last = caller_of($you, $port, 'last');
        asks($you, $last, 1);
        leaves($you, $_) for $last, $third;
        is_over($you, 'four clients have been served');
    };

stage 'a child for each client, and no zombies',
    hand => ['YOU 127.0.0.1 9400', "$client --clients 4 127.0.0.1 9400 3",
        'ps --ppid PID -o pid,stat,comm'],
    notes => 'tcp/README.md, Break it',
    why => 'A child that has ended stays in the process table, as a zombie,'
        . ' until its parent has waited for it. A signal that is pending'
        . ' already is not counted: one SIGCHLD may stand for several'
        . ' children.',
    hint => 'In the handler: while (waitpid(-1, NULL, WNOHANG) > 0).',
    sub {
        my ($you, $port) = server('--clients', 5);
        my @callers = map { caller_of($you, $port, $_) }
            qw(first second third fourth);
        asks($you, $_, 1) for @callers;
        my $children = $you->children;
        expect($children == 4,
            expected => '4 children of the server, while 4 clients talk',
            came => "$children",
            why => 'A child for each client, and the parent for none: fork'
                . ' after accept.');
        # All end while the server cannot look: their signals become one.
        $you->signal('STOP');
        says_end($_) for @callers;
        is_answer($you, $_, end_of(1), 'END') for @callers;
        my $live = sub { grep { $_->[1] ne 'Z' } $you->children };
        expect(wait_until(sub { !$live->() }, 2),
            expected => 'each child has ended, after END',
            came => scalar(() = $live->()) . ' of 4 are still running',
            why => 'The child serves one client, and is to end then: without'
                . ' _exit(2) it goes on with what is the parent\'s.');
        $you->signal('CONT');
        my $left;
        expect(wait_until(sub { !($left = () = $you->children) }, 1.5),
            expected => 'no zombie, as all four children have ended',
            came => "$left of them, 1.5 s later");
        my $last = caller_of($you, $port, 'last');
        asks($you, $last, 1);
        leaves($you, $last);
        is_over($you, 'five clients have been served');
        leaves_no_process();
    };

stage 'it ends when the last child has ended',
    hand => ['YOU --clients 2 127.0.0.1 9400',
        "$client --clients 2 --pause 500 127.0.0.1 9400 5"],
    notes => 'tcp/README.md, Five servers',
    why => 'After the last accept its children still serve. A server that ends'
        . ' now leaves them alone: its caller thinks that all is done.',
    hint => 'waitpid until there is no child any more: ECHILD, or by count.',
    sub {
        my ($you, $port) = server('--clients', 2);
        my @callers = map { caller_of($you, $port, $_) } qw(first last);
        asks($you, $_, 2) for @callers;
        still_there($you, 'as both of its clients still talk');
        leaves($you, $callers[1]);
        still_there($you, 'as the first client still talks');
        asks($you, $callers[0], 1);
        leaves($you, $callers[0]);
        is_over($you, 'both clients have been served');
        leaves_no_process();
    };

stage 'a child that serves does not keep the port',
    hand => ['YOU 127.0.0.1 9400', 'nc 127.0.0.1 9400', 'kill -9 PID',
        'YOU 127.0.0.1 9400'],
    notes => 'tcp/README.md, Five servers',
    why => 'A socket listens until its last descriptor is closed, and fork has'
        . ' copied it. A child that keeps the listener keeps the port, although'
        . ' it never accepts: new clients wait for ever.',
    hint => 'close(listener) in the child, before it serves.',
    sub {
        my ($you, $port) = server();
        my $c = caller_of($you, $port, 'first');
        asks($you, $c, 1);
        $you->signal('KILL');
        expect(wait_until(sub { $you->ended && !is_bound('tcp', $port) }, 1.5),
            expected => "nothing listens on port $port, the parent was killed",
            came => 'something does, 1.5 s later: a child has the listener');
        my $again = you('127.0.0.1', $port);
        ready($again, "ready on 127.0.0.1:$port") if !wait_until(sub {
            $again->ended }, 0.3) || !grep { /in use/ } @{ $again->{err} };
        expect(!$again->ended,
            expected => "a new server on port $port, while a child serves",
            came => $again->{err}[-1] // $again->how_ended,
            why => 'A connection with that port still exists: bind refuses'
                . ' unless SO_REUSEADDR was set before.');
        my $next = caller_of($you, $port, 'next');
        asks($again, $next, 1);
        leaves($again, $next);
    };

stage 'fifty clients: each its own mean, and no descriptor more',
    hand => ['YOU 127.0.0.1 9400', "$client --clients 10 127.0.0.1 9400 20",
        'ls /proc/PID/fd'],
    notes => 'tcp/README.md, Five servers',
    why => 'Each accept makes a descriptor in the parent. shutdown(2) ends the'
        . ' conversation, but only close(2) gives the descriptor back: with'
        . ' 1024 of them accept fails with EMFILE.',
    hint => 'close(connection) in the parent, after fork, on every way.',
    sub {
        my ($you, $port) = server('--clients', 51);
        my $before = $you->descriptors;
        for (1 .. 5) {
            my $ten = other($client, '--clients', 10, '127.0.0.1', $port, 20);
            ends($ten, 0, after => 'when ten at once have been answered');
            my $mean = sprintf '%.1f', (unpack 'x5 n!', mean_of(20)) / 10;
            my @well = grep { /: 20 readings, mean \Q$mean\E C$/ }
                @{ $ten->{out} };
            expect(@well == 10,
                expected => "10 clients with 20 readings and a mean of $mean C",
                came => join '; ', @{ $ten->{out} },
                why => 'Each client has a sum of its own.');
        }
        my $after;
        expect(wait_until(sub { ($after = $you->descriptors) <= $before }, 1),
            expected => "$before open descriptors in the server, as before",
            came => "$after");
        my $last = caller_of($you, $port, 'last');
        asks($you, $last, 1);
        leaves($you, $last);
        is_over($you, '51 clients have been served');
    };

stage 'garbage, a stream cut off, a reset: each ends its own client alone',
    hand => ['YOU 127.0.0.1 9400',
        q{printf 'GET / HTTP/1.1\r\n\r\n' >/dev/tcp/127.0.0.1/9400},
        "$client 127.0.0.1 9400 3"],
    notes => 'tcp/README.md, Five servers',
    why => 'What is no reading, end of file before END, or a reset is the fault'
        . ' of one client: its child closes the connection and ends. The server'
        . ' goes on, with all others, and ends with status 0.',
    sub {
        my ($you, $port) = server('--clients', 6);
        my $good = caller_of($you, $port, 'good');
        asks($you, $good, 1);
        my $own = 'after what is no reading';
        my $kind = caller_of($you, $port, 'strange');
        says($kind, "\7" . substr(sample(1), 1), 'a reading of kind 7');
        closed($kind, $own);
        my $http = caller_of($you, $port, 'lost');
        says($http, "GET / HTTP/1.1\r\n\r\n", 'a request for a web page');
        closed($http, $own);
        my $short = caller_of($you, $port, 'short');
        asks($you, $short, 1);
        says($short, substr(sample(2), 0, 5), 'five bytes, and end of file');
        shutdown $short->{sock}, 1;
        closed($short, 'after end of file within a reading');
        my $reset = caller_of($you, $port, 'rude');
        asks($you, $reset, 1);
        says($reset, sample(2) x 500, '500 readings, and a reset');
        setsockopt $reset->{sock}, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0;
        close $reset->{sock};
        still_there($you, 'when four clients have failed');
        asks($you, $good, 2);
        leaves($you, $good);
        my $last = caller_of($you, $port, 'last');
        asks($you, $last, 1);
        leaves($you, $last);
        is_over($you, 'all six clients have gone');
        leaves_no_process();
    };

full_disk_stage 'a full disk: status 1',
    hand => ['YOU --clients 1 127.0.0.1 9400 >/dev/full; echo $?',
        "$client 127.0.0.1 9400 3"],
    begin => sub {
        my @here = ('127.0.0.1', free_port('tcp'));
        return (['--clients', 1, @here], sub { is_bound('tcp', $here[1]) },
            [$client, @here, 3]);
    };

solved 'Its handler counts the children, and beyond --limit a client is told'
    . ' that there is no room, instead of being left to wait. --zombies,'
    . ' --leave-open and --keep-listener show what each close and each wait is'
    . ' for.';
