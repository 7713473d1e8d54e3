#!/usr/bin/env bats

load helpers
load shm

@test "shm: a receiver that is stopped takes along what it made" {
    for pair in basic torn ring lockfree; do
        for signal in INT TERM HUP PIPE; do
            start build/shm/${pair}_recv README.md
            in_kernel m
            signal "$signal"
            run finish
            nothing_left
        done
    done
}

@test "shm: what a killed receiver left behind, the next one takes over" {
    for pair in basic torn ring lockfree; do
        start build/shm/${pair}_recv README.md
        signal KILL
        run finish
        in_kernel m

        start build/shm/${pair}_recv README.md
        limited build/shm/${pair}_send README.md 1
        finish
        nothing_left
    done
}

@test "shm: a leftover of any size is taken over" {
    for size in 1 100 10000000; do
        for pair in basic torn ring lockfree; do
            leftover "$size" $((size % 7 + 1))
            start build/shm/${pair}_recv README.md
            signal TERM
            run finish
            nothing_left
        done
    done
}

@test "shm: another user's leftover is left alone, also by root" {
    need_root
    perl_ipc '
        $> = 65534;
        id(shmget $key, 5000, IPC_CREAT | 0666);
        id(semget $key, 1, IPC_CREAT | 0666);
    '
    for pair in basic torn ring lockfree; do
        run -1 limited build/shm/${pair}_recv README.md
        [[ $output == *"another user's segment has this key, see ipcrm -m "* ]]
        run -1 limited build/shm/${pair}_send README.md 1
        [[ $output == *"README.md: its segment is for another program" ]]
    done
    perl_ipc 'shmctl id(shmget $key, 0, 0), IPC_RMID, 0;'
    run -1 limited build/shm/basic_recv README.md
    [[ $output == *"another user's semaphore set has this key, see ipcrm -s"* ]]
}

@test "shm: there is one receiver, and the second one says so" {
    for pair in basic torn lockfree; do
        start build/shm/${pair}_recv README.md
        run -1 limited build/shm/${pair}_recv README.md
        [[ $output == *"README.md: in use by process $(pid)" ]]
        signal TERM
        run finish
    done
}

@test "shm: of two receivers that start at once, one is ready" {
    for pair in basic torn lockfree; do
        background one build/shm/${pair}_recv README.md
        background other build/shm/${pair}_recv README.md
        await grep -q 'in use by' logs/one logs/other
        await grep -q ready logs/one logs/other
        limited build/shm/${pair}_send README.md 1
        run finish one
        first=$status
        run finish other
        [ $((first + status)) -eq 1 ]
        nothing_left
    done
}

@test "shm: a sender without a receiver says so" {
    for pair in basic torn ring lockfree; do
        run -1 limited build/shm/${pair}_send README.md 3
        [[ $output == *"is the receiver running?: No such file or directory" ]]
    done
    run -1 limited build/shm/file_send README.md README.md
    [[ $output == *"is the receiver running?: No such file or directory" ]]
}

@test "shm: a sender refuses a segment of another kind" {
    refused() {
        run -1 limited "$@"
        [[ $output == *"README.md: its segment is for another program"* ]]
    }
    start build/shm/basic_recv README.md
    refused build/shm/ring_send README.md 3
    refused build/shm/lockfree_send README.md 3
    refused build/shm/file_send README.md README.md
    poke 4 L 2 # the version
    refused build/shm/basic_send README.md 3
    signal TERM
    run finish

    start build/shm/lockfree_recv README.md
    refused build/shm/ring_send README.md 3
    refused build/shm/basic_send README.md 3
    poke 8 Q 1000000 # the size
    refused build/shm/lockfree_send README.md 3
    signal TERM
    run finish
}

@test "shm: a sender that is killed is seen to be gone" {
    for pair in basic torn ring lockfree; do
        start build/shm/${pair}_recv README.md
        signal STOP
        background sender build/shm/${pair}_send README.md 1000000
        await asleep sender
        signal KILL sender
        signal CONT
        run -1 finish
        printed | grep -E 'the sender has exited|a sender died before its END'
        nothing_left
    done
}

@test "shm: a receiver that is killed is seen to be gone" {
    for pair in basic torn ring lockfree; do
        start build/shm/${pair}_recv README.md
        signal STOP
        background sender build/shm/${pair}_send README.md 1000000
        await asleep sender
        signal KILL
        run -1 finish sender
        printed sender | grep 'the receiver has exited'
        run finish
    done
}

@test "shm: wrong arguments get the usage line and status 2" {
    while read -r program synopsis; do
        run -2 limited "build/shm/$program" --nonsense
        [ "$output" = "usage: $program $synopsis" ] ||
            [ "$output" = "usage: $program" ]
        run -0 limited "build/shm/$program" --help
    done <<'END'
basic_recv FILE
basic_send FILE COUNT
torn_recv FILE
torn_send FILE COUNT
private [--no-segment]
address [--pointer]
control
readonly
lifetime [--no-rmid] FILE
ring_recv FILE
ring_send FILE COUNT
lockfree_recv [--relaxed] FILE
lockfree_send [--relaxed] FILE COUNT
posix_recv [--no-ftruncate] FILE
posix_send FILE COUNT
sealed_recv [--unsealed] FILE
sealed_send [--unsealed] FILE COUNT
file_recv KEYFILE TO
file_send KEYFILE FROM
END
    for count in three -1 1000000001 ''; do
        run -2 limited build/shm/ring_send README.md "$count"
    done
}
