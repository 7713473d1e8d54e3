#!/usr/bin/env bats

load helpers
load sem

@test "sem/lock: its card holds" {
    card sem/lock.c
}

@test "sem/lock: without the lock updates are lost" {
    run -1 limited build/sem/lock --no-lock README.md 4 250
    [[ $output == *"updates were lost" ]]
    [[ ${lines[0]} == "4 processes added 1, 1000 times in all: "* ]]
    run ! in_kernel s
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
    for program in lock together deadlock barrier mode undo_holder first once \
        undo_limits undo_inherit; do
        arguments=(README.md)
        case $program in
        lock) arguments+=(2 2) ;;
        barrier) arguments+=(2 2) ;;
        esac
        run -1 limited build/sem/$program "${arguments[@]}"
        [[ $output == *"its set cannot be replaced: Device or resource busy" ]]
    done
    signal TERM
    run -143 finish
}

@test "sem/together: its card holds" {
    card sem/together.c
}

@test "sem/together: no philosopher starves, and all meals are eaten" {
    run -0 limited build/sem/together README.md
    [ "${lines[5]}" = "10000 meals, and no philosopher starved" ]
    [ "$(awk '/ate/ { n += $4 } END { print n }' <<<"$output")" -eq 10000 ]
    run ! in_kernel s
}

@test "sem/deadlock: its card holds" {
    card sem/deadlock.c
}

@test "sem/deadlock: the holder that the kernel names is the neighbour" {
    run -0 limited build/sem/deadlock README.md
    [ "${#lines[@]}" -eq 6 ]
    # process 7 holds fork 1, waits for fork 2 of process 8: all around.
    awk '/holds/ {
            gsub(/,/, "")
            pid[$5] = $2; next_fork[$5] = $9; of[$5] = $12
        }
        END {
            for (i = 1; i <= 5; i++)
                if (next_fork[i] != i % 5 + 1 || of[i] != pid[i % 5 + 1])
                    exit 1
        }' <<<"$output"
    run ! in_kernel s
}

@test "sem/together: the forks of a philosopher that is killed are given back" {
    killed() {
        background table build/sem/together README.md
        forked table && xargs kill -STOP <forked
        # Now nothing moves. Who operated last on a fork that is not there?
        holder=$(build/sem/watch README.md |
            awk '$1 >= 2 && $2 == 0 { print $3; exit }')
        before=$SECONDS
        kill -KILL "$holder"
        await gone "$holder"
        # What was given back is one fork, not the sum of all meals.
        build/sem/watch README.md |
            awk '$1 ~ /^[2-9]/ && $2 > 1' >too_many
        grep -vx "$holder" forked | xargs kill -CONT
        run finish table
        printed table |
            grep -x 'together: the philosopher was ended by signal 9'
    }
    await killed # or the meal was over
    [ "$status" -eq 1 ]
    [ ! -s too_many ]
    [ "$(printed table | grep -c ate)" -eq 4 ]
    [ $((SECONDS - before)) -lt 8 ] # nobody waits for what is lost
    run ! in_kernel s
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
