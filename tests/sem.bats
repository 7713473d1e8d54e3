#!/usr/bin/env bats

load helpers
load sem

# slot_and_set_are_gone: whether a receiver has removed what it made.
slot_and_set_are_gone() {
    [ ! -e slot ] && run ! in_kernel s
}

@test "sem/basic: its card holds" {
    card sem/basic_recv.c
}

@test "sem/basic: a thousand readings arrive once each and in order" {
    start build/sem/basic_recv README.md slot
    limited build/sem/basic_send README.md slot 1000
    finish

    printed | sed -n 's/^oslo #\([0-9]*\) .*/\1/p' | cmp - <(seq 1000)
    printed | grep -x '1000 of 1000 readings arrived'
    slot_and_set_are_gone
}

@test "sem/basic: the receiver skips what is no reading" {
    start build/sem/basic_recv README.md slot
    perl -MIPC::SysV=ftok,SEM_UNDO -e '
        $set = semget(ftok("README.md", ord "I"), 0, 0);
        semop($set, pack "s!3", 1, 1, SEM_UNDO) or die $!; # SENDER
        for $bytes ("short", pack "CNna10", 2, 0, 0, "") { # and an END
            open $slot, ">", "slot" or die $!;
            print $slot $bytes;
            close $slot;
            semop($set, pack "s!3", 2, 1, 0) or die $!; # TURN
            semop($set, pack "s!3", 2, 0, 0) or die $!;
        }
    '
    finish

    printed | grep -x 'skipped 5 bytes: not a reading'
    printed | grep -x '0 of 0 readings arrived'
}

@test "sem/basic: a second receiver is refused, and disturbs no other" {
    start build/sem/basic_recv README.md slot
    run -1 limited build/sem/basic_recv README.md slot
    [[ $output == *"is another receiver running?: Device or resource busy" ]]

    limited build/sem/basic_send README.md slot 2
    finish
    printed | grep -x '2 of 2 readings arrived'
}

@test "sem/basic: a second sender waits for its turn" {
    start build/sem/basic_recv README.md slot
    signal STOP
    background_pid first build/sem/basic_send README.md slot 3
    await waits "$pid" 2 zero
    background_pid second build/sem/basic_send README.md slot 3
    await waits "$pid" 1 zero
    signal CONT
    finish first
    finish

    printed | grep -x '3 of 3 readings arrived'
    run -1 finish second
    printed second | grep ': Identifier removed\|: Invalid argument'
}

@test "sem/basic: a receiver that is stopped takes set and file along" {
    for signal in INT TERM HUP; do
        start build/sem/basic_recv README.md slot
        in_kernel s
        signal "$signal"
        run finish
        [ "$status" -eq $((128 + $(kill -l "$signal"))) ]
        slot_and_set_are_gone
    done
}

@test "sem/basic: ^Z and fg do not disturb a receiver or a sender" {
    start build/sem/basic_recv README.md slot
    receiver=$(pid)
    await waits "$receiver" 1 more
    kill -STOP "$receiver"
    await state T "$receiver"
    kill -CONT "$receiver"
    await waits "$receiver" 1 more
    kill -STOP "$receiver"

    background_pid sender build/sem/basic_send README.md slot 3
    await waits "$pid" 2 zero
    kill -STOP "$pid"
    await state T "$pid"
    kill -CONT "$pid" "$receiver"
    finish sender
    finish
    printed | grep -x '3 of 3 readings arrived'
}

@test "sem/basic: a sender is woken when its receiver is killed" {
    start build/sem/basic_recv README.md slot
    signal STOP
    background_pid sender build/sem/basic_send README.md slot 3
    await waits "$pid" 2 zero
    signal KILL
    run -137 finish
    run -1 finish sender # long before its time is over
    printed sender | grep 'waiting for the receiver, 60 s at most: Resource'

    # And does not wait at all for one that has been dead for long.
    run -1 limited build/sem/basic_send README.md slot 3
    [[ $output == *"waiting for the receiver"* ]]
}

@test "sem/basic: what a killed receiver left, the next one takes over" {
    start build/sem/basic_recv README.md slot
    signal KILL
    run -137 finish
    in_kernel s
    [ -e slot ]

    start build/sem/basic_recv README.md slot
    limited build/sem/basic_send README.md slot 3
    finish
    printed | grep -x '3 of 3 readings arrived'
    slot_and_set_are_gone
}

@test "sem/basic: a receiver whose sender is killed ends at once and says so" {
    for call in pwrite64 semtimedop; do
        for when in 2 3 4; do
            start build/sem/basic_recv README.md slot
            run -137 limited strace -qq -o logs/strace \
                -e "inject=$call:signal=KILL:when=$when" \
                build/sem/basic_send README.md slot 9
            run -1 finish # long before 60 s are over
            printed | grep 'there is no sender: waited for a reading$'
            run ! grep skipped logs/receiver
            slot_and_set_are_gone
        done
    done
}

@test "sem/basic: a sender that is killed with all read is no error" {
    # Its last semop waits until the END has been read, after which SENDER is 2.
    start build/sem/basic_recv README.md slot
    background sender strace -qq -o logs/strace \
        -e inject=semtimedop:delay_enter=3000000:when=6 \
        build/sem/basic_send README.md slot 1
    await perl -MIPC::SysV=ftok -MIPC::Semaphore -e '
        exit(IPC::Semaphore->new(ftok("README.md", ord "I"), 0, 0)
            ->getval(1) != 2)'
    kill -KILL "$(children sender)"
    run -137 finish sender
    finish
    printed | grep -x '1 of 1 readings arrived'
    slot_and_set_are_gone
}

@test "sem/basic: an end that waits for too long says for what" {
    run -1 limited strace -qq -o logs/strace \
        -e inject=semtimedop:error=EAGAIN:when=2 \
        build/sem/basic_recv README.md slot
    [[ $output == *"there is no sender: waited for a sender" ]]
    slot_and_set_are_gone
}

@test "sem/basic: a file that is not for readings is left alone" {
    run -1 limited build/sem/basic_recv README.md README.md
    [[ $output == *"README.md: not a file for one reading" ]]
    cmp README.md "$root/README.md"
    run ! in_kernel s

    start build/sem/basic_recv README.md slot
    run -1 limited build/sem/basic_send README.md README.md 3
    [[ $output == *"README.md: not a file for one reading" ]]
    cmp README.md "$root/README.md"
    signal TERM
    run -143 finish
}

@test "sem/basic: a sender without a receiver says so" {
    run -1 limited build/sem/basic_send README.md slot 3
    [[ $output == *"is the receiver running?: No such file or directory" ]]
}

@test "sem: sets are for their owner alone" {
    start build/sem/undo_holder README.md
    build/sem/watch README.md | grep ', mode 0600$'
    signal TERM
    run -143 finish
}

@test "sem: wrong arguments get the usage line and status 2" {
    declare -A usage=(
        [basic_recv]="KEYFILE FILE"
        [basic_send]="KEYFILE FILE COUNT"
        [lock]="[--no-lock] KEYFILE PROCESSES TIMES"
        [together]="KEYFILE"
        [deadlock]="KEYFILE"
        [private]="[--separate]"
        [first]="[--naive] [--die] KEYFILE"
        [once]="[--two-steps] [--die] KEYFILE"
        [undo_holder]="[--no-undo] KEYFILE"
        [undo_waiter]="KEYFILE"
        [undo_limits]="KEYFILE"
        [undo_inherit]="KEYFILE"
        [barrier]="[--two] KEYFILE PROCESSES ROUNDS"
        [mode]="KEYFILE"
        [watch]="[--every MILLISECONDS] (KEYFILE | --id ID)"
    )
    for program in "${!usage[@]}"; do
        run -0 limited build/sem/"$program" --help
        [ "${lines[0]}" = "usage: $program ${usage[$program]}" ]
        run -2 limited build/sem/"$program" --unknown
        [ "$output" = "usage: $program ${usage[$program]}" ]
        run -2 limited build/sem/"$program" a b c d e
        [ "$output" = "usage: $program ${usage[$program]}" ]
    done
    run -2 limited build/sem/lock README.md 0 1
    run -2 limited build/sem/barrier README.md 1 0
    run -2 limited build/sem/watch --every 0 README.md
    run -2 limited build/sem/basic_send README.md slot three

    run -1 limited build/sem/together no-such-file
    [[ $output == *"ftok no-such-file: No such file or directory" ]]
}
