#!/usr/bin/env bats

load helpers
load shm

# Whether some of the file has arrived: it has no name yet.
receiving() {
    local fd
    for fd in "/proc/$(pid)/fd"/*; do
        [[ $(readlink "$fd") != *' (deleted)' ]] || [ ! -s "$fd" ] || return 0
    done
    return 1
}

@test "shm/file: its card holds" {
    card shm/file_recv.c
}

@test "shm/file: any size, byte for byte" {
    for size in 0 1 262143 262144 262145 524288 3000000; do
        head -c "$size" /dev/urandom >from
        start build/shm/file_recv README.md to
        run -0 limited build/shm/file_send README.md from
        finish
        cmp from to
        read -r sum _ <<<"$(cksum from)"
        [ "$output" = "sent $size bytes, cksum $sum" ]
        printed | grep -x "to: $size bytes, cksum $sum"
    done
    nothing_left
}

@test "shm/file: from a pipe" {
    start build/shm/file_recv README.md to
    seq 300000 | limited build/shm/file_send README.md /dev/stdin
    finish
    seq 300000 | cmp - to
}

@test "shm/file: either end is killed, and nothing is left" {
    echo old >to
    start build/shm/file_recv README.md to
    background sender build/shm/file_send README.md /dev/zero
    await receiving
    signal KILL sender
    run -1 finish
    printed | grep 'the sender has exited'
    nothing_left

    start build/shm/file_recv README.md to
    background sender build/shm/file_send README.md /dev/zero
    await receiving
    signal TERM
    run finish
    run -1 finish sender
    printed sender | grep 'the receiver has exited'
    nothing_left
    [ "$(cat to)" = old ]
}

@test "shm/file: what a killed receiver left behind, the next one takes over" {
    start build/shm/file_recv README.md to
    background sender build/shm/file_send README.md /dev/zero
    await receiving
    signal KILL
    run finish
    run -1 finish sender
    printed sender | grep 'the receiver has exited'

    start build/shm/file_recv README.md to
    limited build/shm/file_send README.md README.md
    finish
    cmp to README.md
    nothing_left
}

@test "shm/file: a full disk is reported on both ends" {
    (
        trap '' XFSZ # a file too big is then an error, not the end
        ulimit -f 1000
        start build/shm/file_recv README.md to
        run -1 limited build/shm/file_send README.md /dev/zero
        [[ $output == *"the receiver gave up: File too large" ]]
        run -1 finish
        printed | grep 'to: File too large'
    )
    [ ! -e to ]
    nothing_left
}

@test "shm/file: what cannot be sent or written is refused" {
    start build/shm/file_recv README.md to
    run -1 limited build/shm/file_send README.md missing
    [[ $output == *"missing: No such file or directory" ]]
    run -1 limited build/shm/file_send README.md .
    [[ $output == *".: Is a directory" ]]
    run -1 finish
    [ ! -e to ]

    run -1 limited build/shm/file_recv README.md .
    [[ $output == *".: Is a directory" ]]
    run -1 limited build/shm/file_recv README.md /dev/null
    [[ $output == *"/dev/null: Operation not supported" ]]
    run -1 limited build/shm/file_recv README.md missing/to
    [[ $output == *"missing/to: No such file or directory" ]]
    nothing_left
}

@test "shm/file: an impossible length is not believed" {
    start build/shm/file_recv README.md to
    poke 24 L 262145 # of the first half, one byte more than it has
    change 1 1 0     # FULL
    run -1 finish
    printed | grep 'to: Protocol error'
    [ ! -e to ]
    nothing_left
}

@test "shm/file: what arrives wrong is not kept" {
    start build/shm/file_recv README.md to
    poke 24 L 5
    poke 4096 a5 hello
    poke 32 Q 5          # the size is right
    poke 40 L 3287646510 # one more than the checksum
    change 1 1 0
    poke 28 L 0 # the end
    change 1 1 0
    run -1 finish
    printed | grep 'what arrived is not what was sent'
    [ ! -e to ]
    nothing_left
}

@test "shm/file: the receiver has one sender" {
    start build/shm/file_recv README.md to
    background sender build/shm/file_send README.md /dev/zero
    await receiving
    run -1 limited build/shm/file_send README.md README.md
    [[ $output == *"README.md: the receiver has a sender" ]]
    signal TERM
    run finish
}

@test "shm/file: of two receivers of one file, the last one has it" {
    cp README.md other
    start build/shm/file_recv README.md to
    background second build/shm/file_recv other to
    await grep -q '^ready' logs/second
    limited build/shm/file_send other /dev/null
    finish second
    [ ! -s to ]
    limited build/shm/file_send README.md README.md
    finish
    cmp to README.md
}
