#!/usr/bin/env bats

# shellcheck disable=SC2030,SC2031,SC2154 # each test has its own $parent

load helpers
load pipe

@test "pipe/atomic: its card holds" {
    card pipe/atomic.c
}

@test "pipe/atomic: up to PIPE_BUF bytes nothing is torn, on one core or two" {
    for size in 2 17 3000 4095 4096; do
        run -0 limited build/pipe/atomic --size $size
        [ "$output" = "400 of 400 lines of $size bytes arrived, 0 are torn" ]
        run -0 limited taskset -c 0 build/pipe/atomic --size $size
        [ "$output" = "400 of 400 lines of $size bytes arrived, 0 are torn" ]
    done
}

@test "pipe/atomic: above PIPE_BUF some are torn, on one core or two" {
    for size in 4097 5000 8192 100000; do
        run -1 limited build/pipe/atomic --size $size
        [[ ${lines[-1]} == "400 of 400 lines of $size bytes arrived, "* ]]
        [[ ${lines[-1]} == *", "[1-9]*" are torn" ]]
        run -1 limited taskset -c 0 build/pipe/atomic --size $size
        [[ ${lines[-1]} == *", "[1-9]*" are torn" ]]
    done
}

@test "pipe/atomic: a long write is whole if it does not have to wait" {
    for _ in {1..20}; do
        run -0 limited build/pipe/atomic --size 5000 --lines 2
        [ "$output" = "8 of 8 lines of 5000 bytes arrived, 0 are torn" ]
    done
}

@test "pipe/atomic: when the reader is killed, the writers end" {
    running 4 build/pipe/atomic --lines 10000
    kill -KILL "$parent"
    run -137 finish lesson
    await all_gone "${children[@]}"
}

@test "pipe/atomic: that a writer was killed is noticed" {
    running 4 build/pipe/atomic --lines 1000
    kill -KILL "${children[0]}"
    run -1 finish lesson
    printed lesson | grep "the writer was ended by signal 9"
}

@test "pipe/atomic: wrong arguments get the usage line and status 2" {
    refuses "atomic [--size BYTES] [--lines COUNT]" atomic \
        1 "--size 1" "--size x" "--lines 0" --size --wrong
}

