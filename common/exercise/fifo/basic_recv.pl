# common/exercise/fifo/basic_recv.pl -- the stages of fifo/basic_recv.
use strict;
use warnings;
use Fcntl qw(O_WRONLY O_NONBLOCK S_ISFIFO);
use POSIX qw(mkfifo);
use Grader;
use Process;
use Reading;

my $send = 'build/fifo/basic_send';

sub name_is_gone {
    my ($path, $after, %more) = @_;
    return if wait_until(sub { !-e $path }, 0.5);
    fail(
        expected => "the FIFO has no name any more, $after",
        came => "$path is still there",
        why => 'The name of a FIFO stays in the file system until a process'
            . ' removes it: unlink(2).',
        notes => 'fifo/README.md, Remember',
        %more,
    );
}

sub all_arrive {
    my ($you, $path, $n, %more) = @_;
    my $all = all_of("ready on $path", $n);
    begins($you, $all, %more);
    ends($you, 0, after => 'when END has come');
    prints($you, $all, %more);
    name_is_gone($path, 'when END has come');
}

# An other end that writes these, one call of write for each.
sub writer {
    my ($path, @writes) = @_;
    return peer(sub {
        open my $fifo, '>', $path or die "$path: $!\n";
        for (@writes) {
            my ($first) = split /\n/, describe($_);
            print length $_ ? "write: $first\n" : "pauses\n";
            pause(1.5) if !length $_;
            syswrite $fifo, $_ or die "write: $!\n" if length $_;
        }
        close $fifo;
        print "close\n";
    });
}

# The same by the grader, each when the one before has been printed.
sub one_by_one {
    my ($you, $path, @writes) = @_;
    my $fifo;
    expect(wait_until(sub { sysopen $fifo, $path, O_WRONLY | O_NONBLOCK }, 3),
        expected => 'that it opens the FIFO for reading',
        came => $you->ended ? 'it ' . $you->how_ended
            : 'after 3 s it ' . $you->doing);
    note('other', 'opens the FIFO');
    for (@writes) {
        my $lines = @{ $you->{out} };
        note('other', 'writes ' . length($_) . ' bytes');
        syswrite $fifo, $_;
        wait_until(sub { $you->ended || @{ $you->{out} } > $lines }, 3);
    }
}

sub by_hand {
    return 'perl -e \'print pack "H*", "' . join('', map { unpack 'H*', $_ } @_)
        . '"\' >readings';
}

stage 'three readings arrive',
    hand => ['YOU readings', "$send readings 3"],
    notes => 'fifo/README.md, Lessons',
    why => 'mkfifo makes the name; then it is opened and read as any file is:'
        . ' 17 bytes at a time.',
    hint => 'mkfifo(path, 0600), ready, open(path, O_RDONLY), and read in a loop'
        . ' until the kind is END; unlink.',
    sub {
        my $path = file('readings');
        my $you = ready_on($path);
        my (undef, undef, $mode) = stat $path;
        expect(defined $mode && S_ISFIFO($mode),
            expected => "$path is a FIFO when ready is said",
            came => defined $mode ? 'it is another kind of file'
                : 'there is no such file');
        one_by_one($you, $path, map({ sample($_) } 1 .. 3), end_of(3));
        all_arrive($you, $path, 3,
            sent => { map { $_ => sample($_) } 1 .. 3 });
    };

stage 'the FIFO is for its owner alone',
    hand => ['umask 0; YOU readings', 'ls -l readings'],
    notes => 'fifo/README.md, Which processes may open it',
    why => 'Any process that may open the FIFO for writing can send. mkfifo takes'
        . ' the mode, and the umask can only take bits away from it: ask for'
        . ' 0600.',
    sub {
        my $path = file('readings');
        my $old = umask 0;
        my $you = you($path);
        umask $old;
        ready($you, "ready on $path");
        my $mode = (stat $path)[2] & 07777;
        expect($mode == 0600, expected => 'mode 0600',
            came => sprintf 'mode %04o', $mode);
    };

stage 'no reading at all',
    hand => ['YOU readings', "$send readings 0"],
    notes => 'fifo/README.md, Remember',
    why => 'END is a message of its own: it may be the first one.',
    sub {
        my $path = file('readings');
        my $you = ready_on($path);
        other($send, $path, 0);
        all_arrive($you, $path, 0);
    };

stage 'wrong arguments, and a name that is taken',
    hand => ['YOU', 'echo precious >readings; YOU readings'],
    notes => 'fifo/README.md, Which processes may open it',
    why => 'What has that name already may be anything. Only a FIFO of the same'
        . ' user is taken over; anything else is left alone, with status 1.',
    hint => 'mkfifo fails with EEXIST: then lstat, S_ISFIFO and st_uid.',
    sub {
        wrong_arguments([], ['one', 'two']);
        a_name_is_taken();
    };

stage 'two thousand readings, several in the FIFO at a time',
    hand => ['YOU readings', "$send readings 2000"],
    notes => 'fifo/README.md, Lessons',
    why => 'A FIFO has no messages: a read takes what is there, up to the size'
        . ' that it asks for. Ask for 17 bytes, or take apart what has come.',
    sub {
        my $path = file('readings');
        my $you = ready_on($path);
        writer($path, join('', map { sample($_) } 1 .. 100),
            (map { sample($_) } 101 .. 2000), end_of(2000));
        all_arrive($you, $path, 2000);
    };

my @strange = ("\7" . substr(sample(2), 1), "\0" x 17,
    substr(sample(3), 0, 7) . 'o' x 10);

stage 'what is no reading is skipped',
    hand => ['YOU readings', by_hand(sample(1), $strange[0], end_of(1))],
    notes => 'fifo/README.md, Remember',
    why => 'Any process that may open the FIFO can write into it. Check the kind'
        . ' and the NUL before anything is used; skip what is wrong with one'
        . ' line, and go on.',
    sub {
        my $path = file('readings');
        my $you = ready_on($path);
        my $skipped = 'skipped 17 bytes: not a reading';
        my @writes = (sample(1), $strange[0], sample(2), $strange[1], sample(3),
            $strange[2], sample(4), end_of(4));
        writer($path, @writes);
        ends($you, 0, after => 'when END has come');
        prints($you, ["ready on $path", line_of(1), $skipped, line_of(2),
            $skipped, line_of(3), $skipped, line_of(4),
            '4 of 4 readings arrived'],
            sent => { map { $_ => $writes[$_ - 1] } 1 .. 8 },
            whys => {
                2 => 'A kind is 1 or 2: check it before the rest is used.',
                4 => 'A kind is 1 or 2: zeroed memory is no reading.',
                6 => 'A string without its NUL goes on into whatever is behind'
                    . ' it in memory: check that the last byte is NUL.',
            });
    };

stage 'a slow sender is waited for',
    hand => ['YOU readings', "sleep 2; $send readings 3"],
    notes => 'fifo/README.md, open waits for the other end',
    why => 'open waits for a sender, and read for bytes, however long it takes.'
        . ' An alarm that is to interrupt open has to be switched off before'
        . ' read, or it fails with EINTR.',
    sub {
        my $path = file('readings');
        my $you = ready_on($path);
        wait_until(sub { $you->ended }, 1.5);
        writer($path, sample(1), '', sample(2), end_of(2));
        all_arrive($you, $path, 2);
    };

stage 'a sender that leaves without END',
    hand => ['YOU readings; echo $?', by_hand(sample(1), sample(2))],
    notes => 'fifo/README.md, End of file, again and again',
    why => 'End of file says that no process has the FIFO open for writing at'
        . ' this moment, not that all was sent: what has come is not complete,'
        . ' so the status is 1.',
    hint => 'read returns 0: say how many have come, on stderr, and end with 1.',
    sub {
        my $path = file('readings');
        my $you = ready_on($path);
        my $sender = peer(sub {
            open my $fifo, '>', $path or die "$path: $!\n";
            syswrite $fifo, sample($_) for 1, 2;
            print "two readings are written\n";
            pause(60);
        });
        wait_until(sub { @{ $sender->{out} } && @{ $you->{out} } > 2 }, 3);
        $sender->signal('KILL');
        ends($you, 1, after => 'as the sender was killed');
        says_why($you);
        prints($you, ["ready on $path", lines_of(1, 2)]);
        name_is_gone($path, 'when the sender was killed');
    };

stage '^C and TERM take the name along',
    hand => ['YOU readings', 'kill -INT PID', 'ls readings'],
    notes => 'fifo/README.md, Remember',
    why => 'The name outlives the process. What is to happen when a signal comes'
        . ' stands in a handler; then the program ends by that signal.',
    hint => 'fifo_unlink_at_end() of fifo/fifo.h.',
    sub {
        for (['INT', 2], ['TERM', 15]) {
            my ($signal, $number) = @$_;
            for my $connected (0, 1) {
                my $path = file("readings$signal$connected");
                my $you = ready_on($path);
                if ($connected) {
                    writer($path, sample(1), '', '');
                    wait_until(sub { @{ $you->{out} } > 1 }, 3);
                }
                $you->signal($signal);
                ends($you, $signal, after => "by SIG$signal",
                    number => $number);
                name_is_gone($path, "by SIG$signal", own());
            }
        }
    };

stage 'the FIFO of a killed receiver is taken over',
    hand => ['YOU readings', 'kill -9 PID', 'YOU readings',
        "$send readings 3"],
    notes => 'fifo/README.md, Which processes may open it',
    why => 'kill -9 leaves the name. mkfifo then says EEXIST: if it is a FIFO of'
        . ' the same user, use it.',
    sub {
        my $path = file('readings');
        my $killed = ready_on($path);
        $killed->signal('KILL');
        wait_until(sub { $killed->ended }, 2);
        my $you = ready_on($path);
        other($send, $path, 3);
        all_arrive($you, $path, 3);
    };

my $name;
full_disk_stage 'a full disk: status 1, and no name is left',
    hand => ['YOU readings >/dev/full; echo $?', "$send readings 3"],
    begin => sub {
        $name = file('readings');
        return ([$name], sub { -p $name }, [$send, $name, 3]);
    },
    gone => sub { name_is_gone($name, 'at the end') };

stage 'eight at once, each on a FIFO of its own',
    hand => ['for i in 1 2 3 4 5 6 7 8; do YOU readings$i & done; wait',
        "for i in 1 2 3 4 5 6 7 8; do $send readings\$i 100; done"],
    notes => 'fifo/README.md, Lessons',
    why => 'The name is on the command line, and nothing else has a fixed name:'
        . ' any number of receivers run at once.',
    sub {
        my @all = map { [file("readings$_"), you(file("readings$_"),
            { name => "you $_" })] } 1 .. 8;
        ready($_->[1], "ready on $_->[0]") for @all;
        other($send, $all[$_ - 1][0], 100, { name => "other $_" }) for 1 .. 8;
        all_arrive($_->[1], $_->[0], 100) for @all;
    };

solved 'It opens the FIFO anew each second, because open does not return when'
    . ' the name is removed, and lets no signal in before it is known whose'
    . ' FIFO it is.';
