#!/usr/bin/env bats

load helpers

# perl ipc.pl CODE: with a queue, a set and a segment of README.md's key; in
# another project id too, if one is given to them.
ipc_in_perl() {
    cat >ipc.pl <<'END'
use IPC::SysV qw(:all);
sub key { ftok("README.md", ord(shift // "I")) }
sub queue { msgget(key(@_), IPC_CREAT | 0600) // die "msgget: $!" }
sub set { semget(key(@_), 2, IPC_CREAT | 0600) // die "semget: $!" }
sub segment { shmget(key(@_), 64, IPC_CREAT | 0600) // die "shmget: $!" }
sub put { msgsnd(queue(@_), pack("l! a*", 1, "x"), 0) or die "msgsnd: $!" }
sub change { semop(set(@_), pack("s3", 1, 1, 0)) or die "semop: $!" }
sub decrease { semop(set(@_), pack("s3", 0, -1, 0)) or die "semop: $!" }
sub stay { select undef, undef, undef, undef }
$| = 1;
eval "@ARGV; 1" or die $@;
END
}
prepare ipc_in_perl

# A user of what CODE makes, until it is killed.
user() {
    background user perl ipc.pl "$1; print qq(there\n); stay"
    await grep -q there logs/user
}

clean() {
    limited build/common/ipc_clean "$@" README.md
}

@test "ipc_clean: what nobody uses any more is removed, all three kinds" {
    perl ipc.pl 'put; change; segment'
    in_kernel q
    in_kernel s
    in_kernel m

    run -0 clean
    [[ ${lines[0]} == "removed queue "* ]]
    [[ ${lines[1]} == "removed set "* ]]
    [[ ${lines[2]} == "removed segment "* ]]
    run ! in_kernel q
    run ! in_kernel s
    run ! in_kernel m

    run -0 clean
    [ -z "$output" ]
}

@test "ipc_clean: what was used by somebody who is still there stays, and why" {
    user 'put; change; segment'

    local by
    by="process $(pid user)"

    run -0 clean --age 0
    [[ ${lines[0]} == "left queue "*": $by was the last to send" ]]
    [[ ${lines[1]} == "left set "*": $by was the last at semaphore 1" ]]
    [[ ${lines[2]} == "left segment "*": $by made it" ]]

    signal KILL user
    run finish user
    run -0 clean
    [[ $output == "removed queue"*"removed set"*"removed segment"* ]]
}

@test "ipc_clean: a segment that is attached stays" {
    perl ipc.pl 'segment'
    user 'shmat(segment, undef, 0) or die $!'

    run -0 clean
    [[ $output == "left segment "*": it is attached 1 times" ]]

    signal KILL user
    run finish user
    clean
    run ! in_kernel m
}

@test "ipc_clean: who waits in a queue that nobody has used is seen" {
    start build/msg/basic_recv README.md
    await asleep

    run -0 clean --age 0
    [[ $output == "left queue "*": process $(pid) waits in it" ]]

    signal STOP # ^Z
    await grep -q '^State:.T' "/proc/$(pid)/status"
    run -0 clean --age 0
    [[ $output == "left queue "*": process $(pid) waits in it" ]]

    signal KILL
    run finish
    run -0 clean --age 0
    [[ $output == "removed queue "* ]]
}

@test "ipc_clean: who waits in a queue of another namespace is no matter" {
    need_right unshare --ipc

    # In each of the two, the first queue is number 0.
    background elsewhere unshare --ipc build/msg/basic_recv README.md
    await grep -q ready logs/elsewhere
    await asleep elsewhere
    run -0 limited unshare --ipc bash -c '
        perl ipc.pl queue
        ipcs -q | grep "^0x[^ ]* 0 " || exit
        build/common/ipc_clean --age 0'
    [[ $output == *"removed queue 0,"* ]]
}

@test "ipc_clean: who waits for a semaphore is seen" {
    perl ipc.pl 'set'
    background user perl ipc.pl 'decrease'
    await asleep user

    run -0 clean --age 0
    [[ $output == "left set "*": 1 wait for semaphore 0" ]]

    signal KILL user
    run finish user
    run -0 clean --age 0
    [[ $output == "removed set "* ]]
}

@test "ipc_clean: a queue and a set that are new may be somebody's" {
    perl ipc.pl 'queue; set'

    run -0 clean --age 3600
    [[ ${lines[0]} == "left queue "*": made "*" s ago, and not used yet" ]]
    [[ ${lines[1]} == "left set "*": made "*" s ago, and not used yet" ]]

    run -0 clean --age 0
    [[ $output == "removed queue"*"removed set"* ]]
}

# alone COMMAND...: with System V objects of its own, so that all of them are
# this test's.
alone() {
    if [ "$(id -u)" -eq 0 ]; then
        limited unshare --ipc "$@"
    else
        limited unshare --user --map-root-user --ipc "$@"
    fi
}

@test "ipc_clean: without files, ours and nothing else" {
    alone true || skip "it runs where unshare --ipc is allowed"

    run -0 alone bash -c '
        perl ipc.pl "put; change; segment;
                     put(q(J)); change(q(J)); segment(q(J))" || exit
        touch another
        perl -pe "s/README.md/another/" ipc.pl >another.pl
        perl another.pl "put"
        perl -e "msgget(7, 0600 | 01000) // die; semget(0, 1, 0600) // die;
                 shmget(0, 64, 0600) // die" # 0 is IPC_PRIVATE
        build/common/ipc_clean --age 0
        echo and then
        build/common/ipc_clean --age 0
        ipcs -q | grep -c ^0x
        ipcs -s | grep -c ^0x
        ipcs -m | grep -c ^0x
    '
    echo "$output"
    [ "$(printf '%s\n' "${lines[@]%% key*}" | sed 's/[0-9]*,$//')" = \
"removed queue 
removed queue 
removed set 
removed segment 
and then
2
2
2" ]
}

@test "ipc_clean: root leaves what other users made, and they what root made" {
    need_root
    alone true || skip "it runs where unshare --ipc is allowed"
    chmod o+x "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR"
    cp "$root/$build/common/ipc_clean" .

    # shellcheck disable=SC2016 # that shell's $nobody
    run -0 alone bash -c '
        nobody="setpriv --reuid nobody --regid nogroup --clear-groups"
        $nobody perl ipc.pl "put; change; segment" || exit
        ./ipc_clean --age 0
        echo and then
        $nobody ./ipc_clean --age 0 | wc -l
        perl ipc.pl "put; change; segment"
        $nobody ./ipc_clean --age 0
    '
    [ "$output" = "and then
3" ]
}

@test "ipc_clean: who cannot be looked into may wait" {
    need_root
    alone true || skip "it runs where unshare --ipc is allowed"
    chmod o+x "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR"
    mkdir -p b/common b/msg
    cp "$root/$build/common/ipc_clean" b/common
    # A program that may not be read: nor may /proc tell its system call. With a
    # name that the other copies of this test do not have.
    local name=waiter$BASHPID
    cp "$(command -v perl)" "b/msg/$name"
    chmod 111 "b/msg/$name"

    # shellcheck disable=SC2016 # that shell's $! and $0
    run -0 alone setpriv --reuid nobody --regid nogroup --clear-groups bash -c '
        perl ipc.pl queue || exit
        b/msg/$0 ipc.pl stay &
        until [ "$(cat /proc/$!/comm)" = $0 ]; do :; done
        b/common/ipc_clean --age 0
        kill $!
        wait $!
        b/common/ipc_clean --age 0
    ' "$name"
    [[ ${lines[0]} == "left queue "*": process "*" could wait in it" ]]
    [[ ${lines[1]} == "removed queue "* ]]
}

@test "ipc_clean: wrong arguments get the usage line and status 2" {
    run -2 limited build/common/ipc_clean --age
    [ "$output" = "usage: ipc_clean [--age SECONDS] [--all | FILE...]" ]

    run -2 limited build/common/ipc_clean --age -1
    [ "$output" = "usage: ipc_clean [--age SECONDS] [--all | FILE...]" ]

    run -1 limited build/common/ipc_clean missing
    [[ $output == *"ftok missing: No such file or directory" ]]
}

@test "ipc_clean: it says what was lost" {
    perl ipc.pl 'put; change; segment'
    run -0 clean
    [[ ${lines[0]} == "removed queue "*", with 1 messages, 1 bytes" ]]
    [[ ${lines[1]} == "removed set "*", with 2 semaphores" ]]
    [[ ${lines[2]} == "removed segment "*", with 64 bytes" ]]
}

@test "ipc_clean: without files, what has the key of a file in this folder" {
    need_right unshare -i
    mkdir -p here/below there
    touch here/below/file there/file
    # shellcheck disable=SC2016 # that shell's
    run -0 limited unshare -i bash -c '
        make() {
            perl -MIPC::SysV=ftok,IPC_CREAT -e "
                \$q = msgget(ftok(shift, ord q(I)), IPC_CREAT | 0600);
                msgsnd(\$q, pack(q(l! a*), 1, q(x)), 0)" "$1"
        }
        make here/below/file
        make there/file
        cd here
        ../build/common/ipc_clean
        echo --
        ../build/common/ipc_clean --all'
    [[ ${lines[0]} == "removed queue "* ]]
    [ "${lines[1]}" = -- ]
    [[ ${lines[2]} == "removed queue "* ]]
    [ "${#lines[@]}" = 3 ]
    run -2 limited build/common/ipc_clean --all README.md
}

@test "ipc_clean: what ftp leaves when all of it is killed at once" {
    need_right unshare -i
    mkdir root
    head -c 1000000 /dev/urandom >root/file
    # shellcheck disable=SC2016 # that shell's
    run -0 limited unshare -i bash -c '
        build/msg/ftp_server root README.md >log 2>&1 &
        server=$!
        until grep -q ready log; do :; done
        strace -qqo trace -e trace=msgrcv -e inject=msgrcv:signal=STOP:when=3 \
            build/msg/ftp_client README.md file copy &
        children() { cat /proc/"$1"/task/*/children; }
        until [ "$(awk "\$1 == 0 { print \$5 }" /proc/sysvipc/msg)" = 2 ]; do
            :
        done
        client=$(children $!)
        all="$server $(children $server) $client $(children $client)"
        kill -STOP $all # so that none can clean up after another one
        kill -KILL $all
        wait
        # What was killed a moment ago may still be on its way.
        until [ "$(wc -l </proc/sysvipc/msg)" = 1 ]; do
            build/common/ipc_clean --age 0 | grep removed
        done'
    [[ $output == *"removed queue "*", key 0x00000000, with 2 messages, "* ]]
    [[ $output == *"removed queue "*", key 0x49"* ]]
}
