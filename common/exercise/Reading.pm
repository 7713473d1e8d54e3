# common/exercise/Reading.pm -- the message of common/reading.h, as bytes.
package Reading;

use strict;
use warnings;
use Exporter 'import';

our @EXPORT = qw(DATA_KIND END_KIND reading_bytes sample end_of line_of lines_of
    all_of hex_of describe diagnose);

use constant { DATA_KIND => 1, END_KIND => 2 };

sub reading_bytes {
    my ($kind, $seq, $tenths, $station) = @_;
    return pack 'C N n a10', $kind, $seq, $tenths & 0xffff, $station;
}

sub tenths_of { return $_[0] % 50 - 33 }

# The seq-th reading, and the END after so many of them.
sub sample { return reading_bytes(DATA_KIND, $_[0], tenths_of($_[0]), 'oslo') }
sub end_of { return reading_bytes(END_KIND, $_[0], 0, '') }

# What a receiver prints of readings.
sub line_of {
    return sprintf 'oslo #%d %.1f C', $_[0], tenths_of($_[0]) / 10;
}
sub lines_of { return map { line_of($_) } @_ }

# The lines of a receiver that says READY, and gets n readings and END.
sub all_of {
    my ($ready, $n) = @_;
    return [$ready, lines_of(1 .. $n), "$n of $n readings arrived"];
}

sub hex_of { return join ' ', map { sprintf '%02x', $_ } unpack 'C*', $_[0] }

# Bytes beside their meaning, in one line.
sub describe {
    my ($bytes) = @_;
    my $length = length $bytes;
    return "$length bytes: " . hex_of(substr $bytes, 0, 24)
        . ($length > 24 ? ' ...' : '') if $length != 17;
    my ($kind, $seq, $tenths, $station) = unpack 'C N n a10', $bytes;
    my @fields = map { hex_of($_) } unpack 'a1 a4 a2 a10', $bytes;
    $tenths -= 65536 if $tenths > 32767;
    my $end = $station =~ /\0$/ ? '' : ', without a NUL at its end';
    $station =~ s/\0.*//s;
    my $what = $kind == DATA_KIND ? "kind 1 (data), seq $seq, tenths $tenths"
        : $kind == END_KIND ? "kind 2 (END), seq $seq"
        : "kind $kind (there is none), seq $seq, tenths $tenths";
    $what .= ", station \"$station\"$end" if $kind != END_KIND;
    return join(' | ', @fields) . "\n$what";
}

sub swapped16 { return unpack 's', pack 'n', $_[0] & 0xffff }
sub swapped32 { return unpack 'L', pack 'N', $_[0] }

# What mistake makes a line of the other one; nothing if none is known.
sub diagnose {
    my ($expected, $came) = @_;
    my $reading = qr/^(.*) #(\d+) (-?[\d.]+) C(?:: .*)?$/;
    if (my ($all) = $expected =~ /^\d+ of (\d+) readings arrived$/) {
        my ($n, $of) = $came =~ /^(\d+) of (\d+) readings arrived$/ or return;
        return 'The number in END is in network byte order, like all numbers'
            . ' here: ntohl(3).' if $all != $of && $of == swapped32($all);
        return;
    }
    my ($station, $seq, $degrees) = $expected =~ $reading or return;
    my ($station2, $seq2, $degrees2) = $came =~ $reading or return;
    my $tenths = sprintf '%.0f', 10 * $degrees;
    my $tenths2 = sprintf '%.0f', 10 * $degrees2;
    return sprintf '%d is 0x%08x: the bytes of %d, read in host byte order.'
        . ' Numbers are sent in network byte order, the highest byte first:'
        . ' ntohl(3).', $seq2, $seq2, $seq
        if $seq != $seq2 && $seq2 == swapped32($seq);
    return 'The number was taken from the offset that it has in a struct with'
        . ' padding. There is none in the 17 bytes: __attribute__((packed)) in'
        . ' C, "<", ">" or "=" in Python\'s struct.'
        if grep { $seq2 == $_ } unpack 'x4 L', sample($seq);
    return 'The temperature was read in host byte order. Numbers are sent in'
        . ' network byte order, the highest byte first: ntohs(3).'
        if $tenths != $tenths2 && $tenths2 == swapped16($tenths)
        || $tenths2 == (swapped16($tenths) & 0xffff);
    return 'The temperature is two\'s complement in 16 bits: after ntohs(3) it'
        . ' has to become an int16_t, or it is never below zero.'
        if $tenths2 == $tenths + 65536;
    return;
}

1;
