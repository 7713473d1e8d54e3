#!/usr/bin/env bats

# What the notes promise of all programs of pipe/, however they are started.

load helpers
load pipe

# All of them, but those of stranger, and what they are called with.
programs=(
    "basic 3" "pace 0 5" capacity resize one_way "coprocess 6*7" flags cloexec
    "atomic --lines 4" sigpipe "filter 3 sort -r" events "splice copy 3"
    signal_race
)

# each_with REDIRECTION: run all of them so; sets $statuses, and a file of the
# output and one of the errors for each.
each_with() {
    local program n=0 status
    statuses=()
    mkdir -p "out" "err"
    for program in "${programs[@]}"; do
        status=0
        # shellcheck disable=SC2086 # a list of words
        limited sh -c "exec \"\$@\" $1" - build/pipe/$program \
            >"out/$n" 2>"err/$n" || status=$?
        statuses+=("$status")
        n=$((n + 1))
    done
}

# none_here: no program of build/pipe runs in the test's folder. Without a fork.
none_here() {
    local process name
    for process in /proc/[0-9]*; do
        [ "$process/cwd" -ef . ] || continue
        { read -r name <"$process/comm"; } 2>/dev/null || continue
        [ ! -e "build/pipe/$name" ] || return 1
    done
}

# all_print_the_same AS: what they print is what they print as a rule.
all_print_the_same() {
    each_with ""
    [ "${statuses[*]}" = "0 0 0 0 0 0 0 0 0 0 0 0 0 0" ]
    rm -rf usual && mv out usual
    each_with "$1"
    [ "${statuses[*]}" = "0 0 0 0 0 0 0 0 0 0 0 0 0 0" ]
    rm usual/1 out/1 # times, of pace
    sed -i '/^the writer has sent/d' usual/9 out/9 # a number, of sigpipe
    diff -r usual out
}

@test "pipe: output that cannot be written is an error, with one line" {
    for where in ">/dev/full" ">&-" "<&- >&-"; do
        each_with "$where"
        [ "${statuses[*]}" = "1 1 1 1 1 1 1 1 1 1 1 1 1 1" ]
        for i in "${!programs[@]}"; do
            grep -qE 'write|space|descriptor|stdout' "err/$i"
            [ ! -s "out/$i" ]
        done
    done
}

@test "pipe: all of them run with descriptors 0, 1 and 2 closed" {
    each_with "<&- >&- 2>&-"
    [ "${statuses[*]}" = "1 1 1 1 1 1 1 1 1 1 1 1 1 1" ] # of the output
    all_print_the_same "<&-"
}

@test "pipe: all of them run where SIGCHLD, SIGHUP or SIGPIPE is ignored" {
    each_with ""
    rm -rf usual && mv out usual
    # shellcheck disable=SC2016 # perl's own variables
    ignoring='$SIG{CHLD} = $SIG{HUP} = $SIG{PIPE} = "IGNORE"; exec @ARGV'
    n=0
    for program in "${programs[@]}"; do
        # shellcheck disable=SC2086 # a list of words
        run -0 limited perl -e "$ignoring" build/pipe/$program
        [ $n = 1 ] || [ $n = 9 ] || [ "$output" = "$(cat usual/$n)" ]
        n=$((n + 1))
    done
}

@test "pipe: into head they end, and no process stays" {
    for program in "${programs[@]}" "basic 100000" "splice copy 100000"; do
        # shellcheck disable=SC2086 # a list of words
        limited build/pipe/$program 2>/dev/null | head -n 1 >first
        [ -s first ]
    done
    await none_here
}

# signal_at CALLS PROGRAM...: TERM comes at the second use of each of the calls;
# no process stays.
signal_at() {
    local call program calls=$1
    shift
    need_right strace -o strace
    for program; do
        for call in $calls; do
            # shellcheck disable=SC2086 # a list of words
            run limited setsid -w strace -f -qq -o strace \
                -e "inject=$call:signal=TERM:when=2" build/pipe/$program
            await none_here
        done
    done
}

@test "pipe: a signal at a call leaves no process behind" {
    signal_at write "basic 3" "coprocess 6*7" cloexec "filter 3 sort"
}

# bats test_tags=long
@test "pipe: a signal at any call of any program leaves no process behind" {
    signal_at "read write close" "${programs[@]}"
}
