# common/exercise/msg/basic_send.pl -- the stages of msg/basic_send.
use strict;
use warnings;
use Grader;
use Process;
use Reading;
use SysV;

my @hand = ('build/msg/basic_recv README.md', 'YOU README.md 3');

# Receive what the student's program sends, until it has ended and the queue is
# empty, or so many have come: [type, bytes], each noted.
sub take_all {
    my ($you, $most) = @_;
    my @all;
    wait_until(sub {
        while (my ($type, $bytes) = take_message(0, IPC_NOWAIT)) {
            push @all, [$type, $bytes];
            my ($first) = split /\n/, describe($bytes);
            note('other', "msgrcv: type $type, $first");
        }
        return $you->ended || @all >= $most;
    }, 5);
    while (my ($type, $bytes) = take_message(0, IPC_NOWAIT)) {
        push @all, [$type, $bytes];
    }
    return @all;
}

my @fields = (['the kind', 0, 1], ['seq', 1, 4], ['tenths', 5, 2],
    ['the station', 7, 10]);

# The first message that is not as it has to be.
sub compare {
    my ($you, $n, @came) = @_;
    for my $i (0 .. $n) {
        my $want = $i < $n ? sample($i + 1) : end_of($n);
        my $name = $i < $n ? 'reading ' . ($i + 1) : 'END';
        fail(expected => $name, came => 'the queue is gone',
            why => 'Messages stay in the queue when the sender has ended: this'
                . ' is what a queue is for. Whoever removes it removes them.')
            if !$came[$i] && !defined queue();
        fail(expected => "$name, as message " . ($i + 1) . ":\n"
                . describe($want), came => 'no more messages: it '
                . $you->how_ended,
            $i == $n ? (why => 'A queue has no end of file: END says that this'
                . ' was all, and how many there were.') : ()) if !$came[$i];
        my ($type, $bytes) = @{ $came[$i] };
        fail(
            expected => "$name: 17 bytes behind the type",
            came => describe($bytes),
            why => 'msgsz does not count the type, and it is the size of the'
                . ' wire form: sizeof of the whole struct sends padding, and'
                . ' what is behind the struct in memory, to every receiver.',
            notes => 'msg/README.md, Get, operate, control',
        ) if length $bytes != 17;
        next if $bytes eq $want;
        my ($field) = grep { substr($bytes, $_->[1], $_->[2]) ne
            substr($want, $_->[1], $_->[2]) } @fields;
        my ($what, $at, $size) = @$field;
        my $got = substr $bytes, $at, $size;
        my $right = substr $want, $at, $size;
        my $why = $got eq reverse($right)
            ? "These are the bytes of $what in host byte order. On the wire the"
                . ' highest byte comes first: htonl(3), htons(3).'
            : $what eq 'the station'
            ? 'The station is a name, and NUL in all bytes behind it: what was'
                . ' in that memory before goes to every receiver.'
            : undef;
        fail(
            expected => "$name: " . hex_of($right) . " for $what\n"
                . describe($want),
            came => hex_of($got) . "\n" . describe($bytes),
            $why ? (why => $why) : (),
        );
    }
    fail(expected => 'nothing behind END', came => describe($came[$n + 1][1]))
        if @came > $n + 1;
}

sub send_and_compare {
    my ($n) = @_;
    my $path = key_file();
    queue(IPC_CREAT);
    my $you = you($path, $n);
    compare($you, $n, take_all($you, $n + 1));
    ends($you, 0, after => 'when END is sent');
    prints($you, []);
}

stage 'three readings, and END',
    hand => \@hand,
    notes => 'msg/README.md, Get, operate, control',
    why => 'Find the queue by its key, ftok(FILE, \'I\') and msgget without'
        . ' IPC_CREAT, and send 17 bytes for each reading, then END.',
    hint => 'msgsnd(queue, &msg, sizeof msg.wire, 0); its type, the long in'
        . ' front, may be any number above 0.',
    sub { send_and_compare(3) };

stage 'no reading at all: only END',
    hand => ['build/msg/basic_recv README.md', 'YOU README.md 0'],
    notes => 'msg/README.md, Remember',
    why => 'A queue has no end of file: END says that this was all.',
    sub { send_and_compare(0) };

stage 'our receiver prints what yours sends',
    hand => ['build/msg/basic_recv README.md', 'YOU README.md 70'],
    notes => 'msg/README.md, Lessons',
    why => 'The receiver believes the bytes and nothing else.',
    sub {
        my $path = key_file();
        my $recv = other('build/msg/basic_recv', $path);
        ready($recv, "ready on $path");
        my $you = you($path, 70);
        ends($you, 0, after => 'when END is sent');
        ends($recv, 0, after => 'when END has come');
        prints($recv, all_of("ready on $path", 70));
    };

stage 'wrong arguments: usage, and status 2',
    hand => ['YOU README.md', 'YOU README.md three', 'YOU no/such/file 3'],
    notes => 'README.md, How to read it',
    why => 'Status 2 is for wrong arguments, 1 for a call that has failed.',
    sub {
        my $path = key_file();
        wrong_arguments([], [$path], [$path, 'three'], [$path, 3, 3]);
        my $you = you(file('none'), 3);
        ends($you, 1, after => 'as there is no such file');
        says_why($you, qr/No such file/, 'No such file or directory');
    };

stage 'without a receiver it says so, and makes no queue',
    hand => ['YOU README.md 3; echo $?', 'ipcs -q'],
    notes => 'msg/README.md, Break it',
    why => 'The receiver makes the queue and removes it. A sender that makes one'
        . ' sends to nobody, reports success, and leaves it in the kernel:'
        . ' msgget without IPC_CREAT fails with ENOENT.',
    sub {
        my $path = key_file();
        my $you = you($path, 3);
        wait_until(sub { $you->ended || defined queue() }, 2);
        expect(!defined queue(), expected => 'no queue is made',
            came => 'there is one: ipcs -q');
        ends($you, 1, after => 'as there is no queue');
        says_why($you, qr/No such file/, 'No such file or directory');
    };

stage 'more than the queue holds: it waits for room',
    hand => ['build/msg/basic_recv README.md', '^Z, and fg after the sender',
        'YOU README.md 2000'],
    notes => 'msg/README.md, Full',
    why => 'A queue holds 16384 bytes. msgsnd without IPC_NOWAIT waits until'
        . ' there is room; with it, a message that does not fit is lost if'
        . ' EAGAIN is not looked at.',
    sub {
        my $path = key_file();
        queue(IPC_CREAT);
        my $you = you($path, 2000);
        wait_until(sub { $you->ended }, 0.3);
        expect(!$you->ended, expected => 'it waits, as the queue is full',
            came => 'it ' . $you->how_ended);
        note('other', 'begins to receive');
        compare($you, 2000, take_all($you, 2001));
        ends($you, 0, after => 'when END is sent');
    };

stage 'the queue is removed while it waits',
    hand => ['build/msg/basic_recv README.md, and ^Z', 'YOU README.md 2000',
        'ipcrm -q ID'],
    notes => 'msg/README.md, Waiting that ends without a message',
    why => 'msgsnd then fails with EIDRM: the receiver is gone, and what was in'
        . ' the queue is lost. Not all was sent, so the status is 1.',
    sub {
        my $path = key_file();
        my $queue = queue(IPC_CREAT);
        my $you = you($path, 2000);
        wait_until(sub { $you->ended || $you->doing =~ /sleeps/ }, 3);
        wait_until(sub { $you->ended }, 0.2);
        msgctl $queue, IPC_RMID, 0;
        note('other', 'removes the queue');
        ends($you, 1, after => 'as the queue is removed');
        says_why($you, qr/removed|Invalid/, 'Identifier removed');
    };

stage 'it leaves the queue to the receiver',
    hand => ['ipcmk -Q; YOU README.md 3', 'ipcs -q'],
    notes => 'msg/README.md, Lessons',
    why => 'Messages stay in the queue when the sender has ended: this is what a'
        . ' queue is for. Whoever removes it removes them.',
    sub {
        my $path = key_file();
        queue(IPC_CREAT);
        my $you = you($path, 3);
        ends($you, 0, after => 'when END is sent');
        expect(defined queue(), expected => 'the queue is still there',
            came => 'it is gone');
        compare($you, 3, take_all($you, 4));
    };

stage 'eight senders at once, into one queue',
    hand => ['for i in 1 2 3 4 5 6 7 8; do YOU README.md 100 & done; wait'],
    notes => 'msg/README.md, Get, operate, control',
    why => 'Every message is put in whole, whichever process sends it: of each'
        . ' sender 100 readings in order, and an END.',
    sub {
        my $path = key_file();
        queue(IPC_CREAT);
        my @all = map { you($path, 100, { name => "you $_" }) } 1 .. 8;
        my %count;
        wait_until(sub {
            while (my (undef, $bytes) = take_message(0, IPC_NOWAIT)) {
                $count{$bytes}++;
            }
            return !grep { !$_->ended } @all;
        }, 5);
        while (my (undef, $bytes) = take_message(0, IPC_NOWAIT)) {
            $count{$bytes}++;
        }
        ends($_, 0, after => 'when END is sent') for @all;
        for my $want ((map { sample($_) } 1 .. 100), end_of(100)) {
            my $n = delete $count{$want} // 0;
            expect($n == 8, expected => "8 times\n" . describe($want),
                came => "$n times");
        }
        my ($more) = keys %count;
        expect(!defined $more, expected => 'nothing else',
            came => describe($more // ''));
    };

solved 'It asks for no right that it does not need: msgget with 0, neither'
    . ' IPC_CREAT nor a mode, finds the queue that is there.';
