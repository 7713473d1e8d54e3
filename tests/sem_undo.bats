#!/usr/bin/env bats

load helpers
load sem

@test "sem/undo: its cards hold" {
    card sem/undo_holder.c
    card sem/undo_limits.c
    card sem/undo_inherit.c
}

# lock_is VALUE PID: whether this is what watch shows of the lock.
lock_is() {
    build/sem/watch README.md | awk -v value="$1" -v pid="$2" \
        '$1 == 1 && $2 == value && $3 == pid { ok = 1 } END { exit !ok }'
}

@test "sem/undo: the undo is seen from outside" {
    start build/sem/undo_holder README.md
    holder=$(children)
    lock_is 0 "$holder"
    kill -KILL "$holder"
    await lock_is 1 "$holder"
    run -0 limited build/sem/undo_waiter README.md
    [ "$output" = "the lock is ours" ]
    finish
    run ! in_kernel s
}

@test "sem/undo: without it the lock stays taken" {
    start build/sem/undo_holder --no-undo README.md
    holder=$(children)
    run -1 limited build/sem/undo_waiter README.md
    [ "${lines[0]}" = "process $holder holds the lock: waiting" ]
    local who="process $holder, which took it, no longer exists"
    [ "${lines[1]}" = "undo_waiter: waited 1 s for the lock; $who" ]
    run -1 finish
    printed | grep 'waiting for the lock to come back, 2 s at most: Resource'
    run ! in_kernel s
}

@test "sem/undo: a waiter without a holder says so" {
    run -1 limited build/sem/undo_waiter README.md
    [[ $output == *"is the holder running?: No such file or directory" ]]
}

@test "sem/mode: its card holds" {
    card sem/mode.c
}
