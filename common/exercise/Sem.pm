# common/exercise/Sem.pm -- the semaphore set of a stage, from outside, and the
# stages that all exercises with a set have in common.
package Sem;

use strict;
use warnings;
use Exporter 'import';
use IPC::SysV qw(GETVAL GETPID GETNCNT SEM_UNDO IPC_CREAT);
use Grader;
use Process;
use SysV;

our @EXPORT = qw(set value values_of waiters last_pid hold kill_holder
    stop_and_continue $stopped set_is_gone set_stages);

# The set of the key: undef if there is none.
sub set { return semget(key(), 0, 0) }

# The value of one semaphore of it: -1 if there is none. semctl says "0 but
# true" for 0.
sub value {
    my ($n) = @_;
    my $set = set() // return -1;
    my $value = semctl $set, $n, GETVAL, 0;
    return defined $value ? $value + 0 : -1;
}

sub values_of { return map { value($_) } @_ }

# How many processes wait to subtract from it.
sub waiters {
    my ($n) = @_;
    my $set = set() // return 0;
    return 0 + (semctl($set, $n, GETNCNT, 0) // 0);
}

# The process that operated on it last.
sub last_pid {
    my ($n) = @_;
    my $set = set() // return 0;
    return (semctl($set, $n, GETPID, 0) // 0) + 0;
}

# hold(N, NAME, START): a process of ours that waits until it can subtract 1 from
# that semaphore, and keeps it until it is killed. It is there before START, which
# may start what makes the set, so that this has not ended when it comes.
sub hold {
    my ($n, $name, $start) = @_;
    my $peer = peer(sub {
        my $set;
        pause(0.001) until defined($set = set());
        until (semop $set, pack 's!3', $n, -1, SEM_UNDO) {
            die "semop: $!\n" if !$!{EINTR};
        }
        print "holds $name\n";
        pause(60);
    });
    $start->() if $start;
    expect(wait_until(sub { @{ $peer->{out} } }, 5),
        expected => "a set whose semaphore $n is $name: to subtract 1 from it"
            . ' is to hold it',
        came => !defined set() ? 'in 5 s there was no set'
            : @{ $peer->{err} } ? $peer->{err}[0]
            : "in 5 s it could not be had; its value is " . value($n));
    return $peer;
}

# kill_holder(N): stop the process that holds that semaphore, see that it does,
# and kill it. Returns its pid; 0 if none was found.
sub kill_holder {
    my ($you, $n) = @_;
    my $holder = 0;
    wait_until(sub {
        for (1 .. 200) {
            next if value($n) != 0;
            my $pid = last_pid($n);
            next if !grep { $_->[0] == $pid } $you->children;
            kill 'STOP', $pid;
            # It may have given it back before the signal came.
            pause(0.002);
            if (value($n) == 0 && last_pid($n) == $pid) {
                $holder = $pid;
                note('grader', "process $pid holds it: SIGKILL");
                kill 'KILL', $pid;
                return 1;
            }
            kill 'CONT', $pid;
        }
        return $you->ended;
    }, 4);
    return $holder;
}

our $stopped = 'A process that waits in semop and is stopped and continued, by'
    . ' ^Z and fg for one, gets EINTR. So it does when a signal handler has run.'
    . ' That is not an error: call it again.';

# stop_and_continue(PID...)
sub stop_and_continue {
    my @pids = @_;
    note('grader', "SIGSTOP and SIGCONT for processes @pids");
    kill 'STOP', @pids;
    wait_until(sub { !grep { Process::doing_of($_) ne 'is stopped' } @pids }, 2);
    kill 'CONT', @pids;
}

sub set_is_gone {
    my ($after, %more) = @_;
    my $id;
    return if wait_until(sub { !defined($id = set()) }, 0.5);
    fail(
        expected => "the set is removed, $after",
        came => "set $id is still there: ipcs -s",
        why => 'A set belongs to no process: it stays until a process removes'
            . ' it: semctl(2), IPC_RMID.',
        notes => 'sem/README.md, Remember',
        %more,
    );
}

# The stages about the set as such. right(PROCESS): it ends as it should;
# held(PROCESS): as it should when it has been kept waiting. hold => the semaphore
# with which it can be made to wait, args => its arguments behind the key file.
sub set_stages {
    my (%of) = @_;
    my $call = join ' ', 'YOU README.md', @{ $of{args} };

    stage 'a set that is in use is left alone',
        hand => [$call, $call],
        notes => 'sem/README.md, Create and initialise',
        why => 'Whoever finds a set has to know whether it is in use. Its first'
            . ' semaphore says so: its owner has added 1 to it, with SEM_UNDO,'
            . ' so that it is 0 again when the owner has ended.',
        hint => 'unused_key() and own_set() of sem/leftover.h.',
        sub {
            my $path = key_file();
            my $you;
            my $holder = hold($of{hold}, $of{name},
                sub { $you = you($path, @{ $of{args} }) });
            my $second = you($path, @{ $of{args} }, { name => 'you too' });
            ends($second, 1, after => 'as another run uses that set');
            says_why($second);
            expect(defined set(), expected => 'the set of the first run',
                came => 'it has been removed');
            $holder->signal('KILL');
            ($of{held} // $of{right})->($you);
        };

    stage 'what a killed run has left is no obstacle',
        hand => [$call, 'kill -9 PID', $call],
        notes => 'sem/README.md, Create and initialise',
        why => 'kill -9 leaves the set, with the values of that moment. The next'
            . ' run must neither believe them nor refuse: the owner\'s'
            . ' semaphore is 0, so it may remove the set and make its own.',
        sub {
            my $path = key_file();
            my $killed;
            my $holder = hold($of{hold}, $of{name},
                sub { $killed = you($path, @{ $of{args} }) });
            note('grader', 'SIGKILL for all its processes');
            kill 'KILL', -$killed->{pid};
            wait_until(sub { $killed->ended }, 2);
            $holder->signal('KILL');
            wait_until(sub { $holder->ended }, 2);
            expect(wait_until(sub { !left_behind() }, 2),
                expected => 'no process of the killed run', came => 'some');
            $of{right}->(you($path, @{ $of{args} }));
        };

    stage '^C and TERM take the set and the processes along',
        hand => [$call, 'kill -TERM PID', 'ipcs -s; ps'],
        notes => 'sem/README.md, Remember',
        why => 'A set outlives its process. What is to happen when a signal'
            . ' comes stands in a handler; then the program ends by that'
            . ' signal. Its children have to end, too.',
        hint => 'own_set() of sem/leftover.h; set_pdeathsig() of'
            . ' common/child.h, in each child.',
        sub {
            for (['INT', 2], ['TERM', 15]) {
                my ($signal, $number) = @$_;
                my $path = key_file();
                my $you;
                my $holder = hold($of{hold}, $of{name},
                    sub { $you = you($path, @{ $of{args} }) });
                $you->signal($signal);
                ends($you, $signal, after => "by SIG$signal",
                    number => $number);
                set_is_gone("by SIG$signal", own());
                $holder->signal('KILL');
                leaves_no_process(own());
            }
        };

    stage 'a full disk: status 1, and no set is left',
        hand => ["$call >/dev/full; echo \$?; ipcs -s"],
        notes => 'README.md, How to read it',
        why => 'Output that cannot be written is an error. printf does not say'
            . ' so: ask at the end: fflush(3), ferror(3).',
        sub {
            my $path = key_file();
            full_disk(you($path, @{ $of{args} }, { stdout => '/dev/full' }));
            set_is_gone('at the end');
        };

    stage 'four at once, each on a file of its own',
        hand => ["for i in 1 2 3 4; do touch key\$i; done",
            'for i in 1 2 3 4; do ' . $call =~ s/README.md/key\$i/r
                . ' & done; wait'],
        notes => 'sem/README.md, Without a key',
        why => 'The key comes from the file on the command line, and from'
            . ' nothing else: any number of runs use sets of their own.',
        sub {
            my @all = map { you(key_file(), @{ $of{args} },
                { name => "you $_" }) } 1 .. 4;
            $of{right}->($_) for @all;
        };
}

1;
