#!/usr/bin/env bats

load helpers
load shm

@test "shm/basic: its card holds" {
    card shm/basic_recv.c
}

@test "shm/torn: its card holds" {
    card shm/torn_recv.c
}

@test "shm/torn: without semaphores, readings are torn and repeated" {
    start build/shm/torn_recv README.md
    limited build/shm/torn_send README.md 3
    run -0 finish

    printed | grep '^torn: .* #1 0.0 C'      # the temperature is still missing
    printed | grep -x 'torn: oslo #2 -3.2 C' # the temperature is that of #1
    printed | grep -E '^[1-9][0-9]* torn, [1-9][0-9]* repeated$'
    nothing_left
}

@test "shm/torn: what shows nothing has status 1" {
    start build/shm/torn_recv README.md
    poke 64 LLsa10L 2 0 0 '' $((3 * 31 ** 5)) # an END, and nothing before it
    run -1 finish
    printed | grep -x '0 torn, 0 repeated'
}

@test "shm/basic: the receiver skips a slot with something else in it" {
    start build/shm/basic_recv README.md
    signal STOP
    poke 64 a64 "$(printf '%064d' 0)"
    change 0 -1 0 1 1 0 # EMPTY - 1, FULL + 1
    background sender build/shm/basic_send README.md 1
    await asleep sender
    signal CONT
    finish
    finish sender
    printed | grep -x 'skipped a slot: not a reading'
    printed | grep -x '1 of 1 readings arrived'
}

@test "shm/basic: wherever a sender is killed, the receiver ends" {
    for n in 2 3 4; do # semop is a semtimedop without a timeout
        start build/shm/basic_recv README.md
        killed_in semtimedop "$n" build/shm/basic_send README.md 3
        run -1 finish
        printed | grep -x 'basic_recv: the sender has exited'
        nothing_left
    done
}

@test "shm/basic: a sender that comes and goes before its first is no sender" {
    start build/shm/basic_recv README.md
    killed_in semget 1 build/shm/basic_send README.md 3
    limited build/shm/basic_send README.md 3
    finish
    printed | grep -x '3 of 3 readings arrived'
}

@test "shm/private: its card holds; without a segment nothing comes" {
    card shm/private.c
    run -1 limited build/shm/private --no-segment
    [[ $output == *"reading 1 is not there" ]]
}

@test "shm/control: its card holds" {
    card shm/control.c
}

@test "shm/readonly: its card holds" {
    card shm/readonly.c
}

@test "shm/control: a user may not write where the mode says so" {
    [ "$(id -u)" -ne 0 ] || user=(setpriv --reuid=65534 --clear-groups)
    run -0 limited "${user[@]}" build/shm/control
    [[ $output == *$'\nshmat to write: Permission denied\n'* ]]
}

@test "shm/address: its card holds; a pointer leads nowhere" {
    card shm/address.c
    run -1 limited build/shm/address --pointer
    [[ $output == *"SIGSEGV at 0x"*": nothing is mapped there"* ]]
    [ "$(grep -c '^oslo' <<<"$output")" -eq 1 ]
}

@test "shm/lifetime: its card holds" {
    card shm/lifetime.c
}

@test "shm/lifetime: without IPC_RMID it stays, until the next one comes" {
    run -1 limited build/shm/lifetime --no-rmid README.md
    [[ $output == *"shmget again   File exists"* ]]
    id=$(sed -n 's/.*ipcrm -m //p' <<<"$output")
    in_kernel m
    ipcs -m -i "$id" | grep 'nattch=0'

    run -0 limited build/shm/lifetime README.md
    nothing_left
    run -1 ipcrm -m "$id"
}
