# common/exercise/SysV.pm -- the System V objects of a stage: found by its key
# file, whatever process makes them, and removed when the stage is over.
package SysV;

use strict;
use warnings;
use Exporter 'import';
use IPC::SysV qw(ftok IPC_CREAT IPC_EXCL IPC_RMID IPC_NOWAIT IPC_STAT);
use Grader;
use Process;
use Reading;

our @EXPORT = qw(key_file sent key queue put_message take_message queue_is_gone
    msgsnd_by_hand key_file_arguments_stage IPC_CREAT IPC_NOWAIT IPC_RMID);

my $path;

# key_file(): the key file of this stage, whose key nothing else has.
sub key_file {
    for my $i (1 .. 100) {
        $path = file("key$i");
        next if -e $path;
        open my $file, '>', $path or die "$path: $!";
        close $file;
        next if grep { defined } msgget(key(), 0), semget(key(), 0, 0),
            shmget(key(), 0, 0);
        my $key = key();
        Grader::at_end(sub { remove($key) });
        return $path;
    }
    die "no key that is not in use";
}

# sent(SENDER, N): ours sends so many to the student's program. Returns that, the
# key file, and N.
sub sent {
    my ($sender, $n) = @_;
    my $path = key_file();
    my $you = ready_on($path);
    other($sender, $path, $n);
    return ($you, $path, $n);
}

# The key that both ends make of the key file: ftok(3) with 'I'.
sub key { return ftok($path, ord 'I') }

sub remove {
    my ($key) = @_;
    my ($queue, $set, $segment) =
        (msgget($key, 0), semget($key, 0, 0), shmget($key, 0, 0));
    msgctl $queue, IPC_RMID, 0 if defined $queue;
    semctl $set, 0, IPC_RMID, 0 if defined $set;
    shmctl $segment, IPC_RMID, 0 if defined $segment;
}

# The queue of the key: undef if there is none. queue(IPC_CREAT) makes it.
sub queue {
    my ($flags) = @_;
    return msgget(key(), ($flags // 0) | 0600);
}

# put_message(TYPE, BYTES): into the queue, by this process; says so.
sub put_message {
    my ($type, $bytes) = @_;
    my $queue = queue() // die "msgget: $!\n";
    msgsnd $queue, pack('l! a*', $type, $bytes), 0 or die "msgsnd: $!\n";
    my ($first) = split /\n/, describe($bytes);
    print "msgsnd type $type: $first\n";
}

# take_message(TYPE, FLAGS): (type, bytes) of the next; nothing if none comes.
sub take_message {
    my ($type, $flags) = @_;
    my $queue = queue() // return;
    msgrcv $queue, my $buffer, 8192, $type // 0, $flags // 0 or return;
    return unpack 'l! a*', $buffer;
}

# queue_is_gone(AFTER): nothing is left in the kernel.
sub queue_is_gone {
    my ($after, %more) = @_;
    my $id;
    return if wait_until(sub { !defined($id = queue()) }, 0.5);
    fail(
        expected => "the queue is removed, $after",
        came => "queue $id is still there: ipcs -q",
        why => 'A queue belongs to no process: it stays, with what is in it,'
            . ' until a process removes it: msgctl(2), IPC_RMID.',
        notes => 'msg/README.md, Remember',
        %more,
    );
}

# How one sends such a message by hand.
sub msgsnd_by_hand {
    my ($type, $bytes) = @_;
    return sprintf q{perl -MIPC::SysV=ftok -e 'msgsnd msgget(ftok("README.md",}
        . q{ 73), 0), pack("l! H*", %d, "%s"), 0 or die $!'}, $type,
        unpack 'H*', $bytes;
}

# key_file_arguments_stage(): of a program that is given a key file alone.
sub key_file_arguments_stage {
    stage 'wrong arguments: usage, and status 2',
        hand => ['YOU', 'YOU README.md README.md', 'YOU no/such/file'],
        notes => 'README.md, How to read it',
        why => 'Status 2 is for wrong arguments, 1 for a call that has failed.',
        hint => 'A file that is not there is no wrong argument: ftok(3) fails,'
            . ' and the status is 1.',
        sub {
            wrong_arguments([], [key_file(), 'two']);
            no_such_file();
        };
}

1;
