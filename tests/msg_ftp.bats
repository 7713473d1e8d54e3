#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2034 # perl in single quotes; helpers use limit

load helpers

setup() {
    me="uid $(id -u)" # as the log has it
    mkdir root
    head -c 100000 /dev/urandom >root/file
}

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

# A user who may do nothing in particular; need_root lets him in here.
nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)

as_nobody() {
    limited "${nobody[@]}" "$@"
}

need_root() {
    [ "$(id -u)" = 0 ] || skip "only root can be somebody else"
    chmod o+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_TEST_TMPDIR"
    cp -L build/msg/ftp_client build/msg/ftp_server build/msg/ftp_worker .
    as_nobody ./ftp_client --help || skip "another user cannot come here"
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
    command -v strace || skip "no strace"
    [[ $build != *san* ]] || skip "LeakSanitizer does not work under strace"
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
    need_root
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
    need_root
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
    need_root
    start setpriv --bounding-set -ipc_owner --inh-caps -ipc_owner \
        build/msg/ftp_server --limit 2 root README.md
    grep -q '^CapEff:.*7fff$' "/proc/$(pid)/status" # without the 15th

    as_nobody ./ftp_client README.md file to
    cmp root/file to/file
}

@test "msg/ftp: a user serves nobody but that user" {
    need_root
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
    need_root
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
    pgrep -P "$(pid)"
}

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

@test "msg/ftp: a worker has no more than it needs" {
    need_root
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

# Whether the client has some of its file, which has no name yet.
has_some() {
    [ "$(find -L "/proc/$(pid client)/fd" -type f -size 6c)" ]
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
    kill -KILL "$(pgrep -P "$(pid client)")"
    signal TERM client
    run finish client
    only
    stop
}

@test "msg/ftp: a full disk is the client's trouble, and logged" {
    unshare -m true || skip "only root can mount"
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
    need_root
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

@test "msg/ftp: where messages must be smaller, they are" {
    unshare -i true || skip "only root can have limits of its own"
    limited unshare -i sh -c '
        echo 500 >/proc/sys/kernel/msgmax
        build/msg/ftp_server --requests 1 root README.md >log 2>&1 &
        until grep -q ready log; do :; done
        build/msg/ftp_client README.md file copy
        wait'
    cmp root/file copy
}

@test "msg/ftp: progress is shown on a terminal, and only there" {
    command -v script || skip "no script(1)"
    serve
    run -0 limited script -qec 'build/msg/ftp_client README.md file copy' \
        /dev/null
    [[ $output == *$'\rfile  8%  8.2 kB  '* ]]
    [[ $output == *$'\r\033[K'* ]]
    run -0 get file copy
    [ "$output" = "$(cksum copy)" ]
    stop
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
    unshare -m true || skip "only root can have a /dev/log of its own"
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

@test "msg/ftp: a queue that somebody else has made for the key is not used" {
    need_root
    as_nobody perl -MIPC::SysV=ftok,IPC_CREAT -e '
        msgget(ftok("README.md", ord "I"), IPC_CREAT | 0666) // die'
    run -1 limited build/msg/ftp_server root README.md
    [[ $output == *"of README.md belongs to user 65534: ipcrm -q "* ]]
    ipcrm -q "${output##* }"
    run ! in_kernel q
}

# Whether the client, which runs under strace, has stopped.
is_stopped() {
    grep -qs '^State:.[tT]' "/proc/$(child_of "$(pid client)")/status"
}

@test "msg/ftp: a file that is changed while it is sent does not arrive" {
    mkdir to
    for change in 'truncate -s 1000 root/file' 'echo more >>root/file'; do
        head -c 3000000 /dev/urandom >root/file
        serve
        background client strace -qqo log -e trace=msgrcv \
            -e inject=msgrcv:signal=STOP:when=3 \
            build/msg/ftp_client README.md file to
        await is_stopped
        eval "$change"
        kill -CONT "$(child_of "$(pid client)")"
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
    kill "$(child_of $!)"
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

@test "msg/ftp: wherever either end is killed, nothing is left" {
    export OUTER_IPC
    OUTER_IPC=$(readlink /proc/self/ns/ipc)
    own=
    unshare -i true && own="unshare -i"
    limit=900
    count=${FTP_KILLS:-200}
    [[ $build != *san* ]] || count=50 # they take their time
    # shellcheck disable=SC2086 # a command, or nothing
    run -0 limited $own bash "$root/tests/ftp_kills.sh" "$count"
    echo "# $output" >&3
}

@test "msg/ftp: nearly as fast as copying through a queue can be" {
    [[ $build != *san* ]] || skip "the sanitizers take their time"
    command -v taskset || skip "no taskset(1)"
    limit=300
    run -0 limited bash "$root/tests/ftp_speed.sh" 100
    echo "# $output" >&3
    # By CPU time: on a busy machine the time of day says nothing.
    perl -e 'exit shift =~ s/.*: //r < 0.7' "$output"
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
    [ "$output" = "usage: ftp_worker SERVER_QUEUE QUEUE SECONDS" ]
    run -0 limited build/msg/ftp_client --help
    run -1 limited build/msg/ftp_client README.md file to
    [[ $output == *"is the server running?: No such file or directory" ]]
}
