#!/usr/bin/env bats

load helpers
load sem

@test "sem/private: its card holds" {
    card sem/private.c
}

@test "sem/private: a second IPC_PRIVATE is a second set" {
    run -1 limited build/sem/private --separate
    [[ $output == *"child: waiting for the call, 1 s at most: Resource"* ]]
    [[ $output == *"parent: waiting for the answer, 2 s at most: Resource"* ]]
    [[ $output != *"was called"* ]]
}

# orphans: whether there are sets such as sem/private makes, without an owner.
orphans() {
    ipcs -s | awk -v me="$(whoami)" \
        '$1 == "0x00000000" && $3 == me && $5 == 73 { print $2 }' |
        perl -MIPC::SysV=GETVAL -ne '
            $value = semctl($_, 0, GETVAL, 0);
            $found = 1 if defined $value && $value == 0;
            END { exit !$found }'
}

@test "sem/private: kills at any moment leave nothing for long" {
    for round in 0 1 2 3 4 5 6 7 8 9; do
        setsid timeout -s KILL "0.00$round" build/sem/private --separate \
            3>&- >/dev/null 2>&1 || true
    done
    # Other copies of this test may kill theirs in this very moment.
    none_left() {
        limited build/sem/private >/dev/null && ! orphans
    }
    await none_left
}

@test "sem/first: its card holds" {
    card sem/first.c
}

@test "sem/first: without sem_otime the second waits for a free lock" {
    run -1 limited build/sem/first --naive README.md
    [[ $output == \
        *"second: waited 1 s for a lock that is not held: Resource"* ]]
    run ! in_kernel s
}

@test "sem/first: if the creator is killed, the second creates it anew" {
    run -0 limited build/sem/first --die README.md
    [[ $output == *"second: removes the set, which is not initialised
second: created the set
second: initialises the set
second: has taken the lock"* ]]
    run ! in_kernel s
}

@test "sem/first: what a killed run left, the next one takes over" {
    # It is killed when the set is there, and it is about to wait for the other.
    run -137 limited strace -qq -o logs/strace -e inject=kill:signal=KILL \
        build/sem/first --die README.md
    in_kernel s
    run -0 limited build/sem/first README.md
    run ! in_kernel s
}

@test "sem/first, sem/once: two runs at once do not get mixed up" {
    for program in first once; do
        run -1 limited flock README.md build/sem/$program README.md
        [[ $output == *"README.md: is it in use?: Resource temporarily"* ]]
    done
}

@test "sem/once: its card holds" {
    card sem/once.c
}

@test "sem/once: in two steps, all of them initialise it" {
    run -1 limited build/sem/once --two-steps README.md
    [ "${lines[0]}" = \
        "of 4 processes 4 initialised it, 0 found it done, 0 died" ]
    [[ ${lines[1]} == *"the lock is 4: that many processes can hold it"* ]]
    run ! in_kernel s
}

@test "sem/once: a process that is killed in between does no harm" {
    run -0 limited build/sem/once --die README.md
    [ "$output" = "of 4 processes 1 initialised it, 2 found it done, 1 died" ]
    run ! in_kernel s
}

@test "sem/once: what a killed run left, the next one takes over" {
    run -137 limited strace -qq -o logs/strace \
        -e inject=semctl:signal=KILL:when=1 build/sem/once README.md
    in_kernel s
    run -0 limited build/sem/once README.md
    run ! in_kernel s
}
