# common/exercise/Grader.pm -- what the stages of an exercise are made of.
#
# An exercise is a file of stages; a stage is a function that runs the student's
# program, you(...), against an other end of ours, and says what it expects. The
# first expectation that does not hold ends the stage, with a message that names
# what was expected, what came, and why that is so: see common/exercise.md.
package Grader;

use strict;
use warnings;
use Exporter 'import';
use Fcntl qw(O_RDWR O_NONBLOCK);
use File::Temp;
use POSIX ();
use Time::HiRes qw(time);
use Process;
use Reading;

our @EXPORT = qw(stage solved you other peer folder file own fail skip expect
    ready ready_on ends ends_by_signals begins prints says_why held_stdout
    full_disk full_disk_stage leaves_no_process wrong_arguments no_such_file
    a_name_is_taken);

our @stages;          # of the exercise that is graded
our $solved;          # what ours does differently: said at the end
our @command;         # that starts the student's program
our $limit = 5;       # seconds that a wait takes, if nothing else is said
my $scratch;          # a folder for all stages
my $number;           # of the stage that runs
my $stage;
my @yours;            # the student's processes of this stage

# stage NAME, hand => [COMMANDS], notes => ..., why => ..., hint => ..., sub
sub stage {
    my ($name, @rest) = @_;
    my $run = pop @rest;
    push @stages, { name => $name, @rest, run => $run };
}

sub solved { $solved = shift }

# folder(): of this stage alone. file(NAME): a path in it.
sub folder { return "$scratch/$number" }

sub file {
    my ($name) = @_;
    return folder() . "/$name";
}

# you(ARGUMENTS..., {stdin, stdout => path, inject => strace's, only => path}):
# the student's program; with inject some of its calls fail, or of those the ones
# that are about that path.
sub you {
    my %what = ref $_[-1] ? %{ pop @_ } : ();
    my @start = (@command, @_);
    if ($what{inject}) {
        skip('strace would run it') if !grep { -x "$_/strace" }
            split /:/, $ENV{PATH};
        unshift @start, qw(strace -D -f -qq -o /dev/null),
            $what{only} ? ('-P', $what{only}) : (), '-e',
            "inject=$what{inject}";
    }
    push @yours,
        Process->start($what{name} // 'you', command => \@start, %what);
    return $yours[-1];
}

# other(COMMAND...): a program of ours.
sub other {
    my %what = ref $_[-1] ? %{ pop @_ } : ();
    return Process->start($what{name} // 'other', command => [@_], %what);
}

# peer(sub): an other end that is written in the stage. What it prints, a line
# for each thing that it does, is the log.
sub peer {
    my ($code, $name) = @_;
    return Process->start($name // 'other', code => $code);
}

# What an error means that a program did not expect, in whatever stage it came.
my %errors = (
    'Interrupted system call' => 'EINTR: a signal handler has run while the call'
        . ' waited, of an alarm for one, or the process was stopped and'
        . ' continued. That is not an error: call it again.',
    'Resource temporarily unavailable' => 'EAGAIN: the call would have waited,'
        . ' and was told not to, by O_NONBLOCK or a time limit. For a read'
        . ' wait with poll(2) first, or take the flag away: fcntl(2).',
);

# fail(expected => ..., came => ..., why => ..., notes => ...). If the student's
# program has failed, its last words are shown, and explained.
sub fail {
    my %failure = (%$stage, @_);
    my $you = $yours[-1];
    my $last = $you && $you->{err}[-1] // '';
    my ($error) = grep { $last =~ /$_/ } keys %errors;
    push @{ $failure{beside} }, ['stderr', $last]
        if ($error || length $last && $you->{status})
        && index("@failure{qw(came expected)}", $last) < 0;
    $failure{why} = ($failure{why} // '') . "\n$errors{$error}"
        if $error && ($failure{why} // '') !~ substr $errors{$error}, 0, 5;
    die \%failure;
}

# own(): the why and the notes of the stage, where those of a check would do, but
# the stage knows better.
sub own { return map { $_ => $stage->{$_} } qw(why notes) }

# ends_by_signals(START, GONE): INT and TERM each end what START returns, and
# then GONE finds nothing that it made.
sub ends_by_signals {
    my ($start, $gone) = @_;
    for (['INT', 2], ['TERM', 15]) {
        my ($signal, $number) = @$_;
        my $you = $start->();
        $you->signal($signal);
        ends($you, $signal, after => "by SIG$signal", number => $number);
        $gone->("by SIG$signal", own());
    }
    return;
}

# skip(REASON): the stage cannot be run here.
sub skip { die { skip => $_[0] } }

# expect(TRUE, expected => ..., came => ...)
sub expect {
    my ($ok, %failure) = @_;
    fail(%failure) if !$ok;
}

# The last thing that a process said, for a message.
sub last_words {
    my ($p) = @_;
    my $said = @{ $p->{err} } ? "; its last words: $p->{err}[-1]"
        : @{ $p->{out} } ? "; the last line it printed: $p->{out}[-1]"
        : ', and has printed nothing';
    return $said;
}

# ready(PROCESS, LINE): its first line is this one, as soon as the other end may
# come.
sub ready {
    my ($p, $line) = @_;
    wait_until(sub { @{ $p->{out} } || $p->ended }, $limit);
    return if @{ $p->{out} } && $p->{out}[0] eq $line;
    fail(
        expected => $line,
        came => $p->{out}[0],
        why => 'The passive end says in its first line that the other end may'
            . ' come: by then all that the other end looks for is there.',
    ) if @{ $p->{out} };
    fail(
        expected => "the line \"$line\"",
        came => 'it ' . $p->how_ended . last_words($p),
        $number > 1 ? () : (why => 'A program that waits for its other end says'
            . ' so first, and ends by itself when all has come.'),
    ) if $p->ended;
    fail(
        expected => "the line \"$line\"",
        came => "nothing in $limit s: it " . $p->doing,
        why => length $p->{part}{out} ? 'The line has no end: "\n".'
            : 'A line that goes into a pipe or a file waits in the buffer of'
            . ' the C library or the interpreter: say that it is to be written'
            . ' (fflush(3), or program_ready() of common/program.h).',
    );
}

# ready_on(PATH, ARGUMENTS...): the student's program, when it is ready there.
sub ready_on {
    my ($path, @more) = @_;
    my $you = you($path, @more);
    ready($you, "ready on $path");
    return $you;
}

# ends(PROCESS, STATUS, after => WHAT, within => SECONDS, hang => sub): by itself,
# with that status, or by that signal: 'INT'. A status of 128 and the signal's
# number will do for the latter. If it does not end, what hang returns is added
# to the failure.
sub ends {
    my ($p, $status, %more) = @_;
    my $within = delete $more{within} // $limit;
    my $after = delete $more{after} // 'that was all';
    my $hang = delete $more{hang} // sub { };
    my $how = $status =~ /\D/ ? "ended by signal SIG$status"
        : "ended with status $status";
    fail(
        expected => "$how, $after",
        came => "after $within s it is still there: it " . $p->doing
            . last_words($p),
        %more,
        $hang->(),
    ) if !wait_until(sub { $p->ended }, $within);
    my $came = $p->how_ended;
    return if $came eq $how;
    return if $status =~ /\D/ && $p->{status} == (128 + $more{number}) << 8;
    delete $more{number};
    fail(expected => "$how, $after", came => $came . last_words($p), %more);
}

# prints(PROCESS, [LINES], sent => {INDEX: BYTES}, whys => {INDEX: TEXT}): all of
# its stdout. A line is a text, or [PATTERN, TEXT] where it may differ; for some
# there is what was sent, and what it means that this line is not as expected.
sub prints {
    my ($p, $expected, %more) = @_;
    my $sent = delete $more{sent} // {};
    my $whys = delete $more{whys} // {};
    my @came = @{ $p->{out} };
    for my $i (0 .. ($#came > $#$expected ? $#came : $#$expected)) {
        my ($want, $got) = ($expected->[$i], $came[$i]);
        my ($pattern, $text) = ref $want ? @$want : (undef, $want);
        next if defined $got && defined $want
            && ($pattern ? $got =~ $pattern : $got eq $text);
        my $line = $i + 1;
        my $why = defined $got && defined $want && diagnose($text, $got)
            || $whys->{$i};
        $why = 'What started it takes its end for the end of all; but a process'
            . ' that it has started still has its stdout open: waitpid(2).'
            if !defined $got && $p->{outlived};
        fail(
            expected => $text // 'nothing more',
            came => ($got // 'nothing more')
                . (defined $got && !defined $want && $i > 0 && $got eq
                    $came[$i - 1] ? ', for the second time' : ''),
            where => "line $line of stdout",
            $sent->{$i} ? (bytes => $sent->{$i}) : (),
            $why ? (why => $why) : (),
            %more,
        );
    }
}

# begins(PROCESS, [LINES], ...): what it has printed, when it has ended or should
# have, is right so far: what is wrong in it says more than how it ended.
sub begins {
    my ($p, $expected, @more) = @_;
    wait_until(sub { $p->ended }, $limit);
    my $n = @{ $p->{out} };
    prints($p, $n < @$expected ? [@$expected[0 .. $n - 1]] : $expected, @more);
}

# says_why(PROCESS, PATTERN, TEXT, ...): a line on stderr that says why the status
# is not 0, and has that in it.
sub says_why {
    my ($p, $pattern, $text, @more) = @_;
    return if grep { $_ =~ ($pattern // qr/./) } @{ $p->{err} };
    fail(
        expected => 'a line on stderr that says why'
            . ($text ? ", with: $text" : ''),
        came => @{ $p->{err} } ? "$p->{err}[-1]" : 'nothing on stderr',
        why => 'A program that fails says what failed and why, on stderr, as'
            . ' err(3) does.',
        notes => 'README.md, How to read it',
        @more,
    );
}

# wrong_arguments([...], ...): with each of these usage, and status 2.
sub wrong_arguments {
    for my $arguments (@_) {
        my $you = you(@$arguments);
        ends($you, 2, after => 'as it was called with '
            . (@$arguments ? "the arguments @$arguments" : 'no argument'),
            why => 'Status 2 is for wrong arguments, 1 for what has failed.',
            notes => 'README.md, How to read it');
        says_why($you, qr/^usage: /, 'usage: and how it is called');
        prints($you, []);
    }
}

# no_such_file(ARGUMENTS...): the file that it is called with is not there.
sub no_such_file {
    my $you = you(file('none'), @_);
    ends($you, 1, after => 'as there is no such file');
    says_why($you, qr/No such file/, 'No such file or directory');
}

# a_name_is_taken(): by a file that is no FIFO, and stays as it is.
sub a_name_is_taken {
    my $path = file('precious');
    open my $file, '>', $path or die $!;
    print $file "precious\n";
    close $file;
    my $you = you($path);
    wait_until(sub { $you->ended || @{ $you->{out} } }, 3);
    expect(-s $path && -f _, expected => 'the file is as it was',
        came => -f $path ? 'it is empty' : 'it is gone');
    prints($you, []);
    ends($you, 1, after => 'as there is a file of that name');
    says_why($you, qr/File exists/, 'File exists');
}

# A stdout that nobody reads yet: (path, drain). What is written there waits; with
# room => 0 it waits at once. drain->() reads from there on, returns all lines.
sub held_stdout {
    my (%how) = @_;
    my $path = file('stdout');
    POSIX::mkfifo($path, 0600) or die "$path: $!";
    sysopen my $fifo, $path, O_RDWR | O_NONBLOCK or die "$path: $!";
    my $filled = 0;
    while (defined $how{room} && $how{room} == 0) {
        $filled += syswrite($fifo, "\n" x 4096) // last;
    }
    my $all = '';
    my $drain = sub {
        my ($p) = @_;
        wait_until(sub {
            while (sysread $fifo, my $bytes, 65536) { $all .= $bytes }
            return $p->ended;
        }, $limit);
        while (sysread $fifo, my $bytes, 65536) { $all .= $bytes }
        $p->{out} = [split /\n/, substr $all, $filled];
        note($p->{name}, $_) for @{ $p->{out} };
    };
    return ($path, $drain);
}

# full_disk(PROCESS): its stdout is /dev/full.
sub full_disk {
    my ($p) = @_;
    wait_until(sub { $p->ended }, $limit);
    # Python's own status, where what is in its buffer cannot be written.
    $p->{status} = 1 << 8 if ($p->{status} // 0) == 120 << 8;
    ends($p, 1, after => 'as nothing can be written to stdout', @_[1 .. $#_]);
    says_why($p, qr/No space left|write error/, 'No space left on device');
}

# full_disk_stage(NAME, hand => [COMMANDS], begin => sub, gone => sub): the same
# of a program that waits for its other end. begin() returns the arguments, a
# test whether the other end may come, and the other end's command; it comes
# only if the program has not stopped at its line that says ready. gone() looks
# whether anything is left.
sub full_disk_stage {
    my ($name, %of) = @_;
    my ($begin, $gone) = (delete $of{begin}, delete $of{gone} // sub { });
    stage $name,
        notes => 'README.md, How to read it',
        why => 'Output that cannot be written is an error. printf does not say'
            . ' so: ask at the end, or at the line that says ready: fflush(3),'
            . ' ferror(3).',
        %of,
        sub {
            my ($arguments, $may_come, $other) = $begin->();
            my $you = you(@$arguments, { stdout => '/dev/full' });
            wait_until(sub { $you->ended || $may_come->() }, 2);
            wait_until(sub { $you->ended }, 0.2);
            other(@$other) if !$you->ended;
            full_disk($you);
            $gone->();
        };
}

# leaves_no_process(): what this stage has started has ended, a second later.
sub leaves_no_process {
    my @left;
    return if wait_until(sub { !(@left = left_behind()) }, 1);
    fail(
        expected => 'no process of yours is left',
        came => join(', ', map { "process $_->[0], $_->[1]" } @left),
        why => 'A process that forks has to end its children, and to wait for'
            . ' them: waitpid(2).',
        @_,
    );
}

# run_stage(NUMBER): undef if all is as expected; otherwise the failure.
sub run_stage {
    ($number) = @_;
    $stage = $stages[$number - 1];
    $scratch //= File::Temp->newdir("exercise-$$-XXXX", TMPDIR => 1);
    @yours = ();
    mkdir folder() or die folder() . ": $!";
    new_log($number, folder());
    my $failure;
    eval { $stage->{run}->(); 1 } or $failure = $@;
    $stage->{seconds} = Process::seconds();
    die $failure if $failure && !ref $failure;
    return $failure;
}

sub finish_stage {
    end_all();
    $_->() for @{ delete $stage->{cleanups} // [] };
}

# at_end(sub): what removes what this stage has made in the kernel.
sub at_end { push @{ $stage->{cleanups} }, @_ }

1;
