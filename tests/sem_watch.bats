#!/usr/bin/env bats

load helpers
load sem

@test "sem/watch: its card holds" {
    card sem/watch/main.c
}

@test "sem/watch: shows who holds, who waits, and for what" {
    deadlock() {
        background table build/sem/deadlock README.md
        for _ in {1..200}; do
            build/sem/watch README.md >seen 2>&1 || true
            [ "$(grep -c '  0  .*1 for more: ' seen)" -lt 5 ] || break
        done
        run finish table
        [ "$(grep -c '  0  .*1 for more: ' seen)" -eq 5 ]
    }
    await deadlock # it lasts for a second only

    # Fork 1 is in the hand of the first child, and the last one waits for it.
    first=$(awk '$1 == 3 { print $3 }' seen)
    last=$(awk '$1 == 7 { print $3 }' seen)
    grep -E "^  3 +0  $first deadlock +1 for more: $last deadlock$" seen
}

@test "sem/watch: those who wait for zero, any set, by its id" {
    start build/sem/basic_recv README.md slot
    signal STOP
    background_pid first build/sem/basic_send README.md slot 3
    await waits "$pid" 2 zero
    id=$(build/sem/watch README.md | sed -n 's/^set \([0-9]*\),.*/\1/p')
    build/sem/watch --id "$id" |
        grep -E "^  2 +1 .* 1 for zero: $pid basic_send$"
    signal TERM
    signal CONT
    run finish
    run finish first
}

@test "sem/watch: counts what comes before in the same semop" {
    # Two times one, from a semaphore of 1: the second is too much.
    # shellcheck disable=SC2016 # these are for perl
    background waiter perl -MIPC::SysV=:all -e '
        $| = 1;
        print $set = semget(IPC_PRIVATE, 1, 0600), "\n";
        semop $set, pack "s!3", 0, 1, 0;
        $SIG{TERM} = sub { semctl $set, 0, IPC_RMID, 0 };
        semop $set, pack "s!6", 0, -1, 0, 0, -1, 0;
    '
    await test -s logs/waiter
    named() {
        build/sem/watch --id "$(printed waiter)" |
            grep -E "^  0 +1 .*1 for more: $(pid waiter) perl$"
    }
    await named
    signal TERM waiter
    run finish waiter
}

@test "sem/watch: ends with the set" {
    start build/sem/watch --every 10 README.md
    limited build/sem/undo_limits README.md
    finish
    [ "$(printed | tail -n 1)" = "the set is gone" ]
    printed | grep -q ' undo_limits$'

    run -1 limited build/sem/watch README.md
    [ "$output" = "watch: there is no such set" ]
}
