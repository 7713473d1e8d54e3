#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2034 # perl in single quotes; helpers use limit

load helpers
load msg_ftp

@test "msg/ftp: its card holds" {
    card msg/ftp_server.c
}

@test "msg/ftp: files of any size arrive byte for byte" {
    serve
    for size in 0 1 8167 8168 8169 16335 16336 16337 3000000; do
        head -c $size /dev/urandom >root/sized
        get sized copy
        cmp root/sized copy
    done
    stop
}

@test "msg/ftp: the client prints what cksum prints" {
    serve
    get file copy >printed
    cksum copy | diff printed -
    mkdir to
    get file to >printed
    cksum to/file | diff printed -
    stop
}

@test "msg/ftp: names may have spaces, UTF-8, and 255 bytes" {
    serve
    mkdir to
    longest=$(printf '%0255d' 0)
    for name in "a b  c" 消息队列 -n "$longest" "it's \"so\""; do
        cp root/file "root/$name"
        get "$name" to
        cmp root/file "to/$name"
    done
    stop
}

@test "msg/ftp: eight clients at once" {
    serve
    for i in 1 2 3 4 5 6 7 8; do
        head -c "${i}00000" /dev/urandom >root/$i
        background client$i build/msg/ftp_client README.md $i copy$i
    done
    for i in 1 2 3 4 5 6 7 8; do
        finish client$i
        cmp root/$i copy$i
    done
    stop
}

@test "msg/ftp: a link inside is followed, one that leads out is not" {
    mkdir root/down to
    echo secret >secret
    ln -s down/there root/link
    ln -s ../file root/down/there
    ln -s ../secret root/out
    ln -s ../.. root/down/up
    ln -s "$PWD/secret" root/absolute
    serve

    get link to
    cmp root/file to/link
    for path in ../secret down/../../secret out down/up/secret absolute \
        "$PWD/secret" ..; do
        run -1 get "$path" to/copy
        [ "$output" = "ftp_client: $path: Leads out of the folder served" ]
        logged ": $path: Leads out of the folder served"
    done
    only link
    stop
}

@test "msg/ftp: where there is no openat2, no link is followed" {
    need strace
    need_no_sanitizers
    mkdir to
    ln -s file root/link
    ln -s ../README.md root/out
    start strace -f -o /dev/null -e inject=openat2:error=ENOSYS \
        build/msg/ftp_server --requests 3 root README.md

    get file to
    cmp root/file to/file
    run -1 get link to
    run -1 get out to
    [[ $output == *"Too many levels of symbolic links" ]]
    run -1 finish # not all requests were served
    only file
}

@test "msg/ftp: where the file cannot get its name, the client says so" {
    need strace
    serve
    for call in linkat renameat; do
        run -1 limited strace -qqo log -e inject=$call:error=EIO \
            build/msg/ftp_client --limit 2 README.md file copy
        [ "$output" = "ftp_client: copy: Input/output error" ]
        run ! test -e copy
    done
    logged 'file: the client gave up, after 100000 bytes'
    stop
}

@test "msg/ftp: what cannot be served is refused at both ends" {
    mkdir to root/folder
    mkfifo root/fifo
    long=$(printf '%0256d' 0)
    longer=$(printf '%05000d' 0)
    serve

    while IFS=: read -r path reason; do
        run -1 get "$path" to/copy
        [ "$output" = "ftp_client: $path: $reason" ]
        logged ": ${path:0:200}.*: $reason"
    done <<END
none:No such file or directory
none/file:No such file or directory
file/:Not a directory
folder:Is a directory
fifo:Not a regular file
$long:File name too long
$longer:File name too long
END
    only
    stop
}

@test "msg/ftp: a file that the server may not read is refused" {
    need_nobody
    chmod 711 root
    chmod 600 root/file
    chown 65534 README.md root
    start "${nobody[@]}" ./ftp_server --limit 2 root README.md

    run -1 as_nobody ./ftp_client README.md file to
    [ "$output" = "ftp_client: file: Permission denied" ]
    logged "uid 65534: file: Permission denied"
    only
    stop
}

@test "msg/ftp: root serves a user what that user may read" {
    need_nobody
    cp root/file root/own
    chown 65534 root/own
    chmod 400 root/own
    mkdir -m 700 root/closed
    cp root/file root/closed
    chmod 600 root/file
    chmod 711 root
    serve

    as_nobody ./ftp_client README.md own to
    cmp root/own to/own
    for path in file closed/file; do
        run -1 as_nobody ./ftp_client README.md $path to
        [ "$output" = "ftp_client: $path: Permission denied" ]
        logged "uid 65534: $path: Permission denied"
    done
    get file to # and root what root may
    cmp root/file to/file
    stop
}

@test "msg/ftp: root without CAP_IPC_OWNER, as in a container, does so too" {
    need_nobody
    start setpriv --bounding-set -ipc_owner --inh-caps -ipc_owner \
        build/msg/ftp_server --limit 2 root README.md
    grep -q '^CapEff:.*7fff$' "/proc/$(pid)/status" # without the 15th

    as_nobody ./ftp_client README.md file to
    cmp root/file to/file
}

@test "msg/ftp: a user serves nobody but that user" {
    need_nobody
    chown 65534 README.md
    start "${nobody[@]}" ./ftp_server --limit 2 root README.md
    as_nobody ./ftp_client README.md file to
    cmp root/file to/file

    # Another user cannot even call.
    run -1 limited setpriv --reuid=65533 --regid=65533 --clear-groups \
        ./ftp_client README.md file to/copy
    [[ $output == "ftp_client: "*": Permission denied" ]]
    # Root can; but such a server cannot be root.
    queue=$(make_queue 600)
    call "$queue"
    logged "queue $queue, uid 0: refused: not the user that the server runs as"
    ipcrm -q "$queue"
    only file
    stop
}

@test "msg/ftp: a worker has no more than it needs" {
    need_nobody
    exec 9<README.md # something to be inherited by accident
    SECRET=1 start build/msg/ftp_server --limit 20 root README.md
    exec 9<&-
    silent_client "${nobody[@]}"
    worker=$(workers)
    await test -e "/proc/$worker/fd/3"

    find "/proc/$worker/fd" -type l -printf '%P %l\n' |
        sed "s|$PWD|.|; s|:\[.*||" | sort >has
    diff - has <<END
0 /dev/null
1 pipe
2 pipe
3 ./root/file
END
    [ "$(readlink "/proc/$worker/cwd")" = "$PWD/root" ]
    [ -z "$(tr -d '\0' <"/proc/$worker/environ")" ]
    for line in Uid:.65534.65534.65534.65534 Gid:.65534.65534.65534.65534 \
        CapEff:.0000000000000000 NoNewPrivs:.1 SigBlk:.0000000000000000; do
        grep "^$line" "/proc/$worker/status"
    done
    # A session of its own: no terminal.
    [ "$(cut -d ' ' -f 6 "/proc/$worker/stat")" = "$worker" ]
    stop
}

@test "msg/ftp: where messages must be smaller, they are" {
    need_right unshare -i
    limited unshare -i sh -c '
        echo 500 >/proc/sys/kernel/msgmax
        build/msg/ftp_server --requests 1 root README.md >log 2>&1 &
        until grep -q ready log; do :; done
        build/msg/ftp_client README.md file copy
        wait'
    cmp root/file copy
}

@test "msg/ftp: progress is shown on a terminal, and only there" {
    need script
    serve
    run -0 limited script -qec 'build/msg/ftp_client README.md file copy' \
        /dev/null
    [[ $output == *$'\rfile  8%  8.2 kB  '* ]]
    [[ $output == *$'\r\033[K'* ]]
    run -0 get file copy
    [ "$output" = "$(cksum copy)" ]
    stop
}

@test "msg/ftp: ./s and ./c FROM TO, in one folder" {
    mkdir folder
    cp -P build/msg/[sc] build/msg/ftp_* folder
    head -c 100000 /dev/urandom >folder/file
    start env --chdir=folder ./s
    [ "$(printed)" = "ready on ." ]
    run -0 limited env --chdir=folder ./c file copy
    [ "$output" = "$(cksum <folder/copy) copy" ]
    cmp folder/file folder/copy
    signal TERM
    run finish
}

# bats test_tags=long
@test "msg/ftp: nearly as fast as copying through a queue can be" {
    need_no_sanitizers
    need taskset
    limit=300
    run -0 limited bash "$root/tests/ftp_speed.sh" 100
    echo "# $output" >&3
    # By CPU time: on a busy machine the time of day says nothing.
    perl -e 'exit(shift =~ s/.*: //r < 0.7)' "$output"
}

@test "msg/ftp: wrong arguments get the usage line and status 2" {
    for arguments in "root README.md more" "--limit 0 root README.md" \
        "--requests x root README.md" "--pid-file" "--what root README.md"; do
        # shellcheck disable=SC2086 # several
        run -2 limited build/msg/ftp_server $arguments
        [[ $output == "usage: ftp_server "*" [ROOT [KEYFILE]]" ]]
    done
    for arguments in "" "file" "README.md file to more" \
        "--limit -1 README.md file to"; do
        # shellcheck disable=SC2086
        run -2 limited build/msg/ftp_client $arguments
        [ "$output" = "usage: ftp_client [--limit SECONDS] [KEYFILE] FROM TO" ]
    done
    run -2 limited build/msg/ftp_worker 1 2
    [ "$output" = "usage: ftp_worker SERVER SERVER_QUEUE QUEUE SECONDS" ]
    run -0 limited build/msg/ftp_client --help
    run -1 limited build/msg/ftp_client README.md file to
    [[ $output == *"is the server running?: No such file or directory" ]]
}
