# common/exercise/sem/together.pl -- the stages of sem/together.
use strict;
use warnings;
use Grader;
use Process;
use Sem;
use SysV;

use constant { MEALS => 1, FORK => 2 };

my @forks = map { FORK + $_ } 0 .. 4;

# If all stand still, each with one fork: what is wrong.
sub deadlock {
    my ($you) = @_;
    my @free = grep { $_ != 0 } values_of(@forks);
    return if @free || $you->children < 5;
    return (
        came => 'all five forks are held, and all five processes wait',
        why => 'A deadlock: each holds one fork and waits for the other. Take'
            . ' both in one semop, all or none: then a process that waits'
            . ' holds nothing.',
        notes => 'sem/README.md, All or none',
    );
}

# It ends when a fork was held for a while: who starved then is our fault.
sub ends_anyhow {
    my ($you) = @_;
    ends($you, $you->{status} // 0, within => 8, hang => sub { deadlock($you) },
        after => 'when no meals are left')
        if !wait_until(sub { $you->ended }, 8);
}

# It ends: five lines, of 10000 meals in all, and one more.
sub right {
    my ($you) = @_;
    ends($you, 0, after => 'when no meals are left', within => 8,
        hang => sub { deadlock($you) });
    my ($meals, %ate) = (0);
    for (@{ $you->{out} }) {
        next if !/^philosopher ([1-5]) ate (\d+) times$/;
        $ate{$1} = $2;
        $meals += $2;
    }
    expect(keys %ate == 5 && @{ $you->{out} } == 6,
        expected => 'five lines, such as: philosopher 1 ate 2000 times; and one'
            . ' more',
        came => join ' / ', @{ $you->{out} });
    expect($meals == 10000,
        expected => '10000 meals in all',
        came => "$meals: " . join(' + ', map { $ate{$_} } sort keys %ate),
        why => 'A meal is taken from semaphore 1 in the same step as the forks:'
            . ' so there are exactly as many as there are meals.');
    expect($you->{out}[5] eq '10000 meals, and no philosopher starved',
        expected => '10000 meals, and no philosopher starved',
        came => $you->{out}[5]);
}

stage 'five philosophers eat 10000 times',
    hand => ['YOU README.md'],
    notes => 'sem/README.md, All or none',
    why => 'Semaphore 1 counts the meals that are left, 2 to 6 are the forks.'
        . ' One semop takes two forks and a meal.',
    hint => '{left, -1, SEM_UNDO}, {right, -1, SEM_UNDO}, {MEALS, -1,'
        . ' IPC_NOWAIT}: EAGAIN says that no meals are left.',
    sub {
        my $path = key_file();
        right(you($path));
        set_is_gone('at the end');
        leaves_no_process();
    };

key_file_arguments_stage();

my $one_lock = 'One lock for the whole table would do for the number of meals,'
    . ' but then one philosopher eats at a time. Two forks are all that a'
    . ' philosopher needs.';

stage 'who waits for a fork holds none',
    hand => ['YOU README.md', 'build/sem/watch README.md'],
    notes => 'sem/README.md, All or none',
    why => 'All or none: a process that cannot have both forks takes neither,'
        . ' and the neighbour can eat. One after the other, even in an order'
        . ' that cannot deadlock, keeps the neighbour waiting for nothing.',
    hint => 'One array for one semop: its operations are done together or not'
        . ' at all.',
    sub {
        my $path = key_file();
        my $you;
        my $holder = hold(FORK + 2, 'fork 3', sub { $you = you($path) });
        my %free;
        my $waiters = 0;
        wait_until(sub {
            $waiters = waiters(FORK + 2);
            return $you->ended if $waiters < 2;
            for (1 .. 50) {
                my @value = values_of(FORK + 1, FORK + 3);
                $free{2} ||= $value[0] == 1;
                $free{4} ||= $value[1] == 1;
            }
            return $free{2} && $free{4} || $you->ended;
        }, 2);
        fail(expected => 'it does not end as long as fork 3 is held, for which'
                . ' philosophers 2 and 3 wait',
            came => 'it ' . $you->how_ended,
            grep({ / meals/ } @{ $you->{out} }) ? (why => $one_lock) : ())
            if $you->ended;
        expect($waiters == 2, expected => 'philosophers 2 and 3 wait for fork 3',
            came => "$waiters processes do", why => $one_lock);
        for my $fork (2, 4) {
            expect($free{$fork},
                expected => "fork $fork is free now and then: its neighbour"
                    . ' waits for fork 3, and takes none',
                came => "fork $fork is held all the time, since fork 3 is");
        }
        $holder->signal('KILL');
        ends_anyhow($you);
    };

stage 'the others eat while two wait',
    hand => ['YOU README.md', 'build/sem/watch README.md'],
    notes => 'sem/README.md, All or none',
    why => $one_lock,
    sub {
        my $path = key_file();
        my $you;
        my $holder = hold(FORK, 'fork 1', sub { $you = you($path) });
        my $before = value(MEALS);
        wait_until(sub { $you->ended || value(MEALS) < $before - 20 }, 3);
        my $after = value(MEALS);
        expect($after < $before - 20,
            expected => 'fewer meals are left, as philosophers 2, 3 and 4 eat',
            came => "$before meals, and 3 s later $after", deadlock($you));
        $holder->signal('KILL');
        ends_anyhow($you);
    };

stage 'stopped and continued',
    hand => ['YOU README.md', 'kill -STOP PID; kill -CONT PID'],
    notes => 'sem/README.md, All or none',
    why => $stopped,
    sub {
        my ($path, $you) = (key_file());
        my $holder = hold(FORK, 'fork 1', sub { $you = you($path) });
        for my $again ('', ' again') {
            expect(wait_until(sub { waiters(FORK) == 2 || $you->ended }, 3)
                    && !$you->ended,
                expected => "philosophers 1 and 5 wait for fork 1$again",
                came => $you->ended ? 'it ' . $you->how_ended
                    : waiters(FORK) . ' processes do');
            stop_and_continue(map { $_->[0] } $you->children) if !$again;
        }
        $holder->signal('KILL');
        ends_anyhow($you);
    };

stage 'a philosopher is killed while it eats',
    hand => ['YOU README.md', 'build/sem/watch README.md', 'kill -9 PID'],
    notes => 'sem/README.md, When the holder is killed',
    why => 'What a killed process holds is given back by the kernel if it took'
        . ' it with SEM_UNDO. The meals are not given back: they are eaten.',
    sub {
        my $path = key_file();
        my ($you, $killed);
        for (1 .. 3) { # it may have ended before one was found
            $you = you($path);
            last if $killed = kill_holder($you, FORK + 2);
        }
        fail(expected => 'a process that holds fork 3 while it eats',
            came => 'there never was one') if !$killed;
        ends($you, 1, within => 8, after => 'when the other four have eaten all'
            . ' that was left', hang => sub {
                return (came => 'after 8 s they wait for the forks of a dead'
                    . ' process: the forks are ' . join ' ', values_of(@forks))
            });
        says_why($you);
        my @lines = grep { /^philosopher [1-5] ate \d+ times$/ }
            @{ $you->{out} };
        expect(@lines == 4, expected => 'four philosophers report',
            came => join ' / ', @{ $you->{out} });
        set_is_gone('at the end');
    };

set_stages(
    args => [],
    hold => FORK,
    name => 'fork 1',
    right => \&right,
    held => \&ends_anyhow,
);

solved 'It also sees to it that nobody starves: a philosopher that had less'
    . ' than half its share says so, and the program fails.';
