# tests/msg_ftp.bash -- what the tests of msg/ftp share.
# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034 # perl in single quotes; helpers use limit

me="uid $EUID" # as the log has it

root_folder() {
    mkdir root
    head -c 100000 /dev/urandom >root/file
}
prepare root_folder

# Whatever happens, a server takes its queue along.
teardown() {
    if [ -n "${pid_of[receiver]-}" ]; then
        signal TERM && finish
    fi || true
    if [ -e pid ]; then
        kill -TERM "$(cat pid)"
    fi || true
    if [ -e queues ]; then
        xargs -n 1 ipcrm -q <queues 2>/dev/null
    fi || true
    helpers_teardown
}

# there QUEUE: whether it exists.
there() {
    grep -Eq "^ *-?[0-9]+ +$1 " /proc/sysvipc/msg
}

# End the server, by $signal or SIGTERM: its queue is gone, and so is that of
# every client that the log names.
stop() {
    signal "${signal-TERM}"
    run finish
    [ "$status" = $((128 + $(kill -l "${signal-TERM}"))) ]
    run ! in_kernel q
    local id
    for id in $(printed | sed -n 's/.* queue \([0-9]*\), uid.*/\1/p'); do
        run ! there "$id"
    done
}

# What a transfer makes on its way is hidden, and must be gone.
only() {
    [ "$(find to -mindepth 1 -printf '%P ' | xargs)" = "$*" ]
}

serve() {
    start build/msg/ftp_server --limit 2 "$@" root README.md
}

get() {
    limited build/msg/ftp_client --limit 2 README.md "$@"
}

logged() {
    await grep -q "$1" logs/receiver
}

# A user who may do nothing in particular; need_nobody lets him in here.
nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)

as_nobody() {
    limited "${nobody[@]}" "$@"
}

need_nobody() {
    need_root
    chmod o+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_TEST_TMPDIR"
    cp -L build/msg/ftp_client build/msg/ftp_server build/msg/ftp_worker .
    as_nobody ./ftp_client --help || skip "it runs where user nobody may come"
    mkdir -m 777 to
}

# message TYPE TEMPLATE VALUE...: into the server's queue, by perl's pack.
message() {
    perl -MIPC::SysV=ftok -e '
        $queue = msgget(ftok("README.md", ord "I"), 0);
        ($type, $template) = splice @ARGV, 0, 2;
        msgsnd $queue, pack("l! $template", oct $type, @ARGV), 0 or die $!;
    ' "$@"
}

# call QUEUE: as a client does that has put its request there.
call() {
    message 0x66747036 'a4 n n N' ftp6 1 12 "$1"
}

# make_queue MODE [UID]: a private queue, which may be given away to that user.
make_queue() {
    perl -MIPC::SysV=IPC_PRIVATE -MIPC::Msg -e '
        $queue = IPC::Msg->new(IPC_PRIVATE, oct $ARGV[0]) or die $!;
        if (defined $ARGV[1]) { $queue->set(uid => $ARGV[1]) or die $! }
        print $queue->id;
    ' "$@" | tee -a queues
    echo >>queues
}

# silent_client [PREFIX...]: a client in the background, "silent", that asks for
# the file and takes nothing, until its queue is gone. Its queue is $queue.
silent_client() {
    background silent "$@" perl -MIPC::SysV=ftok,IPC_PRIVATE -e '
        $server = msgget(ftok("README.md", ord "I"), 0);
        $queue = msgget(IPC_PRIVATE, 0600);
        $path = pack "a4 n n N a*", "ftp4", 1, 16, $server, "file";
        $call = pack "a4 n n N", "ftp6", 1, 12, $queue;
        msgsnd $queue, pack("l! a*", 0x66747034, $path), 0 or die $!;
        msgsnd $server, pack("l! a*", 0x66747036, $call), 0 or die $!;
        $| = 1;
        print "$queue\n";
        msgrcv $queue, $m, 8192, 0x66747039, 0 until $!{EIDRM} or $!{EINVAL};
        print "gone\n";
    '
    await test -s logs/silent
    queue=$(printed silent)
    await workers
}

# The processes that the server has started.
workers() {
    children
}

# A server that sends a little of every file, and then no more.
slow_server() {
    start perl -MIPC::SysV=ftok,IPC_CREAT,IPC_RMID -e '
        $queue = msgget(ftok("README.md", ord "I"), IPC_CREAT | 0600);
        $SIG{TERM} = sub {
            msgctl $queue, IPC_RMID, 0;
            $SIG{TERM} = "DEFAULT";
            kill TERM => $$;
        };
        $| = 1;
        print "ready\n";
        for (;;) {
            msgrcv $queue, $m, 8192, 0, 0 or next;
            $client = unpack "x16 N", $m;
            print "at queue $client, uid 0\n";
            $data = pack "a4 n n Q> Q> a*", "ftp1", 1, 30, 0, 100, "little";
            msgsnd $client, pack("l! a*", 0x66747031, $data), 0;
        }'
}

# Whether the client has some of its file, which is open, and has no name yet.
has_some() {
    [ "$(find "/proc/$(pid client)/fd" -lname '*/to/*')" ]
}

# A daemon is nobody's child here; its PID file says which it is.
daemon() {
    limited build/msg/ftp_server --daemon --pid-file pid --limit 2 \
        "${1-root}" "${2-README.md}"
}

end_daemon() {
    local pid
    pid=$(cat pid)
    kill -TERM "$pid"
    await gone "$pid"
    [ ! -e pid ]
    run ! in_kernel q
}

# Whether the client has stopped, by the log of strace, which itself stops it
# now and then.
is_stopped() {
    grep -qs 'stopped by SIGSTOP' log
}
