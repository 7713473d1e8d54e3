# common/exercise/fifo/request_server.pl -- the stages of fifo/request_server.
use strict;
use warnings;
use Fcntl qw(O_RDONLY O_WRONLY O_RDWR O_NONBLOCK);
use POSIX qw(mkfifo);
use Grader;
use Process;
use Reading;

my $client = 'build/fifo/request_client';

# The 16 bytes of fifo/request.h. Kind 1 asks for a reading, 2 is END.
sub request {
    my ($kind, $pid, $seq) = @_;
    my $check = ~($kind + 31 * ($pid + 31 * $seq)) & 0xffffffff;
    return 'ask' . pack 'C N N N', $kind, $pid, $seq, $check;
}

my $server; # the one that was started last

sub server {
    my ($path, @how) = @_;
    return $server = ready_on($path, @how);
}

my $no_end = 'A FIFO is at its end whenever no process has it open for writing:'
    . ' before the first client, and after each. With a write end of its own'
    . ' the server never reads end of file.';

# Write these bytes into the FIFO of the requests, by the grader.
sub ask {
    my ($path, @writes) = @_;
    sysopen my $fifo, $path, O_WRONLY | O_NONBLOCK or fail(
        expected => "that $path is open for reading",
        came => "a client that opens it gets: $!");
    for (@writes) {
        note('other', 'writes ' . length($_) . ' bytes: ' . hex_of($_));
        syswrite $fifo, $_;
    }
}

# A client that does nothing: its process id, for which the server may look.
sub idle_client {
    return peer(sub { pause(60) }, 'client')->{pid};
}

# Such a client, whose FIFO the grader has open.
sub own_fifo {
    my ($path) = @_;
    my $number = idle_client();
    mkfifo("$path.$number", 0600) or die "mkfifo: $!";
    sysopen my $fifo, "$path.$number", O_RDWR | O_NONBLOCK or die "open: $!";
    note('client', "has made $path.$number and opened it");
    return ($number, $fifo);
}

# What has come in it, within 3 s.
sub answer_in {
    my ($fifo) = @_;
    my $bytes;
    return wait_until(sub { sysread $fifo, $bytes, 100 }, 3) ? $bytes : undef;
}

# One of our clients is served: this is how it is seen that all goes on.
sub serves {
    my ($path, $seq, %why) = @_;
    my $one = other($client, $path, $seq, { name => 'client' });
    wait_until(sub { $one->ended }, 4);
    fail(
        expected => 'that the server waits for its next client',
        came => 'it ' . $server->how_ended,
        $server->{status} == 0 ? (why => $no_end) : (),
    ) if $server->ended;
    fail(
        expected => 'that the next client is answered: ' . line_of($seq),
        came => $one->{err}[0] // $one->{out}[0] // 'nothing',
        %why,
    ) if ($one->{out}[0] // '') ne line_of($seq);
    return "client $one->{pid} asks for #$seq";
}

# END: it ends, has printed these lines, and the name is gone.
sub ends_by_request {
    my ($you, $path, $answered, @lines) = @_;
    ask($path, request(2, $$, 1));
    ends($you, 0, after => 'as END was written');
    prints($you, ["ready on $path", @lines,
        "END: $answered requests answered"]);
    expect(!-e $path, expected => 'the FIFO has no name any more',
        came => "$path is still there",
        why => 'The name stays in the file system until a process removes it:'
            . ' unlink(2).');
}

stage 'a client is answered in its own FIFO',
    hand => ['YOU requests', "$client --end requests 7"],
    notes => 'fifo/README.md, One server, many clients',
    why => 'The request has the client\'s process id; its FIFO is named after'
        . ' that: requests.PID. Open it, write the 17 bytes, close it.',
    hint => 'request_decode() and request_answer_path() of fifo/request.h.',
    sub {
        my $path = file('requests');
        my $you = server($path);
        ends_by_request($you, $path, 1, serves($path, 7));
    };

stage 'wrong arguments, and a name that is taken',
    hand => ['YOU', 'echo precious >requests; YOU requests'],
    notes => 'fifo/README.md, Which processes may open it',
    why => 'Only a FIFO of the same user is taken over; anything else of that'
        . ' name is left alone, with status 1.',
    sub {
        wrong_arguments([], ['one', 'two']);
        a_name_is_taken();
    };

stage 'when the last client has left the server stays',
    hand => ['YOU requests', "$client requests 1; sleep 1; $client requests 2"],
    notes => 'fifo/README.md, End of file, again and again',
    why => $no_end,
    hint => 'open it once more, O_WRONLY, and never write there.',
    sub {
        my $path = file('requests');
        my $you = server($path);
        my @lines = map { serves($path, $_) } 1, 2;
        wait_until(sub { $you->ended }, 0.3);
        expect(!$you->ended, expected => 'it waits for the next client',
            came => 'it ' . $you->how_ended);
        expect(wait_until(sub { !$you->is_busy }, 2),
            expected => 'it sleeps until a client comes',
            came => 'it ' . $you->doing);
        ends_by_request($you, $path, 3, @lines, serves($path, 3));
    };

stage 'eight clients at once',
    hand => ['YOU requests',
        "for i in 1 2 3 4 5 6 7 8; do $client requests \$i & done; wait"],
    notes => 'fifo/README.md, One server, many clients',
    why => 'Each request is 16 bytes and arrives whole, but several may have'
        . ' come when you read: each is answered, in the FIFO of the client'
        . ' that asked.',
    sub {
        my $path = file('requests');
        my $you = server($path);
        my @clients = map { [own_fifo($path)] } 1 .. 8;
        ask($path, join '', map { request(1, $clients[$_][0], $_ + 1) } 0 .. 7);
        for my $i (0 .. 7) {
            my $came = answer_in($clients[$i][1]);
            expect(defined $came && $came eq sample($i + 1),
                expected => "in the FIFO of client $clients[$i][0]:\n"
                    . describe(sample($i + 1)),
                came => defined $came ? describe($came) : 'nothing');
        }
        ends_by_request($you, $path, 8,
            map { "client $clients[$_][0] asks for #" . ($_ + 1) } 0 .. 7);
    };

stage 'what is no request is skipped',
    hand => ['YOU requests', 'echo hello >requests', "$client requests 7"],
    notes => 'fifo/README.md, One server, many clients',
    why => 'Any process that may open the FIFO can write anything into it, also'
        . ' a part of a request. A request begins with "ask" and ends with a'
        . ' checksum: what does not fit is skipped, byte by byte, until one'
        . ' does.',
    hint => 'Keep 16 bytes. If they are no request, drop the first one, move the'
        . ' others, and read one more.',
    sub {
        my $path = file('requests');
        my $you = server($path);
        my @lines;
        my $damaged = request(1, 77, 7);
        substr($damaged, 11, 1) ^= "\1";
        for (["hello\n", 6], [substr(request(1, 77, 7), 0, 9), 9],
            [$damaged, 16], [request(9, 77, 7), 16], ["aska" x 5, 20]) {
            my ($bytes, $skipped) = @$_;
            my ($number, $fifo) = own_fifo($path);
            my $seq = @lines + 1;
            ask($path, $bytes . request(1, $number, $seq));
            push @lines, "skipped $skipped bytes: not a request",
                "client $number asks for #$seq";
            my $came = answer_in($fifo);
            expect(defined $came && $came eq sample($seq),
                expected => "the request behind $skipped other bytes ("
                    . hex_of($bytes) . ') is answered',
                came => defined $came ? describe($came) : 'no answer in 3 s: it '
                    . $you->doing);
        }
        ends_by_request($you, $path, 5, @lines);
    };

stage 'a client that is gone, or does not wait',
    hand => ['YOU requests', 'mkfifo requests.4711', "$client requests 7"],
    notes => 'fifo/README.md, One server, many clients',
    why => 'A server that waits for one client keeps all others waiting. The'
        . ' client has its read end open before it asks: with O_NONBLOCK, open'
        . ' says ENXIO if it has not, and does not wait.',
    sub {
        my $path = file('requests');
        my $you = server($path);
        my ($none, $waits_not) = (idle_client(), idle_client());
        ask($path, request(1, $none, 1));
        my @lines = ("client $none asks for #1",
            [qr/^client $none\b/, "client $none has no FIFO here, or so"]);
        push @lines, serves($path, 2);
        mkfifo("$path.$waits_not", 0600) or die $!;
        ask($path, request(1, $waits_not, 3));
        push @lines, "client $waits_not asks for #3",
            [qr/^client $waits_not\b/, "client $waits_not does not wait, or so"];
        push @lines, serves($path, 4);
        ends_by_request($you, $path, 2, @lines);
    };

stage 'a client that does not read',
    hand => ['YOU requests', "$client requests 7"],
    notes => 'fifo/README.md, One server, many clients',
    why => 'A client may leave its FIFO full, by malice or because it is'
        . ' stopped. write would wait for it, and all others with it: with'
        . ' O_NONBLOCK it fails with EAGAIN.',
    sub {
        my $path = file('requests');
        my $you = server($path);
        my ($number, $fifo) = own_fifo($path);
        1 while syswrite $fifo, 'x' x 4096;
        note('other', "has filled $path.$number");
        ask($path, request(1, $number, 1));
        my $served = serves($path, 2);
        ends_by_request($you, $path, 1, "client $number asks for #1",
            [qr/^client $number\b/, "client $number has not got it, or so"],
            $served);
    };

stage 'a client that ends while it is answered',
    hand => ['strace -P requests.PID -e inject=write:error=EPIPE:signal=SIGPIPE'
        . ' YOU requests', "$client requests 7"],
    notes => 'fifo/README.md, One server, many clients',
    why => 'A write without a reader raises SIGPIPE, and that ends a process'
        . ' that neither ignores nor catches it: all other clients lose their'
        . ' server because one of them has left.',
    hint => 'signal(SIGPIPE, SIG_IGN): then write fails with EPIPE.',
    sub {
        my $path = file('requests');
        my ($number, $fifo) = own_fifo($path);
        my $you = server($path, { inject => 'write:error=EPIPE:signal=SIGPIPE',
            only => "$path.$number" });
        note('kernel', "a write into $path.$number fails with EPIPE, and raises"
            . ' SIGPIPE');
        ask($path, request(1, $number, 1));
        my $served = serves($path, 2);
        ends_by_request($you, $path, 1, "client $number asks for #1",
            [qr/^client $number\b/, "client $number has not got it, or so"],
            $served);
    };

stage 'a file or a link in the place of a client\'s FIFO',
    hand => ['YOU requests', 'ln -s precious requests.4711'],
    notes => 'fifo/README.md, One server, many clients',
    why => 'The name follows from a number that the client has sent: anything'
        . ' may be there. Look that it is a FIFO of the same user, and open it'
        . ' with O_NOFOLLOW, so that no link leads elsewhere.',
    sub {
        my $path = file('requests');
        my $you = server($path);
        my ($file, $link) = (idle_client(), idle_client());
        my $precious = file('precious');
        for ("$path.$file", $precious) {
            open my $new, '>', $_ or die $!;
            print $new "precious\n";
        }
        symlink $precious, "$path.$link" or die $!;
        ask($path, request(1, $file, 1), request(1, $link, 2));
        my $served = serves($path, 3);
        for ("$path.$file", $precious) {
            expect(-s $_ == 9, expected => "$_ is as it was",
                came => 'it has ' . (-s _) . ' bytes in place of 9');
        }
        ends_by_request($you, $path, 1, "client $file asks for #1",
            [qr/^client $file\b/, "client $file has no FIFO here, or so"],
            "client $link asks for #2",
            [qr/^client $link\b/, "client $link has no FIFO here, or so"],
            $served);
    };

stage 'there is one server, and a killed one is replaced',
    hand => ['YOU requests', 'YOU requests', 'kill -9 PID; YOU requests'],
    notes => 'fifo/README.md, One server, many clients',
    why => 'Of two servers each would get some of the requests. A lock on the'
        . ' FIFO, flock(2), refuses the second one; the lock of a killed'
        . ' server is gone, its FIFO is not, and is taken over.',
    sub {
        my $path = file('requests');
        my $you = server($path);
        my $second = you($path, { name => 'you too' });
        ends($second, 1, after => 'as another server reads that FIFO');
        says_why($second);
        expect(-p $path, expected => 'the FIFO of the first one',
            came => 'the second one has removed it');
        serves($path, 1);
        $you->signal('KILL');
        wait_until(sub { $you->ended }, 2);
        my $third = server($path, { name => 'third' });
        ends_by_request($third, $path, 1, serves($path, 2));
    };

stage '^C and TERM take the name along',
    hand => ['YOU requests', 'kill -INT PID', 'ls requests'],
    notes => 'fifo/README.md, Remember',
    why => 'The name outlives the process: remove it in a handler, and end by'
        . ' that signal.',
    sub {
        for (['INT', 2], ['TERM', 15]) {
            my ($signal, $number) = @$_;
            my $path = file("requests$signal");
            my $you = server($path);
            $you->signal($signal);
            ends($you, $signal, after => "by SIG$signal", number => $number);
            expect(wait_until(sub { !-e $path }, 0.5),
                expected => "the name is removed, by SIG$signal",
                came => "$path is still there");
        }
    };

stage 'a full disk: status 1, and no name is left',
    hand => ['YOU requests >/dev/full; echo $?'],
    notes => 'README.md, How to read it',
    why => 'Output that cannot be written is an error, also in the line that'
        . ' says ready: clients would wait for it for ever.',
    sub {
        my $path = file('requests');
        my $you = you($path, { stdout => '/dev/full' });
        wait_until(sub { $you->ended }, 0.3); # it may stop at ready
        ask($path, request(2, $$, 1)) if !$you->ended && -p $path;
        full_disk($you);
        expect(!-e $path, expected => 'no FIFO is left', came => 'there is one');
    };

solved 'It removes the FIFOs of clients that no longer exist, by asking whether'
    . ' there is a process of that number, and answers slowly if told so'
    . ' (--slow), to be left in the middle.';
