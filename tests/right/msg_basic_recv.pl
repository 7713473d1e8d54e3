#!/usr/bin/perl
# tests/right/msg_basic_recv.pl -- the exercise msg/basic_recv, in Perl.
use strict;
use warnings;
use IPC::SysV qw(ftok IPC_CREAT IPC_RMID IPC_STAT IPC_NOWAIT MSG_NOERROR);
use IPC::Msg;

my $path = shift;
my $queue;
$| = 1;

sub fail {
    print STDERR "basic_recv: @_\n";
    msgctl $queue, IPC_RMID, 0 if defined $queue;
    exit 1;
}

sub say_line { print "@_\n" or fail("stdout: $!") }

if (!defined $path || @ARGV) {
    print STDERR "usage: basic_recv FILE\n";
    exit 2;
}
my $key = ftok($path, ord 'I') // fail("ftok $path: $!");
$queue = msgget($key, IPC_CREAT | 0600) // fail("msgget: $!");
for my $name (qw(INT TERM)) {
    $SIG{$name} = sub {
        msgctl $queue, IPC_RMID, 0;
        $SIG{$name} = 'DEFAULT';
        kill $name, $$;
    };
}
say_line("ready on $path");

# An alarm each second, and then a look at the process that sent last.
$SIG{ALRM} = sub { alarm 1 };
alarm 1;
my ($arrived, $flags) = (0, MSG_NOERROR);
while (1) {
    if (!msgrcv $queue, my $message, 18, 0, $flags) {
        fail($flags & IPC_NOWAIT ? 'the sender has ended' : "msgrcv: $!")
            if !$!{EINTR};
        my $about = bless \$queue, 'IPC::Msg';
        my $stat = $about->stat or next;
        my $ours = $stat->qnum > 0 || $stat->lrpid == $$;
        $flags |= IPC_NOWAIT
            if $ours && $stat->lspid > 0 && !kill(0, $stat->lspid)
            && $!{ESRCH};
        next;
    } else {
        my (undef, $wire) = unpack 'l! a*', $message;
        my $n = length $wire;
        if ($n != 17 || $wire !~ /^[\1\2].*\0$/s) {
            say_line("skipped $n bytes: not a reading");
            next;
        }
        my ($kind, $seq, $tenths, $station) = unpack 'C N s> Z10', $wire;
        if ($kind == 2) {
            say_line("$arrived of $seq readings arrived");
            last;
        }
        say_line(sprintf '%s #%d %.1f C', $station, $seq, $tenths / 10);
        $arrived++;
    }
}
alarm 0; # Perl puts the default action back before it ends
msgctl $queue, IPC_RMID, 0;
