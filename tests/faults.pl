#!/usr/bin/perl
# tests/faults.pl -- what each program does when each of its calls fails.
#
#     perl tests/faults.pl [LESSON|FOLDER]...   every case of these, or of all
#     perl tests/faults.pl --tenth=SEED         a tenth of the cases, in an order
#                          --seconds=N          of their own; what fits in N
#     perl tests/faults.pl CASE                 one case, and what it printed
#
# The programs are run as their cards say, each with its peers, in namespaces of
# their own. strace(1) makes one call of one of them fail: CASE is
# LESSON:TERMINAL:CALL:ERROR:N, the N-th use of that call. An ERROR that is TERM,
# INT, HUP or PIPE is a signal that comes as the call is made. In BUILD are
# programs that are linked statically, so that no loader makes calls of its own.
#
# survived  all ended with 0 and printed what their cards promise
# honest    the program, or a peer, said what failed and ended with another
#           status; or the signal ended it
# silent    another status, and not a line
# lie       status 0, and another output than the card's
# hang      the program had not ended when its time was over
# crash     it was ended by a signal of its own
# leak      an IPC object, a process or a file was left
#
# A program that does not do what its card says although no call of it failed (a
# traced run is slow; a machine may lack something) is named, and has no cases;
# only if these are more than one in twenty is it an error: that is for make demo
# and make check to find.
#
# What tests/faults.excused lists is counted apart, with its reason; and so is a
# leak where the call that should have removed the object was made to fail.
use strict;
use warnings;
no warnings 'exec';
use Cwd qw(abs_path getcwd);
use File::Temp qw(tempdir);
use Getopt::Long;
use List::Util qw(max min sum0 uniq);
use POSIX qw(:sys_wait_h);
use Time::HiRes qw(time sleep);

my $top = abs_path(getcwd());
my $build = $ENV{BUILD} // 'build-static';
my $limit = 25;         # seconds that a case may take
my $peers_limit = 4;    # and peers, when the program has ended
my ($tenth, $jobs, $inner, $list, $seconds);
GetOptions('tenth=i' => \$tenth, 'seconds=i' => \$seconds, 'jobs=i' => \$jobs, 'inner' => \$inner,
    'list' => \$list)
    or die "usage: faults.pl [--tenth=SEED] [--jobs=N] [LESSON|FOLDER|CASE]...\n";
my @kinds = qw(survived honest excused silent lie hang crash leak);
my %bad = map { $_ => 1 } qw(silent lie hang crash leak);

# -- the cases ----------------------------------------------------------------

# What can go wrong with a call, as its manual page or the kernel has it.
my %errors;
sub fails { my $errors = shift; push @{$errors{$_}}, split ' ', $errors for @_ }
fails 'EINTR', qw(read write readv writev open openat wait4 waitid poll ppoll
    pselect6 select accept accept4 connect recvfrom recvmsg recvmmsg sendto
    sendmsg sendmmsg msgrcv msgsnd semop semtimedop flock mq_timedsend
    mq_timedreceive);
fails 'EIO', qw(read write readv writev pread64 pwrite64 openat fsync fdatasync
    ftruncate getdents64 sendfile splice copy_file_range);
fails 'ENOSPC', qw(write writev pwrite64 openat msgget semget shmget mkdir
    mknodat mknod link linkat rename renameat renameat2 symlink ftruncate
    fallocate mq_open inotify_add_watch epoll_ctl);
fails 'ENOMEM', qw(mmap clone clone3 fork vfork msgsnd msgget semget semop
    semtimedop shmget shmat pipe pipe2 socket socketpair accept accept4 bind
    connect listen poll ppoll openat fcntl setsockopt getsockopt
    sendto sendmsg sendmmsg recvmsg recvmmsg stat fstat newfstatat lstat statx
    msgctl semctl shmctl execve mq_open memfd_create pidfd_open openat2 chdir
    chmod fchmod unlink unlinkat dup dup2 dup3 signalfd4 epoll_create1
    timerfd_create eventfd2 getsockname getpeername shmdt setitimer
    timerfd_settime lseek access readlink fallocate sched_setaffinity);
fails 'EAGAIN', qw(clone clone3 fork vfork);
fails 'EMFILE', qw(open openat openat2 pipe pipe2 socket socketpair accept
    accept4 dup dup3 memfd_create pidfd_open signalfd4 epoll_create1
    timerfd_create eventfd2 inotify_init1 mq_open shmat);
my @signals = qw(TERM INT HUP PIPE);
# Calls of libc when a process starts or ends, and calls that cannot fail. A
# signal in them comes before main or after it.
my %never = map { $_ => 1 } qw(brk arch_prctl set_tid_address set_robust_list
    rseq prlimit64 mprotect execve exit exit_group getrandom rt_sigreturn
    restart_syscall sched_yield);

sub shell { my $said = qx(sh -c '. common/card.sh; $_[0]'); chomp $said;
    return split /\n/, $said }

# What stands in a program's card under that word, as in common/card.sh; that is
# too slow for thousands of cases.
sub card {
    my ($source, $word) = @_;
    my ($lines) = slurp($source) =~ m{^ \* $word: (.*?)^ \*$}ms or return;
    return map { s/^ \*//r =~ s/^ {1,10}//r } split /\n/, " *        $lines";
}

# The terminals of a lesson: their commands, and what they print, as patterns.
sub lesson_of {
    my ($source) = @_;
    my @terminals;
    for my $command (card($source, 'Run')) {
        $command =~ s/^.*?\$ // or next;
        my ($program) = $command =~ m{build/(\S+)};
        my ($card) = grep { -f } "$program/main.c", "$program.c";
        push @terminals,
            {command => $command, prints => [card($card, 'Prints')]};
    }
    (my $name = $source) =~ s{(/main)?\.c$}{};
    return {name => $name, terminals => \@terminals};
}

# Whether lines are what a card promises: <word> is anything, and a line that is
# <...> any number of lines.
sub holds {
    my ($promised, $printed) = @_;
    my $pattern = '';
    for (@$promised) {
        if ($_ eq '<...>') { $pattern .= '(?:.*\n)*'; next }
        $pattern .= join('.+', map { quotemeta } split /<[^<> ]+>/, $_, -1)
            . '\n';
    }
    return $printed =~ /\A(?:$pattern)\z/;
}

# -- one run ------------------------------------------------------------------

sub slurp { open my $f, '<', $_[0] or return ''; local $/; <$f> // '' }

# Whether `it` becomes true within that time.
sub within { my ($seconds, $it) = @_; my $end = time + $seconds;
    until ($it->()) { return 0 if time > $end; sleep 0.01 } return 1 }

# In namespaces of its own: run the terminals in a folder, the given one under
# strace. Returns what became of them.
sub run_terminals {
    my ($lesson, $target, @strace) = @_;
    my $folder = tempdir('/tmp/faults.XXXXXX', CLEANUP => 1);
    symlink "$top/$build", "$folder/build";
    link_copy("$top/README.md", "$folder/README.md");
    mkdir "$folder/said";
    my @pids;
    my %status;
    my $reap = sub {
        while ((my $pid = waitpid -1, WNOHANG) > 0) {
            $status{$_} = $? for grep { $pids[$_] == $pid } 0 .. $#pids;
        }
    };
    my $started = time;
    my $number = 0;
    for my $terminal (@{$lesson->{terminals}}) {
        my $n = $number++;
        my $command = $terminal->{command};
        $command =~ s{(?=build/)}{strace @strace } if $n == $target;
        $pids[$n] = fork // die "fork: $!";
        if ($pids[$n] == 0) {
            setpgrp;
            chdir $folder;
            $ENV{TMPDIR} = $folder;
            open STDIN, '<', '/dev/null';
            open STDOUT, '>>', "said/$n";
            open STDERR, '>>', "said/$n";
            exec 'sh', '-c', $command =~ /[<>|;]/ ? $command : "exec $command";
            POSIX::_exit(127);
        }
        next if $n > 0 || @{$lesson->{terminals}} == 1;
        within($limit, sub {
            $reap->();
            defined $status{$n}
                or slurp("$folder/said/$n") =~ /^ready/m;
        });
        last if defined $status{$n};    # nobody will be there for the others
    }
    my %run = (hang => 0, peers => 0);
    my $left = max(1, $limit - (time - $started));
    if (defined $pids[$target]) {
        within($left, sub { $reap->(); defined $status{$target} })
            or $run{hang} = 1;
    }
    within($run{hang} ? 0 : $peers_limit,
        sub { $reap->(); keys %status == @pids }) or $run{peers} = 1;
    for my $signal ('TERM', 'KILL') {
        kill $signal, -$_ for map { $pids[$_] } grep { !defined $status{$_} }
            0 .. $#pids;
        within(2, sub { $reap->(); keys %status == @pids });
    }
    $run{status} = [map { $status{$_} } 0 .. $#pids];
    my @said = map { slurp("$folder/said/$_") } 0 .. $#pids;
    $run{strace_failed} = grep { /^strace: ptrace/m } @said;
    $run{out} = [map { s/^strace: .*\n//gmr } @said];
    $run{left} = [left($folder)];
    return \%run;
}

sub link_copy { my ($from, $to) = @_; open my $f, '>', $to or die "$to: $!";
    print $f slurp($from) }

# What is there that should not be: a line each.
sub left {
    my ($folder) = @_;
    my @left;
    my $processes = sub {
        waitpid -1, WNOHANG;
        grep { $_ != $$ && slurp("/proc/$_/stat") !~ /\) Z / }
            map { m{/(\d+)$} } glob '/proc/[0-9]*';
    };
    within(1, sub { !$processes->() });    # orphans that are about to end
    for my $pid ($processes->()) {
        (my $name = slurp("/proc/$pid/cmdline")) =~ s/\0/ /g;
        push @left, "process $name";
        kill 'KILL', $pid;
    }
    for my $kind (qw(msg sem shm)) {
        my @lines = split /\n/, slurp("/proc/sysvipc/$kind");
        push @left, ("$kind object") x (@lines - 1) if @lines > 1;
    }
    push @left, map { s{^\Q$folder\E/}{}r } grep { !m{/(build|README\.md|said)$} }
        glob "$folder/* $folder/.[!.]* /dev/shm/* /dev/mqueue/*";
    return @left;
}

# -- the verdict --------------------------------------------------------------

sub verdict {
    my ($lesson, $target, $what, $run, $before) = @_;
    my $status = $run->{status}[$target];
    my %was;
    $was{s/ .*//r}++ for @{$before->{left}};
    my @leak = grep { --($was{s/ .*//r} //= 0) < 0 } @{$run->{left}};
    my $signal = grep { $what eq $_ } @signals;

    return ('survived', '') unless defined $status;    # its turn never came
    return ('hang', '') if $run->{hang};
    my $number = $status & 127;
    return ('crash', "signal $number")
        if grep { $number == $_ } 4, 6, 7, 8, 11, 31;
    my $ended = ended($lesson, $target, $signal, $run);
    return ('leak', join ', ', @leak)
        if @leak && !$run->{peers} && ($what ne '' || $ended->[0] eq 'survived');
    return @$ended;
}

# The same by status and output alone.
sub ended {
    my ($lesson, $target, $signal, $run) = @_;
    my $status = $run->{status}[$target];
    return [$status == 0 ? 'survived' : 'honest', '']
        if $signal || $status & 127;
    my @wrong = grep {
        my $prints = $lesson->{terminals}[$_]{prints};
        !holds($prints, $run->{out}[$_])
    } 0 .. $#{$run->{out}};
    if ($status == 0) {
        return ['honest', 'a peer said so']
            if grep { $_ != $target && ($run->{status}[$_] // 1) != 0 }
                0 .. $#{$run->{status}};
        return ['survived', ''] if !@wrong;
        # It may have said that something failed, and have done it again.
        return ['survived', ''] if !grep {
            !holds($lesson->{terminals}[$_]{prints},
                $run->{out}[$_] =~ s/^\w+(\[\d+\])?: .*\n//gmr)
        } @wrong;
        return ['lie', "terminal " . ($wrong[0] + 1)];
    }
    # A line of the program's name, or one that the card does not have, says
    # what failed.
    my ($name) = $lesson->{terminals}[$target]{command} =~ m{build/\S*?(\w+)(?:\s|$)};
    return ['honest', ''] if $run->{out}[$target] =~ /^$name(\[\d+\])?: /m;
    my @prints = @{$lesson->{terminals}[$target]{prints}};
    my $said = grep { my $line = $_; !grep { $_ ne '<...>' && holds([$_], $line) }
        @prints } split /^/, $run->{out}[$target];
    return ['silent', 'status ' . ($status >> 8)] if !$said;
    return ['honest', ''];
}

# -- everything ---------------------------------------------------------------

# The calls that the target makes, and how often each of its processes does.
sub calls_of {
    my ($trace) = @_;
    my (%count, %foreign);
    for (split /\n/, $trace) {
        my ($pid, $call, $rest) = /^(?:(\d+)\s+)?(\w+)\((.*)/ or next;
        $pid //= 0;
        if ($call eq 'execve') {
            $foreign{$pid} = $rest !~ m{^"[^"]*build}; # sort, bc: not ours
            next;
        }
        $count{$call}{$pid}++ unless $foreign{$pid};
    }
    return map { $_ => min(3, max(values %{$count{$_}})) } keys %count;
}

# Namespaces in which nothing of anybody else's is seen.
sub enter {
    my @more = $> == 0 ? () : ('--map-root-user');
    my $setup = '';
    if ($_[0] =~ /^(udp|tcp)/) {
        push @more, '--net';
        $setup = 'ip link set lo up;'
            . 'ip route add multicast 224.0.0.0/4 dev lo 2>/dev/null;';
    }
    $setup .= 'mount -t tmpfs tmpfs /dev/shm;'
        . 'mount -t mqueue mqueue /dev/mqueue 2>/dev/null; exec "$@"';
    return ('unshare', @more, qw(--ipc --pid --mount --fork --kill-child
        --mount-proc sh -c), $setup, 'sh', 'perl', "$top/tests/faults.pl",
        '--inner', @_);
}

# What each terminal printed.
sub report {
    my ($lesson, $run) = @_;
    for (0 .. $#{$run->{out}}) {
        my $status = $run->{status}[$_];
        print '-- ', $lesson->{terminals}[$_]{command}, "\n",
            $run->{out}[$_],
            defined $status ? '-- status ' . ($status >> 8)
            . ($status & 127 ? ', signal ' . ($status & 127) : '') : '--',
            "\n";
    }
}

# One case of a lesson, in here. Prints its verdict in one line.
if ($inner) {
    my ($source, $target, $call, $what, $n, $report) = @ARGV;
    my $lesson = lesson_of($source);
    if ($call eq '-') {
        $limit = 90; # every call is traced
        my $trace = tempdir('/tmp/faults.XXXXXX', CLEANUP => 1) . '/trace';
        my $run = run_terminals($lesson, $target, '-f', '-qq', '-o', $trace,
            '--signal=none');
        my %calls = calls_of(slurp($trace));
        my ($kind, $detail) = verdict($lesson, $target, '', $run, {left => []});
        print "$kind\t$detail\t", join('|', @{$run->{left}}), "\n";
        if ($kind eq 'survived' || $kind eq 'leak') {
            print "$_ $calls{$_}\n" for sort keys %calls;
        } else {
            report($lesson, $run);
        }
        exit;
    }
    # With --seccomp-bpf, which is faster, some signals do not come.
    my @inject = grep({ $what eq $_ } @signals)
        ? "inject=$call:signal=$what:when=$n"
        : ("inject=$call:error=$what:when=$n", '--seccomp-bpf');
    my $trace = tempdir('/tmp/faults.XXXXXX', CLEANUP => 1) . '/trace';
    # strace itself can fail, where a process stops and is killed at once.
    my $run;
    for (1 .. 20) {
        $run = run_terminals($lesson, $target, qw(-f -qq --signal=none -e),
            "trace=$call", '-o', $trace, '-e', @inject);
        last if !$run->{strace_failed};
    }
    my ($kind, $detail) = verdict($lesson, $target, $what, $run,
        {left => [split /\|/, $ENV{FAULTS_LEFT} // '']});
    # What cannot be removed is left.
    $kind = 'excused' if $kind eq 'leak'
        && slurp($trace) =~ /\b(IPC_RMID\b|(mq_)?unlink).* = -1 .*\(INJECTED\)/;
    print "$kind\t$detail\n";
    report($lesson, $run) if $report;
    exit;
}

my @excused;    # pattern, verdict, reason
for (split /\n/, slurp("$top/tests/faults.excused")) {
    next if /^\s*(#|$)/;
    my ($case, $kind, $reason) = split ' ', $_, 3;
    my $pattern = join '.*', map { quotemeta } split /\*/, $case, -1;
    push @excused, [qr/^$pattern$/, $kind, $reason];
}
sub is_excused { my ($case, $kind) = @_;
    grep { $case =~ $_->[0] && ($_->[1] eq $kind || $_->[1] eq '*') } @excused }

sub run_inner { my @command = @_; open my $f, '-|', @command or die; local $/;
    my $said = <$f> // ''; close $f; return $said }

if (@ARGV == 1 && $ARGV[0] =~ /:/) {
    my ($name, $terminal, $call, $what, $n) = split /:/, $ARGV[0];
    my ($source) = grep { -f } "$name/main.c", "$name.c";
    my $before = run_inner(enter($source, $terminal - 1, '-'));
    $ENV{FAULTS_LEFT} = (split /\t/, (split /\n/, $before)[0] // '')[2] // '';
    print run_inner(enter($source, $terminal - 1, $call, $what, $n, 1));
    exit;
}

# Several at a time: most of it is waiting. done() is called with each output.
$jobs //= 6 * (qx(nproc) + 0);
my @again;    # what went wrong once: a busy machine can do that, so once more
my %running;
sub reap_one {
    my $pid = waitpid -1, 0;
    my $job = delete $running{$pid} or return;
    my $said = slurp($job->{file});
    unlink $job->{file};
    $job->{done}->($said);
}
my $serial = 0;
my $scratch = tempdir(CLEANUP => 1);
sub start {
    my ($done, $left, @command) = @_;
    reap_one() while keys %running >= $jobs;
    my $file = "$scratch/" . $serial++;
    my $pid = fork // die "fork: $!";
    if ($pid == 0) {
        $ENV{FAULTS_LEFT} = $left;
        open STDOUT, '>', $file;
        open STDERR, '>&', \*STDOUT;
        exec @command;
        POSIX::_exit(127);
    }
    $running{$pid} = {file => $file, done => $done};
}

my @cases;
my %table;
my @broken;    # terminals that do not print what their cards say
my $tries = 3; # on a busy machine a traced run can be too slow for its peers
sub list_cases { my ($source, $lesson, $target, $try) = @_;
    my $program = "$lesson->{name}:" . ($target + 1);
    start(sub {
        my ($first, @calls) = split /\n/, $_[0];
        my ($kind, undef, $left) = split /\t/, $first // '', -1;
        if (($kind // '') !~ /^(survived|leak)$/) {
            push @{$try < $tries ? \@again : \@broken},
                [$source, $lesson, $target, $try + 1, $program, $_[0]];
            return;
        }
        $table{$program} //= {};
        for (map { [split] } @calls) {
            my ($call, $most) = @$_;
            next if $never{$call};
            for my $what (@{$errors{$call} // []}, @signals) {
                # INT, HUP and PIPE have the handler that TERM has.
                my $last = $what =~ /^(INT|HUP|PIPE)$/ ? 1 : $most;
                push @cases, [$source, $target, $call, $what, $_,
                    "$program:$call:$what:$_", $program, $left]
                    for 1 .. $last;
            }
        }
    }, '', enter($source, $target, '-'));
}
for my $source (shell("card_sources @ARGV")) {
    next if is_excused($source, 'skip');
    my $lesson = lesson_of($source);
    list_cases($source, $lesson, $_, 1) for 0 .. $#{$lesson->{terminals}};
}
reap_one() while %running;
while (my $it = shift @again) {
    list_cases(@$it[0 .. 3]);
    reap_one() while %running;
}

@cases = sort { $a->[5] cmp $b->[5] } @cases;
if (defined $tenth) {
    srand $tenth;
    @cases = map { $_->[1] } sort { $a->[0] <=> $b->[0] }
        grep { $_->[0] < 0.1 } map { [rand, $_] } @cases;
}
if ($list) { print "$_->[5]\n" for @cases; exit }

my @found;
my $done = 0;
my $begun = time;
my $pass = 1;
sub judge { my ($case) = @_;
    my ($source, $target, $call, $what, $n, $name, $program, $left) = @$case;
    start(sub {
        my ($kind, $detail) = split /\t/, (split /\n/, $_[0])[0] // '', -1;
        $kind = 'crash' unless defined $kind && grep { $_ eq $kind } @kinds;
        $kind = 'excused' if $bad{$kind} && is_excused($name, $kind);
        if ($bad{$kind} && $pass == 1) {
            push @again, $case;
            return;
        }
        $table{$program}{$kind}++;
        push @found, sprintf("%-7s perl tests/faults.pl %s%s", $kind, $name,
            $detail ? "    # $detail" : '') if $bad{$kind};
        $done++;
        printf STDERR "\r%d of %d, %d bad ", $done, scalar @cases,
            scalar @found if -t STDERR;
    }, $left, enter($source, $target, $call, $what, $n));
}
for my $case (@cases) {
    last if defined $seconds && time - $begun > $seconds;
    judge($case);
}
reap_one() while %running;
$pass = 2;
for my $case (@again) {
    judge($case);
    reap_one() while %running;
}
reap_one() while %running;
print STDERR "\n" if -t STDERR;

printf "%-26s" . ' %8s' x @kinds . "\n", 'program', @kinds;
for my $program (sort keys %table) {
    printf "%-26s" . ' %8s' x @kinds . "\n", $program,
        map { $table{$program}{$_} // '.' } @kinds;
}
printf "%-26s" . ' %8d' x @kinds . "\n", 'all',
    map { my $k = $_; sum0(map { $_->{$k} // 0 } values %table) } @kinds;
print "\n", map { "$_\n" } sort @found;
printf "\n%d of %d cases, %d bad, %d s\n", $done, scalar @cases,
    scalar @found, time - $begun;
print "$_->[4] does not do here what its card says:\n$_->[5]" for @broken;
exit(@found > 0 || @broken > keys(%table) / 20);
