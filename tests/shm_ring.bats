#!/usr/bin/env bats

load helpers
load shm

@test "shm/ring: a sender dies with the lock, and what it put in arrives" {
    start build/shm/ring_recv README.md
    # Its calls join, enter and leave; the slot has been filled by then.
    killed_in semtimedop 3 build/shm/ring_send README.md 3
    run -1 finish
    printed | grep -x '1 readings received, .*'
    printed | grep 'a sender died before its END'
    nothing_left
}

@test "shm/ring: its card holds" {
    card shm/ring_recv.c
}

@test "shm/lockfree: all readings come once" {
    start build/shm/lockfree_recv README.md
    limited build/shm/lockfree_send README.md 1000000
    finish
    printed | grep -x '1000000 of 1000000 arrived'
    nothing_left
}

@test "shm/ring: none is as many as any" {
    for pair in ring lockfree; do
        start build/shm/${pair}_recv README.md
        limited build/shm/${pair}_send README.md 0
        finish
        printed | grep -x '0 of 0 arrived'
    done
}

@test "shm/ring: several senders and several receivers" {
    start build/shm/ring_recv README.md
    signal STOP
    background one build/shm/ring_send README.md 20000
    background two build/shm/ring_send README.md 20000
    background three build/shm/ring_send README.md 20000
    await asleep one
    await asleep two
    await asleep three
    background fourth build/shm/ring_recv README.md
    await grep -q '^ready' logs/fourth
    signal CONT
    finish one
    finish two
    finish three
    finish
    finish fourth
    grep -hx '60000 of 60000 arrived' logs/receiver logs/fourth
    nothing_left
}

@test "shm/ring: a process dies with the lock, and the others go on" {
    start build/shm/ring_recv README.md
    # EMPTY - 1, LOCK - 1 with SEM_UNDO, CONSISTENT - 1; and no more.
    change 0 -1 0 2 -1 4096 3 -1 0
    limited build/shm/ring_send README.md 10000
    finish
    printed | grep -x '10000 of 10000 arrived'
    nothing_left
}

@test "shm/ring: one of two senders is killed, and the receiver says so" {
    start build/shm/ring_recv README.md
    signal STOP
    background one build/shm/ring_send README.md 1000000
    background two build/shm/ring_send README.md 10000
    await asleep one
    await asleep two
    signal KILL one
    signal CONT
    finish two
    run -1 finish
    printed | grep 'a sender died before its END'
    nothing_left
}

@test "shm/ring: one of two receivers is killed, and the other goes on" {
    start build/shm/ring_recv README.md
    background other build/shm/ring_recv README.md
    await grep -q '^ready' logs/other
    signal STOP
    background sender build/shm/ring_send README.md 100000
    signal KILL
    run finish
    finish sender
    run finish other
    printed other | grep ' readings received, '
    nothing_left
}

@test "shm/lockfree: counts that cannot be are not believed" {
    start build/shm/lockfree_recv README.md
    poke 64 L 5000 # tail: 5000 slots put into a ring of 4096
    run -1 finish
    printed | grep "the sender's count: Protocol error"
    nothing_left

    start build/shm/lockfree_recv README.md
    signal STOP
    poke 128 L 5000 # head: 5000 taken, and so many were never put in
    run -1 limited build/shm/lockfree_send README.md 10
    [[ $output == *"the receiver's count: Protocol error" ]]
    signal CONT
    finish # it has taken what was there, END included
}

@test "shm/lockfree: slots with something else in them are skipped" {
    start build/shm/lockfree_recv README.md
    signal STOP
    poke 256 a64 "$(printf '%064d' 0)"
    poke 64 L 1 # tail
    poke 16 L 1 # the sender: there was one
    signal CONT
    run -1 finish
    printed | grep 'the sender has exited'
    printed | grep -x '1 slots skipped: no valid reading in them'
}

@test "shm/lockfree: there is one sender" {
    start build/shm/lockfree_recv README.md
    signal STOP
    background sender build/shm/lockfree_send README.md 1000000
    await asleep sender
    run -1 limited build/shm/lockfree_send README.md 1
    [[ $output == *"README.md: has a sender" ]]
    signal CONT
    finish sender
    finish
}

# relaxed: once, on two processors.
relaxed() {
    start build/shm/lockfree_recv --relaxed README.md
    run -1 limited build/shm/lockfree_send --relaxed README.md 100000
    [[ $output == *"the receiver has exited" ]]
    run -1 finish
    printed | grep -E 'reading [0-9]+ was there, and no wake-up came'
    nothing_left
}

@test "shm/lockfree: --relaxed loses a wake-up" {
    need_two_processors
    relaxed
}

# bats test_tags=long
@test "shm/lockfree: --relaxed loses a wake-up, 100 of 100 times" {
    need_two_processors
    for ((i = 0; i < 100; i++)); do relaxed; done
}

@test "shm/lockfree: --relaxed on one processor says that it shows nothing" {
    run -1 limited taskset -c 0 build/shm/lockfree_recv --relaxed README.md
    [[ $output == *"--relaxed shows nothing on one processor" ]]
    nothing_left
    start build/shm/lockfree_recv README.md
    run -1 limited taskset -c 0 build/shm/lockfree_send --relaxed README.md 5
    [[ $output == *"--relaxed shows nothing on one processor" ]]
    run -1 finish
    printed | grep 'the sender has exited'
}

@test "shm/lockfree: where no wake-up is lost, --relaxed says so" {
    need_two_processors
    start build/shm/lockfree_recv --relaxed README.md
    limited build/shm/lockfree_send --relaxed README.md 0
    run -1 finish
    printed | grep -- '--relaxed: no wake-up was lost this time'
}

@test "shm/lockfree: it is many times as fast as semaphores" {
    speed() {
        start "build/shm/$1_recv" README.md
        limited "build/shm/$1_send" README.md "$2"
        finish
        speed=$(printed | sed -n 's/.*received, \(.*\)\.. MB.*/\1/p')
    }
    speed ring 20000
    slow=$speed
    speed lockfree 1000000
    echo "$slow and $speed MB/s"
    [ "$speed" -gt $((5 * slow)) ]
}

@test "shm/lockfree: in the model, no reading is wrong, nobody left asleep" {
    need_no_sanitizers
    need spin
    run -0 limited sh "$root/tests/prove.sh" ring-model
    [[ $output == *"ring: 23475 states, all right"* ]]
}
