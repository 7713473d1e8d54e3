#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2034 # perl in single quotes; helpers use limit

load tftp

@test "udp/tftp: garbage at the server's port gets no answer" {
    serve
    send 'srand 1;
        for (1 .. 3000) {
            $m = join "", map chr rand 256, 1 .. rand 40;
            next if $m =~ /^\0[\x01\x02]/;
            to($s ||= free(), $port, $m);
        }
        to($s, $port, $_) for "", "\0", "\0\1", "\0\3\0\1x", "\0\4\0\1",
            "\0\5\0\1x\0", "\0\6blksize\0008\0";
        die unpack "H*", $_ if defined($_ = answer($s, 0.1));'
    get file to/copy
    cmp root/file to/copy
    stop
}

@test "udp/tftp: hostile requests are refused, and the next one is served" {
    serve --writable
    send 'for ("\0\1file\0octet", "\0\1\0octet\0", "\0\1file", "\0\1file\0x\0",
               "\0\2" . "a" x 1000, "\0\1file\0mail\0",
               "\0\1../file\0octet\0", "\0\2../file\0octet\0",
               "\0\1" . "../" x 300 . "etc/passwd\0octet\0",
               "\0\1/etc/passwd\0octet\0") {
            to($s = free(), $port, $_);
            $m = answer($s);
            $m =~ /^\0\x05\0[\x01\x02\x04].*\0$/ or die unpack "H*", $_;
            length $m <= 3 * length or die "too much: $m";
        }'
    # Invalid options are left out; a plain answer, then.
    send 'for ("blksize\0007", "blksize\00065465", "blksize\000-1",
               "windowsize\0000", "timeout\0000", "timeout\000256", "tsize\0x",
               "offset\0005", "nonsense\0001") {
            to($s = free(), $port, "\0\1file\0octet\0$_\0");
            $m = answer($s, 0.5); # offset without crc: corrupted
            $m =~ /^\0[\x03\x06]/ or !defined $m or die unpack "H*", $m;
            to($s, $tid, "\0\5\0\0\0");
        }'
    get file to/copy
    cmp root/file to/copy
    logged 'Malformed request'
    run ! test -e to/file
    stop
}

@test "udp/tftp: a datagram from elsewhere gets ERROR 5 and changes nothing" {
    serve
    send '$s = free(); to($s, $port, "\0\1file\0octet\0");
        $m = answer($s); $m =~ /^\0\x03\0\x01/ or die;
        $theirs = $tid; $other = free();
        to($other, $theirs, "\0\4\0\1");
        answer($other) =~ /^\0\x05\0\x05/ or die "no ERROR 5";
        to($other, $theirs, "\0\5\0\0over\0");
        to($s, $theirs, "\0\4\0\7"); # what was never sent
        to($s, $theirs, "garbage");
        die if defined answer($s, 0.1);
        for $block (1 .. 196) {
            to($s, $theirs, pack "nn", 4, $block);
            $m = answer($s, $block < 196 ? 5 : 0.1);
            $all .= substr $m, 4 if defined $m and $block < 196;
        }
        print length $all' >printed
    [ "$(cat printed)" = $((100000 - 512)) ]
    stop
}

# bats test_tags=long
@test "udp/tftp: what does not answer gets three times its bytes at most" {
    serve
    send '$request = "\0\1file\0octet\0blksize\0001428\0windowsize\00064\0" .
            "tsize\0000\0";
        to($s = free(), $port, $request);
        while (defined($m = answer($s, 2.5))) { $got += length $m }
        $got > 0 && $got <= 3 * length $request or die "$got bytes"'
    # A plain request: 516 bytes, and not again.
    send 'to($s = free(), $port, "\0\1file\0octet\0");
        while (defined($m = answer($s, 1.5))) { $got += length $m }
        $got == 516 or die "$got bytes"'
    stop
}

@test "udp/tftp: forged addresses of one host get three times their bytes" {
    serve
    send '$request = "\0\1file\0octet\0tsize\0000\0";
        to($s = free(), $port, $request);
        while (defined($m = answer($s, 1.2))) { $got += length $m }
        $got > 0 && $got <= 3 * length $request or die "$got bytes"'
    send '$request = "\0\1file\0octet\0";
        for (1 .. 300) {
            to($_ = free(), $port, $request);
            push @s, $_; $sent += length $request;
        }
        for (@s) { $got += length $m while defined($m = answer($_, 0.001)) }
        $got <= 3 * $sent or die "$got bytes for $sent"'
    stop
}

@test "udp/tftp: abandoned requests do not take all slots" {
    serve
    send 'for (1 .. 400) {
            to($_ = free(), $port, "\0\1file\0octet\0tsize\0000\0");
            push @s, $_;
        }
        system "pgrep", "-c", "-P", $ARGV[0]' "$(pid)" >printed
    [ "$(cat printed)" -le 128 ]
    get file to/copy
    cmp root/file to/copy
    stop
}
