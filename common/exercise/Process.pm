# common/exercise/Process.pm -- programs that the grader starts, and their words.
#
# Each has its stdout and stderr read as they come, line by line, with the time,
# into one log: what a failed stage shows. Waiting is always for something, and
# always limited; wait_until() is the only place where the grader itself waits.
package Process;

use strict;
use warnings;
use Errno qw(EINTR);
use Exporter 'import';
use Fcntl qw(O_WRONLY O_RDONLY O_CREAT O_TRUNC);
use POSIX qw(:sys_wait_h dup2 setpgid);
use Time::HiRes qw(time);

our @EXPORT = qw(wait_until seconds_left note new_log print_log pause end_all
    left_behind pipe_ends);

my @running;     # of this stage
my @log;         # [seconds, who, what]
my $began = time;
my $mark;        # in the environment of all that this stage starts
my $folder;      # its files; scripts of it may have another environment
my $grader = $$; # which is also the parent of the other ends of ours

$SIG{CHLD} = sub { };       # so that select(2) returns when a child ends
$SIG{PIPE} = 'IGNORE';

# new_log(NUMBER, FOLDER): another stage begins, with its files in that folder.
sub new_log {
    (my $number, $folder) = @_;
    @log = ();
    $began = time;
    $mark = "EXERCISE_STAGE=$$.$number";
}

sub seconds { return time - $began }

# note(WHO, TEXT): what the grader itself has done or seen.
sub note {
    my ($who, $what) = @_;
    push @log, [time - $began, $who, $what];
}

# The log, without its middle if it is long.
sub print_log {
    my ($first, $last) = (6, 14);
    my @lines = @log;
    if (@lines > $first + $last + 1) {
        my $left_out = @lines - $first - $last;
        splice @lines, $first, $left_out, [undef, '', "... $left_out lines"];
    }
    for (@lines) {
        my ($when, $who, $what) = @$_;
        $what =~ s/([^\x20-\x7e])/sprintf '\\x%02x', ord $1/ge;
        $what = substr($what, 0, 160) . ' ...' if length $what > 164;
        printf "    %7s  %-8s %s\n",
            defined $when ? sprintf('%.3f', $when) : '', $who, $what;
    }
}

# Process->start(NAME, %what): a program, command => [...], or a function of
# ours in a process of its own, code => sub. stdin and stdout => a path.
sub start {
    my ($class, $name, %what) = @_;
    pipe my $out, my $out_end or die "pipe: $!";
    pipe my $err, my $err_end or die "pipe: $!";
    my $in = $what{stdin} // '/dev/null';
    my $pid = fork // die "fork: $!";
    if ($pid == 0) {
        setpgid(0, 0);
        $SIG{$_} = 'DEFAULT' for qw(CHLD PIPE INT TERM HUP);
        my ($variable, $value) = split /=/, $mark;
        $ENV{$variable} = $value;
        $ENV{LC_ALL} = 'C';
        delete $ENV{PYTHONUNBUFFERED}; # what works here is to work elsewhere
        my $from = POSIX::open($in, O_RDONLY) // die "$in: $!";
        dup2($from, 0);
        my $to = fileno $out_end;
        $to = POSIX::open($what{stdout}, O_WRONLY | O_CREAT | O_TRUNC, 0600)
            // die "$what{stdout}: $!"
            if $what{stdout};
        dup2($to, 1);
        dup2(fileno $err_end, 2);
        POSIX::close($_) for grep { $_ > 2 } map { m{(\d+)$} }
            glob '/proc/self/fd/*';
        if ($what{code}) {
            $| = 1;
            my $ok = eval { $what{code}->(); 1 };
            print STDERR $@ unless $ok;
            POSIX::_exit($ok ? 0 : 1);
        }
        exec { $what{command}[0] } @{ $what{command} }
            or print STDERR "$what{command}[0]: $!\n";
        POSIX::_exit(127);
    }
    close $out_end;
    close $err_end;
    $out->blocking(0);
    $err->blocking(0);
    my $self = bless {
        name => $name,
        pid => $pid,
        command => join(' ', @{ $what{command} // [] }),
        from => { out => $out, err => $err },
        part => { out => '', err => '' },
        out => [],
        err => [],
        bytes => '',    # all of stdout, as it came
        status => undef, # of waitpid, once it has ended
    }, $class;
    push @running, $self;
    note($name, "starts: $self->{command}") if $what{command};
    return $self;
}

# One look at all of them: what they say, and whether they have ended.
sub look {
    my ($seconds, $sock) = @_;
    my $wanted = '';
    vec($wanted, fileno $sock, 1) = 1 if $sock;
    for my $p (@running) {
        vec($wanted, fileno $_, 1) = 1 for grep { $_ } values %{ $p->{from} };
    }
    select my $ready = $wanted, undef, undef, $seconds;
    for my $p (@running) {
        $p->take($_) for grep { $p->{from}{$_} } qw(out err);
        next if defined $p->{status} || waitpid($p->{pid}, WNOHANG) <= 0;
        $p->{status} = $?;
        $p->take($_) for grep { $p->{from}{$_} } qw(out err);
        $p->{ended} = time;
        note($p->{name}, $p->how_ended);
    }
}

# Take what one of its streams has. A last line without its end counts as one.
sub take {
    my ($self, $stream) = @_;
    my $n;
    while ($n = sysread $self->{from}{$stream}, my $bytes, 65536) {
        $self->{bytes} .= $bytes if $stream eq 'out';
        $self->{part}{$stream} .= $bytes;
        $self->say_line($stream, $1)
            while $self->{part}{$stream} =~ s/^([^\n]*)\n//;
    }
    return if !defined $n; # nothing now
    $self->say_line($stream, $self->{part}{$stream})
        if length $self->{part}{$stream};
    $self->{from}{$stream} = undef;
}

sub say_line {
    my ($self, $stream, $line) = @_;
    push @{ $self->{$stream} }, $line;
    # What an other end of ours tells the stage is not for the student.
    note($self->{name}, $line) if length $self->{command} || $line !~ /\t/;
}

# For how many seconds each process of this stage, but for the one that asks, has
# been runnable, and waited for a processor that others had: process id =>
# seconds; and whether one of them is runnable now.
sub kept_waiting {
    my (%seconds, $runnable);
    my @pids = ($grader);
    while (defined(my $pid = shift @pids)) {
        if ($pid != $grader && $pid != $$
            && open my $file, '<', "/proc/$pid/schedstat") {
            my (undef, $ns) = split / /, <$file> // '';
            $seconds{$pid} = ($ns // 0) / 1e9;
            $runnable ||= (stat_of($pid))[0] =~ /[RD]/;
        }
        open my $file, '<', "/proc/$pid/task/$pid/children" or next;
        push @pids, split / /, <$file> // '';
    }
    return (\%seconds, $runnable);
}

# seconds_left(SECONDS): a function that says how many of them are left. What
# one of the processes has waited for a processor meanwhile is not counted, up
# to ten times as long: a limit is for what a program does, not for how busy the
# machine is. One that runs without waiting gets four times as long.
sub seconds_left {
    my ($seconds) = @_;
    my $began = time;
    my $end = $began + $seconds;
    my ($before) = kept_waiting();
    return sub {
        my $left = $end - time;
        return $left if $left > 0;
        my ($now, $runnable) = kept_waiting();
        my ($more) = sort { $b <=> $a } 0,
            map { $now->{$_} - ($before->{$_} // 0) } keys %$now;
        $before = $now;
        my $most = $more > 0.01 ? 10 : $runnable ? 4 : 1;
        $more = 0.05 if $runnable && $more < 0.05;
        return 0 if time > $began + $most * $seconds;
        $end = time + $more;
        return $more;
    };
}

# wait_until(TEST, SECONDS, SOCKET): true as soon as TEST is; false after that
# time. If it is about what arrives on a socket, it is looked at sooner.
sub wait_until {
    my ($test, $seconds, $sock) = @_;
    return 1 if $test->();
    my $left = seconds_left($seconds);
    until ($test->()) {
        my $more = $left->();
        return '' if $more <= 0;
        look($more < 0.02 ? $more : 0.02, $sock);
    }
    return 1;
}

# pause(SECONDS): of an other end that is slow on purpose.
sub pause { select undef, undef, undef, $_[0] }

# Whether it has ended, and all that it said is here. A child of its own may
# keep its stdout open: that is not waited for.
sub ended {
    my ($self) = @_;
    return '' if !defined $self->{status};
    return 1 if !grep { $_ } values %{ $self->{from} };
    return $self->{outlived} = time > $self->{ended} + 0.1;
}

# Whether it is running or runnable, not asleep: more time may help it.
sub is_busy {
    my ($self) = @_;
    return ($self->stat_fields)[0] =~ /[RD]/;
}

# /proc/PID/stat from the state on.
sub stat_fields { return stat_of($_[0]{pid}) }

sub stat_of {
    my ($pid) = @_;
    open my $stat, '<', "/proc/$pid/stat" or return ('X', 0);
    my $line = <$stat> // return ('X', 0);
    $line =~ s/^.*\) //s;
    return split / /, $line;
}

# What the process does now, for a message: the call that it sleeps in.
sub doing { return doing_of($_[0]{pid}) }

sub doing_of {
    my ($pid) = @_;
    my $state = (stat_of($pid))[0];
    return 'has ended' if $state =~ /[XZ]/;
    return 'is stopped' if $state =~ /[Tt]/;
    return 'is busy: it does not sleep in any call' if $state =~ /[RD]/;
    open my $file, '<', "/proc/$pid/syscall" or return 'sleeps';
    my ($number, $first) = split / /, <$file> // '';
    return 'sleeps' if !defined $number || $number !~ /^\d+$/;
    my $call = system_call($number);
    return $call =~ /^(read|write|accept4?|recvfrom|sendto|connect)$/
        ? "sleeps in $call, of descriptor " . hex $first
        : "sleeps in $call";
}

# The name of a system call, as the C compiler here knows it.
my %calls;
sub system_call {
    my ($number) = @_;
    if (!%calls) {
        my $cc = $ENV{CC} || 'cc';
        for (`echo '#include <sys/syscall.h>' | $cc -E -dM - 2>/dev/null`) {
            $calls{$2} = $1 if /^#define __NR_(\w+) (\d+)/;
        }
    }
    return $calls{$number} // "system call $number";
}

sub how_ended {
    my ($self) = @_;
    my $status = $self->{status} // return 'has not ended';
    return 'ended by signal ' . signal_name($status & 127) if $status & 127;
    return 'ended with status ' . ($status >> 8);
}

my @signals = qw(0 HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE
    ALRM TERM);
sub signal_name { return $signals[$_[0]] ? "SIG$signals[$_[0]]" : $_[0] }

sub signal {
    my ($self, $signal) = @_;
    note('grader', "SIG$signal for $self->{name}");
    kill $signal, $self->{pid} if !defined $self->{status};
}

# How many descriptors it has open.
sub descriptors {
    my ($self) = @_;
    my @open = glob "/proc/$self->{pid}/fd/*";
    return scalar @open;
}

# Its children: [pid, state].
sub children {
    my ($self) = @_;
    my @children;
    for my $file (glob '/proc/[0-9]*/stat') {
        open my $stat, '<', $file or next;
        my $line = <$stat> // next;
        push @children, [$1, $2]
            if $line =~ /^(\d+) \(.*\) (\S) (\d+) /s && $3 == $self->{pid};
    }
    return @children;
}

# The ends of pipes and FIFOs that a process has open: [descriptor, which pipe,
# 'read' or 'write'].
sub pipe_ends {
    my ($pid) = @_;
    my @ends;
    for my $fd (sort { $a <=> $b } map { m{/(\d+)$} } glob "/proc/$pid/fd/*") {
        my $pipe = readlink "/proc/$pid/fd/$fd" // next;
        next if $pipe !~ /^pipe:/;
        open my $info, '<', "/proc/$pid/fdinfo/$fd" or next;
        my ($flags) = join('', <$info>) =~ /^flags:\s*(\d+)/m or next;
        push @ends, [$fd, $pipe, oct($flags) & 3 ? 'write' : 'read'];
    }
    return @ends;
}

# left_behind(): processes that this stage has started, directly or not, and
# that are still there: [pid, command].
sub left_behind {
    my @left;
    my %ours = map { $_->{pid} => 1 } @running;
    for my $proc (glob '/proc/[0-9]*') {
        my ($pid) = $proc =~ /(\d+)$/;
        next if $ours{$pid};
        open my $file, '<', "$proc/environ" or next;
        open my $command, '<', "$proc/cmdline" or next;
        local $/;
        my @command = split /\0/, <$command> // '';
        next if ("\0" . (<$file> // '') . "\0") !~ /\0\Q$mark\E\0/
            && !grep { /^\Q$folder\E\// } @command;
        push @left, [$pid, join ' ', @command];
    }
    return @left;
}

# A stage is over: nothing that it started is to be there in the next one.
sub end_all {
    for my $p (@running) {
        kill 'KILL', -$p->{pid};
        next if defined $p->{status};
        kill 'KILL', $p->{pid};
        waitpid $p->{pid}, 0;
    }
    kill 'KILL', $_->[0] for left_behind();
    @running = ();
}

1;
