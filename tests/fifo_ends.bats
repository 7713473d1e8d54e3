#!/usr/bin/env bats

# What the notes promise of all programs of fifo/, however they are started.

load helpers
load fifo

# The passive ends, and the active end that makes each of them end.
receivers=(
    "basic_recv readings" "meet_recv there back" "rejoin_recv readings"
    "request_server requests"
)
senders=(
    "basic_send readings 3" "meet_send there back" "rejoin_send readings 1"
    "request_client --end requests 7"
)

# pairs WRAPPER...: run each pair, both ends by that wrapper; sets $ends to the
# statuses of the passive ends.
pairs() {
    local i status
    ends=()
    for i in "${!receivers[@]}"; do
        # shellcheck disable=SC2086 # lists of words
        start "$@" build/fifo/${receivers[i]}
        # shellcheck disable=SC2086
        run limited "$@" build/fifo/${senders[i]}
        status=0
        finish || status=$?
        ends+=("$status")
    done
}

@test "fifo: all of them run where SIGCHLD, SIGHUP or SIGPIPE is ignored" {
    # shellcheck disable=SC2016 # perl's own variables
    pairs perl -e '$SIG{CHLD} = $SIG{HUP} = $SIG{PIPE} = "IGNORE"; exec @ARGV'
    [ "${ends[*]}" = "0 0 0 0" ]
    nothing_left
}

@test "fifo: all of them run without a standard input" {
    # shellcheck disable=SC2016 # its own "$@"
    pairs sh -c 'exec "$@" <&-' -
    [ "${ends[*]}" = "0 0 0 0" ]
    nothing_left
}

@test "fifo: started with nohup, a terminal that closes does not end them" {
    for receiver in "${receivers[@]}"; do
        # shellcheck disable=SC2086 # a list of words
        start env --ignore-signal=HUP build/fifo/$receiver
        signal HUP
        signal TERM
        run -143 finish
        nothing_left
    done
}

@test "fifo: output that cannot be written is an error, and leaves no FIFO" {
    for i in "${!receivers[@]}"; do
        run -1 limited sh -c "exec build/fifo/${receivers[i]} >/dev/full"
        [[ $output == *": stdout: "* ]]
        nothing_left
    done
    for program in "mode readings" "nonblock readings"; do
        # shellcheck disable=SC2016,SC2086
        run -1 limited sh -c 'exec "$@" >/dev/full' - build/fifo/$program
        [[ $output == *": stdout"* ]]
        nothing_left
    done
}

@test "fifo: into head they end, and leave no FIFO" {
    for receiver in "basic_recv readings" "rejoin_recv readings"; do
        mkfifo readings
        background receiver sh -c "build/fifo/$receiver | head -n 1"
        run limited "build/fifo/${receiver%_*}_send" readings 1000
        finish
        await nothing_left
    done
    # shellcheck disable=SC2016,SC2086
    limited build/fifo/mode readings | head -n 1
    await nothing_left
}

@test "fifo: a signal at any call leaves no FIFO behind" {
    need_right strace -o strace
    for program in "${receivers[@]}" "mode readings" "nonblock readings"; do
        for call in mknodat openat; do
            # The second FIFO of meet_recv is opened only when a sender comes.
            [ "$call $program" != "openat meet_recv there back" ] || continue
            [ "$call $program" != "openat mode readings" ] || continue
            # shellcheck disable=SC2086 # a list of words
            run -143 limited strace -qq -o strace \
                -e "inject=$call:signal=TERM:when=1" -P "${program##* }" \
                build/fifo/$program
            nothing_left
        done
    done
}
