#!/usr/bin/perl
# tests/right/fifo_basic_recv.pl -- the exercise fifo/basic_recv, in Perl.
use strict;
use warnings;
use Fcntl ':mode';
use POSIX 'mkfifo';

my $path = shift;
my $made;
$| = 1;

sub fail {
    print STDERR "basic_recv: @_\n";
    unlink $path if $made;
    exit 1;
}

sub say_line { print "@_\n" or fail("stdout: $!") }

if (!defined $path || @ARGV) {
    print STDERR "usage: basic_recv FIFO\n";
    exit 2;
}
if (!mkfifo($path, 0600)) {
    my $why = $!;
    my @there = lstat $path;
    fail("mkfifo $path: $why")
        if !@there || !S_ISFIFO($there[2]) || $there[4] != $>;
}
$made = 1;
for my $name (qw(INT TERM)) {
    $SIG{$name} = sub {
        unlink $path;
        $SIG{$name} = 'DEFAULT';
        kill $name, $$;
    };
}
say_line("ready on $path");
open my $fifo, '<', $path or fail("open $path: $!");

my $arrived = 0;
while (1) {
    my $n = sysread $fifo, my $wire, 17;
    next if !defined $n && $!{EINTR};
    fail("read: $!") if !defined $n;
    fail("the sender left without END, after $arrived readings") if $n == 0;
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
unlink $path;
