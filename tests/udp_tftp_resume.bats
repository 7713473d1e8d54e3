#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2034 # perl in single quotes; helpers use limit

load tftp

@test "udp/tftp: a client that is killed goes on where it was" {
    head -c 20000000 /dev/urandom >root/big
    serve
    through --delay 10
    echo before >to/copy
    for killed in KILL INT TERM; do
        slowly
        signal $killed client
        run finish client
        [ "$status" = $((128 + $(kill -l $killed))) ]
        only .copy.part .copy.proof copy
        [ "$(cat to/copy)" = before ]
        kept=$(stat -c %s to/.copy.part)
        cmp -n "$kept" root/big to/.copy.part
        truncate -s '<50000' to/.copy.part # at most: more has to come
    done
    get big to/copy
    cmp root/big to/copy
    only copy
    logged 'get big: 20000000 bytes'
}

@test "udp/tftp: a server that is killed: the client says so, and goes on" {
    head -c 2000000 /dev/urandom >root/big
    serve
    through --delay 10
    slowly --timeout 1
    child=$(children)
    signal KILL
    run -137 finish
    await gone "$child"
    run finish client
    [ "$status" = 1 ]
    printed client | grep -x 'tftp_client: big: nothing from the server for 1 s'
    only .copy.part .copy.proof
    mv to/.copy.part kept
    serve
    # The proof names another port: from a new server it starts again.
    get big to/copy
    cmp root/big to/copy
    only copy
}

@test "udp/tftp: a text starts again: it has no checksum to compare" {
    seq 20000 >root/text
    serve
    printf 'tftp 127.0.0.1 %s netascii\ntext\n' "$port" >to/.copy.proof
    head -c 50000 /dev/zero >to/.copy.part
    get --netascii text to/copy
    cmp root/text to/copy
    only copy
}

@test "udp/tftp: a file that has changed meanwhile starts again" {
    head -c 300000 /dev/urandom >root/big
    serve
    printf 'tftp 127.0.0.1 %s octet\nbig\n' "$port" >to/.copy.proof
    head -c 100000 root/big >to/.copy.part
    get big to/copy
    cmp root/big to/copy
    printed | tail -n 1

    cp root/big before
    head -c 300000 /dev/urandom >root/big
    printf 'tftp 127.0.0.1 %s octet\nbig\n' "$port" >to/.copy.proof
    head -c 100000 before >to/.copy.part
    get big to/copy
    cmp root/big to/copy

    # Shorter than what is there; and a part of something else.
    printf 'tftp 127.0.0.1 %s octet\nfile\n' "$port" >to/.copy.proof
    head -c 400000 /dev/urandom >to/.copy.part
    get file to/copy
    cmp root/file to/copy
    head -c 50000 root/file >to/.copy.part
    get file to/copy
    cmp root/file to/copy
    only copy
    stop
}

@test "udp/tftp: what has come is not sent again" {
    head -c 300000 /dev/urandom >root/big
    serve
    through
    printf 'tftp 127.0.0.1 %s octet\nbig\n' "$port" >to/.copy.proof
    head -c 299000 root/big >to/.copy.part
    get --block 512 --window 4 big to/copy
    cmp root/big to/copy
    signal INT relay
    run -130 finish relay
    [ "$(printed relay | sed -n 's/^back: \([0-9]*\) received.*/\1/p')" -le 5 ]
}

@test "udp/tftp: of two clients for one file, one gets an error" {
    head -c 2000000 /dev/urandom >root/big
    serve
    through --delay 10
    slowly
    run -1 get big to/copy
    [ "$output" = "tftp_client: to/copy: another transfer is writing it" ]
    finish client
    cmp root/big to/copy
    only copy
}

@test "udp/tftp: names that differ only at their ends have parts of their own" {
    head -c 2000000 /dev/urandom >root/big
    serve
    through --delay 10
    long=$(printf '%0254d' 0)
    background client build/udp/tftp_client --block 1428 --window 16 \
        127.0.0.1 "$port" big "to/${long}1"
    await bash -c 'ls -A to | grep -q part'
    get file "to/${long}2"
    finish client
    cmp root/big "to/${long}1"
    cmp root/file "to/${long}2"
    only "${long}1" "${long}2"
}
