#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2034 # perl in single quotes; helpers use limit

load helpers
load msg_ftp

@test "msg/ftp: a client that takes nothing does not stop the others" {
    serve
    silent_client
    get file copy
    cmp root/file copy
    logged "queue $queue, $me: file: the client took nothing for 2 s, after 163"
    finish silent
    run ! workers
    stop
}

@test "msg/ftp: a server that ends takes its workers along, and clients know" {
    for signal in INT TERM HUP; do
        start build/msg/ftp_server --limit 60 root README.md
        silent_client
        worker=$(workers)
        stop
        gone "$worker"
        finish silent
    done
}

@test "msg/ftp: a worker that does not end is killed after 2 s" {
    start build/msg/ftp_server --limit 60 root README.md
    silent_client
    worker=$(workers)
    kill -STOP "$worker"
    stop
    gone "$worker"
    finish silent
}

@test "msg/ftp: one that is killed does, too" {
    start build/msg/ftp_server --limit 60 root README.md
    silent_client
    worker=$(workers)
    signal KILL
    run finish
    finish silent
    await gone "$worker"

    serve # takes the queue over
    get file copy
    cmp root/file copy
    stop
}

# The server is killed while the worker that it has forked is in that call:
# before the worker is itself, before it asks to be told of that, and after.
forking_is_killed() {
    local tracee
    start strace -fqqo calls -e trace=setsid,execveat,prctl -e signal=none \
        -e inject="$1":delay_exit=300000 \
        build/msg/ftp_server --limit 60 root README.md
    silent_client
    await grep -q "${1%:*}" calls
    read -r tracee < <(children)
    kill -KILL "$tracee"
    finish silent
    run finish
    serve # takes the queue over
    stop
}

@test "msg/ftp: one that is killed while it forks does, too" {
    need strace
    forking_is_killed setsid
    forking_is_killed execveat
    forking_is_killed prctl:when=2
}

@test "msg/ftp: when a worker is killed, its client knows"  {
    start build/msg/ftp_server --limit 60 root README.md
    silent_client
    kill -KILL "$(workers)"
    logged "queue $queue, $me: the worker was ended by signal 9"
    finish silent
    stop
}

@test "msg/ftp: a call that a killed server left is answered by the next one" {
    serve
    signal STOP
    background client build/msg/ftp_client README.md file copy
    await perl -MIPC::SysV=ftok -MIPC::Msg -e '
        exit !IPC::Msg->new(ftok("README.md", ord "I"), 0)->stat->qnum'
    signal KILL
    run finish
    serve
    finish client
    cmp root/file copy
    stop
}

@test "msg/ftp: a client gives up on a server that says nothing" {
    serve
    signal STOP
    run -1 get file copy
    [[ $output == *"file: nothing from the server for 2 s, after 0 bytes" ]]
    signal CONT
    logged 'refused: Invalid argument' # its queue is gone
    [ ! -e copy ]
    stop
}

@test "msg/ftp: however a client ends, it leaves nothing" {
    mkdir to
    slow_server
    for number in INT TERM HUP KILL; do
        background client build/msg/ftp_client README.md big to
        await has_some
        only # nothing to be seen yet
        queue=$(printed | sed -n '$s/at queue \([0-9]*\),.*/\1/p')
        there "$queue"
        signal $number client
        run finish client
        [ "$status" = $((128 + $(kill -l $number))) ]
        [ $number = KILL ] || run ! there "$queue"
        await eval '! there $queue' # after SIGKILL, by the watchdog
        only
    done
    run -1 get big to
    [[ $output == *"big: nothing from the server for 2 s, after 6 bytes" ]]
    only
    stop
}

@test "msg/ftp: what a terminal sends to all of a job spares the watchdog" {
    mkdir to
    slow_server
    background client setsid build/msg/ftp_client README.md big to
    await has_some
    queue=$(printed | sed -n '$s/at queue \([0-9]*\),.*/\1/p')
    there "$queue"
    kill -QUIT -- "-$(pid client)" # ^\, which ends the client at once
    run finish client
    await eval '! there $queue'
    only
    stop
}

@test "msg/ftp: a watchdog that was killed is not missed" {
    mkdir to
    slow_server
    background client build/msg/ftp_client README.md big to
    await has_some
    kill -KILL "$(children client)"
    signal TERM client
    run finish client
    only
    stop
}

@test "msg/ftp: a full disk is the client's trouble, and logged" {
    need_right unshare -m
    serve
    mkdir to
    run -1 limited unshare -m sh -c 'mount -t tmpfs -o size=64k none to &&
        build/msg/ftp_client README.md file to; status=$?
        ls -A to
        exit $status'
    [ "$output" = "ftp_client: to/file: No space left on device" ]
    logged 'file: the client gave up, after [1-9]'
    stop
}

@test "msg/ftp: where TO cannot be written, that is said, and logged" {
    need_nobody
    serve
    mkdir -m 755 closed
    run -1 as_nobody ./ftp_client README.md file closed
    [ "$output" = "ftp_client: closed/file: Permission denied" ]
    logged 'uid 65534: file: the client gave up, after [1-9]'

    # What can be known before, nobody has to be asked for.
    run -1 get file none/copy
    [ "$output" = "ftp_client: none/copy: No such file or directory" ]
    run -1 get file /dev/null
    [ "$output" = "ftp_client: /dev/null: Not a regular file" ]
    [ -c /dev/null ]
    stop
}

@test "msg/ftp: more clients than workers wait for their turn" {
    serve
    perl -MIPC::SysV=ftok,IPC_PRIVATE -e '
        $server = msgget(ftok("README.md", ord "I"), 0);
        for (1 .. 70) {
            $queue = msgget(IPC_PRIVATE, 0600);
            $path = pack "a4 n n N a*", "ftp4", 1, 16, $server, "file";
            $call = pack "a4 n n N", "ftp6", 1, 12, $queue;
            msgsnd $queue, pack("l! a*", 0x66747034, $path), 0 or die $!;
            msgsnd $server, pack("l! a*", 0x66747036, $call), 0 or die $!;
        }'
    limited build/msg/ftp_client --limit 15 README.md file copy
    cmp root/file copy
    await eval '[ "$(printed | grep -c "took nothing for 2 s")" = 70 ]'
    await eval '! workers'
    stop
}

@test "msg/ftp: a file that is changed while it is sent does not arrive" {
    mkdir to
    for change in 'truncate -s 1000 root/file' 'echo more >>root/file'; do
        head -c 3000000 /dev/urandom >root/file
        serve
        rm -f log
        background client strace -qqo log -e trace=msgrcv \
            -e inject=msgrcv:signal=STOP:when=3 \
            build/msg/ftp_client README.md file to
        await is_stopped
        eval "$change"
        kill -CONT "$(children client)"
        run -1 finish client
        printed client | grep 'file: Was changed while it was sent'
        logged 'file: Was changed while it was sent'
        only
        stop
    done
}

@test "msg/ftp: a worker that cannot start is not waited for" {
    cp -L build/msg/ftp_client build/msg/ftp_server build/msg/ftp_worker .
    start ./ftp_server --limit 60 --requests 2 root README.md
    chmod 0 ftp_worker
    run -1 get file to
    [ "$output" = "ftp_client: file: The server cannot start a worker" ]
    logged "$me: ftp_server: ftp_worker: Permission denied"
    # Nor is a stranger's queue touched: it has no request in it.
    queue=$(make_queue 600)
    call "$queue"
    run -1 finish
    ipcs -q -i "$queue" | grep 'qnum=0'
}

@test "msg/ftp: where no process can be made, the client is told" {
    start strace -qqo log -e trace=clone,clone3,fork \
        -e inject=clone,clone3,fork:error=EAGAIN \
        build/msg/ftp_server --limit 60 --requests 1 root README.md
    run -1 get file to
    [ "$output" = "ftp_client: file: The server cannot start a worker" ]
    run -1 finish
    printed | grep 'fork: Resource temporarily unavailable'
}

@test "msg/ftp: --requests says in its status whether all were served" {
    start build/msg/ftp_server --requests 2 root README.md
    get file copy
    run -1 get none copy
    run -1 finish
    start build/msg/ftp_server --requests 2 root README.md
    get file copy
    get file copy
    run -0 finish
}

# killed_anywhere COUNT FOLDER...: see the script; in all folders at the same
# time, in an IPC namespace each if there is one.
killed_anywhere() {
    local folder own="" folders=("${@:2}") running=()
    export OUTER_IPC
    OUTER_IPC=$(readlink /proc/self/ns/ipc)
    unshare -i true && own="unshare -i"
    limit=900
    for folder in "${folders[@]}"; do
        mkdir "$folder" && ln -s "$root/$build" "$folder/build"
        # shellcheck disable=SC2086 # a command, or nothing
        (cd "$folder" && limited $own bash "$root/tests/ftp_kills.sh" "$1") \
            >"logs/$folder" 2>&1 3>&- &
        running+=($!)
    done
    for pid in "${running[@]}"; do wait "$pid"; done
    sed 's/^/# /' "${folders[@]/#/logs/}" >&3
}

@test "msg/ftp: wherever either end is killed, nothing is left (20 times)" {
    killed_anywhere 10 a b
}

# bats test_tags=long
@test "msg/ftp: wherever either end is killed, nothing is left" {
    killed_anywhere $((${FTP_KILLS:-200} / 4)) a b c d
}
