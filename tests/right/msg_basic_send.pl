#!/usr/bin/perl
# tests/right/msg_basic_send.pl -- the exercise msg/basic_send, in Perl.
use strict;
use warnings;
use IPC::SysV qw(ftok);

sub fail {
    print STDERR "basic_send: @_\n";
    exit 1;
}

my ($path, $count) = @ARGV;
if (@ARGV != 2 || $count !~ /^\d+$/ || $count > 1000000) {
    print STDERR "usage: basic_send FILE COUNT\n";
    exit 2;
}
my $key = ftok($path, ord 'I') // fail("ftok $path: $!");
my $queue = msgget($key, 0) // fail("msgget $path: $!");
for my $seq (1 .. $count + 1) {
    my $wire = $seq > $count ? pack('C N n a10', 2, $count, 0, '')
        : pack('C N s> a10', 1, $seq, $seq % 50 - 33, 'oslo');
    until (msgsnd $queue, pack('l! a*', 1, $wire), 0) {
        fail("msgsnd: $!") if !$!{EINTR};
    }
}
