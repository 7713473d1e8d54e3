# tests/pipe.bash -- what the tests of pipe/ share: several processes.
# shellcheck shell=bash

# running COUNT PROGRAM...: run it in the background, by the name of lesson;
# return when it has COUNT children. Sets $parent and $children. Starts it once
# more if it has ended before that was seen.
running() {
    local count=$1
    shift
    for _ in {1..10}; do
        background lesson "$@"
        while [ ! -s logs/lesson.status ]; do
            children_of "${pid_of[lesson]}" || continue # the timeout
            children_of "${children[0]}" || continue
            parent=${children[0]}
            children_of "$parent" || true
            [ ${#children[@]} -ne "$count" ] || return 0
        done
    done
    return 1
}

# held COUNT PROGRAM...: the same, and it has to wait where it first prints,
# until `story` is called. ^C can end it, which bash would have it ignore.
held() {
    local count=$1
    shift
    rm -f held && mkfifo held
    # shellcheck disable=SC2094 # a FIFO with both ends here
    exec {both}<>held {held}<held
    head -c 65536 /dev/zero >&"$both" # there is no more room
    exec {both}>&-
    # shellcheck disable=SC2016 # its own "$@"
    running "$count" \
        env --default-signal=INT sh -c 'exec "$@" >held' - "$@"
}

# story: all that it prints.
story() {
    limited tr -d '\0' <&"$held"
    exec {held}<&-
}

all_gone() {
    local pid
    for pid; do
        gone "$pid" || return
    done
}

# all_end INDEX STATUS...: process INDEX of the lesson that runs, 0 is the
# parent, is killed; the lesson ends with one of STATUS, and no process stays.
all_end() {
    local processes=("$parent" "${children[@]}") index=$1
    shift
    kill -KILL "${processes[index]}"
    run finish lesson
    [[ " $* " == *" $status "* ]]
    await all_gone "${processes[@]}"
}

# refuses SYNOPSIS PROGRAM ARGUMENTS...: each of ARGUMENTS, words in one string,
# gets the usage line and status 2.
refuses() {
    local synopsis=$1 program=$2 arguments
    shift 2
    for arguments; do
        # shellcheck disable=SC2086 # several
        run -2 limited "build/pipe/$program" $arguments
        [ "$output" = "usage: $synopsis" ]
    done
}
