#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2034 # perl in single quotes; helpers use limit

load helpers

setup() {
    host=127.0.0.1
    mkdir root to
    head -c 100000 /dev/urandom >root/file
}

# Where Debian has them. tftpd-hpa will not be installed beside atftpd, which
# has an in.tftpd as well: .ci/run unpacks it here.
PATH=$PATH:/usr/sbin:/opt/dnsmasq/usr/sbin
hpa=/opt/tftpd-hpa/usr/sbin/in.tftpd

user=$(getent passwd "$(id -u)" | cut -d : -f 1)
group=$(getent group "$(id -g)" | cut -d : -f 1)

need() {
    for tool; do
        command -v "$tool" >/dev/null || skip "no $tool"
    done
}

serve() {
    start build/udp/tftp_server "$@" 127.0.0.1 0 root
    door=$(port)
}

# through OPTION...: put the relay before the server.
through() {
    background relay build/udp/relay --silent "$@" 127.0.0.1 0 127.0.0.1 "$door"
    await grep -q '^ready' logs/relay
    door=$(printed relay | sed -n 's/^ready on .*://p')
}

get() {
    limited build/udp/tftp_client "${@:1:$#-2}" "$host" "$door" "${@: -2}"
}

put() {
    get --put "$@"
}

logged() {
    await grep -q -- "$1" logs/receiver
}

# only NAME...: what is in the folder `to`, hidden files too.
only() {
    [ "$(find to -mindepth 1 -printf '%P\n' | sort | xargs)" = "$*" ]
}

stop() {
    signal TERM
    run -143 finish
}

# foreign PROGRAM...: another server in the background, by the name of receiver,
# which says nothing when it is ready: a small file gets through by then.
foreign() {
    local folder=$PWD
    echo ready >root/ready
    chmod -R a+rX root
    while [[ $folder == "$BATS_RUN_TMPDIR"* ]]; do
        chmod a+rx "$folder" # it will be nobody who comes along there
        folder=${folder%/*}
    done
    background receiver "$@"
    for _ in {1..8}; do
        if curl -s -m 1 -o to/ready "tftp://$host:$door/ready"; then
            rm to/ready
            return
        fi
    done
    return 1
}

# a_port: a number that nobody has now.
a_port() {
    perl -MIO::Socket::INET -e '
        print IO::Socket::INET->new(Proto => "udp", LocalAddr => "127.0.0.1")
            ->sockport'
}

# send PERL: with $s, a socket to the server, and answer(), the next datagram.
send() {
    limited perl -MIO::Socket::INET -e '
        $port = shift;
        sub socket_to { IO::Socket::INET->new(Proto => "udp",
            PeerAddr => "127.0.0.1:" . shift) or die $! }
        sub free { IO::Socket::INET->new(Proto => "udp",
            LocalAddr => "127.0.0.1") or die $! }
        sub to { my ($s, $p, $m) = @_;
            send $s, $m, 0, sockaddr_in($p, inet_aton("127.0.0.1")) }
        sub answer { my ($s, $wait) = @_; my $r = "";
            vec($r, fileno $s, 1) = 1;
            return undef unless select $r, undef, undef, $wait // 5;
            my $from = recv $s, my $m, 65536, 0;
            $tid = (sockaddr_in $from)[0];
            return $m }
        '"$1" "$door" "${@:2}"
}

@test "udp/tftp: its card holds" {
    card udp/tftp_server
}

@test "udp/tftp: files of any size arrive byte for byte, both ways" {
    serve --writable
    for size in 0 1 511 512 513 1024 508 504 65463 65464 300000; do
        head -c $size /dev/urandom >root/sized
        for options in "" "--window 1 --block 512"; do
            # shellcheck disable=SC2086 # several
            get $options sized to/copy
            cmp root/sized to/copy
            # shellcheck disable=SC2086
            put $options root/sized up
            cmp root/sized root/up
            rm root/up
        done
    done
    only copy
    stop
}

@test "udp/tftp: the client prints what cksum prints" {
    serve --writable
    get file to >printed
    cksum to/file | diff printed -
    put root/file up >printed
    (cd root && cksum up) | diff printed -
    stop
}

@test "udp/tftp: block numbers wrap at 65536" {
    head -c 1200000 /dev/urandom >root/long
    serve --writable
    get --block 16 --window 256 long to/copy
    cmp root/long to/copy
    put --block 16 --window 256 root/long up
    cmp root/long root/up
    stop
}

@test "udp/tftp: a text is turned into that of the network, and back" {
    printf 'one\ntwo\r\n\rthree\r\r\nfour' >root/text
    serve --writable
    for block in 8 9 512; do
        get --netascii --block $block text to/copy
        cmp root/text to/copy
        put --netascii --block $block root/text up
        cmp root/text root/up
        rm root/up
    done
    [ "$(send 'to($s = free(), $port, "\0\1text\0NetASCII\0"); $_ = answer($s);
        print unpack "H*", substr $_, 4')" = "$(printf \
        'one\r\ntwo\r\0\r\n\r\0three\r\0\r\0\r\nfour' | od -An -v -tx1 |
        tr -d ' \n')" ]
    stop
}

@test "udp/tftp: IPv6, and every address of the host" {
    start build/udp/tftp_server ::1 0 root
    limited build/udp/tftp_client ::1 "$(port)" file to/copy
    cmp root/file to/copy
    stop
    start build/udp/tftp_server 0.0.0.0 0 root
    limited build/udp/tftp_client 127.0.0.9 "$(port)" file to/copy9
    cmp root/file to/copy9
    stop
}

@test "udp/tftp: what cannot be served is refused at both ends" {
    mkdir root/folder
    mkfifo root/fifo
    echo secret >secret
    echo secret >root/mine
    chmod 600 root/mine
    ln -s ../secret root/out
    ln -s "$PWD/secret" root/absolute
    long=$(printf '%0256d' 0)
    serve

    while IFS=: read -r path reason; do
        run -1 get "$path" to/copy
        [ "$output" = "tftp_client: $path: $reason" ]
        logged ": $reason"
    done <<END
none:No such file or directory
folder:Is a directory
fifo:Not a regular file
mine:Permission denied
../secret:Outside the directory served
folder/../../secret:Outside the directory served
out:Outside the directory served
absolute:Outside the directory served
$long:File name too long
END
    run -1 put root/file up
    [ "$output" = "tftp_client: up: Uploads are not allowed" ]
    only
    stop
    run -1 get file to/copy
    [ "$output" = "tftp_client: file: Connection refused" ] ||
        [ "$output" = "x" ]
    only
}

@test "udp/tftp: an upload goes into a new file below ROOT, and nowhere else" {
    mkdir root/folder
    ln -s ../to root/out
    ln -s ../to/made root/dangling
    serve --writable

    put root/file folder/up
    cmp root/file root/folder/up
    while IFS=: read -r path reason; do
        run -1 put root/file "$path"
        [ "$output" = "tftp_client: $path: $reason" ]
    done <<END
folder/up:File exists
file:File exists
dangling:File exists
folder:File exists
none/up:No such file or directory
../to/up:Outside the directory served
out/up:Outside the directory served
folder/..:Is a directory
END
    only
    [ "$(find root/folder -type f)" = root/folder/up ]
    stop
}

@test "udp/tftp: curl gets and puts" {
    need curl
    serve --writable
    for options in "" --tftp-no-options "--tftp-blksize 1428"; do
        # shellcheck disable=SC2086
        limited curl -s $options -o to/copy "tftp://127.0.0.1:$door/file"
        cmp root/file to/copy
        # shellcheck disable=SC2086
        limited curl -s $options -T root/file "tftp://127.0.0.1:$door/up"
        cmp root/file root/up
        rm root/up
    done
    stop
}

@test "udp/tftp: tftp, of tftp-hpa, gets and puts" {
    need tftp
    serve --writable
    limited tftp -m octet 127.0.0.1 "$door" -c get file to/copy
    cmp root/file to/copy
    limited tftp -m octet 127.0.0.1 "$door" -c put root/file up
    cmp root/file root/up
    printf 'a\nb\r\n' >root/text
    limited tftp -m netascii 127.0.0.1 "$door" -c get text to/text
    cmp root/text to/text
    stop
}

@test "udp/tftp: atftp gets and puts, by windows as well" {
    need atftp
    serve --writable
    for options in "blksize 512" "blksize 1428" "windowsize 16"; do
        limited atftp --option "$options" -g -r file -l to/copy \
            127.0.0.1 "$door"
        cmp root/file to/copy
        limited atftp --option "$options" -p -r up -l root/file \
            127.0.0.1 "$door"
        cmp root/file root/up
        rm root/up to/copy
    done
    stop
}

@test "udp/tftp: busybox gets and puts" {
    need busybox
    serve --writable
    for options in "" "-b 1428"; do
        # shellcheck disable=SC2086
        limited busybox tftp $options -g -r file -l to/copy 127.0.0.1 "$door"
        cmp root/file to/copy
        # shellcheck disable=SC2086
        limited busybox tftp $options -p -r up -l root/file 127.0.0.1 "$door"
        cmp root/file root/up
        rm root/up
    done
    stop
}

@test "udp/tftp: from in.tftpd, of tftpd-hpa, and to it" {
    need $hpa curl
    [ "$(id -u)" = 0 ] || skip "in.tftpd wants to be root"
    door=$(a_port)
    mkdir -m 777 root/in
    : >root/in/up
    chmod 666 root/in/up
    foreign $hpa -L -a "127.0.0.1:$door" -s "$PWD/root"
    for options in "" "--window 1 --block 512" --netascii; do
        # shellcheck disable=SC2086
        get $options file to/copy
        cmp root/file to/copy
    done
    put root/file in/up
    await cmp -s root/file root/in/up
    run -1 get none to/none
    [[ $output == "tftp_client: none: "* ]]
    only copy
}

@test "udp/tftp: from atftpd, by windows as well, and to it" {
    need atftpd curl
    door=$(a_port)
    chmod 777 root
    foreign atftpd --daemon --no-fork --logfile /dev/null --user "$user" \
        --group "$group" --bind-address 127.0.0.1 --port "$door" "$PWD/root"
    for options in "" "--window 1 --block 512" "--window 16 --block 1428"; do
        # shellcheck disable=SC2086
        get $options file to/copy
        cmp root/file to/copy
        # shellcheck disable=SC2086
        put $options root/file "up${#options}"
        # It acknowledges what is not in the file yet.
        await cmp -s root/file "root/up${#options}"
    done
    only copy
}

@test "udp/tftp: from dnsmasq" {
    need dnsmasq curl
    [ "$(id -u)" = 0 ] || skip "dnsmasq serves at port 69, which is root's"
    door=69
    host=127.$((RANDOM % 250 + 1)).$((RANDOM % 250 + 1)).$((RANDOM % 250 + 1))
    foreign dnsmasq --keep-in-foreground --port=0 --conf-file=/dev/null \
        --listen-address="$host" --bind-interfaces --enable-tftp \
        --tftp-root="$PWD/root" --user="$user" --pid-file= --log-facility=-
    for options in "" "--window 1 --block 512"; do
        # shellcheck disable=SC2086
        get $options file to/copy
        cmp root/file to/copy
    done
    only copy
}

@test "udp/tftp: 64 KiB with 20 % lost each way, in less than 5 s" {
    head -c 65536 /dev/urandom >root/sized
    serve
    through --loss 20 --loss-back 20 --seed 1
    local before=$SECONDS
    get --block 1428 sized to/copy
    [ $((SECONDS - before)) -le 5 ]
    cmp root/sized to/copy
    only copy
}

@test "udp/tftp: what is lost, doubled, overtaken and damaged arrives" {
    head -c 500000 /dev/urandom >root/sized
    serve --writable
    through --loss 10 --dup 10 --reorder 10 --corrupt 5 --undetected 5 --seed 3
    get --block 1428 sized to/copy
    cmp root/sized to/copy
    put --block 1428 root/sized up
    cmp root/sized root/up
    only copy
}

@test "udp/tftp: plain peers get through loss as well" {
    need curl
    head -c 20000 /dev/urandom >root/sized
    serve
    through --drop 3,9 --drop-back 2,12 --dup 10 --dup-back 10
    limited curl -s --tftp-no-options -o to/copy "tftp://127.0.0.1:$door/sized"
    cmp root/sized to/copy
}

@test "udp/tftp: no Sorcerer's Apprentice: doubled ACKs double nothing" {
    serve
    through --dup 100 --dup-back 0
    get --window 1 --block 512 file to/copy
    cmp root/file to/copy
    logged 'get file: 100000 bytes'
    again=$(printed | sed -n 's/.* \([0-9]*\) blocks sent again/\1/p')
    [ "$again" -le 39 ] # of 196: at most 1.2 a block
}

@test "udp/tftp: a window that is doubled is not sent again" {
    head -c 1000000 /dev/urandom >root/sized
    serve
    through --dup 20 --dup-back 20
    get --block 1428 sized to/copy
    cmp root/sized to/copy
    logged 'get sized: 1000000 bytes'
    again=$(printed | sed -n 's/.* \([0-9]*\) blocks sent again/\1/p')
    [ "$again" -le 140 ] # of 701
}

@test "udp/tftp: a dark second is survived" {
    head -c 3000000 /dev/urandom >root/sized
    serve
    through --delay 5 --outage 50-1050
    get --block 1428 --window 64 sized to/copy
    cmp root/sized to/copy
    printed relay >&2
}

@test "udp/tftp: a server that is not there: a clear error, and nothing left" {
    door=$(a_port)
    background silent perl -MIO::Socket::INET -e '
        $s = IO::Socket::INET->new(Proto => "udp",
            LocalAddr => "127.0.0.1:" . shift);
        $| = 1; print "ready\n"; alarm 60; recv $s, $_, 9, 0 while 1' "$door"
    await grep -q ready logs/silent
    run -1 get --timeout 1 file to/copy
    [ "$output" = "tftp_client: file: nothing from the server for 1 s" ]
    only
    run -1 get --timeout 1 file to/none/copy
    [ "$output" = "tftp_client: to/none/copy: No such file or directory" ]
    signal KILL silent
}

# slowly OPTION...: get `big` through a relay with a delay, in the background,
# and return when some of it has come.
slowly() {
    background client build/udp/tftp_client --block 1428 --window 16 "$@" \
        127.0.0.1 "$door" big to/copy
    await some_has_come
}

some_has_come() {
    [ "$(stat -c %s to/.copy.part 2>/dev/null || echo 0)" -gt 100000 ]
}

@test "udp/tftp: a client that is killed goes on where it was" {
    head -c 2000000 /dev/urandom >root/big
    serve
    through --delay 10
    echo before >to/copy
    for killed in KILL INT TERM; do
        slowly
        signal $killed client
        run finish client
        [ "$status" = $((128 + $(kill -l $killed))) ]
        only .copy.part .copy.proof copy
        [ "$(cat to/copy)" = before ]
        kept=$(stat -c %s to/.copy.part)
        cmp -n "$kept" root/big to/.copy.part
        truncate -s '<150000' to/.copy.part # at most
    done
    get big to/copy
    cmp root/big to/copy
    only copy
    # The last one has not got again what was there before.
    [ "$(printed relay | tail -1)" ] || true
    logged 'get big: 2000000 bytes'
}

@test "udp/tftp: a server that is killed: the client says so, and goes on" {
    head -c 2000000 /dev/urandom >root/big
    serve
    slow=$door
    through --delay 10
    slowly --timeout 1
    child=$(child_of "$(pid)")
    signal KILL
    run -137 finish
    await gone "$child" # nobody is left behind
    run finish client
    [ "$status" = 1 ]
    printed client | grep -x 'tftp_client: big: nothing from the server for 1 s'
    only .copy.part .copy.proof
    mv to/.copy.part kept
    serve
    # The proof names another port: of a new server, nothing is believed.
    get big to/copy
    cmp root/big to/copy
    only copy
}

@test "udp/tftp: a file that has changed meanwhile starts again" {
    head -c 300000 /dev/urandom >root/big
    serve
    printf 'tftp 127.0.0.1 %s octet\nbig\n' "$door" >to/.copy.proof
    head -c 100000 root/big >to/.copy.part
    get big to/copy
    cmp root/big to/copy
    printed | tail -n 1

    cp root/big before
    head -c 300000 /dev/urandom >root/big
    printf 'tftp 127.0.0.1 %s octet\nbig\n' "$door" >to/.copy.proof
    head -c 100000 before >to/.copy.part
    get big to/copy
    cmp root/big to/copy

    # Shorter than what is there; and a part of something else.
    printf 'tftp 127.0.0.1 %s octet\nfile\n' "$door" >to/.copy.proof
    head -c 400000 /dev/urandom >to/.copy.part
    get file to/copy
    cmp root/file to/copy
    head -c 50000 root/file >to/.copy.part
    get file to/copy
    cmp root/file to/copy
    only copy
    stop
}

@test "udp/tftp: what has come is not sent again" {
    head -c 300000 /dev/urandom >root/big
    serve
    through
    printf 'tftp 127.0.0.1 %s octet\nbig\n' "$door" >to/.copy.proof
    head -c 299000 root/big >to/.copy.part
    get --block 512 --window 4 big to/copy
    cmp root/big to/copy
    signal INT relay
    run -130 finish relay
    [ "$(printed relay | sed -n 's/^back: \([0-9]*\) received.*/\1/p')" -le 5 ]
}

@test "udp/tftp: two clients for one file: one of them is told" {
    head -c 2000000 /dev/urandom >root/big
    serve
    fast=$door
    through --delay 10
    slowly
    run -1 get big to/copy
    [ "$output" = "tftp_client: to/copy: another transfer is writing it" ]
    finish client
    cmp root/big to/copy
    only copy
}

@test "udp/tftp: a file that grows while it is sent is not delivered" {
    head -c 2000000 /dev/urandom >root/big
    serve
    through --delay 10
    slowly
    echo more >>root/big
    run -1 finish client
    printed client | grep -x 'tftp_client: big: File changed while it was read'
    run ! test -e to/copy
}

@test "udp/tftp: a file that gets too long fails the transfer, at both ends" {
    head -c 300000 /dev/urandom >root/big
    serve --writable
    run -1 get_little big to/copy
    [ "$output" = "tftp_client: big: File too large" ]
    logged 'get big: gave up: File too large'
    run ! test -e to/copy
    stop

    start bash -c 'ulimit -f 100
        exec build/udp/tftp_server --writable --log log 127.0.0.1 0 root'
    door=$(port)
    run -1 put root/big up
    [ "$output" = "tftp_client: up: File too large" ]
    await grep -q 'put up: File too large' log
    [ "$(find root -name '*up*')" = "" ]
}

get_little() {
    (
        ulimit -f 100
        get "$@"
    )
}

@test "udp/tftp: a full disk fails the transfer, at both ends" {
    unshare -m true || skip "only root can mount"
    head -c 300000 /dev/urandom >root/big
    serve
    run -1 limited unshare -m sh -c 'mount -t tmpfs -o size=64k none to &&
        build/udp/tftp_client 127.0.0.1 '"$door"' big to/copy; status=$?
        ls to
        exit $status'
    [ "$output" = "tftp_client: big: No space left on device" ]
    logged 'get big: gave up: No space left on device'
    stop

    mkdir small
    start unshare -m sh -c '
        mount -t tmpfs -o size=64k none small &&
        exec build/udp/tftp_server --writable --log log 127.0.0.1 0 small'
    door=$(port)
    run -1 put root/big up
    [ "$output" = "tftp_client: up: No space left on device" ]
    await grep -q 'put up: No space left on device' log
    [ "$(ls -A "/proc/$(pid)/cwd/small")" = "" ]
    put README.md up # the room is free again
    cmp README.md "/proc/$(pid)/cwd/small/up"
}

# A program whose calls fail; `-D`: with the process id that it would have.
unlucky=(env ASAN_OPTIONS=detect_leaks=0 strace -D -f -qq -o trace)

@test "udp/tftp: a quota, a broken disk: neither end says that it went well" {
    command -v strace || skip "strace is not there: sh common/setup.sh"
    head -c 300000 /dev/urandom >root/big
    serve
    for error in "EDQUOT Disk quota exceeded" "EIO Input/output error"; do
        run -1 limited "${unlucky[@]}" \
            -e "inject=writev:error=${error%% *}:when=3" \
            build/udp/tftp_client --block 1428 --window 4 127.0.0.1 "$door" \
            big to/copy
        [ "$output" = "tftp_client: big: ${error#* }" ]
        logged "get big: gave up: ${error#* }"
        run ! test -e to/copy
    done
    get big to/copy # goes on
    cmp root/big to/copy
    stop

    for error in "EDQUOT Disk quota exceeded" "EIO Input/output error"; do
        rm -f log
        start "${unlucky[@]}" \
            -e "inject=writev:error=${error%% *}:when=3" \
            build/udp/tftp_server --writable --log log 127.0.0.1 0 root
        door=$(port)
        run -1 put --block 1428 --window 4 root/big up
        [ "$output" = "tftp_client: up: ${error#* }" ]
        await grep -q "put up: ${error#* }" log
        [ "$(find root -name '*up*')" = "" ]
        put --block 1428 --window 4 README.md up # that was only once
        cmp README.md root/up
        rm root/up
        stop
    done
}

@test "udp/tftp: what cannot be synced is not kept" {
    command -v strace || skip "strace is not there: sh common/setup.sh"
    head -c 300000 /dev/urandom >root/big
    serve
    run -1 limited "${unlucky[@]}" -e inject=fsync:error=EIO \
        build/udp/tftp_client 127.0.0.1 "$door" big to/copy
    [ "$output" = "tftp_client: big: Input/output error" ]
    logged 'get big: gave up: Input/output error'
    run ! test -e to/copy
}

@test "udp/tftp: a slow disk is not taken for a slow network" {
    command -v strace || skip "strace is not there: sh common/setup.sh"
    head -c 1000000 /dev/urandom >root/big
    start "${unlucky[@]}" -e inject=read:delay_enter=150000 \
        build/udp/tftp_server 127.0.0.1 0 root
    door=$(port)
    get --window 1 --block 1428 big to/copy
    cmp root/big to/copy
    logged 'get big: 1000000 bytes, window 1 of 1428, 0 blocks sent again'
    stop

    serve
    limited "${unlucky[@]}" -e inject=writev:delay_enter=1500000:when=2 \
        build/udp/tftp_client --timeout 1 --block 1428 127.0.0.1 "$door" \
        big to/copy
    cmp root/big to/copy
}

@test "udp/tftp: a server that has sent its last window may be gone" {
    background client perl -MIO::Socket::INET -e '
        sub new { IO::Socket::INET->new(Proto => "udp", @_) or die $! }
        my $data = join "", map { chr(65 + $_) x 512 } 0 .. 20;
        my ($door, $port) = (new(LocalAddr => "127.0.0.1"),
                             new(LocalAddr => "127.0.0.1"));
        my $client = fork // die;
        exec qw(build/udp/tftp_client --window 64 --block 512 127.0.0.1),
            $door->sockport, "x", "to/copy" if $client == 0;
        my $there = $door->recv(my $request, 1000);
        my $oack = join "\0", "\0\6blksize", 512, "windowsize", 64, "";
        $port->send($oack, 0, $there);
        $port->recv(my $ack, 1000);
        kill STOP => $client; # it has all to read at once, more than at a time
        $port->send($oack, 0, $there);
        $port->send(pack("nn", 3, $_ + 1) . substr($data, $_ * 512, 512), 0,
                    $there) for 0 .. 20;
        $port->send(pack("nn", 3, 22), 0, $there);
        close $port; close $door;
        open my $sent, ">", "sent"; print $sent $data; close $sent;
        kill CONT => $client;
        waitpid $client, 0; exit $? >> 8'
    finish client
    cmp sent to/copy
}

@test "udp/tftp: an upload whose size nobody knows" {
    command -v curl || skip "curl is not installed"
    serve --writable
    # shellcheck disable=SC2002 # a pipe has no size
    cat README.md | limited curl -s -T - "tftp://127.0.0.1:$door/up"
    cmp README.md root/up
}

@test "udp/tftp: --requests counts transfers, not datagrams" {
    head -c 10000 /dev/urandom >root/small
    serve --requests 2
    through --dup 100
    get small to/one
    get small to/two
    cmp to/one to/two
    finish
}

@test "udp/tftp: 64 clients at once" {
    head -c 300000 /dev/urandom >root/big
    serve
    for i in {1..64}; do
        background "client$i" build/udp/tftp_client 127.0.0.1 "$door" \
            big "to/$i"
    done
    for i in {1..64}; do
        finish "client$i"
        cmp root/big "to/$i"
    done
    stop
}

@test "udp/tftp: garbage at the server's port gets no answer" {
    serve
    send 'srand 1;
        for (1 .. 3000) {
            $m = join "", map chr rand 256, 1 .. rand 40;
            next if $m =~ /^\0[\x01\x02]/;
            to($s ||= free(), $port, $m);
        }
        to($s, $port, $_) for "", "\0", "\0\1", "\0\3\0\1x", "\0\4\0\1",
            "\0\5\0\1x\0", "\0\6blksize\0008\0";
        die unpack "H*", $_ if defined($_ = answer($s, 0.1));'
    get file to/copy
    cmp root/file to/copy
    stop
}

@test "udp/tftp: hostile requests are refused, and the next one is served" {
    serve --writable
    send 'for ("\0\1file\0octet", "\0\1\0octet\0", "\0\1file", "\0\1file\0x\0",
               "\0\2" . "a" x 1000, "\0\1file\0mail\0",
               "\0\1../file\0octet\0", "\0\2../file\0octet\0",
               "\0\1" . "../" x 300 . "etc/passwd\0octet\0",
               "\0\1/etc/passwd\0octet\0") {
            to($s = free(), $port, $_);
            $m = answer($s);
            $m =~ /^\0\x05\0[\x01\x02\x04].*\0$/ or die unpack "H*", $_;
            length $m <= 3 * length or die "too much: $m";
        }'
    # Options that make no sense are left out; a plain answer, then.
    send 'for ("blksize\0007", "blksize\00065465", "blksize\000-1",
               "windowsize\0000", "timeout\0000", "timeout\000256", "tsize\0x",
               "offset\0005", "nonsense\0001") {
            to($s = free(), $port, "\0\1file\0octet\0$_\0");
            $m = answer($s, 0.5); # offset comes without guard: damaged
            $m =~ /^\0[\x03\x06]/ or !defined $m or die unpack "H*", $m;
            to($s, $tid, "\0\5\0\0\0");
        }'
    get file to/copy
    cmp root/file to/copy
    logged 'Malformed request'
    run ! test -e to/file
    stop
}

@test "udp/tftp: a stranger in a transfer is told off, and disturbs nobody" {
    serve
    send '$s = free(); to($s, $port, "\0\1file\0octet\0");
        $m = answer($s); $m =~ /^\0\x03\0\x01/ or die;
        $theirs = $tid; $other = free();
        to($other, $theirs, "\0\4\0\1");
        answer($other) =~ /^\0\x05\0\x05/ or die "no ERROR 5";
        to($other, $theirs, "\0\5\0\0over\0");
        to($s, $theirs, "\0\4\0\7"); # what was never sent
        to($s, $theirs, "garbage");
        die if defined answer($s, 0.1);
        for $block (1 .. 196) {
            to($s, $theirs, pack "nn", 4, $block);
            $m = answer($s, $block < 196 ? 5 : 0.1);
            $all .= substr $m, 4 if defined $m and $block < 196;
        }
        print length $all' >printed
    [ "$(cat printed)" = $((100000 - 512)) ]
    stop
}

@test "udp/tftp: who does not answer is sent three times his bytes at most" {
    serve
    send '$request = "\0\1file\0octet\0blksize\0001428\0windowsize\00064\0" .
            "tsize\0000\0";
        to($s = free(), $port, $request);
        while (defined($m = answer($s, 2.5))) { $got += length $m }
        $got > 0 && $got <= 3 * length $request or die "$got bytes"'
    # A plain request: 516 bytes, and not again.
    send 'to($s = free(), $port, "\0\1file\0octet\0");
        while (defined($m = answer($s, 1.5))) { $got += length $m }
        $got == 516 or die "$got bytes"'
    # A flood of them, from one host.
    send '$request = "\0\1file\0octet\0";
        for (1 .. 300) {
            to($_ = free(), $port, $request);
            push @s, $_; $sent += length $request;
        }
        for (@s) { $got += length $m while defined($m = answer($_, 0.001)) }
        $got <= 3 * $sent or die "$got bytes for $sent"'
    stop
}

@test "udp/tftp: abandoned requests do not take all places" {
    serve
    send 'for (1 .. 400) {
            to($_ = free(), $port, "\0\1file\0octet\0tsize\0000\0");
            push @s, $_;
        }
        system "pgrep", "-c", "-P", $ARGV[0]' "$(pid)" >printed
    [ "$(cat printed)" -le 128 ]
    get file to/copy
    cmp root/file to/copy
    stop
}

@test "udp/tftp: ^C takes its transfers along" {
    head -c 2000000 /dev/urandom >root/big
    serve
    through --delay 10
    slowly --timeout 1
    child=$(child_of "$(pid)")
    signal INT
    run -130 finish
    gone "$child"
    run finish client
}

@test "udp/tftp: as a daemon, with a log" {
    door=$(a_port)
    limited build/udp/tftp_server --daemon --log "$PWD/log" 127.0.0.1 "$door" \
        root >printed 3>&-
    [ "$(cat printed)" = "ready on 127.0.0.1:$door" ]
    get file to/copy
    cmp root/file to/copy
    await grep -q 'get file: 100000 bytes' log
    # The only one that has this port.
    run -1 limited build/udp/tftp_server --daemon 127.0.0.1 "$door" root 3>&-
    [[ $output == *"Address already in use" ]]
    kill "$(pgrep -f "tftp_server --daemon --log $PWD/log")"
}

@test "udp/tftp: wrong arguments get the usage line and status 2" {
    for arguments in "" "127.0.0.1" "127.0.0.1 0" "--x 127.0.0.1 0 root" \
        "--log" "--requests 0 127.0.0.1 0 root" "127.0.0.1 0 root more"; do
        # shellcheck disable=SC2086
        run -2 limited build/udp/tftp_server $arguments
        [[ $output == "usage: tftp_server "* ]]
    done
    for arguments in "" "127.0.0.1 1 a" "--window 0 127.0.0.1 1 a b" \
        "--block 7 127.0.0.1 1 a b" "--block 65465 127.0.0.1 1 a b" \
        "--timeout 0 127.0.0.1 1 a b" "127.0.0.1 1 a b c"; do
        # shellcheck disable=SC2086
        run -2 limited build/udp/tftp_client $arguments
        [[ $output == "usage: tftp_client "* ]]
    done
    run -1 limited build/udp/tftp_server 127.0.0.1 0 none
    [ "$output" = "tftp_server: none: No such file or directory" ]
    run -2 limited build/udp/tftp_server 127.0.0.1 65536 root
    run -1 limited build/udp/tftp_client 127.0.0.1 0 a b
}
