# common/exercise/shm/ring_recv.pl -- the stages of shm/ring_recv.
use strict;
use warnings;
use IPC::SysV qw(memread memwrite SEM_UNDO);
use POSIX ();
use Grader;
use Process;
use Reading;
use Sem;
use Shm;
use SysV;

use constant { EMPTY => 0, FULL => 1, LOCK => 2, CONSISTENT => 3,
    RECEIVERS => 4, SENDERS => 5, UNFINISHED => 6 };
use constant { TAIL => 16, BEGUN => 24, SLOT => 64, SLOTS => 4096 };

my @names = qw(EMPTY FULL LOCK CONSISTENT RECEIVERS SENDERS UNFINISHED);
my $send = 'build/shm/ring_send';
my @hand = ('YOU README.md', "$send README.md 3");

# The lines of a receiver that has had n readings.
sub lines {
    my ($path, $n, @more) = @_;
    return ["ready on $path", [qr{^$n readings received, [\d.]+ MB/s$},
        "$n readings received, 0.1 MB/s"], @more];
}

# How each run ends: the total, status 0, and nothing in the kernel.
sub all_arrive {
    my ($you, $path, $n, %more) = @_;
    ends($you, 0, after => 'when all senders have put in END', %more);
    prints($you, lines($path, $n, "$n of $n arrived"), %more);
    both_are_gone('when the last receiver has ended');
}

# A sender that is written here: it joins, enters, fills a slot, and leaves.
sub join_senders {
    operate(RECEIVERS, -1, IPC_NOWAIT, RECEIVERS, 1, 0, SENDERS, 1, SEM_UNDO,
        UNFINISHED, 1, 0);
    return attach();
}

sub enter { operate(EMPTY, -1, 0, LOCK, -1, SEM_UNDO, CONSISTENT, -1, 0) }

sub fill {
    my ($at, $slot) = @_;
    memread($at, my $tail, TAIL, 4) or die "memread: $!\n";
    $tail = unpack 'L', $tail;
    memwrite($at, $slot, SLOT + 64 * ($tail % SLOTS), 64)
        && memwrite($at, "\1", BEGUN, 1)
        && memwrite($at, pack('L', $tail + 1), TAIL, 4)
        or die "memwrite: $!\n";
}

sub put {
    my ($at, $slot, $what, @more) = @_;
    enter();
    fill($at, $slot);
    operate(CONSISTENT, 1, 0, LOCK, 1, SEM_UNDO, FULL, 1, 0, @more);
    print "puts in $what\n";
}

sub put_end {
    my ($at, $n) = @_;
    put($at, end_slot($n), "END of $n", SENDERS, -1, SEM_UNDO,
        UNFINISHED, -1, 0);
}

# Stop a process that waits in semop: then it is none of those that wait.
sub stop {
    my ($p) = @_;
    $p->signal('STOP');
    wait_until(sub { $p->doing eq 'is stopped' }, 2);
}

# All is taken, and nobody has the lock.
sub all_taken {
    return join(' ', values_of(EMPTY, FULL, LOCK)) eq SLOTS . ' 0 1';
}

stage 'three readings arrive',
    hand => [@hand, 'build/sem/watch README.md'],
    notes => 'shm/README.md, The bounded buffer',
    why => 'To take a slot: FULL - 1, LOCK - 1 and CONSISTENT - 1 in one semop,'
        . ' read slot head, head + 1; then CONSISTENT + 1, LOCK + 1 and'
        . ' EMPTY + 1 in another.',
    hint => 'bounded_join() and bounded_open() of shm/bounded.h; count by'
        . ' counter_add() of shm/counter.h.',
    sub {
        my $path = key_file();
        my $you = ready_on($path);
        has_header('bndd', SLOT + 64 * SLOTS);
        pause(0.1); # now it waits
        my @expected = (SLOTS, 0, 1, 1, 1, 0, 0);
        my @came = values_of(0 .. $#names);
        for my $i (0 .. $#names) {
            expect($came[$i] == $expected[$i],
                expected => "$names[$i] ($i) is $expected[$i], when ready has"
                    . ' been said and no sender has come',
                came => "$names[$i] is $came[$i]",
                why => $i == LOCK && $came[$i] == 0
                    ? 'A receiver that waits for a slot with the lock keeps'
                        . ' every sender from filling one: a deadlock. Lower'
                        . ' FULL and LOCK in one semop: all or none.'
                    : 'All semaphores are 0 in a new set, and whoever comes'
                        . ' early waits. The first receiver raises them in one'
                        . ' semop, when all else is there.');
        }
        other($send, $path, 3);
        ends($you, 0, after => 'when the sender has put in END');
        prints($you, lines($path, 3, '3 of 3 arrived'));
    };

stage 'no reading at all, and nothing is left in the kernel',
    hand => ['YOU README.md', "$send README.md 0", 'ipcs -ms'],
    notes => 'shm/README.md, How long it lives',
    why => 'END is in a slot like any reading: it may be the first one.',
    hint => 'The last receiver removes both: shmctl and semctl, IPC_RMID.',
    sub { all_arrive(sent($send, 0)) };

key_file_arguments_stage();

stage 'twenty thousand readings, more than the ring holds',
    hand => ['YOU README.md', "$send README.md 20000"],
    notes => 'shm/README.md, The bounded buffer',
    why => 'Each slot that has been read is empty again: EMPTY + 1, or the'
        . ' sender waits for ever when it has gone around once. Count i is'
        . ' slot i modulo 4096.',
    sub { all_arrive(sent($send, 20000), own()) };

stage 'two senders: one END is not the end',
    hand => ['YOU README.md', "$send README.md 1000000 &", "$send README.md 3"],
    notes => 'shm/README.md, The bounded buffer',
    why => 'Each sender puts in an END of its own. All has come when SENDERS'
        . ' and FULL are both 0, and there has been a sender.',
    hint => 'GETALL: all values of one moment; bounded_finished() of'
        . ' shm/bounded.h.',
    sub {
        my $path = key_file();
        my $you = ready_on($path);
        peer(sub {
            my $at = join_senders();
            print "joins\n";
            pause(1);
            put($at, sample_slot($_), "reading $_") for 1 .. 2;
            put_end($at, 2);
        }, 'first');
        wait_until(sub { value(SENDERS) == 1 }, 2);
        peer(sub {
            my $at = join_senders();
            put($at, sample_slot(1), 'reading 1');
            put_end($at, 1);
        }, 'second');
        all_arrive($you, $path, 3, own());
    };

stage 'stopped and continued',
    hand => ['YOU README.md', '^Z', 'fg', "$send README.md 3"],
    notes => 'shm/README.md, The bounded buffer',
    why => 'A semop that waits ends with EINTR when a handler has run, and on'
        . ' Linux also when the process was stopped and goes on: signal(7).'
        . ' That is not an error: call it again.',
    sub {
        my $path = key_file();
        my $you = ready_on($path);
        for (1 .. 3) {
            pause(0.05); # it waits again
            $you->signal('STOP');
            pause(0.05);
            $you->signal('CONT');
        }
        other($send, $path, 3);
        all_arrive($you, $path, 3);
    };

stage 'one of two receivers ends, and the other goes on',
    hand => ['YOU README.md', 'YOU README.md', 'kill -INT PID',
        "$send README.md 3"],
    notes => 'shm/README.md, The bounded buffer',
    why => 'Segment and set are for all receivers, whichever of them made them:'
        . ' only the last one removes them. RECEIVERS is raised with SEM_UNDO,'
        . ' so that one that is killed is no longer counted.',
    sub {
        for my $signal ('INT', 'KILL') {
            my $path = key_file();
            my $first = ready_on($path);
            my $second = ready_on($path, { name => 'you too' });
            $first->signal($signal);
            wait_until(sub { $first->ended }, 2);
            my $receivers = value(RECEIVERS);
            expect($receivers == 1,
                expected => "RECEIVERS is 1, after SIG$signal for one of two",
                came => $receivers < 0 ? 'the set has been removed'
                    : "it is $receivers");
            other($send, $path, 3);
            all_arrive($second, $path, 3);
        }
    };

stage 'two receivers: each reading goes to one of them',
    hand => ['YOU README.md', @hand[0, 1]],
    notes => 'shm/README.md, The bounded buffer',
    why => 'A receiver that finds others joins them: RECEIVERS + 1. Before it'
        . ' leaves, it adds its counts to the total in the segment; the last'
        . ' one prints the total.',
    hint => 'bounded_add_total() and bounded_total() of shm/bounded.h.',
    sub {
        my $path = key_file();
        my $you = ready_on($path);
        my $too = ready_on($path, { name => 'you too' });
        expect(value(RECEIVERS) == 2, expected => 'RECEIVERS is 2',
            came => 'it is ' . value(RECEIVERS));
        my $go = file('go');
        my $sender;
        my $phase = sub {
            my ($stopped, $n) = @_;
            stop($stopped);
            open my $file, '>', "$go$n" or die "$go$n: $!";
            wait_until(sub { grep { $_ eq "all are taken: $n" }
                @{ $sender->{out} } }, 3);
            $stopped->signal('CONT');
            pause(0.05);
        };
        $sender = peer(sub {
            my $at = join_senders();
            for my $n (1, 2) {
                pause(0.01) until -e "$go$n";
                put($at, sample_slot(2 * $n - 2 + $_), 'a reading') for 1 .. 2;
                pause(0.01) until all_taken();
                print "all are taken: $n\n";
            }
            pause(0.3);
            put_end($at, 4);
        });
        $phase->($you, 1);
        $phase->($too, 2);
        for my $p ($you, $too) {
            ends($p, 0, after => 'when END has come');
            expect(grep({ /^2 readings received, / } @{ $p->{out} }) == 1,
                expected => 'each of the two: 2 readings received, 0.1 MB/s',
                came => join ' / ', @{ $p->{out} });
        }
        my @totals = grep { / arrived$/ } @{ $you->{out} }, @{ $too->{out} };
        expect(@totals > 0 && !grep({ $_ ne '4 of 4 arrived' } @totals),
            expected => '4 of 4 arrived, from the one that ends last',
            came => join(' / ', @totals) || 'nothing of that kind');
        both_are_gone('when both have ended');
    };

stage 'what cannot be right: status 1',
    hand => ['YOU README.md; echo $?', "$send README.md 3"],
    notes => 'shm/README.md, The bounded buffer',
    why => 'Whoever may write to the segment can write anything. Count what is'
        . ' no reading, and compare what came with what END says: how many,'
        . ' and the sum of their numbers. The status says if it is not all.',
    hint => 'counter_add() and counter_complete() of shm/counter.h.',
    sub {
        for (
            [[sample_slot(1), "\0" x 64, slot_bytes(7, 2, 0, 'oslo')], 1, 1,
                '2 slots skipped: no valid reading in them', '1 of 1 arrived'],
            [[sample_slot(1)], 3, 1, '1 of 3 arrived'],
            [[sample_slot(1), sample_slot(1)], 2, 2, '2 of 2 arrived',
                'but some twice, and others not at all'],
        ) {
            my ($slots, $end, $n, @last) = @$_;
            my $path = key_file();
            my $you = ready_on($path);
            peer(sub {
                my $at = join_senders();
                put($at, $_, 'a slot') for @$slots;
                put_end($at, $end);
            });
            wait_until(sub { $you->ended }, 3);
            prints($you, lines($path, $n, @last));
            ends($you, 1, after => "as it says: $last[-1]", own());
            both_are_gone('when END has come');
        }
    };

stage 'a process dies with the lock',
    hand => ['YOU README.md', "$send README.md 1000000", 'kill -9 PID',
        'build/sem/watch README.md'],
    notes => 'shm/README.md, The bounded buffer',
    why => 'SEM_UNDO gives LOCK back, but CONSISTENT stays 0, and nobody gets'
        . ' in. Whoever waits for a tenth of a second asks for just that, LOCK'
        . ' 1 and CONSISTENT 0, and sets FULL and EMPTY anew: tail - head'
        . ' slots are full.',
    hint => 'bounded_repair() of shm/bounded.h, each time that semtimedop ends'
        . ' with EAGAIN.',
    sub {
        for my $filled (0, 1) {
            my $path = key_file();
            my $you = ready_on($path);
            peer(sub {
                my $at = join_senders();
                my $pid = fork // die "fork: $!\n";
                if ($pid == 0) {
                    enter();
                    fill($at, sample_slot(1)) if $filled;
                    POSIX::_exit(0);
                }
                waitpid $pid, 0;
                print 'a process has died with the lock, ',
                    $filled ? "a slot filled\n" : "before it filled a slot\n";
                put($at, sample_slot(1), 'reading 1') if !$filled;
                put($at, sample_slot(2), 'reading 2');
                put_end($at, 2);
            });
            all_arrive($you, $path, 2, own());
        }
    };

stage 'a sender that is killed is not waited for',
    hand => ['YOU README.md; echo $?', "$send README.md 1000000000",
        'kill -9 PID'],
    notes => 'shm/README.md, The bounded buffer',
    why => 'A sender is counted twice: in SENDERS with SEM_UNDO, in UNFINISHED'
        . ' without. If UNFINISHED is more, one has died before its END: take'
        . ' what is there, say so on stderr, and end with status 1.',
    hint => 'bounded_finished() of shm/bounded.h says whether one died.',
    sub {
        my $path = key_file();
        my $you = ready_on($path);
        my $sender = peer(sub {
            my $at = join_senders();
            put($at, sample_slot($_), "reading $_") for 1 .. 2;
            print "is killed now\n";
            pause(60);
        });
        wait_until(sub { grep { /killed/ } @{ $sender->{out} } }, 2);
        $sender->signal('KILL');
        ends($you, 1, after => 'as its sender was killed', own());
        says_why($you, undef, undef, own());
        prints($you, lines($path, 2));
        both_are_gone('when the sender has been killed');
    };

stage '^C and TERM: the last receiver takes both along',
    hand => ['YOU README.md', 'kill -INT PID', 'ipcs -ms'],
    notes => 'shm/README.md, How long it lives',
    why => 'A segment and a set outlive their process. What is to happen when a'
        . ' signal comes stands in a handler; then the program ends by that'
        . ' signal, so that the shell sees it.',
    hint => 'on_termination() of common/termination.h.',
    sub {
        ends_by_signals(sub { ready_on(key_file()) }, \&both_are_gone);
    };

stage 'what a killed receiver has left is replaced',
    hand => ['YOU README.md', 'kill -9 PID', 'ipcs -ms', @hand],
    notes => 'shm/README.md, How long it lives',
    why => 'kill -9 leaves the segment and the set, with the values of that'
        . ' moment. RECEIVERS that is 0 says that nobody uses them: remove'
        . ' them, and make new ones.',
    hint => 'bounded_join() fails if there is no receiver; then segment_clear()'
        . ' of shm/segment.h.',
    sub {
        my $path = key_file();
        my $killed = ready_on($path);
        my $sender = peer(sub {
            pause(0.01) until value(RECEIVERS) == 0;
            my $at = attach();
            put($at, sample_slot(7), 'reading 7');
        });
        $killed->signal('KILL');
        wait_until(sub { $sender->ended }, 4);
        my $you = ready_on($path);
        other($send, $path, 3);
        all_arrive($you, $path, 3);
    };

full_disk_stage 'a full disk: status 1, and nothing is left',
    hand => ['YOU README.md >/dev/full; echo $?; ipcs -ms',
        "$send README.md 3"],
    begin => sub {
        my $path = key_file();
        return ([$path], sub { value(RECEIVERS) == 1 }, [$send, $path, 3]);
    },
    gone => sub { both_are_gone('at the end') };

solved 'It locks the key file while it joins or makes the segment, so that two'
    . ' that start at once do not both make one, and it refuses what another'
    . ' user has left under its key.';
