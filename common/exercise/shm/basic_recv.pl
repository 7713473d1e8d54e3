# common/exercise/shm/basic_recv.pl -- the stages of shm/basic_recv.
use strict;
use warnings;
use IPC::SysV qw(memwrite);
use Grader;
use Process;
use Reading;
use Sem;
use Shm;
use SysV;

use constant { EMPTY => 0, FULL => 1, SLOT => 64, SIZE => 128 };

my $send = 'build/shm/basic_send';
my @hand = ('YOU README.md', "$send README.md 3");

# How each run ends: all of the lines, status 0, and nothing in the kernel.
sub all_arrive {
    my ($you, $path, $n, %more) = @_;
    ends($you, 0, after => 'when END has come', %more);
    prints($you, all_of("ready on $path", $n), %more);
    both_are_gone('when END has come');
}

# put(ADDRESS, SLOT, WHAT): as a sender does it; says so.
sub put {
    my ($address, $slot, $what) = @_;
    operate(EMPTY, -1, 0);
    memwrite($address, $slot, SLOT, length $slot) or die "memwrite: $!\n";
    operate(FULL, +1, 0);
    print "writes $what\n";
}

stage 'three readings arrive',
    hand => \@hand,
    notes => 'shm/README.md, Whose turn it is',
    why => 'The sender waits until EMPTY is 1, writes the slot, and raises'
        . ' FULL. The receiver waits until FULL is 1, reads, and raises EMPTY.',
    hint => 'shmget and semget with the key of ftok(FILE, \'I\'); shmat; the'
        . ' header by segment_label(), then EMPTY by semop, then ready.',
    sub {
        my $path = key_file();
        my $you = ready_on($path);
        has_header('basi', SIZE);
        my @values = values_of(EMPTY, FULL);
        expect("@values" eq '1 0',
            expected => 'the set, when ready is said: EMPTY (0) is 1, FULL (1)'
                . ' is 0',
            came => defined set() ? "EMPTY is $values[0], FULL is $values[1]"
                : 'semget(2) finds none',
            why => 'The slot is empty: the sender may write, and there is'
                . ' nothing to read. A new set has zeros; raise EMPTY when all'
                . ' else is there.');
        other($send, $path, 3);
        ends($you, 0, after => 'when END has come');
        prints($you, all_of("ready on $path", 3));
    };

stage 'no reading at all, and nothing is left in the kernel',
    hand => ['YOU README.md', "$send README.md 0", 'ipcs -ms'],
    notes => 'shm/README.md, How long it lives',
    why => 'END is in the slot like any reading: it may be the first one.',
    hint => 'shmctl(segment, IPC_RMID, NULL) and semctl(set, 0, IPC_RMID)'
        . ' before the program ends.',
    sub { all_arrive(sent($send, 0)) };

key_file_arguments_stage();

stage 'the slot is empty when it has been read, not before',
    hand => ['strace -o log -e inject=/^sem(timed)?op:delay_exit=3000'
        . ' YOU README.md', "$send README.md 100"],
    notes => 'shm/README.md, Whose turn it is',
    why => 'EMPTY says that the sender may write. Raised before the slot has'
        . ' been copied, it lets the next reading in over this one; which of'
        . ' the two is read is a matter of luck. Here each semop returns 3 ms'
        . ' late, and there is no luck.',
    hint => 'Lower FULL, copy the slot, raise EMPTY; then use the copy alone.',
    sub {
        my $path = key_file();
        my $you = ready_on($path,
            { inject => '/^sem(timed)?op:delay_exit=3000' });
        note('kernel', 'each semop of yours returns 3 ms late');
        other($send, $path, 100);
        all_arrive($you, $path, 100, own());
    };

# What is written that is no reading, and how that is to be noticed.
my @strange = (
    ['zeros', "\0" x 64,
        'A kind is 1 or 2, and the checksum of zeros is not 0: zeroed memory is'
        . ' no reading.'],
    ['half of a reading', slot_bytes(DATA_KIND, 9, -24, 'oslo',
        unpack 'x20 L', sample_slot(8)),
        'The checksum is that of another reading: a sender has written half of'
        . ' one. Compute it, and compare.'],
    ['a kind that there is not', slot_bytes(7, 3, -30, 'oslo'),
        'The checksum is right, but a kind is 1 or 2: a checksum finds'
        . ' accidents, not forgeries.'],
    ['no NUL behind the station', slot_bytes(DATA_KIND, 4, -29, 'o' x 10),
        'A string without its NUL goes on into whatever is behind it in'
        . ' memory: check that the last byte is NUL.'],
);

stage 'what is no reading is skipped',
    hand => ['YOU README.md', "$send README.md 3"],
    notes => 'shm/README.md, Break it',
    why => 'Any process that may write to the segment can write anything. Copy'
        . ' the slot, check the copy, then use it; skip what is wrong with one'
        . ' line, and go on.',
    hint => 'reading_slot_valid() of shm/slot.h: the checksum, the kind, and'
        . ' the last byte of the station. EMPTY is raised all the same.',
    sub {
        my $path = key_file();
        my $you = ready_on($path);
        my @lines = "ready on $path";
        my %whys;
        for my $i (0 .. $#strange) {
            $whys{ scalar @lines } = $strange[$i][2];
            push @lines, 'skipped a slot: not a reading', line_of($i + 1);
        }
        my $n = @strange;
        push @lines, "$n of $n readings arrived";
        peer(sub {
            my $at = attach();
            for my $i (0 .. $#strange) {
                put($at, $strange[$i][1], $strange[$i][0]);
                put($at, sample_slot($i + 1), 'reading ' . ($i + 1));
            }
            put($at, end_slot($n), "END of $n");
        });
        # Where it stands still, what it has printed says more.
        wait_until(sub { $you->ended }, 2);
        prints($you, \@lines, whys => \%whys);
        ends($you, 0, after => 'when END has come');
        both_are_gone('when END has come');
    };

stage 'END says more than came: status 1',
    hand => ['YOU README.md; echo $?', "$send README.md 3"],
    notes => 'README.md, How to read it',
    why => 'END has in it how many readings there were. If fewer came, some are'
        . ' lost: both numbers are printed, and the status says so.',
    sub {
        my $path = key_file();
        my $you = ready_on($path);
        peer(sub {
            my $at = attach();
            put($at, sample_slot(1), 'reading 1');
            put($at, end_slot(3), 'END of 3');
        });
        ends($you, 1, after => 'as 2 readings are missing', own());
        prints($you, ["ready on $path", line_of(1), '1 of 3 readings arrived']);
        both_are_gone('when END has come');
    };

stage 'a sender that begins late, and is slow, is waited for',
    hand => ['YOU README.md', 'sleep 3', "$send README.md 3"],
    notes => 'shm/README.md, Whose turn it is',
    why => 'A receiver cannot tell a slow sender from a dead one by the clock.'
        . ' The kernel counts who has the segment attached, shm_nattch: as'
        . ' long as another one has, wait. Before the first has come, wait,'
        . ' too.',
    hint => 'A time limit of semtimedop is a moment to look, and no reason to'
        . ' end.',
    sub {
        my $path = key_file();
        my $you = ready_on($path);
        peer(sub {
            print "attaches after 1.5 s\n";
            pause(1.5);
            my $at = attach();
            pause(0.5);
            put($at, sample_slot(1), 'reading 1');
            print "is silent for 1.5 s\n";
            pause(1.5);
            put($at, sample_slot(2), 'reading 2');
            put($at, end_slot(2), 'END of 2');
        });
        wait_until(sub { $you->ended }, 4);
        all_arrive($you, $path, 2, within => 3);
    };

stage 'stopped and continued',
    hand => ['YOU README.md', '^Z', 'fg', "$send README.md 3"],
    notes => 'shm/README.md, Whose turn it is',
    why => 'A semop that waits ends with EINTR when a handler has run, and on'
        . ' Linux also when the process was stopped and goes on: signal(7).'
        . ' That is not an error: call it again.',
    hint => 'errno == EINTR: once more.',
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

stage '^C and TERM take the segment and the set along',
    hand => ['YOU README.md', 'kill -INT PID', 'ipcs -ms'],
    notes => 'shm/README.md, How long it lives',
    why => 'A segment and a set outlive their process. What is to happen when a'
        . ' signal comes stands in a handler; then the program ends by that'
        . ' signal, so that the shell sees it.',
    hint => 'on_termination() of common/termination.h; elsewhere: a handler'
        . ' for INT and TERM that removes both, sets SIG_DFL again and raises'
        . ' the signal.',
    sub {
        ends_by_signals(sub {
            my $you = ready_on(key_file());
            peer(sub {
                put(attach(), sample_slot(1), 'reading 1');
                pause(60);
            });
            wait_until(sub { @{ $you->{out} } > 1 }, 2);
            return $you;
        }, \&both_are_gone);
    };

stage 'a segment that is in use is left alone',
    hand => ['YOU README.md', 'YOU README.md; echo $?', "$send README.md 3"],
    notes => 'shm/README.md, How long it lives',
    why => 'Two receivers with one slot would each get a part. A segment is in'
        . ' use if it is attached (shm_nattch) and the process that made it'
        . ' (shm_cpid) is there: then it is not yours to remove or to take.',
    hint => 'segment_lock() and segment_clear() of shm/segment.h.',
    sub {
        my $path = key_file();
        my $you = ready_on($path);
        my ($segment, $set) = (segment(), set());
        my $second = you($path, { name => 'you too' });
        ends($second, 1, after => 'as another receiver has that segment',
            own());
        says_why($second);
        expect(($segment // -1) == (segment() // -2)
            && ($set // -1) == (set() // -2),
            expected => 'the segment and the set of the first one',
            came => 'they were removed or replaced');
        other($send, $path, 3);
        all_arrive($you, $path, 3);
    };

stage 'what a killed receiver has left is replaced',
    hand => ['YOU README.md', 'kill -9 PID', 'ipcs -ms', @hand],
    notes => 'shm/README.md, How long it lives',
    why => 'kill -9 leaves the segment and the set in the kernel, with the'
        . ' values of that moment: a slot half written, semaphores that let'
        . ' both ends in, or none. The next start removes them and makes new'
        . ' ones.',
    hint => 'segment_clear() of shm/segment.h: nobody has it attached, so'
        . ' remove both; then IPC_CREAT | IPC_EXCL.',
    sub {
        my $path = key_file();
        my $killed = ready_on($path);
        $killed->signal('KILL');
        wait_until(sub { $killed->ended }, 2);
        my $sender = peer(sub { put(attach(), sample_slot(7), 'reading 7') });
        wait_until(sub { $sender->ended }, 2);
        my $you = ready_on($path);
        other($send, $path, 3);
        wait_until(sub { $you->ended }, 2);
        prints($you, all_of("ready on $path", 3));
        all_arrive($you, $path, 3);
    };

# A sender does that, and is killed then; what the receiver does.
sub killed_sender {
    my ($does, $n, %more) = @_;
    my $path = key_file();
    my $you = ready_on($path);
    my $sender = peer(sub {
        $does->(attach());
        print "is killed now\n";
        pause(60);
    });
    wait_until(sub { grep { /killed/ } @{ $sender->{out} } }, 2);
    wait_until(sub { @{ $you->{out} } > $n }, 2);
    $sender->signal('KILL');
    ends($you, 1, after => 'within 5 s: its sender was killed', %more);
    says_why($you);
    prints($you, ["ready on $path", lines_of(1 .. $n)]);
    both_are_gone('when the sender has been killed');
}

stage 'a sender that is killed is not waited for',
    hand => ['YOU README.md; echo $?', "$send README.md 1000000",
        'kill -9 PID'],
    notes => 'shm/README.md, Whose turn it is',
    why => 'A semaphore has no end of file. Wait a tenth of a second at a time,'
        . ' and look at shm_nattch: the kernel detaches a process that ends,'
        . ' however it ends. If you alone are left, end with status 1.',
    hint => 'semtimedop, EAGAIN, segment_peer_attached() of shm/segment.h; then'
        . ' look once more at FULL, as END may have come in between.',
    sub {
        killed_sender(sub {
            my ($at) = @_;
            put($at, sample_slot($_), "reading $_") for 1 .. 2;
        }, 2);
        killed_sender(sub {
            operate(EMPTY, -1, 0);
            print "has lowered EMPTY\n";
        }, 0, why => 'It was killed while it wrote the first reading: EMPTY and'
            . ' FULL are both 0, and will stay so. EMPTY that is 0 says that'
            . ' there was a sender; shm_nattch says that it is gone.');
    };

full_disk_stage 'a full disk: status 1, and nothing is left',
    hand => ['YOU README.md >/dev/full; echo $?; ipcs -ms',
        "$send README.md 3"],
    begin => sub {
        my $path = key_file();
        return ([$path], sub { value(EMPTY) == 1 }, [$send, $path, 3]);
    },
    gone => sub { both_are_gone('at the end') };

solved 'It also refuses what another user has left under its key, locks the key'
    . ' file while it replaces a leftover, so that two that start at once do'
    . ' not remove each other\'s segment, and lets no signal in between shmget'
    . ' and the handler.';
