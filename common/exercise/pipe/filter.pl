# common/exercise/pipe/filter.pl -- the stages of pipe/filter.
use strict;
use warnings;
use POSIX qw(mkfifo);
use Grader;
use Process;
use Reading;

# Run it; it ends with that status, having printed the answer and this line.
sub filter {
    my ($arguments, $status, $answer, $last, %more) = @_;
    my $you = you(@$arguments);
    ends($you, $status, after => 'when the command has ended', %more);
    prints($you, [@$answer, $last]);
    leaves_no_process();
}

my $eof = 'The command reads end of file when the last write end of its input is'
    . ' closed: the parent has to close its own when all is written, and no'
    . ' copy may be open anywhere else, not in the command either.';

stage 'sort -r turns three readings around',
    hand => ['YOU 3 sort -r'],
    notes => 'pipe/README.md, Two pipes and a deadlock',
    why => $eof,
    hint => 'pipe2 with O_CLOEXEC, fork, dup2 to 0 and 1 in the child, execvp;'
        . ' the parent closes to[0] and from[1], and to[1] after the last line.',
    sub {
        filter([3, qw(sort -r)], 0, [reverse lines_of(1 .. 3)],
            'sort ended with status 0');
    };

stage 'no reading at all',
    hand => ['YOU 0 wc -l'],
    notes => 'pipe/README.md, What each end sees',
    why => $eof,
    sub { filter([0, qw(wc -l)], 0, ['0'], 'wc ended with status 0') };

stage 'a command that does not read to the end',
    hand => ['YOU 30000 head -n 2'],
    notes => 'pipe/README.md, What each end sees',
    why => 'When the command has closed its input, write raises SIGPIPE, which'
        . ' ends the writer. Ignore it: write then fails with EPIPE, which'
        . ' only means that no more is wanted.',
    sub {
        filter([30000, qw(head -n 2)], 0, [lines_of(1, 2)],
            'head ended with status 0');
    };

stage 'how the command has ended is said, and decides the status',
    hand => ['YOU 3 sh -c "exit 7"', 'YOU 3 sh -c "kill -9 \$\$"',
        'YOU 3 no-such-command'],
    notes => 'pipe/README.md, Two pipes and a deadlock',
    why => 'waitpid(2) says how the child has ended: WIFEXITED and'
        . ' WEXITSTATUS, or WIFSIGNALED and WTERMSIG. If exec fails, the child'
        . ' says why and ends with 127, as in the shell.',
    sub {
        my $cat = 'cat >&2';
        filter([3, 'sh', '-c', "$cat; exit 7"], 1, [],
            'sh ended with status 7');
        filter([3, 'sh', '-c', "$cat; kill -9 \$\$"], 1, [],
            'sh was ended by signal 9');
        filter([3, 'no-such-command'], 1, [],
            'no-such-command ended with status 127');
    };

stage 'wrong arguments: usage, and status 2',
    hand => ['YOU', 'YOU 3', 'YOU three cat'],
    notes => 'README.md, How to read it',
    why => 'Status 2 is for wrong arguments, 1 for a call that has failed.',
    sub {
        wrong_arguments([], [3], [qw(three cat)]);
        filter([1, 'cat'], 0, [line_of(1)], 'cat ended with status 0');
    };

stage 'more than the pipes hold, both ways',
    hand => ['YOU 30000 cat | tail -n 2'],
    notes => 'pipe/README.md, Two pipes and a deadlock',
    why => 'Whoever first writes all and then reads waits at a full pipe for the'
        . ' command to read, while the command waits at the other full pipe'
        . ' for its answer to be read: a deadlock.',
    hint => 'poll(2) for both pipes: write one line when there is POLLOUT, read'
        . ' when there is POLLIN or POLLHUP.',
    sub {
        filter([30000, 'cat'], 0, [lines_of(1 .. 30000)],
            'cat ended with status 0');
    };

stage 'the command gets SIGPIPE as it is everywhere',
    hand => ['YOU 3 grep SigIgn /proc/self/status'],
    notes => 'pipe/README.md, Two pipes and a deadlock',
    why => 'Signals that are ignored stay ignored over exec: a command that'
        . ' relies on SIGPIPE, as most do, would go on for ever. Ignore it'
        . ' after fork, or set it back in the child.',
    sub {
        my $you = you(3, 'sh', '-c', 'cat >&2; kill -PIPE $$; echo ignored');
        ends($you, 1, after => 'when the command has ended');
        prints($you, ['sh was ended by signal 13']);
    };

stage 'the command inherits its stdin and stdout, and no other pipe',
    hand => ['YOU 3 ls -l /proc/self/fd'],
    notes => 'pipe/README.md, Remember',
    why => 'dup2 makes the two copies that the command is to have. The four that'
        . ' pipe made are to be closed in it, best by O_CLOEXEC: with a write'
        . ' end of its own input it would never read end of file.',
    sub {
        my $you = you(3, 'perl', '-e', 'my @more; for (glob "/proc/$$/fd/*") {'
            . ' my ($fd) = /(\d+)$/; push @more, $fd if $fd > 2 && (readlink //'
            . ' "") =~ /^pipe/ } print "more pipes: @more\n"; 1 while <STDIN>');
        ends($you, 0, after => 'when the command has ended');
        prints($you, ['more pipes: ', 'perl ended with status 0']);
    };

stage 'bytes pass as they are',
    hand => ['YOU 2 tr " \n" "\000x" | od -c'],
    notes => 'pipe/README.md, Remember',
    why => 'What the command answers is bytes, with or without lines: write as'
        . ' many as read has returned.',
    sub {
        my $you = you(2, 'tr', " \n", "\\000x");
        ends($you, 0, after => 'when the command has ended');
        (my $bytes = join 'x', lines_of(1, 2), '') =~ tr/ /\0/;
        prints($you, [$bytes . 'tr ended with status 0']);
    };

stage 'waiting takes no processor time',
    hand => ['time YOU 3 sh -c "cat; sleep 1"',
        'time YOU 3 sh -c "exec <&-; sleep 1"'],
    notes => 'pipe/README.md, What each end sees',
    why => 'A pipe whose other end is closed is always ready, with POLLHUP or'
        . ' POLLERR, whatever events asks for: take it out of the array (fd ='
        . ' -1), or poll returns at once, again and again. So it does with a'
        . ' timeout of 0.',
    sub {
        for my $command ('cat', 'exec <&-') {
            my $go_on = file('go_on' . length $command);
            mkfifo($go_on, 0600) or die "mkfifo: $!";
            open my $fifo, '+<', $go_on or die "$go_on: $!";
            my $you = you(3, 'sh', '-c', "$command; echo waits >&2;"
                . " read -r line <$go_on; echo");
            wait_until(sub { @{ $you->{err} } || $you->ended }, 5);
            my ($asleep, $looks) = (0, 0);
            wait_until(sub {
                $looks++;
                $asleep++ if !$you->is_busy;
                return $looks >= 20 && $asleep >= $looks / 2 || $you->ended;
            }, 1);
            expect($asleep >= $looks / 2,
                expected => 'that it sleeps, while its command does',
                came => "of $looks looks at it, $asleep found it asleep");
            syswrite $fifo, "\n";
            ends($you, 0, after => 'when the command has ended');
        }
    };

stage 'a filter that is killed takes its command along',
    hand => ['YOU 3 sh -c "exec sleep 60"', 'kill -9 PID', 'ps'],
    notes => 'pipe/README.md, Remember',
    why => 'A command that does not read is not told that its parent has ended.'
        . ' prctl(2), PR_SET_PDEATHSIG, has the kernel send it a signal.',
    hint => 'set_pdeathsig() of common/child.h, in the child, right after fork.',
    sub {
        my $you = you(3, 'sh', '-c', 'echo starts; exec sleep 60');
        wait_until(sub { @{ $you->{out} } || $you->ended }, 3);
        prints($you, ['starts']);
        $you->signal('KILL');
        leaves_no_process(own());
    };

stage 'a full disk: status 1',
    hand => ['YOU 3 cat >/dev/full; echo $?'],
    notes => 'README.md, How to read it',
    why => 'Output that cannot be written is an error: check write or fwrite,'
        . ' and what is still in the buffer at the end.',
    sub { full_disk(you(3, 'cat', { stdout => '/dev/full' })) };

solved 'It writes one line at a time, as POLLOUT promises room for PIPE_BUF'
    . ' bytes and not more, and leaves it to O_CLOEXEC to close what the'
    . ' command must not have.';
