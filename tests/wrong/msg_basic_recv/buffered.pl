# three readings arrive
# waits in the buffer of the C library or the interpreter
# Perl's own buffer: $| = 1 is missing.
use strict;
use warnings;
use IPC::SysV qw(ftok IPC_CREAT IPC_RMID MSG_NOERROR);

if (@ARGV != 1) {
    print STDERR "usage: basic_recv FILE\n";
    exit 2;
}
my $key = ftok($ARGV[0], ord 'I') // die "ftok $ARGV[0]: $!\n";
my $queue = msgget($key, IPC_CREAT | 0600) // die "msgget: $!\n";
$SIG{$_} = sub { msgctl $queue, IPC_RMID, 0; exit 1 } for qw(INT TERM);
print "ready on $ARGV[0]\n";
my $arrived = 0;
while (msgrcv $queue, my $message, 100, 0, MSG_NOERROR) {
    my (undef, $kind, $seq, $tenths, $station) = unpack 'l! C N s> Z10', $message;
    last if $kind == 2;
    printf "%s #%d %.1f C\n", $station, $seq, $tenths / 10;
    $arrived++;
}
print "$arrived of $arrived readings arrived\n";
msgctl $queue, IPC_RMID, 0;
