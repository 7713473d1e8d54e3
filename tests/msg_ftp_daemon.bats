#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2034 # perl in single quotes; helpers use limit

load helpers
load msg_ftp

@test "msg/ftp: a daemon has let go of everything when its start returns" {
    daemon 4<README.md
    get file copy
    cmp root/file copy

    here=/proc/$(cat pid)
    [ "$(readlink "$here/cwd")" = / ]
    [ "$(readlink "$here/fd/0" "$here/fd/1" "$here/fd/2" | uniq)" = /dev/null ]
    [ -z "$(find "$here/fd" -lname '*README.md')" ]
    [ "$(cut -d ' ' -f 7 "$here/stat")" = 0 ]             # no terminal
    [ "$(cut -d ' ' -f 6 "$here/stat")" != "$(cat pid)" ] # leads no session
    end_daemon
}

@test "msg/ftp: started twice, the second says which process it is" {
    daemon
    run -1 daemon
    [ "$output" = "ftp_server: process $(cat pid) has pid" ]
    run -1 limited build/msg/ftp_server root README.md
    [[ $output == *": process $(cat pid) serves README.md already" ]]
    get file copy # it still does
    end_daemon
}

@test "msg/ftp: what a killed daemon left, the next one takes over" {
    daemon
    before=$(cat pid)
    kill -KILL "$before"
    await gone "$before"
    in_kernel q
    daemon
    [ "$(cat pid)" != "$before" ]
    get file copy
    end_daemon
}

@test "msg/ftp: a daemon that cannot start says why, and leaves nothing" {
    run -1 daemon none README.md
    [ "$output" = "ftp_server: none: No such file or directory" ]
    run -1 daemon README.md README.md
    [[ $output == *"README.md: Not a directory" ]]
    run -1 daemon root none
    [ "$output" = "ftp_server: none: No such file or directory" ]
    [ ! -e pid ]
    run ! in_kernel q
}

@test "msg/ftp: a daemon that cannot fork says so, and does not serve" {
    need strace
    run -1 limited strace -qqo log -e inject=clone,clone3,fork:error=EAGAIN \
        build/msg/ftp_server --daemon root README.md
    [ "$output" = "ftp_server: fork: Resource temporarily unavailable" ]
}

@test "msg/ftp: a daemon without /dev/null says so, and does not serve" {
    need strace
    run -1 limited strace -fqqo log -P /dev/null \
        -e inject=openat:error=EMFILE \
        build/msg/ftp_server --daemon root README.md
    [[ $output == *"ftp_server: daemon: Too many open files" ]]
    run ! in_kernel q
}

@test "msg/ftp: SIGHUP makes a daemon open its folder again" {
    daemon
    mv root old
    mkdir root
    echo new >root/file
    get file copy
    cmp old/file copy
    kill -HUP "$(cat pid)"
    get file copy
    cmp root/file copy
    end_daemon
}

@test "msg/ftp: a daemon logs by syslog" {
    need_right unshare -m
    mkdir dev
    touch dev/null
    background syslog perl -MIO::Socket::UNIX -e '
        $log = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => "dev/log");
        $log->recv($line, 1000);
        print "$line\n"'
    await test -S dev/log
    limited unshare -m sh -c '
        mount --bind /dev/null dev/null && mount --rbind dev /dev &&
            build/msg/ftp_server --daemon --pid-file pid root README.md'
    get file copy
    finish syslog
    # 94: LOG_FTP and LOG_INFO.
    printed syslog | grep '^<94>' |
        grep "ftp_server\[$(cat pid)\]: queue [0-9]*, uid 0: file: sent, 100000"
    end_daemon
}

@test "msg/ftp: --pid-file takes no other file for its own" {
    echo 'dear reader' >letter
    run -1 limited build/msg/ftp_server --pid-file letter root README.md
    [ "$output" = "ftp_server: letter: File exists" ]
    [ "$(cat letter)" = 'dear reader' ]
    run ! in_kernel q
}

@test "msg/ftp: without descriptors 0, 1 and 2 it serves all the same" {
    limited build/msg/ftp_server root README.md <&- >&- 2>&- 3>&- &
    await in_kernel q
    get file copy <&-
    cmp root/file copy
    children_of $! && kill "${children[0]}"
    wait $! || true
    run ! in_kernel q
}

@test "msg/ftp: both ends respect nohup(1), and children that are ignored" {
    start perl -e '$SIG{HUP} = $SIG{CHLD} = "IGNORE"; exec @ARGV' \
        build/msg/ftp_server --limit 2 root README.md
    signal HUP
    limited perl -e '$SIG{HUP} = $SIG{CHLD} = "IGNORE"; exec @ARGV' \
        build/msg/ftp_client README.md file copy
    cmp root/file copy
    logged 'file: sent'
    stop
}
