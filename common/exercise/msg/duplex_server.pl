# common/exercise/msg/duplex_server.pl -- the stages of msg/duplex_server.
use strict;
use warnings;
use Grader;
use Process;
use Reading;
use SysV;

use constant QUESTION => 1; # the type of a question

my $client = 'build/msg/duplex_client';

# A question, as it lies in the queue: host byte order, it does not leave the
# machine. Number 0 says thank you.
sub question { return pack 'l L', @_ }

# Put a message there by the grader, and say so.
sub put {
    my ($type, $bytes, $what) = @_;
    note('other', "msgsnd type $type: $what");
    my $queue = queue();
    fail(expected => 'a queue that takes this message', came => "msgsnd: $!")
        if !defined $queue
        || !msgsnd $queue, pack('l! a*', $type, $bytes), IPC_NOWAIT;
}

sub ask {
    my ($pid, $seq) = @_;
    put(QUESTION, question($pid, $seq),
        $seq ? "process $pid asks for #$seq" : "process $pid says thank you");
}

# The next message of that type, within 3 s.
sub take {
    my ($type) = @_;
    my ($came, $bytes);
    wait_until(sub { ($came, $bytes) = take_message($type, IPC_NOWAIT) }, 3);
    return $bytes;
}

sub answered {
    my ($you, $pid, $seq, %why) = @_;
    my $bytes = take($pid);
    fail(
        expected => "an answer of type $pid:\n" . describe(sample($seq)),
        came => defined $bytes ? describe($bytes) : 'none in 3 s: it '
            . ($you->ended ? $you->how_ended : $you->doing),
        %why,
    ) if !defined $bytes || $bytes ne sample($seq);
}

# A process that does nothing, for the server to look for.
sub idle {
    return peer(sub { pause(60) }, 'client');
}

my $type_1_only = 'One queue has the questions and all answers in it. The server'
    . ' may take type 1 only: with msgtyp 0 it takes the answer that a client has'
    . ' not fetched yet.';

stage 'a client asks three questions',
    hand => ['YOU README.md', "$client README.md 3"],
    notes => 'msg/README.md, Both ways',
    why => 'A question has type 1, and in it the process id of the client: that'
        . ' is the type of the answer, for which no other process waits.',
    hint => 'msgrcv with msgtyp 1, msgsnd with mtype = client.',
    sub {
        my $path = key_file();
        my $you = ready_on($path);
        my $one = other($client, $path, 3);
        wait_until(sub { $one->ended }, 4);
        my @took_answer = grep({ /^skipped 17 bytes/ } @{ $you->{out} })
            ? (why => $type_1_only) : ();
        ends($one, 0, after => 'when it has been answered', @took_answer);
        prints($one, [lines_of(1 .. 3)]);
        ends($you, 0, after => 'as the client has said thank you');
        prints($you, ["ready on $path",
            (map { "process $one->{pid} asks for #$_" } 1 .. 3),
            "process $one->{pid} says thank you"]);
        queue_is_gone('as the client has said thank you');
    };

stage 'wrong arguments: usage, and status 2',
    hand => ['YOU', 'YOU README.md none', 'YOU no/such/file'],
    notes => 'README.md, How to read it',
    why => 'Status 2 is for wrong arguments, 1 for a call that has failed.',
    sub {
        my $path = key_file();
        wrong_arguments([], [$path, 'none'], [$path, 0], [$path, 1, 1]);
        no_such_file();
    };

stage 'what is not a question is left in the queue',
    hand => ['YOU README.md', msgsnd_by_hand(4711, sample(1)),
        "$client README.md 3"],
    notes => 'msg/README.md, Choose by type',
    why => $type_1_only,
    sub {
        my $path = key_file();
        my $you = ready_on($path);
        my $idle = idle()->{pid};
        put(4_000_001, sample(9), 'the answer to a slow client');
        ask($idle, 1);
        answered($you, $idle, 1);
        ask($idle, 2);
        answered($you, $idle, 2);
        my $left = take(4_000_001);
        expect(defined $left && $left eq sample(9),
            expected => 'the answer to the slow client is still there',
            came => 'it is gone');
        ask($idle, 0);
        ends($you, 0, after => 'as the client has said thank you');
        prints($you, ["ready on $path", "process $idle asks for #1",
            "process $idle asks for #2", "process $idle says thank you"]);
    };

stage 'eight clients at once, each has its own answers',
    hand => ['YOU README.md 8',
        "for i in 1 2 3 4 5 6 7 8; do $client README.md 50 & done; wait"],
    notes => 'msg/README.md, Both ways',
    why => 'An answer goes to the process that asked, and the server ends when'
        . ' as many clients have said thank you as it was told.',
    sub {
        my $path = key_file();
        my $you = ready_on($path, 8);
        # Two at least are there at the same time, however busy the machine is.
        my @both = map { idle()->{pid} } 1, 2;
        for my $seq (1, 2) {
            ask($_, $seq) for @both;
            answered($you, $_, $seq) for @both;
        }
        ask($_, 0) for @both;
        my @all = map { other($client, $path, 50, { name => "client $_" }) }
            3 .. 8;
        for (@all) {
            ends($_, 0, after => 'when it has been answered');
            prints($_, [lines_of(1 .. 50)]);
        }
        ends($you, 0, after => 'as eight clients have said thank you');
        my $thanks = grep { /says thank you$/ } @{ $you->{out} };
        my $asked = grep { /asks for #/ } @{ $you->{out} };
        expect($thanks == 8 && $asked == 304,
            expected => '304 lines about questions, and 8 about thanks',
            came => "$asked and $thanks");
        queue_is_gone('as all have said thank you');
    };

stage 'what is no question is skipped',
    hand => ['YOU README.md', msgsnd_by_hand(1, 'hello'),
        "$client README.md 3"],
    notes => 'msg/README.md, Too long',
    why => 'Any process that knows the key can send: a message has to have 8'
        . ' bytes, and a process id above 1. Type 1 is that of the questions,'
        . ' and msgsnd refuses a type below 1.',
    hint => 'Ask msgrcv for more than 8 bytes, with MSG_NOERROR: then what is too'
        . ' long can be told from what fits.',
    sub {
        my $path = key_file();
        my $you = ready_on($path);
        my $idle = idle()->{pid};
        my @lines;
        for (['5 bytes', 'hello', 5], ['no bytes', '', 0],
            ['12 bytes', question($idle, 1) . 'more', 12],
            ['process 1', question(1, 1), 8], ['process 0', question(0, 1), 8],
            ['process -5', question(-5, 1), 8]) {
            my ($what, $bytes, $size) = @$_;
            my $seq = @lines / 2 + 1;
            put(QUESTION, $bytes, $what);
            ask($idle, $seq);
            answered($you, $idle, $seq);
            push @lines, "skipped $size bytes: not a question",
                "process $idle asks for #$seq";
        }
        ask($idle, 0);
        ends($you, 0, after => 'as the client has said thank you');
        prints($you,
            ["ready on $path", @lines, "process $idle says thank you"]);
    };

stage 'a queue that is full of other messages',
    hand => ['YOU README.md', msgsnd_by_hand(4711, '...'), 'ipcs -q'],
    notes => 'msg/README.md, Full',
    why => 'The server is the one that makes room: if it waits for some, it waits'
        . ' for itself. With IPC_NOWAIT msgsnd fails with EAGAIN, and that'
        . ' answer is given up.',
    sub {
        my $path = key_file();
        my $you = ready_on($path);
        my $idle = idle()->{pid};
        # 16384 bytes fit; now there is room for a question, not for an answer.
        put(4_000_001, 'x' x 8186, '8186 bytes that nobody takes');
        put(4_000_001, 'x' x 8186, 'and once more');
        ask($idle, 1);
        my $goes_on = wait_until(sub { @{ $you->{out} } >= 3 }, 3);
        expect($goes_on && !$you->ended,
            expected => "no room to answer process $idle",
            came => $you->ended ? 'it ' . $you->how_ended
                : 'after 3 s it ' . $you->doing);
        take(4_000_001) for 1, 2;
        note('other', 'takes them');
        ask($idle, 2);
        answered($you, $idle, 2);
        ask($idle, 0);
        ends($you, 0, after => 'as the client has said thank you');
        prints($you, ["ready on $path", "process $idle asks for #1",
            "no room to answer process $idle", "process $idle asks for #2",
            "process $idle says thank you"]);
    };

stage 'a signal is not the end',
    hand => ['strace -o log -e inject=msgrcv:error=EINTR:when=1+2 YOU README.md',
        "$client README.md 3"],
    notes => 'msg/README.md, Waiting that ends without a message',
    why => 'A signal handler that runs makes msgrcv return -1 with EINTR, also'
        . ' with SA_RESTART. That is not an error: call it again.',
    sub {
        my $path = key_file();
        my $you = ready_on($path, { inject => 'msgrcv:error=EINTR:when=1+2' });
        note('kernel', 'every second msgrcv fails with EINTR');
        my $one = other($client, $path, 3);
        ends($you, 0, after => 'as the client has said thank you');
        prints($one, [lines_of(1 .. 3)]);
    };

stage 'a client that is killed is not waited for',
    hand => ['YOU README.md', "$client README.md 1000000", 'kill -9 PID'],
    notes => 'msg/README.md, Waiting that ends without a message',
    why => 'A client that was killed cannot say thank you. The server knows the'
        . ' process ids from the questions: once a second it asks whether they'
        . ' are still there, kill(pid, 0).',
    hint => 'client_list_remove_ended() of msg/duplex.h, at each alarm.',
    sub {
        my $path = key_file();
        my $you = ready_on($path, 2);
        my ($one, $two) = (idle(), idle());
        ask($_->{pid}, 1) for $one, $two;
        answered($you, $_->{pid}, 1) for $one, $two;
        $one->signal('KILL');
        wait_until(sub { $one->ended }, 1);
        my $said = wait_until(sub { @{ $you->{out} } > 3 || $you->ended }, 4);
        expect($said, expected => "process $one->{pid} has ended",
            came => 'after 4 s it ' . $you->doing);
        expect(!$you->ended,
            expected => 'it waits for the second client, which is there',
            came => 'it ' . $you->how_ended);
        ask($two->{pid}, 0);
        ends($you, 0, after => 'as the other client has said thank you');
        prints($you, ["ready on $path", "process $one->{pid} asks for #1",
            "process $two->{pid} asks for #1",
            "process $one->{pid} has ended",
            "process $two->{pid} says thank you"]);
        queue_is_gone('at the end');
    };

stage '^C and TERM take the queue along',
    hand => ['YOU README.md', 'kill -INT PID', 'ipcs -q'],
    notes => 'msg/README.md, Remember',
    why => 'A queue outlives its process: remove it in a handler, and end by'
        . ' that signal. The clients that wait get EIDRM.',
    sub {
        ends_by_signals(sub { ready_on(key_file()) }, \&queue_is_gone);
    };

stage 'the queue of a killed server is taken over',
    hand => ['YOU README.md', 'kill -9 PID', 'YOU README.md',
        "$client README.md 3"],
    notes => 'msg/README.md, Lessons',
    why => 'kill -9 leaves the queue in the kernel. The next start finds it:'
        . ' IPC_CREAT without IPC_EXCL.',
    sub {
        my $path = key_file();
        my $killed = ready_on($path);
        $killed->signal('KILL');
        wait_until(sub { $killed->ended }, 2);
        my $you = ready_on($path);
        my $one = other($client, $path, 3);
        ends($you, 0, after => 'as the client has said thank you');
        prints($one, [lines_of(1 .. 3)]);
    };

full_disk_stage 'a full disk: status 1, and no queue is left',
    hand => ['YOU README.md >/dev/full; echo $?; ipcs -q'],
    why => 'Output that cannot be written is an error: ask at the line that says'
        . ' ready, or clients wait for it for ever.',
    begin => sub {
        my $path = key_file();
        return ([$path], sub { defined queue() }, [$client, $path, 1]);
    },
    gone => sub { queue_is_gone('at the end') };

solved 'It takes over a queue only if the same user has made it, and with'
    . ' --same-type, at both ends, it shows what types are for.';
