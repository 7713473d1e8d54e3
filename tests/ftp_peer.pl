#!/usr/bin/perl
# tests/ftp_peer.pl get KEYFILE FROM TO -- get one file, as msg/ftp_client does.
# tests/ftp_peer.pl serve ROOT KEYFILE -- serve one, as msg/ftp_server does.
#
# Written from the picture in common/ftp.h and nothing else: whoever can read it
# can talk to the other end, in any language.
use strict;
use warnings;
use IPC::SysV qw(ftok IPC_CREAT IPC_PRIVATE IPC_RMID);

$SIG{ALRM} = sub { die "nothing for 10 s\n" };

# A type is four letters: "ftp1" is 0x66747031.
sub number { unpack 'N', shift }

sub put {
    my ($queue, $kind, $body) = @_;
    my $message = pack('a4 n n', $kind, 1, 8 + length $body) . $body;
    alarm 10;
    msgsnd $queue, pack('l!', number $kind) . $message, 0 or die "msgsnd: $!\n";
}

# The next message of that type: its kind, and what is behind its head. Nothing
# if the queue is gone.
sub get {
    my ($queue, $type) = @_;
    alarm 10;
    msgrcv $queue, my $buffer, 8192, $type, 0 or return;
    my ($mtype, $message) = unpack 'l! a*', $buffer;
    my ($kind, $version, $size, $body) = unpack 'a4 n n a*', $message;
    die "malformed\n"
        if number($kind) != $mtype || $version != 1 || $size != length $message;
    return $kind, $body;
}

my @table = map {
    my $crc = $_ << 24;
    for (1 .. 8) {
        my $highest = $crc & 0x80000000;
        $crc = $crc << 1 & 0xffffffff;
        $crc ^= 0x04c11db7 if $highest;
    }
    $crc;
} 0 .. 255;

sub cksum {
    my ($bytes) = @_;
    my $crc = 0;
    my $length = pack 'Q<', length $bytes;
    $length =~ s/\0+$//;
    $crc = ($crc << 8 & 0xffffffff) ^ $table[$crc >> 24 ^ $_]
        for unpack 'C*', $bytes . $length;
    return $crc ^ 0xffffffff;
}

sub client {
    my ($key_file, $from, $to) = @_;
    my $server = msgget(ftok($key_file, ord 'I'), 0) // die "msgget: $!\n";
    my $own = msgget(IPC_PRIVATE, 0600);
    my $bytes = '';

    put $own, 'ftp4', pack('N', $server) . $from;
    put $server, 'ftp6', pack('N', $own);
    while (my ($kind, $body) = get $own, -number 'ftp3') {
        if ($kind eq 'ftp1') {
            my ($offset, $total, $more) = unpack 'Q> Q> a*', $body;
            die "a gap\n" if $offset != length $bytes;
            $bytes .= $more;
        } elsif ($kind eq 'ftp2') {
            my ($offset, $cksum) = unpack 'Q> N', $body;
            die "not whole\n" if $offset != length $bytes;
            die "damaged\n" if $cksum != cksum $bytes;
            open my $file, '>', $to or die "$to: $!\n";
            print $file $bytes;
            close $file;
            put $own, 'ftp5', '';
        } else {
            msgctl $own, IPC_RMID, 0;
            die "$from: $body\n";
        }
    }
    print "gone\n"; # the worker has removed the queue
}

sub server {
    my ($root, $key_file) = @_;
    my $key = ftok($key_file, ord 'I') // die "$key_file: $!\n";
    my $queue = msgget($key, IPC_CREAT | 0600) // die "msgget: $!\n";
    $| = 1;
    print "ready\n";

    my ($kind, $body) = get $queue, 0;
    die "not a call\n" if $kind ne 'ftp6';
    my $client = unpack 'N', $body;
    ($kind, $body) = get $client, number 'ftp4';
    my ($meant, $path) = unpack 'N a*', $body;
    die "for another server\n" if $meant != $queue;
    msgctl $queue, IPC_RMID, 0;

    if (open my $file, '<', "$root/$path") {
        local $/;
        my $bytes = <$file> // '';
        for (my $at = 0; $at < length $bytes; $at += 8168) {
            put $client, 'ftp1',
                pack('Q> Q>', $at, length $bytes) . substr $bytes, $at, 8168;
        }
        put $client, 'ftp2', pack('Q> N', length $bytes, cksum $bytes);
        ($kind) = get $client, number 'ftp5';
        print defined $kind ? "done\n" : "not done\n";
        msgctl $client, IPC_RMID, 0;
    } else {
        put $client, 'ftp3', "$!";
        get $client, number 'ftp5'; # until the queue is gone
    }
}

my $role = shift;
$role eq 'get' ? client(@ARGV) : server(@ARGV);
