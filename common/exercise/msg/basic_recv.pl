# common/exercise/msg/basic_recv.pl -- the stages of msg/basic_recv.
use strict;
use warnings;
use Grader;
use Process;
use Reading;
use SysV;

my $send = 'build/msg/basic_send';
my @hand = ('YOU README.md', "$send README.md 3");

# How each run ends: all of the lines, status 0, and no queue.
sub all_arrive {
    my ($you, $path, $n, %more) = @_;
    ends($you, 0, after => 'when END has come', %more);
    prints($you, all_of("ready on $path", $n), %more);
    queue_is_gone('when END has come');
}

stage 'three readings arrive',
    hand => \@hand,
    notes => 'msg/README.md, Get, operate, control',
    why => 'A message is a long, its type, and then the 17 bytes of a reading;'
        . ' msgrcv is told the size of what is behind the type.',
    hint => 'ftok(FILE, \'I\'), msgget with IPC_CREAT, ready, and msgrcv in a'
        . ' loop: the kind in the first byte says whether it is END.',
    sub {
        my $path = key_file();
        my $you = ready_on($path);
        expect(defined queue(),
            expected => "a queue of the key of $path, when ready is said",
            came => 'msgget(2) finds none',
            why => 'Both ends make the same key: ftok(FILE, \'I\').');
        other($send, $path, 3);
        ends($you, 0, after => 'when END has come');
        prints($you, all_of("ready on $path", 3),
            sent => { map { $_ => sample($_) } 1 .. 3 });
    };

stage 'no reading at all, and nothing is left in the kernel',
    hand => ['YOU README.md', "$send README.md 0", 'ipcs -q'],
    notes => 'msg/README.md, Remember',
    why => 'END is a message of its own: it may be the first one.',
    hint => 'msgctl(queue, IPC_RMID, NULL) before the program ends.',
    sub { all_arrive(sent($send, 0)) };

key_file_arguments_stage();

stage 'two thousand readings, more than a queue holds',
    hand => ['YOU README.md', "$send README.md 2000"],
    notes => 'msg/README.md, Full',
    why => 'The sender waits while the queue is full, and goes on when the'
        . ' receiver has made room: each message is to be received once, in'
        . ' order.',
    sub { all_arrive(sent($send, 2000)) };

# What is sent that is no reading, and how that is to be noticed.
my @strange = (
    ['too short', substr(sample(1), 0, 16),
        'msgrcv returns how many bytes have come: a reading has 17.'],
    ['without any byte', '', 'A message may be empty: msgrcv returns 0, which'
        . ' is no end of file here.'],
    ['a byte too long', sample(2) . 'x',
        'With MSG_NOERROR msgrcv cuts off what does not fit, and says nothing:'
        . ' ask for a byte more than a reading has. If it gets used, the'
        . ' message was too long.'],
    ['of 1000 bytes', sample(3) . 'y' x 983,
        'Without MSG_NOERROR a message that is too long for the buffer stays at'
        . ' the head of the queue, and each msgrcv fails with E2BIG.'],
    ['of a kind that there is not', "\7" . substr(sample(4), 1),
        'A kind is 1 or 2: check it before the rest is used.'],
    ['all zero', "\0" x 17, 'A kind is 1 or 2: zeroed memory is no reading.'],
    ['without a NUL behind the station', substr(sample(5), 0, 7) . 'o' x 10,
        'A string without its NUL goes on into whatever is behind it in'
        . ' memory: check that the last byte is NUL.'],
);

stage 'what is no reading is skipped',
    hand => ['YOU README.md', msgsnd_by_hand(1, sample(2) . 'x'),
        "$send README.md 3"],
    notes => 'msg/README.md, Too long',
    why => 'Any process that knows the key can send. Check the size, the kind'
        . ' and the NUL before anything of a message is used; skip what is'
        . ' wrong with one line, and go on.',
    hint => 'Ask msgrcv for a byte more than a reading has, with MSG_NOERROR:'
        . ' without that flag a message that is too long stays at the head of'
        . ' the queue, and without the byte it passes for a reading.',
    sub {
        my $path = key_file();
        my $you = ready_on($path);
        my @lines = "ready on $path";
        my (%sent, %whys);
        for my $i (0 .. $#strange) {
            my ($what, $bytes, $why) = @{ $strange[$i] };
            $sent{ scalar @lines } = $bytes;
            $whys{ scalar @lines } = $why;
            my $size = length $bytes;
            push @lines, $size <= 17 ? "skipped $size bytes: not a reading"
                : [qr/^skipped \d+ bytes: not a reading$/,
                    'skipped 18 bytes: not a reading'];
            push @lines, line_of($i + 1);
        }
        my $n = @strange;
        push @lines, "$n of $n readings arrived";
        peer(sub {
            for my $i (0 .. $#strange) {
                my ($what, $bytes) = @{ $strange[$i] };
                print "a message $what:\n";
                put_message(1, $bytes);
                put_message(1, sample($i + 1));
            }
            put_message(2, end_of($n));
        });
        # Where it stands still, what it has printed says more.
        wait_until(sub { $you->ended }, 2);
        prints($you, \@lines, sent => \%sent, whys => \%whys);
        ends($you, 0, after => 'when END has come');
        queue_is_gone('when END has come');
    };

stage 'the kind is in the message, not in its type',
    hand => ['YOU README.md', msgsnd_by_hand(7, sample(1)),
        msgsnd_by_hand(1, end_of(1))],
    notes => 'msg/README.md, Choose by type',
    why => 'msgtyp 0 takes the oldest message, whatever its type is: this'
        . ' receiver is to take all, and to go by the kind in the first byte.',
    sub {
        my $path = key_file();
        my $you = ready_on($path);
        peer(sub {
            put_message(7, sample(1));
            put_message(2, sample(2));
            put_message(1, end_of(2));
        });
        all_arrive($you, $path, 2);
    };

stage 'a signal is not the end',
    hand => ['strace -o log -e inject=msgrcv:error=EINTR:when=1+2 YOU README.md',
        "$send README.md 3"],
    notes => 'msg/README.md, Waiting that ends without a message',
    why => 'A signal handler that runs makes msgrcv return -1 with EINTR, also'
        . ' with SA_RESTART. That is not an error: call it again.',
    hint => 'errno == EINTR: go on with the loop.',
    sub {
        my $path = key_file();
        # On a machine where libc goes through ipc(2) there is no msgrcv.
        my $you = ready_on($path, { inject => 'msgrcv:error=EINTR:when=1+2' });
        note('kernel', 'every second msgrcv fails with EINTR');
        other($send, $path, 3);
        all_arrive($you, $path, 3);
    };

stage '^C and TERM take the queue along',
    hand => ['YOU README.md', 'kill -INT PID', 'ipcs -q'],
    notes => 'msg/README.md, Remember',
    why => 'A queue outlives its process. What is to happen when a signal comes'
        . ' stands in a handler; then the program ends by that signal, so that'
        . ' the shell sees it.',
    hint => 'on_termination() of common/termination.h; elsewhere: a handler'
        . ' for INT and TERM that removes the queue, sets SIG_DFL again and'
        . ' raises the signal.',
    sub {
        ends_by_signals(sub {
            my $you = ready_on(key_file());
            peer(sub { put_message(1, sample(1)) });
            wait_until(sub { @{ $you->{out} } > 1 }, 2);
            return $you;
        }, \&queue_is_gone);
    };

stage 'what a killed receiver has left arrives',
    hand => ['YOU README.md', 'kill -9 PID', "$send README.md 3",
        'YOU README.md'],
    notes => 'msg/README.md, Lessons',
    why => 'kill -9 leaves the queue in the kernel, with all that is in it. The'
        . ' next start takes it over: IPC_CREAT without IPC_EXCL.',
    sub {
        my $path = key_file();
        my $killed = ready_on($path);
        $killed->signal('KILL');
        wait_until(sub { $killed->ended }, 2);
        my $sender = other($send, $path, 3);
        wait_until(sub { $sender->ended }, 2);
        my $you = ready_on($path);
        all_arrive($you, $path, 3);
    };

stage 'a sender that is silent for 3 seconds is waited for',
    hand => ['YOU README.md', msgsnd_by_hand(1, sample(1)) . '; sleep 3',
        "$send README.md 0"],
    notes => 'msg/README.md, Waiting that ends without a message',
    why => 'A receiver cannot tell a slow sender from a dead one by the clock.'
        . ' The kernel knows which process sent last, msg_lspid: as long as'
        . ' that one is there, wait.',
    sub {
        my $path = key_file();
        my $you = ready_on($path);
        peer(sub {
            put_message(1, sample(1));
            print "is silent for 3 s\n";
            pause(3);
            put_message(1, sample(2));
            put_message(2, end_of(2));
        });
        wait_until(sub { $you->ended }, 3);
        all_arrive($you, $path, 2, within => 3);
    };

stage 'a sender that is killed is not waited for',
    hand => ["YOU README.md; ipcs -q", msgsnd_by_hand(1, sample(1))],
    notes => 'msg/README.md, Waiting that ends without a message',
    why => 'A queue has no end of file: ask once a second whether the process'
        . ' that sent last, msg_lspid of IPC_STAT, is still there. If not, take'
        . ' what is in the queue; when it is empty, end with status 1.',
    hint => 'kill(about.msg_lspid, 0) == -1 && errno == ESRCH;'
        . ' sender_has_ended() of msg/reading_queue.h does that. An alarm each'
        . ' second, set_alarm(1), makes msgrcv return.',
    sub {
        my $path = key_file();
        my $you = ready_on($path);
        my $sender = peer(sub {
            put_message(1, sample($_)) for 1 .. 2;
            pause(60);
        });
        wait_until(sub { @{ $sender->{out} } >= 2 }, 2);
        $sender->signal('KILL');
        ends($you, 1, after => 'within 8 s: its sender was killed',
            within => 8);
        says_why($you);
        prints($you, ["ready on $path", lines_of(1, 2)]);
        queue_is_gone('when the sender has been killed');
    };

full_disk_stage 'a full disk: status 1, and no queue is left',
    hand => ['YOU README.md >/dev/full; echo $?; ipcs -q',
        "$send README.md 3"],
    begin => sub {
        my $path = key_file();
        return ([$path], sub { defined queue() }, [$send, $path, 3]);
    },
    gone => sub { queue_is_gone('at the end') };

stage 'eight at once, each on a file of its own',
    hand => ['for i in 1 2 3 4 5 6 7 8; do touch key$i; YOU key$i & done; wait',
        "for i in 1 2 3 4 5 6 7 8; do $send key\$i 100; done"],
    notes => 'msg/README.md, Get, operate, control',
    why => 'The key comes from the file on the command line, and from nothing'
        . ' else: any number of receivers run at once.',
    sub {
        my @all;
        for my $i (1 .. 8) {
            my $path = key_file();
            push @all, [$path, you($path, { name => "you $i" })];
        }
        ready($_->[1], "ready on $_->[0]") for @all;
        other($send, $all[$_ - 1][0], 100, { name => "other $_" }) for 1 .. 8;
        for (@all) {
            my ($path, $you) = @$_;
            ends($you, 0, after => 'when END has come');
            prints($you, all_of("ready on $path", 100));
        }
    };

solved 'It asks after its sender once a second, takes over a queue only if the'
    . ' same user has made it, and lets no signal in between msgget and the'
    . ' handler that removes the queue (block_termination).';
