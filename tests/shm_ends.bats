#!/usr/bin/env bats

load helpers
load shm

# The programs that need no other end.
singles=(private address control readonly 'lifetime README.md')

# pair_of PAIR: its commands, as receiver and sender.
pair_of() {
    receiver=("build/shm/$1_recv" README.md)
    sender=("build/shm/$1_send" README.md 20)
    if [ "$1" = file ]; then
        receiver+=(to)
        sender=(build/shm/file_send README.md data)
    fi
}

some_data() {
    head -c 600000 /dev/urandom >data
}
prepare some_data

@test "shm: output that cannot be written is status 1" {
    for single in "${singles[@]}"; do
        # shellcheck disable=SC2086 # arguments
        run -1 limited bash -c 'exec build/shm/$0 >/dev/full' "$single"
        [[ $output == *"stdout: "* ]]
        run -1 limited bash -c 'exec build/shm/$0 >&-' "$single"
        [[ $output == *"stdout: "* ]]
        run -0 limited bash -c 'exec build/shm/$0 <&-' "$single"
    done
    for pair in basic torn ring lockfree posix sealed file; do
        pair_of $pair
        # shellcheck disable=SC2016 # that shell's
        run -1 limited bash -c 'exec "$@" >/dev/full' - "${receiver[@]}"
        [[ $output == *"stdout: "* ]]
    done
    nothing_left
}

@test "shm: nothing is left behind a pipe that is closed" {
    for pair in basic torn ring lockfree file; do
        pair_of $pair
        background receiver bash -c '"$@" | head -n 1' - "${receiver[@]}"
        await grep -q '^ready' logs/receiver
        run limited "${sender[@]}"
        finish
        await nothing_left
    done
}

@test "shm: SIGHUP that is ignored stays ignored" {
    for pair in basic ring lockfree; do
        pair_of $pair
        start nohup "${receiver[@]}"
        signal HUP
        limited "${sender[@]}"
        finish
    done
    nothing_left
}

@test "shm: SIGCHLD may have been ignored" {
    for single in "${singles[@]}"; do
        # shellcheck disable=SC2086 # arguments
        run -0 limited perl -e '$SIG{CHLD} = "IGNORE"; exec @ARGV' \
            build/shm/$single
    done
}

# injected WHAT COMMAND...: run it under strace with inject=WHAT.
injected() {
    limited strace -f -qq -o strace.log -e "inject=$1" "${@:2}" 3>&-
}

@test "shm: a signal as a call returns leaves nothing behind" {
    need_right strace -o strace
    for call in shmget:1 shmget:2 shmat:1 shmctl:1 shmctl:2 clone:1; do
        for single in "${singles[@]}"; do
            # shellcheck disable=SC2086 # arguments
            run injected "${call%:*}:signal=TERM:when=${call#*:}" \
                build/shm/$single
            nothing_left
            [ "$(own_segments)" -eq 0 ]
        done
    done
}

# own_segments: how many segments processes of this test have made and left.
own_segments() {
    local cpid count=0
    while read -r _ _ cpid _; do
        grep -qs "^$cpid " strace.log && count=$((count + 1))
    done < <(ipcs -m -p | awk '$1 ~ /^[0-9]+$/')
    echo $count
}

@test "shm: a call that fails is told, and leaves nothing behind" {
    need_right strace -o strace
    for what in shmget:error=ENOSPC shmat:error=ENOMEM shmctl:error=EPERM \
        clone:error=EAGAIN; do
        for single in "${singles[@]}"; do
            [[ $single$what != control*clone* ]] || continue # has no child
            n=1 # the first shmget of lifetime looks for a leftover
            [[ $single$what != lifetime*shmget* ]] || n=2
            # shellcheck disable=SC2086 # arguments
            run -1 injected "$what:when=$n" build/shm/$single
            [[ $output == *": "* ]]
            nothing_left
            [ "$(own_segments)" -eq 0 ]
        done
    done
}

@test "shm: a kernel limit is said to be one" {
    need_right strace -o strace
    for pair in basic torn ring lockfree file; do
        pair_of $pair
        run -1 injected shmget:error=ENOSPC:when=2 "${receiver[@]}"
        [[ $output == *'A kernel limit is reached: `ipcs -l` shows'* ]]
    done
    nothing_left
}

@test "shm: a receiver whose wait fails says so, and removes all" {
    need_right strace -o strace
    for pair in basic ring file; do
        pair_of $pair
        background receiver strace -f -o strace.log \
            -e inject=semtimedop:error=ENOMEM:when=3 "${receiver[@]}"
        await grep -q '^ready' logs/receiver
        run -1 limited "${sender[@]}"
        run -1 finish
        printed | grep 'Cannot allocate memory'
        nothing_left
    done
    [ ! -e to ]
}

@test "shm/lifetime: its child ends with it" {
    need_right strace -o strace
    run injected shmctl:signal=KILL:when=4 build/shm/lifetime README.md
    grep -q 'killed by SIGKILL' strace.log
    while read -r process; do
        await gone "$process" || kill -KILL "$process"
        grep -q "^$process .*killed by SIGKILL" strace.log
    done < <(awk '{ print $1 }' strace.log | sort -u)
}
