#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2034 # perl in single quotes; helpers use limit

load helpers
load msg_ftp

@test "msg/ftp: a call to a queue without a request does nothing to it" {
    serve
    queue=$(make_queue 600)
    call "$queue"
    logged "queue $queue, $me: refused: its queue has no request in it"
    ipcs -q -i "$queue" | grep 'qnum=0'

    ipcrm -q "$queue"

    call "$queue"
    logged "queue $queue: refused: Invalid argument"
    get file copy
    stop
}

@test "msg/ftp: a user's call to root's queue is refused, and logged" {
    need_nobody
    serve
    queue=$(make_queue 600)
    # It has what a user would like to see sent: in vain, this is no request.
    perl -e 'msgsnd $ARGV[0], pack("l! a*", 1, "file"), 0 or die' "$queue"
    as_nobody perl -MIPC::SysV=ftok -e '
        $server = msgget(ftok("README.md", ord "I"), 0);
        $path = pack "a4 n n N a*", "ftp4", 1, 16, $server, "file";
        $call = pack "a4 n n N", "ftp6", 1, 12, $ARGV[0];
        msgsnd $ARGV[0], pack("l! a*", 0x66747034, $path), 0 and die "he can";
        $!{EACCES} or die $!;
        msgsnd $server, pack("l! a*", 0x66747036, $call), 0 or die $!' "$queue"
    logged "queue $queue, uid 0: refused: its queue has no request in it"
    ipcs -q -i "$queue" | grep 'qnum=1'
    ipcrm -q "$queue"
    stop
}

@test "msg/ftp: a queue that was given away or is open to others is refused" {
    serve
    given=$(make_queue 600 12345)
    open=$(make_queue 666)
    call "$given"
    call "$open"
    logged "queue $given, $me: refused: its queue was given away"
    logged "queue $open, $me: refused: its queue is open to others"
    ipcrm -q "$given" -q "$open" # stop expects all to be gone
    stop
}

@test "msg/ftp: a request to another server, or the same twice, is refused" {
    serve
    queue=$(make_queue 600)
    perl -e '
        $path = pack "a4 n n N a*", "ftp4", 1, 16, 2 ** 31 - 1, "file";
        msgsnd $ARGV[0], pack("l! a*", 0x66747034, $path), 0 or die $!' "$queue"
    call "$queue"
    answer=$(limited perl -e '
        msgrcv $ARGV[0], $m, 8192, -0x66747033, 0;
        print substr $m, 16' "$queue")
    [ "$answer" = "refused: a request to another server" ]
    call "$queue"
    logged "queue $queue, $me: refused: its queue has no request in it"
    ipcrm -q "$queue"
    logged "queue $queue, $me: file: refused: a request to another server"
    stop
}

@test "msg/ftp: hostile calls are skipped, and the next client is served" {
    serve
    for size in {0..20} 100 8000 8192; do
        message 0x66747036 "a$size" ""
        message 0x7 "a$size" x
    done
    for field in 'ftp5 1 12 0' 'ftp6 0 12 0' 'ftp6 2 12 0' 'ftp6 1 11 0' \
        'ftp6 1 13 0' 'ftp6 1 65535 0'; do
        # shellcheck disable=SC2086 # several
        message 0x66747036 'a4 n n N' $field
    done
    for queue in 0 1 2147483647 2147483648 4294967295; do
        call $queue
    done
    get file copy
    cmp root/file copy
    logged 'skipped 8192 bytes: not a call'
    stop
}

@test "msg/ftp: hostile requests are refused, and the next client is served" {
    serve
    perl -MIPC::SysV=ftok,IPC_PRIVATE,IPC_RMID -e '
        $server = msgget(ftok("README.md", ord "I"), 0);
        sub request { # what lies in the queue of a client
            my $queue = msgget(IPC_PRIVATE, 0600);
            my $call = pack "a4 n n N", "ftp6", 1, 12, $queue;
            msgsnd $queue, pack("l! a*", 0x66747034, shift), 0 or die $!;
            msgsnd $server, pack("l! a*", 0x66747036, $call), 0 or die $!;
            alarm 10;
            msgrcv $queue, $m, 8192, -0x66747033, 0 or die $!;
            msgctl $queue, IPC_RMID, 0;
            print substr($m, 8, 4), "\n";
        }
        sub path {
            my ($server, $path) = @_;
            my $size = 12 + length $path;
            request pack("a4 n n N a*", "ftp4", 1, $size, $server, $path);
        }
        request "x" x $_ for 0 .. 13, 100, 8192;
        request pack("a4 n n N a*", @$_, $server, "file")
            for ["ftp1", 1, 16], ["ftp4", 0, 16], ["ftp4", 2, 16],
                ["ftp4", 1, 15], ["ftp4", 1, 17];
        path $server, "";
        path $server + 1, "file";
        path $server, "fi\0le";
        path $server, "\n\033[2Jroot: forged line of the log";
        path $server, "a" x 8180;
        path $server, "/" x 8180;
        path $server, "file";
    ' >answers
    sort answers | uniq -c
    [ "$(sort answers | uniq -c | tr -s ' \n' ' ')" = " 1 ftp1 27 ftp3 " ]

    get file copy
    cmp root/file copy
    logged 'copy\|sent, 100000'
    run ! grep -a "$(printf '\033')" logs/receiver
    run ! grep '^root' logs/receiver
    stop
}

@test "msg/ftp: a hostile server gets no file into place" {
    mkdir to
    start perl -MIPC::SysV=ftok,IPC_CREAT,IPC_RMID -e '
        $queue = msgget(ftok("README.md", ord "I"), IPC_CREAT | 0600);
        $| = 1;
        print "ready\n";
        sub data {
            my ($offset, $bytes) = @_;
            my @head = ("ftp1", 1, 24 + length $bytes);
            return pack "a4 n n Q> Q> a*", @head, $offset, 10, $bytes;
        }
        sub eot { pack "a4 n n Q> N", "ftp2", 1, 20, @_ }
        for ([data(1, "a gap")], [data(0, "one"), data(0, "again")],
             [eot(1, 0)], [eot(0, 0)], [data(0, "one"), eot(3, 12345)],
             [data(0, "one"), "ftp2"], [data(0, "")], ["x" x 8192], [""],
             ["ftp3" . pack("n n", 1, 9) . "\033"], [data(0, "one"), ""],
             [data(2 ** 63, "far")]) {
            alarm 10;
            msgrcv $queue, $m, 8192, 0, 0;
            $client = unpack "x16 N", $m;
            for (@$_) {
                $type = /^ftp[123].{5}/s ? unpack "N", $_ : 0x66747031;
                msgsnd $client, pack("l! a*", $type, $_), 0;
            }
        }
        msgctl $queue, IPC_RMID, 0;
    '
    for _ in {1..12}; do
        run -1 get file to
        [ "${#lines[@]}" = 1 ]
        [[ $output == "ftp_client: file: "* ]]
        run ! grep -a "$(printf '\033')" <<<"$output"
        only
    done
    finish
}

@test "msg/ftp: a perl client written from the picture is served" {
    serve
    run -0 limited perl "$root/tests/ftp_peer.pl" get README.md file copy
    [ "$output" = gone ]
    cmp root/file copy
    run limited perl "$root/tests/ftp_peer.pl" get README.md none copy
    [ "$output" = "none: No such file or directory" ]
    logged 'file: sent, 100000 bytes'
    logged 'none: No such file or directory'
    stop
}

@test "msg/ftp: a perl server written from the picture serves" {
    start perl "$root/tests/ftp_peer.pl" serve root README.md
    get file copy
    cmp root/file copy
    finish
    printed | grep '^done'

    start perl "$root/tests/ftp_peer.pl" serve root README.md
    run -1 get none copy2
    [ "$output" = "ftp_client: none: No such file or directory" ]
}

@test "msg/ftp: a queue that somebody else has made for the key is not used" {
    need_nobody
    as_nobody perl -MIPC::SysV=ftok,IPC_CREAT -e '
        msgget(ftok("README.md", ord "I"), IPC_CREAT | 0666) // die'
    run -1 limited build/msg/ftp_server root README.md
    [[ $output == *"of README.md belongs to user 65534: ipcrm -q "* ]]
    ipcrm -q "${output##* }"
    run ! in_kernel q
}
