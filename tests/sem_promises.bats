#!/usr/bin/env bats
#
# What the table under "Remember" in sem/README.md promises, of all lessons.

load helpers
load sem

# Those that need no other end. The deadlock takes a second each time.
lessons=("lock README.md 2 50" "together README.md" private "first README.md"
    "once README.md" "undo_limits README.md" "undo_inherit README.md"
    "barrier README.md 4 20" "mode README.md" "posix README.md" robust
    condition)

# nothing_is_left: no set and no name.
nothing_is_left() {
    run ! in_kernel s
    run ! ls /dev/shm/sem.sem-"$(key)"
}

# ends STATUS SHELL-COMMAND: run it, with $lesson in it, for each lesson.
ends() {
    local expected=$1 lesson
    for lesson in "${lessons[@]}"; do
        echo "$lesson"
        lesson=$lesson run -"$expected" limited bash -c "$2"
        nothing_is_left
    done
}
export -f limited
export limit

@test "sem: a full disk is an error" {
    run -1 limited sh -c 'build/sem/basic_recv README.md slot >/dev/full'
    [[ $output == *": stdout: "* ]]
    nothing_is_left
    lessons+=("deadlock README.md")
    ends 1 'build/sem/$lesson >/dev/full 2>log || status=$?
        grep -q "stdout: " log && exit $status'
}

@test "sem: a closed stdout is an error, a closed stdin is not" {
    ends 1 'build/sem/$lesson >&-'
    ends 0 'build/sem/$lesson <&-'
}

@test "sem: ignored SIGHUP and SIGCHLD change nothing" {
    cat >ignoring <<'EOF'
$SIG{HUP} = $SIG{CHLD} = "IGNORE";
exec @ARGV;
EOF
    ends 0 'exec perl ignoring build/sem/$lesson'
}

@test "sem: a reader that has seen enough leaves nothing behind" {
    lessons+=("deadlock README.md")
    ends 0 'build/sem/$lesson | head -n 1 | grep -q .'
}

# injected WHAT...: each lesson under strace, once for each of these, which
# strace(1) explains; whatever comes of it, nothing may be left.
injected() {
    local lesson what
    limit=60 # strace(1) is slow where much else runs
    for lesson in "${lessons[@]}"; do
        for what; do
            echo "$what $lesson"
            # shellcheck disable=SC2086 # a program and its arguments
            limited strace -f -qq -o logs/strace -e "trace=${what%%:*}" \
                -e "inject=$what" build/sem/$lesson >logs/out 2>&1 ||
                [ $? -ne 124 ] # no hang
            nothing_is_left
        done
    done
}

# A few of the lessons and calls here, all of them in `make check-long`.
@test "sem: TERM or an error at a call leaves nothing behind" {
    lessons=("lock README.md 2 5" private "once README.md" "posix README.md")
    injected semget:signal=TERM:when=2 clone:signal=TERM:when=1 \
        semctl:error=EIO:when=1
}

# bats test_tags=long
@test "sem: TERM as a call returns leaves nothing behind" {
    injected semget:signal=TERM:when={1,2} semtimedop:signal=TERM:when={1,2} \
        clone:signal=TERM:when={1,2} openat:signal=TERM:when=3+
}

# bats test_tags=long
@test "sem: a call that fails leaves nothing behind" {
    injected semget:error=EIO:when={1,2} semtimedop:error=EIO:when={1,2,3} \
        semctl:error=EIO:when={1,2} clone:error=EAGAIN:when=1
}

@test "sem/basic: TERM or an error at any call leaves nothing behind" {
    for what in {semget,semtimedop}:{signal=TERM,error=EIO}:when={1,2} \
        openat:signal=TERM:when=3; do
        run ! limited strace -qq -o logs/strace -e "inject=$what" \
            build/sem/basic_recv README.md slot
        [[ $status -eq 1 || $status -eq 143 ]]
        run ! in_kernel s
        [ ! -e slot ]
    done
}

@test "sem: a kernel limit that is reached is called so" {
    # The first semget looks for what another run left.
    for lesson in "basic_recv README.md slot" "lock README.md 1 1"; do
        # shellcheck disable=SC2086 # a program and its arguments
        run -1 limited strace -qq -o logs/strace \
            -e inject=semget:error=ENOSPC:when=2 build/sem/$lesson
        [[ $output == *"A kernel limit is reached: "* ]]
    done
}

@test "sem: another user's set is left alone, also by root" {
    need_root
    # shellcheck disable=SC2016 # this is for perl
    background other perl -MIPC::SysV=:all -e '
        $key = ftok("README.md", ord "I");
        $) = $> = 65534;
        $set = semget($key, 1, IPC_CREAT | 0666) // die $!;
        $SIG{TERM} = sub { semctl $set, 0, IPC_RMID, 0; exit };
        $| = 1;
        print "there\n";
        semop $set, pack("s!3", 0, -1, 0) while 1;
    '
    await grep -q there logs/other
    run -1 limited build/sem/lock README.md 1 1
    [[ $output == *"its set cannot be replaced: Operation not permitted" ]]
    run -1 limited build/sem/basic_recv README.md slot
    [[ $output == *"Operation not permitted" ]]
    in_kernel s
    signal TERM other
    finish other
}
