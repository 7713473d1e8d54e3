#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2034 # perl in single quotes; helpers use limit

load tftp

@test "udp/tftp: a file that grows while it is sent is not delivered" {
    head -c 2000000 /dev/urandom >root/big
    serve
    through --delay 25
    slowly
    echo more >>root/big
    run -1 finish client
    printed client | grep -x 'tftp_client: big: File changed while it was read'
    run ! test -e to/copy
}

@test "udp/tftp: writing in place is found out, the mtime put back or not" {
    head -c 2000000 /dev/urandom >root/big
    serve
    through --delay 25
    slowly
    touch -r root/big before
    dd if=/dev/urandom of=root/big bs=1 count=1 seek=1 conv=notrunc
    touch -r before root/big
    run -1 finish client
    printed client | grep -x 'tftp_client: big: File changed while it was read'
    run ! test -e to/copy
}

@test "udp/tftp: a file that is replaced while it is sent arrives as it was" {
    head -c 2000000 /dev/urandom >root/big
    cp root/big before
    serve
    through --delay 10
    slowly
    echo new >root/new
    mv root/new root/big
    finish client
    cmp before to/copy
}
