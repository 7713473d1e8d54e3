#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2034 # perl in single quotes; helpers use limit

load tftp

# A program whose calls take long; `-D`: with the process id that it would have.
unlucky=(env ASAN_OPTIONS=detect_leaks=0 strace -D -f -qq -o trace)

@test "udp/tftp: 64 KiB with 20 % lost each way, in less than 5 s" {
    head -c 65536 /dev/urandom >root/sized
    serve
    through --loss 20 --loss-back 20 --seed 1
    local before=$SECONDS
    get --block 1428 sized to/copy
    [ $((SECONDS - before)) -le 5 ]
    cmp root/sized to/copy
    only copy
}

@test "udp/tftp: what is lost, duplicated, reordered and corrupted arrives" {
    head -c 500000 /dev/urandom >root/sized
    serve --writable
    through --loss 10 --dup 10 --reorder 10 --corrupt 5 --undetected 5 --seed 3
    get --block 1428 sized to/copy
    cmp root/sized to/copy
    put --block 1428 root/sized up
    cmp root/sized root/up
    only copy
}

@test "udp/tftp: no Sorcerer's Apprentice: duplicated ACKs duplicate nothing" {
    serve
    through --dup 100 --dup-back 0
    get --window 1 --block 512 file to/copy
    cmp root/file to/copy
    logged 'get file: 100000 bytes'
    again=$(printed | sed -n 's/.* \([0-9]*\) blocks sent again/\1/p')
    [ "$again" -le 39 ] # of 196: at most 1.2 a block
}

@test "udp/tftp: a window that is duplicated is not sent again" {
    head -c 1000000 /dev/urandom >root/sized
    serve
    through --dup 20 --dup-back 20
    get --block 1428 sized to/copy
    cmp root/sized to/copy
    logged 'get sized: 1000000 bytes'
    again=$(printed | sed -n 's/.* \([0-9]*\) blocks sent again/\1/p')
    [ "$again" -le 140 ] # of 701
}

@test "udp/tftp: an outage of a second is survived" {
    head -c 3000000 /dev/urandom >root/sized
    serve
    through --delay 5 --outage 50-1050
    get --block 1428 --window 64 sized to/copy
    cmp root/sized to/copy
}

@test "udp/tftp: a server that has sent its last window may be gone" {
    background client perl -MIO::Socket::INET -e '
        sub new { IO::Socket::INET->new(Proto => "udp", @_) or die $! }
        my $data = join "", map { chr(65 + $_) x 512 } 0 .. 20;
        my ($listen, $port) = (new(LocalAddr => "127.0.0.1"),
                             new(LocalAddr => "127.0.0.1"));
        my $client = fork // die;
        exec qw(build/udp/tftp_client --window 64 --block 512 127.0.0.1),
            $listen->sockport, "x", "to/copy" if $client == 0;
        my $there = $listen->recv(my $request, 1000);
        my $oack = join "\0", "\0\6blksize", 512, "windowsize", 64, "";
        $port->send($oack, 0, $there);
        $port->recv(my $ack, 1000);
        kill STOP => $client; # it has all to read at once, more than at a time
        $port->send($oack, 0, $there);
        $port->send(pack("nn", 3, $_ + 1) . substr($data, $_ * 512, 512), 0,
                    $there) for 0 .. 20;
        $port->send(pack("nn", 3, 22), 0, $there);
        close $port; close $listen;
        open my $sent, ">", "sent"; print $sent $data; close $sent;
        kill CONT => $client;
        waitpid $client, 0; exit $? >> 8'
    finish client
    cmp sent to/copy
}

@test "udp/tftp: a slow disk is not taken for a slow network" {
    need strace
    head -c 1000000 /dev/urandom >root/big
    start "${unlucky[@]}" -e inject=read:delay_enter=150000 \
        build/udp/tftp_server 127.0.0.1 0 root
    port=$(port)
    get --window 1 --block 1428 big to/copy
    cmp root/big to/copy
    logged 'get big: 1000000 bytes, window 1 of 1428, 0 blocks sent again'
    stop

    serve
    limited "${unlucky[@]}" -e inject=writev:delay_enter=1500000:when=2 \
        build/udp/tftp_client --timeout 1 --block 1428 127.0.0.1 "$port" \
        big to/copy
    cmp root/big to/copy
}
