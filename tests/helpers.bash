# tests/helpers.bash -- how a test runs programs against each other.
#
# Every test has a folder of its own, in which build/ is there and README.md is
# a key file that nobody else has: commands work as the cards show them.
#
# There are a thousand tests, so what each of them does is done by the shell
# itself where it can: to start another program takes a millisecond.
# shellcheck shell=bash

bats_require_minimum_version 1.5.0

# A program that starts then reads no files of its locale, which takes a quarter
# of its time; and all is sorted alike everywhere.
export LC_ALL=C

root=${BATS_TEST_DIRNAME%/*}
build=${BUILD:-build}
limit=20 # seconds that a program has before its test fails

# What fails once on a machine that others keep busy may be the machine:
# RETRIES=1 gives it another try. By default there is none.
export BATS_TEST_RETRIES=${RETRIES-0}

# bats runs a file once before its tests, for setup_file: what they begin with.
pristine=$BATS_FILE_TMPDIR/pristine
silence=$BATS_FILE_TMPDIR/silence # a FIFO that nobody writes to
if [ -z "$BATS_TEST_NAME" ]; then
    mkdir -p "$pristine/logs"
    ln -s "$root/$build" "$pristine/build"
    cp "$root/README.md" "$pristine"
    mkfifo "$silence"
else
    cp -RP "$pristine/." "$BATS_TEST_TMPDIR"
    cd "$BATS_TEST_TMPDIR" || exit

    # bats notes where it is before each command, which takes longer than most
    # commands: only within the test itself, then, and where it ends that as a
    # test has failed. TRACE=1: in helpers, too.
    if [ -z "${TRACE-}" ]; then
        set +T
        eval "$BATS_TEST_NAME() { :; }" # keeps what is declared here
        declare -ft "$BATS_TEST_NAME" bats_error_trap \
            bats_check_status_from_trap || true
    fi
fi

# prepare FUNCTION: what it makes is there when a test begins. It is called once
# for all tests of a file, with the folder that each of them gets a copy of.
prepare() {
    [ -n "$BATS_TEST_NAME" ] || (cd "$pristine" && "$1")
}

# LeakSanitizer cannot work in a process that is traced: there, it looks for no
# leaks.
if [[ $build == *san* ]] && strace=$(command -v strace); then
    san=$BATS_FILE_TMPDIR/san
    if [ -z "$BATS_TEST_NAME" ]; then
        mkdir "$san"
        printf '#!/bin/sh\nASAN_OPTIONS=detect_leaks=0 exec %s "$@"\n' \
            "$strace" >"$san/strace"
        chmod +x "$san/strace"
    fi
    [[ $PATH == "$san":* ]] || PATH=$san:$PATH
fi

declare -gA pid_of=() # of what runs in the background, by its name

# What a test needs; what is missing is said in one line, as what would run it.

# need COMMAND...: these are installed.
need() {
    local command
    for command; do
        command -v "$command" >/dev/null ||
            skip "${command##*/} would run it: sh common/setup.sh --all"
    done
}

# need_browser: there is one, whose name is then in $chromium.
need_browser() {
    # shellcheck disable=SC2034 # it is the caller's
    chromium=$(command -v chromium || command -v chromium-browser ||
        command -v google-chrome) || need chromium
}

need_root() {
    [ "$EUID" -eq 0 ] || skip "root would run it"
}

# need_right COMMAND...: this may be done here, before `true`.
need_right() {
    "$@" true >/dev/null 2>&1 || skip "it runs where $* is allowed"
}

need_two_processors() {
    [ "$(nproc)" -ge 2 ] || skip "two processors would run it"
}

need_no_sanitizers() {
    [[ $build != *san* ]] || skip "make check without SAN=1 runs it"
}

# card SOURCE: run a lesson as its card says; fails if it does anything else.
card() {
    (cd "$root" && BUILD=$build sh common/demo.sh "${1%.c}")
}

# limited COMMAND...: run it in the foreground, for a limited time. `run` alone
# would wait for ever.
limited() {
    timeout -k 1 "$limit" "$@"
}

# background NAME COMMAND...: run it in the background; its output is
# `printed NAME`.
background() {
    local name=$1
    shift
    echo "$name\$ $*" >"logs/$name.command"
    [ ! -e "logs/$name" ] || rm -f "logs/$name" "logs/$name.status"
    # --foreground: signals go to the program alone. 3>&-: bats waits for fd 3.
    {
        status=0
        timeout --foreground -k 1 "$limit" "$@" >"logs/$name" 2>&1 || status=$?
        echo $status >"logs/$name.status"
    } 3>&- &
    pid_of[$name]=$!
}

# start PROGRAM ARG...: run the passive end in the background, by the name of
# receiver; return when it is ready.
start() {
    background receiver "$@"
    await is_ready
}

# is_ready [NAME]: whether it has said so; its line is then in $ready.
is_ready() {
    while read -r ready; do
        [[ $ready != ready* ]] || return 0
    done <"logs/${1-receiver}"
    return 1
} 2>/dev/null

# finish [NAME]: wait until it ends by itself; its exit status is ours. One that
# a signal ended has 128 and the signal's number.
finish() {
    local name=${1-receiver}
    local status
    wait "${pid_of[$name]}" 2>/dev/null || true # no child of ours under `run`
    until [ -s "logs/$name.status" ]; do # its timeout sees to that
        read -rt .01 <>"$silence" || true
    done
    unset "pid_of[$name]"
    read -r status <"logs/$name.status"
    return "$status"
}

# pid [NAME]: the program itself, not the shell and timeout that watch over it.
pid() {
    local children
    children_of "${pid_of[${1-receiver}]}" && children_of "${children[0]}" &&
        echo "${children[0]}"
}

# children_of PID: set $children, the first one first; whether there are any.
# pgrep(1) looks through all processes for that, which takes long when many
# tests run at once.
children_of() {
    children=()
    if [ -e "/proc/$$/task/$$/children" ]; then
        { read -ra children <"/proc/$1/task/$1/children"; } 2>/dev/null || true
    else
        mapfile -t children < <(pgrep -P "$1")
    fi
    [ ${#children[@]} -gt 0 ]
}

# children [NAME]: the processes that the program has started, a line each.
children() {
    local children
    children_of "$(pid "${1-receiver}")" && printf '%s\n' "${children[@]}"
}

# state LETTERS PID: whether the process is in one of these states: T is
# stopped, S waits in the kernel. None is in any that has gone. All that is read
# of the file is asked for: where the process ends meanwhile, bash would give
# what it has read ahead to the next `read`, of another file.
state() {
    local line
    read -r line <"/proc/$2/stat"
    line=${line##*) }
    [[ ${line:0:1} == [$1] ]] # a pattern
} 2>/dev/null

# gone PID: whether that process has ended.
gone() {
    ! state '!ZX' "$1"
}

# signal NUMBER [NAME]: send it to the program.
signal() {
    kill -"$1" "$(pid "${2-receiver}")"
}

# printed [NAME]: what it has printed so far.
printed() {
    cat "logs/${1-receiver}"
}

# await COMMAND...: repeat it until it succeeds, for ten seconds at most; soon
# at first, as most need milliseconds.
await() {
    local try pause=.002
    for try in {1..200}; do
        if "$@"; then return; fi
        case $try in
        4) pause=.01 ;;
        10) pause=.05 ;;
        esac
        read -rt $pause <>"$silence" || true
    done
    echo "gave up waiting for: $*"
    return 1
}

# port [NAME]: where it is ready; tests ask for 0, so that none collide.
port() {
    local ready
    is_ready "${1-receiver}" && [[ $ready =~ .*:([0-9]+) ]] &&
        echo "${BASH_REMATCH[1]}"
}

# key: README.md's, as ftok(3) makes it: eight hexadecimal digits.
key() {
    local device inode
    read -r device inode < <(stat -c '%d %i' README.md)
    printf '49%02x%04x' $((device & 0xff)) $((inode & 0xffff))
}

# in_kernel q|s|m: whether the System V object of README.md's key is there.
in_kernel() {
    local kind=msg
    case $1 in
    s) kind=sem ;;
    m) kind=shm ;;
    esac
    grep -q "^ *$((0x$(key))) " /proc/sysvipc/$kind
}

# asleep [NAME]: whether the program waits in the kernel for something.
asleep() {
    state S "$(pid "${1-receiver}")"
}

# bats shows what this prints only when the test failed.
teardown() {
    helpers_teardown
}

helpers_teardown() {
    local name process
    for name in "${!pid_of[@]}"; do
        if process=$(pid "$name"); then kill -KILL "$process" || true; fi
    done
    [ -n "${BATS_TEST_COMPLETED-}" ] || tail -n 30 logs/* 2>/dev/null || true
}
