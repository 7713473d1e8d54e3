# common/exercise/Shm.pm -- the segment of a stage, from outside, and the
# slots of shm/slot.h as bytes. The set of semaphores beside it is in Sem.pm.
package Shm;

use strict;
use warnings;
use Exporter 'import';
use IPC::SysV qw(shmat);
use Grader;
use Process;
use Reading;
use Sem;
use SysV;

our @EXPORT = qw(segment attach operate slot_bytes sample_slot end_slot
    has_header both_are_gone);

# The segment of the key: undef if there is none.
sub segment { return shmget(key(), 0, 0) }

# attach(): its address in this process, which has it attached until it ends.
sub attach {
    my $segment = segment() // die "shmget: $!\n";
    return shmat($segment, undef, 0) // die "shmat: $!\n";
}

# operate(N, DELTA, FLAGS, ...): one semop on the set.
sub operate {
    my @operations = @_;
    my $set = set() // die "semget: $!\n";
    until (semop $set, pack 's!*', @operations) {
        die "semop: $!\n" if !$!{EINTR};
    }
}

# A slot: a reading in the form for computing, its checksum, and zeros. With a
# checksum that is given, that one.
sub slot_bytes {
    my ($kind, $seq, $tenths, $station, $checksum) = @_;
    my @fields = ($seq, $tenths & 0xffff, unpack 'S L L', pack 'a10', $station);
    my $sum = 1 + $kind;
    $sum = ($sum * 31 + $_) & 0xffffffff for @fields;
    return pack 'L L s a10 L x40', $kind, $seq, $tenths, $station,
        $checksum // $sum;
}

sub sample_slot {
    return slot_bytes(DATA_KIND, $_[0], $_[0] % 50 - 33, 'oslo');
}
sub end_slot { return slot_bytes(END_KIND, $_[0], 0, '') }

# has_header(NAME, SIZE): the segment has that size, and the header that the
# sender looks for.
sub has_header {
    my ($name, $size) = @_;
    my $segment = segment();
    expect(defined $segment,
        expected => 'a segment of the key of the file, when ready is said',
        came => 'shmget(2) finds none',
        why => 'Both ends make the same key: ftok(FILE, \'I\').');
    shmread $segment, my $header, 0, 16 or fail(
        expected => "a segment of $size bytes", came => "shmread: $!");
    my $magic = unpack 'N', $name;
    my ($came, $version, $size_came) = unpack 'L L Q', $header;
    expect($came == $magic && $version == 1 && $size_came == $size,
        expected => sprintf('the header: magic 0x%08x, version 1, size %d',
            $magic, $size),
        came => sprintf('magic 0x%08x, version %d, size %d', $came, $version,
            $size_came),
        why => 'Any program may have made a segment with this key. The sender'
            . ' compares magic, version and size before it uses the rest; so'
            . ' they are there before ready is said.',
        notes => 'shm/README.md, Whose turn it is');
}

# both_are_gone(AFTER): neither the segment nor the set is left in the kernel.
sub both_are_gone {
    my ($after, %more) = @_;
    my $id;
    wait_until(sub { !defined($id = segment()) }, 0.5) or fail(
        expected => "the segment is removed, $after",
        came => "segment $id is still there: ipcs -m",
        why => 'A segment outlives its processes, with what is in it, until one'
            . ' removes it: shmctl(2), IPC_RMID.',
        notes => 'shm/README.md, How long it lives',
        %more,
    );
    set_is_gone($after, %more);
}

1;
