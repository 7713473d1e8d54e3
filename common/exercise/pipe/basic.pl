# common/exercise/pipe/basic.pl -- the stages of pipe/basic.
#
# Both ends are the student's. What the grader sees from outside: the output, the
# two processes, and which ends of the pipe each of them has open.
use strict;
use warnings;
use Grader;
use Process;
use Reading;

# What it prints of n readings.
sub all { return [lines_of(1 .. $_[0]), "end of file after $_[0] readings"] }

# The pipe between parent and child, as the two processes have it: which of them
# has an end that it does not use. A list for fail().
sub unused_end {
    my ($you) = @_;
    my ($child) = $you->children or return;
    my ($first, $second) = ($you->{pid}, $child->[0]);
    my %has; # pipe => process => end => descriptor
    for my $pid ($first, $second) {
        $has{ $_->[1] }{$pid}{ $_->[2] } = $_->[0]
            for grep { $_->[0] > 2 } pipe_ends($pid);
    }
    for my $pipe (values %has) {
        my ($of_parent, $of_child) = @$pipe{ $first, $second };
        return (
            came => "the child (process $second) has a write end of the pipe"
                . " open, descriptor $of_child->{write}",
            why => 'After fork both processes have both ends. The child reads'
                . ' end of file when the last write end is closed; its own is'
                . ' one of them. It has to close it before it reads.',
        ) if $of_child && $of_child->{write} && $of_child->{read};
        return (
            came => "the parent (process $first) has a read end of the pipe"
                . " open, descriptor $of_parent->{read}",
            why => 'After fork both processes have both ends. When the child'
                . ' has ended, the parent waits for ever at a full pipe: there'
                . ' is a reader, itself. It has to close that end before it'
                . ' writes.',
        ) if $of_parent && $of_parent->{read} && $of_parent->{write};
    }
    return;
}

# Start it with so many readings; nobody reads what it prints, so that both
# processes stand still in the middle, in a write. (A python3 may first be a
# script that has children of its own, and sleeps until they end.)
sub in_the_middle {
    my ($path, $drain) = held_stdout(room => 0);
    my $you = you(20000, { stdout => $path });
    my $child;
    wait_until(sub {
        ($child) = map { $_->[0] } $you->children;
        return $you->ended || $child && 2 == grep { /sleeps( in \w*write|$)/ }
            $you->doing, Process::doing_of($child);
    }, 5);
    expect($child && !$you->ended,
        expected => 'a child that receives while its parent sends',
        came => $you->ended ? 'it ' . $you->how_ended : 'no child',
        why => 'pipe(2), and then fork(2): one process sends, the other one'
            . ' receives and prints.');
    return ($you, $child, $drain);
}

stage 'three readings arrive',
    hand => ['YOU 3'],
    notes => 'pipe/README.md, Lessons',
    why => 'The parent writes 17 bytes for each reading, the child reads and'
        . ' prints them until end of file.',
    hint => 'pipe, fork; the child: close(ends[1]), read until 0; the parent:'
        . ' close(ends[0]), write, close(ends[1]), waitpid.',
    sub {
        my $you = you(3);
        ends($you, 0, after => 'at end of file',
            hang => sub { unused_end($you) });
        prints($you, all(3), @{ $you->{out} } ? () : (why => 'Nothing was'
            . ' printed, or it is still in a buffer: _exit(2) and os._exit do'
            . ' not write it. Say that it is to be written: fflush(3), flush.'));
    };

stage 'no reading at all',
    hand => ['YOU 0'],
    notes => 'pipe/README.md, What each end sees',
    why => 'End of file is what read returns: 0. It may come first.',
    sub {
        my $you = you(0);
        ends($you, 0, after => 'at end of file');
        prints($you, all(0));
    };

stage 'wrong arguments: usage, and status 2',
    hand => ['YOU', 'YOU three'],
    notes => 'README.md, How to read it',
    why => 'Status 2 is for wrong arguments, 1 for a call that has failed.',
    sub {
        wrong_arguments([], ['three'], [3, 3]);
        # That alone is done by the skeleton: it has to work as well.
        my $you = you(1);
        ends($you, 0);
        prints($you, all(1));
    };

stage 'more than the pipe holds',
    hand => ['YOU 20000 | tail -n 1'],
    notes => 'pipe/README.md, How much fits',
    why => 'A pipe holds 64 KiB, and the writer waits while it is full. So both'
        . ' processes have to run at the same time: fork first, then write.',
    sub {
        my $you = you(20000);
        ends($you, 0, after => 'at end of file',
            hang => sub { unused_end($you) });
        prints($you, all(20000));
    };

stage 'each process has closed the end that it does not use',
    hand => ['YOU 20000 | less', 'lsof +E -c basic'],
    notes => 'pipe/README.md, Remember',
    why => 'Close the end that you do not use, at once, in both processes.',
    hint => 'ls -l /proc/PID/fd shows them, for both processes.',
    sub {
        my ($you, $child, $drain) = in_the_middle();
        my %wrong = unused_end($you);
        fail(expected => 'the parent has the write end, the child the read end',
            %wrong) if %wrong;
        $drain->($you);
        prints($you, all(20000));
    };

stage 'the parent waits for its child',
    hand => ['YOU 3 | { sleep 1; cat; }; echo ${PIPESTATUS[0]}'],
    notes => 'pipe/README.md, Remember',
    why => 'The parent is done when all is in the pipe; its child is not. What'
        . ' started the parent takes its end for the end of all: waitpid(2).',
    sub {
        my ($path, $drain) = held_stdout(room => 0);
        my $you = you(3, { stdout => $path });
        # Whoever else has its stderr open.
        wait_until(sub { defined $you->{status} }, 0.3);
        expect(!defined $you->{status},
            expected => 'the parent is there as long as its child is, which'
                . ' cannot print yet',
            came => 'it ' . $you->how_ended);
        $drain->($you);
        ends($you, 0);
        prints($you, all(3));
    };

stage 'the receiver is killed: the sender ends, and not with status 0',
    hand => ['YOU 200000 | less', 'kill -9 PID_OF_THE_CHILD'],
    notes => 'pipe/README.md, What each end sees',
    why => 'When no read end is open any more, write fails: SIGPIPE ends the'
        . ' process, or EPIPE. The parent\'s own read end counts.',
    sub {
        my ($you, $child, $drain) = in_the_middle();
        note('grader', "SIGKILL for the child, process $child");
        kill 'KILL', $child;
        my $ended = wait_until(sub { $you->ended }, 3);
        fail(expected => 'the parent ends, as nobody reads from the pipe',
            came => 'after 3 s it is still there: it ' . $you->doing,
            unused_end($you)) if !$ended;
        expect($you->{status} != 0,
            expected => 'another status than 0: not all has arrived',
            came => 'it ' . $you->how_ended,
            why => 'waitpid(2) tells the parent how its child has ended, and'
                . ' write(2) that nobody reads: not all has arrived, so the'
                . ' status is not 0.');
    };

stage 'the sender is killed: the receiver reads what is there, and ends',
    hand => ['YOU 200000 | less', 'kill -9 PID_OF_THE_PARENT'],
    notes => 'pipe/README.md, Remember',
    why => 'The kernel closes what a killed process had open: the child reads'
        . ' end of file, if it has no write end itself.',
    sub {
        my ($you, $child, $drain) = in_the_middle();
        $you->signal('KILL');
        $drain->($you);
        my @left;
        my $all_gone = wait_until(sub {
            $drain->($you);
            !(@left = left_behind());
        }, 3);
        expect($all_gone,
            expected => 'the child ends at end of file',
            came => @left ? "process $left[0][0] is still there" : '');
        $drain->($you);
        my $n = @{ $you->{out} } - 1;
        prints($you, all($n < 0 ? 0 : $n));
    };

stage 'a full disk: status 1',
    hand => ['YOU 3 >/dev/full; echo $?'],
    notes => 'README.md, How to read it',
    why => 'Output that cannot be written is an error, in the child, and the'
        . ' parent has to hand it on: WEXITSTATUS.',
    sub {
        # The parent may still write when its child, the only reader, has ended.
        my $you = you(3, { stdout => '/dev/full' });
        wait_until(sub { $you->ended }, 5);
        if ($you->how_ended eq 'ended by signal SIGPIPE') {
            says_why($you, qr/No space left|write error/,
                'No space left on device');
        } else {
            full_disk($you);
        }
        leaves_no_process();
    };

stage '^C ends both',
    hand => ['YOU 200000 | less', 'kill -INT -- -GROUP'],
    notes => 'pipe/README.md, Remember',
    why => '^C goes to both processes of the terminal; neither may go on.',
    sub {
        my ($you, $child, $drain) = in_the_middle();
        note('grader', 'SIGINT for both processes');
        kill 'INT', -$you->{pid};
        ends($you, 'INT', after => 'by SIGINT', number => 2);
        leaves_no_process();
    };

solved 'It prints as soon as a reading is there, relies on no signal that it'
    . ' inherits, and with --leave-open it shows what a write end costs that'
    . ' was not closed.';
