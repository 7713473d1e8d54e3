# common/exercise/msg/ftp_client.pl -- the stages of msg/ftp_client.
use strict;
use warnings;
use IPC::Msg;
use IPC::SysV qw(IPC_STAT);
use Grader;
use Process;
use SysV;

use constant { DATA => 0x66747031, EOT => 0x66747032, ERROR => 0x66747033,
    PATH => 0x66747034, DONE => 0x66747035, CALL => 0x66747036 };

my @hand = ('build/msg/ftp_server . README.md', 'YOU README.md Makefile copy');

# A message of common/ftp.h: its head, and what is behind that.
sub message {
    my ($kind, $body, %wrong) = @_;
    return pack('N n n', $wrong{kind} // $kind, $wrong{version} // 1,
        ($wrong{size} // 8 + length $body)) . $body;
}
sub data { return message(DATA, pack('Q> Q>', @_[0, 1]) . $_[2]) }
sub eot { return message(EOT, pack 'Q> N', @_) }

sub cksum_of {
    my ($bytes) = @_;
    my $file = file('cksum');
    write_file($file, $bytes);
    my ($sum) = split / /, `cksum '$file'`;
    unlink $file;
    return $sum;
}

sub write_file {
    my ($path, $bytes) = @_;
    open my $file, '>', $path or die "$path: $!";
    print $file $bytes;
    close $file;
}

sub read_file {
    my ($path) = @_;
    open my $file, '<', $path or return;
    local $/;
    return <$file> // '';
}

# Bytes that differ everywhere.
sub bytes { return substr join('', map { pack 'N', $_ * 2654435761 % 2 ** 32 }
    0 .. $_[0] / 4), 0, $_[0] }

# The folders of a stage: what is served, and where copies go.
sub folders {
    mkdir file('root');
    mkdir file('to');
    return key_file();
}

sub server {
    my ($key) = @_;
    my $server = other('build/msg/ftp_server', file('root'), $key,
        { name => 'server' });
    expect(wait_until(sub { @{ $server->{out} } }, 5),
        expected => 'our server', came => $server->{err}[0] // 'nothing');
    return $server;
}

# The copy is the file, is all there is in its folder, and its sum is printed.
sub copied {
    my ($you, $name, $bytes, %more) = @_;
    ends($you, 0, after => 'when the file is there', %more);
    my $to = file("to/$name");
    my $copy = read_file($to);
    expect(defined $copy && $copy eq $bytes,
        expected => length($bytes) . " bytes in $to, as they were sent",
        came => defined $copy ? length($copy) . ' bytes, '
            . ($copy eq substr($bytes, 0, length $copy) ? 'the first ones'
                : 'other ones') : 'no such file');
    prints($you, [join ' ', cksum_of($bytes), length $bytes, $to]);
}

# Nothing is left where copies go, but these.
sub only {
    my @wanted = @_;
    opendir my $folder, file('to') or die $!;
    my @there = sort grep { !/^\.\.?$/ } readdir $folder;
    expect("@there" eq "@wanted",
        expected => @wanted ? "in the folder: @wanted" : 'an empty folder',
        came => "@there",
        why => 'What has not arrived whole must not get the name of the file,'
            . ' nor stay under another name: write into a temporary file, and'
            . ' rename it when all has been checked.',
        notes => 'msg/ftp.md, Remember');
}

# A server that is written here: takes one call, checks it, and goes on with
# what answer->(QUEUE) does. The queue of the call is in $called.
my $called;

sub fake_server {
    my ($key, $answer) = @_;
    my $queue = queue(IPC_CREAT);
    my $peer = peer(sub {
        my $send = sub {
            my ($to, $bytes, $type) = @_;
            $type //= unpack 'N', $bytes;
            msgsnd $to, pack('l! a*', $type, $bytes), 0
                or print "msgsnd: $!\n";
        };
        msgrcv $queue, my $buffer, 8192, 0, 0 or die "msgrcv: $!\n";
        my (undef, $call) = unpack 'l! a*', $buffer;
        my $client = unpack 'x8 N', $call;
        pause(0.1); # what the client does meanwhile
        print "CALL of queue $client: ", unpack('H*', $call), "\n";
        msgrcv $client, $buffer, 8192, PATH, IPC_NOWAIT
            or print "no PATH in queue $client: $!\n";
        my (undef, $path) = unpack 'l! a*', $buffer;
        print 'PATH: ', unpack('H*', $path), "\n";
        $answer->($client, $send);
    }, 'server');
    return $peer;
}

# The queue that the fake server was called with.
sub client_queue {
    my ($peer) = @_;
    wait_until(sub { grep { /^PATH|^no PATH/ } @{ $peer->{out} } }, 3);
    my ($queue) = ($peer->{out}[0] // '') =~ /^CALL of queue (\d+)/;
    Grader::at_end(sub { msgctl $queue, IPC_RMID, 0 }) if defined $queue;
    return $queue;
}

sub client_queue_is_gone {
    my ($queue, $after) = @_;
    return if !defined $queue;
    my $gone = wait_until(sub { !defined msgctl $queue, IPC_STAT, my $about },
        1);
    expect($gone, expected => "the client's queue is removed, $after",
        came => "queue $queue is still there: ipcs -q",
        why => 'An end that gives up removes the queue: EIDRM wakes the other'
            . ' one, and nothing stays in the kernel.',
        notes => 'msg/ftp.md, Remember');
    msgctl $queue, IPC_RMID, 0;
}

# Against such a server the client has to fail, in time, and to leave nothing.
sub fails_against {
    my ($what, $why, @messages) = @_;
    my $key = folders();
    unlink glob file('to/*');
    my $peer = fake_server($key, sub {
        my ($client, $send) = @_;
        print "sends $what\n";
        $send->($client, @$_) for @messages;
        pause(60);
    });
    my $you = you('--limit', 2, $key, 'file', file('to/copy'));
    my $queue = client_queue($peer);
    expect(defined $queue,
        expected => "a CALL in the server's queue, and PATH in that of the client",
        came => 'none in 3 s: it '
            . ($you->ended ? $you->how_ended : $you->doing));
    ends($you, 1, after => "as the server sent $what", why => $why,
        notes => 'msg/ftp.md, Remember');
    says_why($you);
    only();
    client_queue_is_gone($queue, 'as the client has given up');
    $peer->signal('KILL');
}

my $removes = 'DONE lies in the client\'s queue until the server takes it: who'
    . ' removes the queue at once, removes DONE. The server removes it; wait for'
    . ' that: msgrcv then fails with EIDRM, or EINVAL if it was called later.';

stage 'the request, byte by byte',
    hand => ['perl tests/ftp_peer.pl serve . README.md',
        'YOU README.md some/file copy'],
    notes => 'msg/ftp.md, Who is asking?',
    why => 'PATH has to lie in the client\'s queue when CALL arrives, and to stay'
        . ' there until the server takes it. That queue has no key and mode'
        . ' 0600: what is in it was put there by its own user, and this is the'
        . ' proof of who asks.',
    hint => 'PATH first, then CALL. msgtyp -0x66747033 takes DATA, EOT and ERROR,'
        . ' and leaves your own PATH and DONE alone.',
    sub {
        my $key = folders();
        my $server = queue(IPC_CREAT);
        my $peer = fake_server($key, sub {
            my ($client, $send) = @_;
            my $about = (bless \$client, 'IPC::Msg')->stat;
            printf "mode %o\n", $about ? $about->mode & 0777 : 0;
            $send->($client, data(0, 5, 'hello'));
            $send->($client, eot(5, 3287646509));
            pause(0.01) until -e file('to/copy');
            pause(0.2); # a worker that does not look at once
            msgrcv $client, my $buffer, 8192, DONE, 0 or die "no DONE: $!\n";
            print 'DONE: ', unpack('H*', (unpack 'l! a*', $buffer)[1]), "\n";
            msgctl $client, IPC_RMID, 0;
        });
        my $you = you('--limit', 2, $key, 'some/file', file('to/copy'));
        my $queue = client_queue($peer);
        my @want = (
            "CALL of queue " . ($queue // '?') . ': '
                . unpack('H*', message(CALL, pack 'N', $queue // 0)),
            'PATH: ' . unpack('H*',
                message(PATH, pack('N', $server) . 'some/file')),
            'mode 600',
            'DONE: ' . unpack('H*', message(DONE, '')),
        );
        wait_until(sub { $peer->ended }, 4);
        for my $i (0 .. $#want) {
            my $came = $peer->{out}[$i] // $peer->{err}[0] // 'nothing';
            expect($came eq $want[$i], expected => $want[$i], came => $came,
                $came =~ /^no DONE/ ? (why => $removes) : ());
        }
        copied($you, 'copy', 'hello');
    };

stage 'a small file arrives',
    hand => \@hand,
    notes => 'msg/ftp.md, Remember',
    why => 'PATH into a queue of your own, CALL into that of the server; then'
        . ' take DATA until EOT, check length and checksum, and say DONE.',
    hint => 'common/ftp.h has the picture: the answers have types below PATH, so'
        . ' that msgtyp -0x66747033 takes them and not your own messages.',
    sub {
        my $key = folders();
        my $bytes = bytes(1000);
        write_file(file('root/file'), $bytes);
        server($key);
        copied(you($key, 'file', file('to/copy')), 'copy', $bytes);
        only('copy');
        leaves_no_process_but('server');
    };

# The server itself is still there.
sub leaves_no_process_but {
    my @left;
    expect(wait_until(sub { !(@left = grep { $_->[1] !~ /ftp_(server|worker)/ }
            left_behind()) }, 2),
        expected => 'no process of yours is left',
        came => @left ? "process $left[0][0], $left[0][1]" : '');
}

stage 'wrong arguments, and no server',
    hand => ['YOU one', 'YOU README.md file copy'],
    notes => 'README.md, How to read it',
    why => 'Status 2 is for wrong arguments, 1 for a call that has failed.',
    sub {
        my $key = folders();
        wrong_arguments([], ['one'], [qw(one two three four)],
            ['--limit', 'long', $key, 'file', 'copy']);
        my $you = you($key, 'file', file('to/copy'));
        ends($you, 1, after => 'as there is no queue of a server');
        says_why($you, qr/No such file/, 'No such file or directory');
        only();
        write_file(file('root/file'), 'hello');
        server($key);
        copied(you($key, 'file', file('to/copy')), 'copy', 'hello');
    };

stage 'files of all sizes, byte by byte',
    hand => ['head -c 1000000 /dev/urandom >big', @hand],
    notes => 'msg/ftp.md, What the limits of a queue have to do with it',
    why => 'A message has 8192 bytes at most, 8168 of the file; the last one is'
        . ' shorter, and an empty file has none.',
    sub {
        my $key = folders();
        server($key);
        for my $size (0, 1, 8168, 8169, 16336, 1000000) {
            my $bytes = bytes($size);
            write_file(file("root/file$size"), $bytes);
            copied(you($key, "file$size", file("to/copy$size")), "copy$size",
                $bytes);
        }
    };

stage 'what the server refuses: its reason, and no file',
    hand => ['YOU README.md no/such/file copy; echo $?; ls copy'],
    notes => 'msg/ftp.md, Remember',
    why => 'ERROR has the reason in words: it goes to stderr, and what was there'
        . ' under that name before stays as it was.',
    sub {
        my $key = folders();
        server($key);
        write_file(file('to/copy'), 'precious');
        my $you = you($key, 'none', file('to/copy'));
        ends($you, 1, after => 'as the server refuses');
        says_why($you, qr/No such file/, 'No such file or directory', own());
        only('copy');
        expect(read_file(file('to/copy')) eq 'precious',
            expected => 'the file that was there is as it was',
            came => 'it is another one');
    };

stage 'a file that is damaged on its way',
    hand => \@hand,
    notes => 'msg/ftp.md, Remember',
    why => 'The checksum in EOT is that of the whole file, as cksum(1) computes'
        . ' it: compare it with that of the bytes that have come, before the'
        . ' file gets its name.',
    sub {
        my ($why) = (own())[1];
        fails_against('a wrong checksum', $why, [data(0, 5, 'hello')],
            [eot(5, 12345)]);
        fails_against('fewer bytes than EOT says', 'EOT has the length of the'
            . ' file: it has to be what has come.', [data(0, 5, 'hell')],
            [eot(5, cksum_of('hell'))]);
    };

stage 'a gap, and the same bytes twice',
    hand => \@hand,
    notes => 'msg/ftp.md, Remember',
    why => 'Each DATA says where its first byte belongs in the file: it has to be'
        . ' where the one before ended.',
    sub {
        my ($why) = (own())[1];
        fails_against('DATA behind a gap', $why, [data(0, 10, 'hello')],
            [data(7, 10, 'abc')], [eot(10, 0)]);
        fails_against('the same DATA twice', $why, [data(0, 10, 'hello')],
            [data(0, 10, 'hello')], [eot(10, cksum_of('hellohello'))]);
    };

stage 'messages that break the protocol',
    hand => \@hand,
    notes => 'msg/ftp.md, Remember',
    why => 'Check the head of a message before anything of it is used: kind and'
        . ' type are the same, the version is 1, and size is what msgrcv has'
        . ' returned.',
    sub {
        my ($why) = (own())[1];
        my $good = pack('Q> Q>', 0, 5) . 'hello';
        my $end = [eot(5, 3287646509)];
        fails_against('version 2', $why,
            [message(DATA, $good, version => 2)], $end);
        fails_against('a size that is not that of the message', $why,
            [message(DATA, $good, size => 28)], $end);
        fails_against('a kind that is not the type', $why,
            [message(DATA, $good, kind => EOT), DATA], $end);
        fails_against('a message of 3 bytes', $why, ['ftp', DATA], $end);
        fails_against('EOT with a byte more', $why, [data(0, 5, 'hello')],
            [message(EOT, pack('Q> N', 5, 3287646509) . 'x')]);
    };

stage 'the server gives up in the middle, or says nothing',
    hand => ['build/msg/ftp_server . README.md', 'YOU README.md big copy',
        'kill -9 PID_OF_THE_WORKER'],
    notes => 'msg/ftp.md, Remember',
    why => 'A queue has no end of file. A server that gives up removes the'
        . ' client\'s queue: msgrcv fails with EIDRM. One that says nothing for'
        . ' as long as --limit says is given up.',
    sub {
        my $key = folders();
        my $peer = fake_server($key, sub {
            my ($client, $send) = @_;
            $send->($client, data(0, 10, 'hello'));
            pause(0.2);
            msgctl $client, IPC_RMID, 0;
            print "removes the queue\n";
        });
        my $you = you($key, 'file', file('to/copy'));
        ends($you, 1, after => 'as its queue was removed');
        says_why($you);
        only();
        my ($why) = (own())[1];
        fails_against('one DATA, and nothing more', $why,
            [data(0, 10, 'hello')]);
    };

stage '^C in the middle leaves nothing',
    hand => ['YOU README.md big copy', 'kill -INT PID', 'ipcs -q; ls'],
    notes => 'msg/ftp.md, Whatever is killed, nothing is left',
    why => 'The queue has no key: nobody finds it later, so it has to go when the'
        . ' client does, and with it what there is of the file.',
    sub {
        for (['INT', 2], ['TERM', 15]) {
            my ($signal, $number) = @$_;
            my $key = folders();
            my $peer = fake_server($key, sub {
                my ($client, $send) = @_;
                $send->($client, data(0, 10, 'hello'));
                pause(60);
            });
            my $you = you($key, 'file', file('to/copy'));
            my $queue = client_queue($peer);
            wait_until(sub { $you->ended }, 0.1);
            $you->signal($signal);
            ends($you, $signal, after => "by SIG$signal", number => $number);
            client_queue_is_gone($queue, "by SIG$signal");
            only();
            $peer->signal('KILL');
        }
    };

stage 'eight at once, from one server',
    hand => ['for i in 1 2 3 4 5 6 7 8; do YOU README.md Makefile copy$i & done;'
        . ' wait'],
    notes => 'msg/ftp.md, Remember',
    why => 'Each client has a queue of its own: what is for the one cannot be'
        . ' taken by the other.',
    sub {
        my $key = folders();
        my $bytes = bytes(50000);
        write_file(file('root/file'), $bytes);
        server($key);
        my @all = map { you($key, 'file', file("to/copy$_"),
            { name => "you $_" }) } 1 .. 8;
        copied($all[$_ - 1], "copy$_", $bytes) for 1 .. 8;
    };

solved 'A child of it watches over it: even kill -9 leaves no queue behind. What'
    . ' comes after what is in a table (ftp_machine.h), and the file has no name'
    . ' at all until it is whole (O_TMPFILE).';
