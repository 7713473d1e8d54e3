# common/exercise/sem/lock.pl -- the stages of sem/lock.
use strict;
use warnings;
use Grader;
use Process;
use Sem;
use SysV;

use constant { LOCK => 1 };

sub last_line { return ': ' . ($_[0]{out}[-1] // 'nothing printed') }

# It ends, and has counted what it should.
sub right {
    my ($you, $processes, $times, %more) = @_;
    my $all = $processes * $times;
    ends($you, 0, after => 'when all processes have ended', %more)
        if !wait_until(sub { $you->ended }, 5) || $you->{status} == 0;
    my ($times_came, $came) = ($you->{out}[0] // '') =~
        /, (\d+) times in all: (\d+)$/;
    if (defined $came && ($came != $all || $times_came != $all)) {
        my $why = $times_came < $all
            ? 'The parent waits for all its children, as many as there are,'
                . ' before it adds up: wait(2) for each of them.'
            : $came == 0
            ? 'After fork each process has a copy of what it writes to: only'
                . ' memory that mmap shares (MAP_SHARED) is the same for all.'
            : 'To add one is to read, to add and to write. What another'
                . ' process writes in between is overwritten: all three have'
                . ' to be done by one process at a time, from the read to the'
                . ' write.';
        fail(expected => "$all, after $all times", came => $you->{out}[0],
            why => $why, notes => 'sem/README.md, One at a time');
    }
    ends($you, 0, after => 'when all processes have ended', %more);
    prints($you, ["$processes processes added 1, $all times in all: $all"]);
}

# Four processes wait for the lock, at the same time: their process ids.
sub four_wait {
    my ($you) = @_;
    my $all_wait = wait_until(sub { waiters(LOCK) == 4 || $you->ended }, 4);
    my @children = map { $_->[0] } $you->children;
    my @busy = grep { Process::doing_of($_) !~ /sleeps in (sem|ipc)/ }
        @children;
    expect($all_wait && !$you->ended,
        expected => 'four processes that sleep in semop',
        came => $you->ended ? 'it ' . $you->how_ended . last_line($you)
            : @children . ' processes' . (@busy ? "; process $busy[0] "
                . Process::doing_of($busy[0]) : ''));
    return @children;
}

stage 'one process adds one, once',
    hand => ['YOU README.md 1 1', 'ipcs -s'],
    notes => 'sem/README.md, One at a time',
    why => 'Semaphore 1 of the set is 1 when nobody has the lock. Each process'
        . ' subtracts 1 before it reads the number, and adds 1 when it has'
        . ' written it.',
    hint => '{LOCK, -1, SEM_UNDO}, and {LOCK, +1, SEM_UNDO}; the number lies in'
        . ' memory that mmap shares: MAP_SHARED | MAP_ANONYMOUS.',
    sub {
        right(you(key_file(), 1, 1), 1, 1);
        set_is_gone('at the end');
        leaves_no_process();
    };

stage 'wrong arguments: usage, and status 2',
    hand => ['YOU README.md', 'YOU README.md 0 1', 'YOU no/such/file 1 1'],
    notes => 'README.md, How to read it',
    why => 'Status 2 is for wrong arguments, 1 for a call that has failed.',
    sub {
        my $path = key_file();
        wrong_arguments([], [$path], [$path, 4], [$path, 0, 1],
            [$path, 'four', 1], [$path, 1, 0]);
        my $you = you(file('none'), 1, 1);
        ends($you, 1, after => 'as there is no such file');
        says_why($you, qr/No such file/, 'No such file or directory');
    };

stage 'while another process has the lock, nobody adds',
    hand => ['YOU README.md 4 100000', 'build/sem/watch README.md'],
    notes => 'sem/README.md, One at a time',
    why => 'The semaphore guards nothing by itself: it works because every'
        . ' process operates on it before it touches the number, and because'
        . ' it is 1 at first.',
    sub {
        my $path = key_file();
        my $you = you($path, 4, 100_000); # more than it can do meanwhile
        my $worked = 0; # a process that has had the lock before
        wait_until(sub {
            my $last = last_pid(LOCK);
            $worked = $last if grep { $_->[0] == $last } $you->children;
            return $worked || $you->ended;
        }, 3);
        my $holder = hold(LOCK, 'the lock');
        my @children = four_wait($you);
        $worked ||= $children[0];
        note('grader', "SIGKILL for process $worked, which waits for it");
        kill 'KILL', $worked;
        wait_until(sub { $you->children < 4 || $you->ended }, 1);
        expect(!$you->ended, expected => 'the other three wait as before',
            came => 'it ' . $you->how_ended . last_line($you),
            why => 'What the others do does not depend on a process that was'
                . ' killed: wait for all of them, however they end.');
        # What a dead process gives back is taken at once by one that waits.
        my $last = last_pid(LOCK);
        expect(value(LOCK) == 0 && $last == $holder->{pid},
            expected => 'the lock is 0 as before: a process that waits has'
                . ' nothing to give back',
            came => !defined set() ? 'the set is gone'
                : $last == $holder->{pid} ? 'it is ' . value(LOCK)
                : "process $last has operated on it since",
            why => 'For each process the kernel keeps the sum of what it did'
                . ' with SEM_UNDO, and takes it back at its end. Take and give'
                . ' back are a pair: both with SEM_UNDO or both without it. If'
                . ' only one has it, the sum grows with each time.',
            notes => 'sem/README.md, When the holder is killed');
        $holder->signal('KILL');
        expect(wait_until(sub {
                return grep { $_->[0] == last_pid(LOCK) } $you->children;
            }, 5),
            expected => 'the others go on',
            came => 'in 5 s none of them had the lock: it ' . $you->doing);
    };

stage 'four processes add one, 250 times each, and forty',
    hand => ['YOU README.md 4 250', 'YOU README.md 40 25'],
    notes => 'sem/README.md, One at a time',
    why => 'The parent waits for all its children, as many as there are.',
    sub {
        right(you(key_file(), 4, 250), 4, 250);
        right(you(key_file(), 40, 25), 40, 25);
        set_is_gone('at the end');
    };

stage 'stopped and continued',
    hand => ['YOU README.md 4 100000', 'kill -STOP PID; kill -CONT PID'],
    notes => 'sem/README.md, One at a time',
    why => $stopped,
    sub {
        my ($path, $you) = (key_file());
        my $holder = hold(LOCK, 'the lock', sub { $you = you($path, 4, 500) });
        my @children = four_wait($you);
        stop_and_continue(@children);
        four_wait($you);
        $holder->signal('KILL');
        right($you, 4, 500);
    };

stage 'a process is killed while it holds the lock',
    hand => ['YOU README.md 4 100000', 'build/sem/watch README.md',
        'kill -9 PID_OF_THE_HOLDER'],
    notes => 'sem/README.md, When the holder is killed',
    why => 'SIGKILL cannot be caught: what a process has taken it must have'
        . ' taken with SEM_UNDO, and then the kernel gives it back. Take and'
        . ' give back are a pair: both with SEM_UNDO or both without it.',
    hint => 'SEM_UNDO in both operations: if only one has it, the sum that the'
        . ' kernel keeps is wrong, and the lock is given back more than once.',
    sub {
        my $path = key_file();
        my ($you, $killed);
        my $highest = 0;
        for (1 .. 3) { # it may have ended before a holder was found
            $you = you($path, 4, 2000);
            last if $killed = kill_holder($you, LOCK);
        }
        fail(expected => 'that semaphore 1 is 0 while a process is between read'
            . ' and write', came => 'it never was, while a process slept there')
            if !$killed;
        my $ended = wait_until(sub {
            my $value = value(LOCK);
            $highest = $value if $value > $highest;
            return $you->ended;
        }, 8);
        fail(expected => 'the lock is 0 or 1', came => "it was $highest")
            if $highest > 1;
        fail(expected => 'the others go on, and end',
            came => 'after 8 s they still wait: the lock is ' . value(LOCK)
                . ', and process ' . last_pid(LOCK) . ', which is dead, had it')
            if !$ended;
        my ($times, $number) = ($you->{out}[0] // '') =~
            /^4 processes added 1, (\d+) times in all: (\d+)$/;
        expect(defined $number && $times >= 6000 && $number >= $times
                && $number <= $times + 1,
            expected => 'what the others have added, 6000 and more, and as much'
                . ' in all',
            came => $you->{out}[0] // 'nothing: it ' . $you->how_ended);
        set_is_gone('at the end');
    };

set_stages(
    args => [4, 500],
    hold => LOCK,
    name => 'the lock',
    right => sub { right($_[0], 4, 500) },
);

solved 'It starts its processes in the order in which they come; who gets the'
    . ' lock next is the kernel\'s choice. With --no-lock it loses updates, and'
    . ' says how many.';
