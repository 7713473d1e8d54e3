#!/usr/bin/env bats

load helpers

# children [NAME]: the processes that it has forked.
children() {
    pgrep -P "$(pid "${1-receiver}")"
}

# forked [NAME]: whether it has any; then they are in the file of that name.
forked() {
    children "${1-receiver}" >forked
}

# slot_and_set_are_gone: whether a receiver has removed what it made.
slot_and_set_are_gone() {
    [ ! -e slot ] && run ! in_kernel s
}

# waits PID SEMAPHORE zero|more: whether it sleeps in a semop, and for what.
waits() {
    build/sem/watch README.md | awk -v pid="$1" -v semaphore="$2" \
        -v what="for $3: " '
        $1 == semaphore && index($0, what) && index($0, " " pid " ") { ok = 1 }
        END { exit !ok }'
}

# state LETTER PID: whether the process is in that state: T is stopped.
state() {
    grep -q "^State:.$1" "/proc/$2/status"
}

# background_pid NAME PROGRAM...: as background; then $pid is the program's.
background_pid() {
    background "$@"
    await pid "$1" >/dev/null
    pid=$(pid "$1")
}

teardown() {
    helpers_teardown
    perl -MIPC::SysV=ftok,IPC_RMID -e '
        $set = semget(ftok("README.md", ord "I"), 0, 0);
        semctl $set, 0, IPC_RMID, 0 if defined $set;
    '
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
    printf 'short' >slot
    perl -MIPC::SysV=ftok -e '
        $set = semget(ftok("README.md", ord "I"), 0, 0);
        semop($set, pack "s!3", 2, 1, 0) or die $!;
    '
    limited build/sem/basic_send README.md slot 1
    finish

    printed | grep -x 'skipped 5 bytes: not a reading'
    printed | grep -x '1 of 1 readings arrived'
}

@test "sem/basic: a second receiver is refused, and disturbs nobody" {
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
    await waits "$receiver" 2 more
    kill -STOP "$receiver"
    await state T "$receiver"
    kill -CONT "$receiver"
    await waits "$receiver" 2 more
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

@test "sem/basic: a sender killed in its turn leaves the turn as it was" {
    start build/sem/basic_recv README.md slot
    for call in pwrite64 semtimedop; do
        for when in 1 2 3 4; do
            run -137 limited strace -qq -o logs/strace \
                -e "inject=$call:signal=KILL:when=$when" \
                build/sem/basic_send README.md slot 9
        done
    done
    limited build/sem/basic_send README.md slot 1
    finish
    run ! grep skipped logs/receiver
    slot_and_set_are_gone
}

@test "sem/basic: whoever waits for too long says for what" {
    run -1 limited strace -qq -o logs/strace \
        -e inject=semtimedop:error=EAGAIN:when=2+ \
        build/sem/basic_recv README.md slot
    [[ $output == *"waiting for a reading, 60 s at most: Resource "* ]]
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

@test "sem/lock: its card holds" {
    card sem/lock.c
}

@test "sem/lock: without the lock updates are lost" {
    run -1 limited build/sem/lock --no-lock README.md 4 250
    [[ $output == *"updates were lost" ]]
    [[ ${lines[0]} == "4 processes added 1, 1000 times in all: "* ]]
    run ! in_kernel s
}

@test "sem/lock: processes that die with the lock lose no update" {
    run -0 limited build/sem/lock --kill README.md 4 250
    [ "${lines[0]}" = "4 processes added 1, 1000 times in all: 1000" ]
    [ "${lines[1]}" = "4 of them were killed" ]
}

@test "sem/lock: processes killed at any moment lose no update" {
    for round in 1 2 3; do
        background lock build/sem/lock README.md 8 2000
        await forked lock
        for child in $(shuf -n 4 forked); do
            read -rt "0.0$((RANDOM % 4))" <> <(:) || true
            kill -KILL "$child" || true # it may be done
        done
        finish lock
    done
    run ! in_kernel s
}

@test "sem/lock: a stopped one takes set and children along, a killed one too" {
    for signal in INT TERM HUP KILL; do
        background lock build/sem/lock README.md 4 100000
        await forked lock
        signal "$signal" lock
        run finish lock
        while read -r child; do
            await gone "$child"
        done <forked
        [ "$signal" = KILL ] || run ! in_kernel s
    done
    limited build/sem/lock README.md 1 1
    run ! in_kernel s
}

@test "sem/lock: what all left who were killed at once, the next takes over" {
    for round in 1 2 3 4 5 6 7 8; do
        setsid timeout -s KILL "0.0$round" build/sem/lock README.md 4 100000 \
            3>&- || true
    done
    run -0 limited build/sem/lock README.md 2 2
    [ "$output" = "2 processes added 1, 4 times in all: 4" ]
    run ! in_kernel s
}

@test "sem/lock: a set that is in use is not for another" {
    start build/sem/undo_holder README.md
    for program in lock together barrier undo_holder first once undo_limits; do
        arguments=(README.md)
        case $program in
        lock) arguments+=(2 2) ;;
        barrier) arguments+=(2 2) ;;
        esac
        run -1 limited build/sem/$program "${arguments[@]}"
        [[ $output == *"README.md: is it in use?: Device or resource busy" ]]
    done
    signal TERM
    run -143 finish
}

@test "sem/together: its card holds" {
    card sem/together.c
}

@test "sem/together: nobody starves, and all meals are eaten" {
    run -0 limited build/sem/together README.md
    [ "${lines[5]}" = "10000 meals, and nobody starved" ]
    [ "$(awk '/ate/ { n += $4 } END { print n }' <<<"$output")" -eq 10000 ]
    run ! in_kernel s
}

@test "sem/together: one by one they deadlock, and all say whom they wait for" {
    run -1 limited build/sem/together --one-by-one README.md
    [[ $output == *"deadlock: everybody holds what another waits for" ]]
    # The holder that the kernel names is the neighbour, all around the table.
    awk '/I hold/ {
            gsub(/[,:]/, "")
            pid[$2] = $4; left[$2] = $8; right[$2] = $16; keeper[$2] = $19
        }
        END {
            for (i = 1; i <= 5; i++)
                if (left[i] != i || right[i] != i % 5 + 1 ||
                    keeper[i] != pid[i % 5 + 1])
                    exit 1
        }' <<<"$output"
    run ! in_kernel s
}

@test "sem/together: the forks of a philosopher who dies go back to the table" {
    killed() {
        background table build/sem/together README.md
        forked table && xargs kill -STOP <forked
        # Now nothing moves. Who operated last on a fork that is not there?
        holder=$(build/sem/watch README.md |
            awk '$1 >= 4 && $2 == 0 { print $3; exit }')
        before=$SECONDS
        kill -KILL "$holder"
        grep -vx "$holder" forked | xargs kill -CONT
        run finish table
        printed table |
            grep -x 'together: the philosopher was ended by signal 9'
    }
    await killed # or the meal was over
    [ "$status" -eq 1 ]
    [ "$(printed table | grep -c ate)" -eq 4 ]
    [ $((SECONDS - before)) -lt 8 ] # nobody waits for what is lost
    run ! in_kernel s
}

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

@test "sem/first: who does not ask for sem_otime waits for nobody's lock" {
    run -1 limited build/sem/first --naive README.md
    [[ $output == \
        *"second: waited 1 s for a lock that nobody holds: Resource"* ]]
    run ! in_kernel s
}

@test "sem/first: when the creator dies in the gap, the second begins anew" {
    run -0 limited build/sem/first --die README.md
    [[ $output == *"second: removes what nobody initialises
second: created the set
second: initialises the set
second: has taken the lock"* ]]
    run ! in_kernel s
}

@test "sem/first: what a killed run left, the next one takes over" {
    # Its first process is dead, and it is killed when it waits for that.
    run -137 limited strace -qq -o logs/strace -e inject=wait4:signal=KILL \
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

@test "sem/once: in two steps, everybody initialises" {
    run -1 limited build/sem/once --two-steps README.md
    [ "${lines[0]}" = \
        "of 4 processes 4 initialised it, 0 found it done, 0 died" ]
    [[ ${lines[1]} == *"the lock is 4: so many may hold it at once" ]]
    run ! in_kernel s
}

@test "sem/once: a process that dies in the gap is no matter" {
    run -0 limited build/sem/once --die README.md
    [ "$output" = "of 4 processes 1 initialised it, 2 found it done, 1 died" ]
    run ! in_kernel s
}

@test "sem/once: what a killed run left, the next one takes over" {
    run -137 limited strace -qq -o logs/strace \
        -e inject=semctl:signal=KILL:when=2 build/sem/once README.md
    in_kernel s
    run -0 limited build/sem/once README.md
    run ! in_kernel s
}

@test "sem/undo: its cards hold" {
    card sem/undo_holder.c
    card sem/undo_limits.c
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

@test "sem/undo: without it nobody gives the lock back" {
    start build/sem/undo_holder --no-undo README.md
    holder=$(children)
    run -1 limited build/sem/undo_waiter README.md
    [ "${lines[0]}" = "process $holder holds the lock: waiting" ]
    local who="process $holder, who took it, no longer exists"
    [ "${lines[1]}" = "undo_waiter: waited 1 s for the lock; $who" ]
    run -1 finish
    printed | grep 'waiting for the lock to come back, 2 s at most: Resource'
    run ! in_kernel s
}

@test "sem/undo: a waiter without a holder says so" {
    run -1 limited build/sem/undo_waiter README.md
    [[ $output == *"is the holder running?: No such file or directory" ]]
}

@test "sem/barrier: its card holds" {
    card sem/barrier.c
}

@test "sem/barrier: a thousand rounds of twenty" {
    run -0 limited build/sem/barrier README.md 20 1000
    [ "${#lines[@]}" -eq 1000 ]
    [ "${lines[999]}" = "round 1000: 20 came, then 20 went on" ]
    run ! in_kernel s
}

@test "sem/barrier: with two in turn, the slowest is overtaken" {
    run -1 limited build/sem/barrier --two README.md 4 3
    [[ $output == *"barrier: process 1, round 1: "*" missing for 1 s"* ]]
    [[ $output != *"round 3"* ]]
    run ! in_kernel s
}

@test "sem/watch: its card holds" {
    card sem/watch/main.c
}

@test "sem/watch: shows who holds, who waits, and for what" {
    deadlock() {
        background table build/sem/together --one-by-one README.md
        for _ in {1..200}; do
            build/sem/watch README.md >seen 2>&1 || true
            [ "$(grep -c '  0  .*1 for more: ' seen)" -lt 5 ] || break
        done
        run finish table
        [ "$(grep -c '  0  .*1 for more: ' seen)" -eq 5 ]
    }
    await deadlock # it lasts for a second only

    # Fork 1 is in the hand of the first child, and the last one waits for it.
    first=$(awk '$1 == 4 { print $3 }' seen)
    last=$(awk '$1 == 8 { print $3 }' seen)
    grep -E "^  4 +0  $first together +1 for more: $last together$" seen
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
        [lock]="[--no-lock] [--kill] KEYFILE PROCESSES TIMES"
        [together]="[--one-by-one] KEYFILE"
        [private]="[--separate]"
        [first]="[--naive] [--die] KEYFILE"
        [once]="[--two-steps] [--die] KEYFILE"
        [undo_holder]="[--no-undo] KEYFILE"
        [undo_waiter]="KEYFILE"
        [undo_limits]="KEYFILE"
        [barrier]="[--two] KEYFILE PROCESSES ROUNDS"
        [watch]="[--every MILLISECONDS] (KEYFILE | --id ID)"
    )
    for program in "${!usage[@]}"; do
        run -0 limited build/sem/"$program" --help
        [ "$output" = "usage: $program ${usage[$program]}" ]
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
