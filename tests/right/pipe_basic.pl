#!/usr/bin/perl
# tests/right/pipe_basic.pl -- the exercise pipe/basic, in Perl.
use strict;
use warnings;

sub fail {
    print STDERR "basic: @_\n";
    exit 1;
}

sub say_line { print "@_\n" or fail("stdout: $!") }

my $count = shift;
if (!defined $count || @ARGV || $count !~ /^\d+$/ || $count > 1000000) {
    print STDERR "usage: basic COUNT\n";
    exit 2;
}
$| = 1;
pipe my $in, my $out or fail("pipe: $!");
my $child = fork // fail("fork: $!");
if ($child == 0) {
    close $out;
    my $arrived = 0;
    while (sysread $in, my $wire, 17) {
        my (undef, $seq, $tenths, $station) = unpack 'C N s> Z10', $wire;
        say_line(sprintf '%s #%d %.1f C', $station, $seq, $tenths / 10);
        $arrived++;
    }
    say_line("end of file after $arrived readings");
    exit 0;
}
close $in;
for my $seq (1 .. $count) {
    syswrite $out, pack('C N s> a10', 1, $seq, $seq % 50 - 33, 'oslo')
        or fail("write: $!");
}
close $out;
waitpid $child, 0;
fail('the receiver was ended by signal ' . ($? & 127)) if $? & 127;
exit $? >> 8;
