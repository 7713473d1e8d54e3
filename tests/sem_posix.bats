#!/usr/bin/env bats

load helpers
load sem

# named: whether the semaphore of posix.c is there: /dev/shm/sem.NAME, and the
# name begins with "sem-" and has the key.
named() {
    ls /dev/shm/sem.sem-"$(key)"
}

@test "sem/posix: its card holds" {
    card sem/posix.c
}

@test "sem/posix: a holder that is killed keeps the lock" {
    run -1 limited build/sem/posix --kill README.md
    [ "${lines[1]}" = "child: has the lock" ]
    [[ ${lines[2]} == *"waited 1 s for the lock: it is 0, and its holder"* ]]
    run ! named
}

@test "sem/posix: what a killed run left, the next one takes over" {
    # When it forks the name is there, clone(2) or clone3.
    run -137 limited strace -qq -o logs/strace -e inject=/^clone:signal=KILL \
        build/sem/posix README.md
    named
    run -0 limited build/sem/posix README.md
    run ! named
}

@test "sem/posix: ended by a signal, it takes its name along" {
    for signal in INT TERM HUP PIPE; do
        run -$((128 + $(kill -l $signal))) limited strace -qq -o logs/strace \
            -e "inject=/^clone:signal=$signal" build/sem/posix README.md
        run ! named
    done
}

@test "sem/posix: two runs at once do not get mixed up" {
    run -1 limited flock README.md build/sem/posix README.md
    [[ $output == *"README.md: is it in use?: Resource temporarily"* ]]
}

@test "sem/robust: its card holds" {
    card sem/robust.c
}

@test "sem/robust: a plain mutex stays locked" {
    run -1 limited build/sem/robust --plain
    [[ ${lines[1]} == *"waited 1 s for a mutex whose holder has ended" ]]
    [ "${#lines[@]}" -eq 2 ]
}

@test "sem/condition: its card holds" {
    card sem/condition.c
}

@test "sem/condition: without the loop an item is taken twice" {
    run -1 limited build/sem/condition --no-loop
    [[ ${lines[2]} == "child "*": takes an item, -1 are left" ]]
    [[ ${lines[3]} == *"-1 items: more were taken than were put" ]]
}

@test "sem/posix, sem/condition: a child that is killed early is no hang" {
    # strace has it killed before it does anything.
    run -1 limited strace -f -qq -o logs/strace \
        -e inject=getppid:signal=KILL build/sem/posix README.md
    [[ $output == *"the child did not take the lock within 5 s" ]]
    run -1 limited strace -f -qq -o logs/strace \
        -e inject=getppid:signal=KILL build/sem/condition
    [[ $output == *"waiting for the children: Connection timed out" ]]
}

@test "sem/posix, sem/robust, sem/condition: wrong arguments: the usage line" {
    run -0 limited build/sem/posix --help
    [ "${lines[0]}" = "usage: posix [--kill] KEYFILE" ]
    run -2 limited build/sem/posix
    run -2 limited build/sem/posix --wrong README.md
    run -0 limited build/sem/robust --help
    [ "${lines[0]}" = "usage: robust [--plain]" ]
    run -2 limited build/sem/robust README.md
    run -0 limited build/sem/condition --help
    [ "${lines[0]}" = "usage: condition [--no-loop]" ]
    run -2 limited build/sem/condition README.md
    run -1 limited build/sem/posix no-such-file
    [[ $output == *"no-such-file: No such file or directory" ]]
}
