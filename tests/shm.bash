# tests/shm.bash -- what the tests of shm/ share.
# shellcheck shell=bash

# perl_ipc CODE ARG...: run it with $key being README.md's.
perl_ipc() {
    local code=$1
    shift
    # shellcheck disable=SC2016 # the dollars are for perl
    limited perl -MIPC::SysV=ftok,IPC_CREAT,IPC_RMID -e '
        sub id { $_[0] // die "no such object: $!\n" }
        $key = ftok("README.md", ord "I");
    '"$code" -- "$@"
}

# poke OFFSET TEMPLATE VALUE...: write pack(TEMPLATE, VALUE...) there.
poke() {
    perl_ipc '
        ($offset, $template, @values) = @ARGV;
        $bytes = pack $template, @values;
        shmwrite id(shmget $key, 0, 0), $bytes, $offset, length $bytes
            or die $!;
    ' "$@"
}

# change SEMAPHORE N FLAGS...: one semop of these changes, and end.
change() {
    perl_ipc 'semop id(semget $key, 0, 0), pack "(Sss)*", @ARGV or die $!;' "$@"
}

# leftover SIZE SEMAPHORES: what a killed program of another kind left behind.
leftover() {
    perl_ipc '
        id(shmget $key, $ARGV[0], IPC_CREAT | 0600);
        id(semget $key, $ARGV[1], IPC_CREAT | 0600);
    ' "$@"
}

nothing_left() {
    ! in_kernel m && ! in_kernel s
}

# What a failed test left is not for the next one.
teardown() {
    helpers_teardown
    key=0x$(key)
    ipcrm -M "$key" -S "$key" 2>/dev/null || true
}

# killed_in CALL N COMMAND...: run it until its N-th such call, and no further.
killed_in() {
    need_right strace -o strace
    run limited strace -o strace.log -e "inject=$1:signal=KILL:when=$2" "${@:3}"
    grep 'killed by SIGKILL' strace.log
}
