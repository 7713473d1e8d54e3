#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2034 # perl in single quotes; helpers use limit

load tftp

# Where Debian has them. tftpd-hpa will not be installed beside atftpd, which
# has an in.tftpd as well: .ci/run unpacks it here.
PATH=$PATH:/usr/sbin:/opt/dnsmasq/usr/sbin
hpa=/opt/tftpd-hpa/usr/sbin/in.tftpd

user=$(getent passwd "$(id -u)" | cut -d : -f 1)
group=$(getent group "$(id -g)" | cut -d : -f 1)

# foreign PROGRAM...: another server in the background, by the name of receiver,
# which says nothing when it is ready: a small file gets through by then.
foreign() {
    local folder=$PWD
    echo ready >root/ready
    chmod -R a+rX root
    while [[ $folder == "$BATS_RUN_TMPDIR"* ]]; do
        chmod a+rx "$folder" # it will be user nobody that passes there
        folder=${folder%/*}
    done
    background receiver "$@"
    for _ in {1..8}; do
        if curl -s -m 1 -o to/ready "tftp://$host:$port/ready"; then
            rm to/ready
            return
        fi
    done
    return 1
}

@test "udp/tftp: curl gets and puts" {
    need curl
    serve --writable
    for options in "" --tftp-no-options "--tftp-blksize 1428"; do
        # shellcheck disable=SC2086
        limited curl -s $options -o to/copy "tftp://127.0.0.1:$port/file"
        cmp root/file to/copy
        # shellcheck disable=SC2086
        limited curl -s $options -T root/file "tftp://127.0.0.1:$port/up"
        cmp root/file root/up
        rm root/up
    done
    stop
}

@test "udp/tftp: tftp, of tftp-hpa, gets and puts" {
    need tftp
    serve --writable
    limited tftp -m octet 127.0.0.1 "$port" -c get file to/copy
    cmp root/file to/copy
    limited tftp -m octet 127.0.0.1 "$port" -c put root/file up
    cmp root/file root/up
    printf 'a\nb\r\n' >root/text
    limited tftp -m netascii 127.0.0.1 "$port" -c get text to/text
    cmp root/text to/text
    stop
}

@test "udp/tftp: atftp gets and puts, by windows as well" {
    need atftp
    serve --writable
    for options in "blksize 512" "blksize 1428" "windowsize 16"; do
        limited atftp --option "$options" -g -r file -l to/copy \
            127.0.0.1 "$port"
        cmp root/file to/copy
        limited atftp --option "$options" -p -r up -l root/file \
            127.0.0.1 "$port"
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
        limited busybox tftp $options -g -r file -l to/copy 127.0.0.1 "$port"
        cmp root/file to/copy
        # shellcheck disable=SC2086
        limited busybox tftp $options -p -r up -l root/file 127.0.0.1 "$port"
        cmp root/file root/up
        rm root/up
    done
    stop
}

@test "udp/tftp: from in.tftpd, of tftpd-hpa, and to it" {
    need $hpa curl
    need_root
    port=$(a_port)
    mkdir -m 777 root/in
    : >root/in/up
    chmod 666 root/in/up
    foreign $hpa -L -a "127.0.0.1:$port" -s "$PWD/root"
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
    port=$(a_port)
    chmod 777 root
    foreign atftpd --daemon --no-fork --logfile /dev/null --user "$user" \
        --group "$group" --bind-address 127.0.0.1 --port "$port" "$PWD/root"
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
    need_root
    port=69
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

@test "udp/tftp: plain peers get through loss as well" {
    need curl
    head -c 20000 /dev/urandom >root/sized
    serve
    through --drop 3,9 --drop-back 2,12 --dup 10 --dup-back 10
    limited curl -s --tftp-no-options -o to/copy "tftp://127.0.0.1:$port/sized"
    cmp root/sized to/copy
}

@test "udp/tftp: a server that refuses options gets a plain request" {
    answer '$request = answer($s); $there = $tid;
        $request =~ /blksize/ or die "no options";
        to($t, $there, "\0\5\0\x08no options\0");
        answer($s) eq "\0\1x\0octet\0" or die "not plain";
        $tid == $there or die "from another port";
        to($u = free(), $there, pack("nn", 3, 1) . "all of it");
        answer($u) eq "\0\4\0\1" or die "no ACK 1"'
    get x to/copy
    [ "$(cat to/copy)" = "all of it" ]
    finish
    answer 'answer($s); $there = $tid;
        to($t, $there, "\0\5\0\x08no options\0");
        answer($s) eq "\0\2x\0octet\0" or die "not plain";
        to($u = free(), $there, "\0\4\0\0");
        answer($u) eq "\0\3\0\1some bytes" or die "no DATA 1";
        to($u, $there, "\0\4\0\1")'
    printf 'some bytes' >some
    put some x
    finish
    answer 'answer($s); to($t, $tid, "\0\5\0\x08no\0")'
    run -1 get --no-options x to/none
    [ "$output" = "tftp_client: x: no" ]
}

@test "udp/tftp: an ERROR ends a transfer, whatever its code and its text" {
    while IFS=: read -r bytes text; do
        answer 'answer($s); to($t, $tid, "\0\5'"$bytes"'")'
        run -1 get x to/copy
        [ "$output" = "tftp_client: x: $text" ]
    done <<'END'
\0\x09out of coffee\0:out of coffee
\xff\xffout of coffee:out of coffee
\0\1\0:File not found
\0\2:Access violation
\1\1\0:Error 257
END
    only
    serve
    send 'to($s = free(), $port, "\0\1file\0octet\0"); answer($s);
        to($s, $tid, "\0\5\0\x63no more room\0")'
    logged 'get file: gave up: no more room'
    stop
}
