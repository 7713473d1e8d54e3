#!/usr/bin/env bats

load helpers

# put PERL: what a stranger does to the queue of README.md, in $queue.
put() {
    perl -MIPC::SysV=:all -e '
        sub put { # TYPE, BYTES...
            my $type = shift;
            msgsnd($queue, pack("l! a*", $type, $_), 0) or die $! for @_;
        }
        sub reading { pack("C N n a10", @_) } # KIND, SEQ, TENTHS, STATION
        $queue = msgget(ftok("README.md", ord "I"), 0) // die $!;
        '"$1"
}

# stop [NAME]: as ^Z does; returns when the program has noticed.
stop() {
    signal STOP "$@"
    await grep -q '^State:.T' "/proc/$(pid "$@")/status"
}

# traced OPTION... PROGRAM ARG...: start it under strace(1), which writes `log`.
traced() {
    start env ASAN_OPTIONS=detect_leaks=0 strace -qqo log "$@"
}

# Lines that a program printed beside `ready`.
story() {
    printed "${1-receiver}" | grep -v '^ready'
}

@test "msg/ftok: its card holds" {
    card msg/ftok.c
}

@test "msg/ftok: its digits are those that stat(1) and perl have" {
    run -0 limited build/msg/ftok README.md
    printf -v device '%02x' $(($(stat -c %d README.md) & 0xff))
    printf -v inode '%04x' $(($(stat -c %i README.md) & 0xffff))
    [[ ${lines[1]} == *" $device" ]]
    [[ ${lines[2]} == *" $inode" ]]
    [ "${lines[3]}" = "README.md          0x49$device$inode" ]
    [ "${lines[3]##*0x}" = "$(perl -MIPC::SysV=ftok \
        -e 'printf "%08x", ftok("README.md", ord "I")')" ]
}

@test "msg/ftok: a link keeps the key, a file that replaces another does not" {
    run -0 limited build/msg/ftok README.md
    local old=${lines[4]##* } link=${lines[5]##* }
    local new=${lines[6]##* } replaced=${lines[7]##* }
    [ "$old" = "$link" ]
    [ "$old" != "$new" ]
    [ "$new" = "$replaced" ]
}

@test "msg/ftok: leaves no files behind" {
    mkdir scratch
    TMPDIR=scratch limited build/msg/ftok README.md
    rmdir scratch
}

@test "msg/ftok: a file that is not there has no key" {
    run -1 limited build/msg/ftok missing
    [ "$output" = "ftok: missing: No such file or directory" ]
}

@test "msg/ftok_collide: its card holds" {
    card msg/ftok_collide.c
}

@test "msg/ftok_collide: two files, and stat(1) has the same bits for both" {
    run -0 limited build/msg/ftok_collide /usr /sys
    local one=${lines[1]##* inode of } other=${lines[2]##* inode of }
    [ "$one" != "$other" ]
    [ "$(stat -c %d "$one")" = "$(stat -c %d "$other")" ]
    [ "$(stat -c %i "$one")" -ne "$(stat -c %i "$other")" ]
    [ $(($(stat -c %i "$one") & 0xffff)) -eq \
        $(($(stat -c %i "$other") & 0xffff)) ]
}

@test "msg/ftok_collide: what is sent on the one arrives on the other" {
    unshare --ipc true || skip "no IPC namespace of its own to be had"
    limited build/msg/ftok_collide /usr /sys >found
    local one other
    one=$(sed -n '2s/.* of //p' found)
    other=$(sed -n '3s/.* of //p' found)

    # shellcheck disable=SC2016 # that shell's $1 and $2
    run -0 limited unshare --ipc bash -c '
        build/msg/basic_recv "$1" &
        until build/msg/basic_send "$2" 1 2>/dev/null; do :; done
        wait' bash "$one" "$other"
    [[ $output == *"1 of 1 readings arrived" ]]
}

@test "msg/ftok_collide: a hard link is not another file" {
    mkdir folder
    touch folder/file
    ln folder/file folder/link
    run -1 limited build/msg/ftok_collide folder
    [ "$output" = "looked at 1 files
ftok_collide: folder: no two files have the same key" ]
}

@test "msg/ftok_collide: where one folder has no such two, the next may" {
    mkdir folder
    touch folder/file
    run -0 limited build/msg/ftok_collide folder /usr /sys
    [[ ${lines[3]} == "0x49"*" is the key of both" ]]
}

@test "msg/ftok, ftok_collide: wrong arguments get the usage line and 2" {
    run -2 limited build/msg/ftok
    [ "$output" = "usage: ftok FILE" ]

    for wrong in "" "--all /usr"; do
        # shellcheck disable=SC2086 # two words, or none
        run -2 limited build/msg/ftok_collide $wrong
        [ "$output" = "usage: ftok_collide FOLDER..." ]
    done
}

@test "msg/basic: its card holds" {
    card msg/basic_recv.c
}

@test "msg/basic: the receiver skips messages that are no readings" {
    start build/msg/basic_recv README.md
    put 'put 7, "short", "x" x 100, "", reading(1, 9, 9, "bergen") . "x"'
    limited build/msg/basic_send README.md 1
    finish

    printed | grep 'skipped 5 bytes: not a reading'
    printed | grep 'skipped 0 bytes: not a reading'
    printed | grep '1 of 1 readings arrived'
    [ "$(story | grep -c 'not a reading')" -eq 4 ]
    run ! grep bergen logs/receiver
}

@test "msg/basic: messages wait for the receiver, not the other way about" {
    start build/msg/basic_recv README.md
    stop
    limited build/msg/basic_send README.md 900
    signal CONT
    finish
    printed | grep '900 of 900 readings arrived'
}

@test "msg/basic: a receiver that is stopped takes its queue along" {
    for signal in INT TERM HUP; do
        start build/msg/basic_recv README.md
        in_kernel q
        signal "$signal"
        run finish
        run ! in_kernel q
    done
}

@test "msg/basic: a sender that waits for room ends with the queue" {
    start build/msg/basic_recv README.md
    stop
    background sender build/msg/basic_send README.md 100000
    await asleep sender
    signal TERM
    signal CONT
    run finish
    run -1 finish sender
    [ "$(printed sender)" = "basic_send: msgsnd: Identifier removed" ]
}

@test "msg/basic: what a killed receiver left behind, the next one takes over" {
    start build/msg/basic_recv README.md
    signal KILL
    run finish
    in_kernel q

    start build/msg/basic_recv README.md
    limited build/msg/basic_send README.md 1
    finish
    run ! in_kernel q
}

@test "msg/basic: a sender without a receiver says so" {
    run -1 limited build/msg/basic_send README.md 3
    [[ $output == *"is the receiver running?: No such file or directory"* ]]
}

@test "msg/basic: wrong arguments get the usage line and status 2" {
    run -2 limited build/msg/basic_recv
    [ "$output" = "usage: basic_recv FILE" ]

    run -2 limited build/msg/basic_send README.md three
    [ "$output" = "usage: basic_send FILE COUNT" ]
}

@test "msg/types: its card holds" {
    card msg/types_recv.c
}

# types MSGTYPS TYPES: what types_recv prints.
types() {
    # shellcheck disable=SC2086 # lists of words
    start build/msg/types_recv README.md $1
    # shellcheck disable=SC2086
    limited build/msg/types_send README.md $2
    finish
    story | tail -n +2
}

@test "msg/types: -n takes the lowest type first, first come first served" {
    [ "$(types '-8 -8 -8 -8' '8 1 8 1')" = \
"msgtyp -8:  8:#1 [1:#2]  8:#3  1:#4
msgtyp -8:  8:#1  8:#3 [1:#4]
msgtyp -8: [8:#1]  8:#3
msgtyp -8: [8:#3]" ]
}

@test "msg/types: what lies above n, -n does not take" {
    [ "$(types '-2' '3 4')" = \
        "msgtyp -2: nothing, No message of desired type" ]
}

@test "msg/types: MSG_EXCEPT passes over one type only" {
    [ "$(types '^1 ^1 ^1' '1 2 1 3')" = \
"msgtyp ^1:  1:#1 [2:#2]  1:#3  3:#4
msgtyp ^1:  1:#1  1:#3 [3:#4]
msgtyp ^1: nothing, No message of desired type" ]
}

@test "msg/types: what nobody took goes with the queue" {
    [ "$(types 0 '5 6 7')" = "msgtyp  0: [5:#1]  6:#2  7:#3" ]
    run ! in_kernel q
}

@test "msg/types: a message that only says that it is the end, is not" {
    start build/msg/types_recv README.md 0 0
    put 'put 9, "END"; put 9, reading(1, 7, 0, "x") . "x"; put 4, "garbage"'
    limited build/msg/types_send README.md 5
    finish
    [ "$(story)" = "skipped 3 bytes: not a reading
skipped 18 bytes: not a reading
msgtyp  9: [9:END], sent last and taken first
msgtyp  0: [4:?]  5:#1
msgtyp  0: [5:#1]" ]
}

@test "msg/types: a kernel without MSG_COPY shows what is taken" {
    traced -e trace=msgrcv -e inject=msgrcv:error=ENOSYS:when=2 \
        build/msg/types_recv README.md -2
    limited build/msg/types_send README.md 2 1
    finish
    grep 'MSG_COPY.*INJECTED' log
    [ "$(story | tail -n 1)" = "msgtyp -2: [1:#2]" ]
}

@test "msg/types: wrong arguments get the usage line and status 2" {
    local wrong
    for wrong in "" README.md "README.md 10" "README.md ^" "README.md ^^1"; do
        # shellcheck disable=SC2086 # a list of words
        run -2 limited build/msg/types_recv $wrong
        [ "$output" = "usage: types_recv FILE MSGTYP..., as 0, 3, -2, ^2" ]
    done
    for wrong in "" README.md "README.md 0" "README.md 9" "README.md 1 x"; do
        # shellcheck disable=SC2086
        run -2 limited build/msg/types_send $wrong
        [ "$output" = "usage: types_send FILE TYPE..., each from 1 to 8" ]
    done
}

@test "msg/duplex: its card holds" {
    card msg/duplex_server.c
}

@test "msg/duplex: eight clients at once, and each gets its own answers" {
    start build/msg/duplex_server README.md 8
    for client in {1..8}; do
        background "$client" build/msg/duplex_client README.md "10$client"
    done
    for client in {1..8}; do
        finish "$client"
        [ "$(printed "$client" | cut -d ' ' -f 2)" = \
            "$(seq -f '#%.0f' "10$client")" ]
    done
    finish
    [ "$(story | grep -c 'says thank you')" -eq 8 ]
}

@test "msg/duplex: with --same-type the server eats its answer, every time" {
    local try
    for try in 1 2 3 4 5 6; do
        cp README.md "$try"
        background "server$try" build/msg/duplex_server --same-type "$try"
        await grep -q ready "logs/server$try"
        background "client$try" build/msg/duplex_client --same-type "$try" 3
    done
    for try in 1 2 3 4 5 6; do
        run -1 finish "client$try"
        [ "$(printed "client$try")" = \
            "duplex_client: waited 2 s for an answer of type 1" ]
        finish "server$try"
        [ "$(story "server$try" | sed 's/process [0-9]*/PID/')" = \
"PID asks for #1
skipped 17 bytes: not a question
PID says thank you" ]
    done
}

@test "msg/duplex: the server skips what is no question" {
    start build/msg/duplex_server README.md
    put 'put 1, "", "short", pack("i L", 1, 5), pack("i L", 0, 5),
             pack("i L", -7, 5), pack("i L a*", 99, 5, "longer"), "x" x 500'
    limited build/msg/duplex_client README.md 1
    finish
    [ "$(story | grep -c 'skipped .* bytes: not a question')" -eq 7 ]
    [ "$(story | grep -c 'asks for')" -eq 1 ]
}

@test "msg/duplex: the server does not wait for room, lest all wait" {
    start build/msg/duplex_server README.md
    # shellcheck disable=SC2016 # perl's $all
    put 'use IPC::Msg;
         $all = IPC::Msg->new(ftok("README.md", ord "I"), 0);
         $all->set(qbytes => 20);
         put 5, "ten bytes.";
         put 1, pack("i L", 99, 7);'
    await grep 'no room to answer process 99' logs/receiver
    put 'put 1, pack("i L", 99, 0)'
    finish
}

@test "msg/duplex: an answer to somebody who had our process id is skipped" {
    start build/msg/duplex_server README.md
    export -f put
    # shellcheck disable=SC2016 # that shell's $$, which exec keeps
    run -0 limited bash -c '
        put "put $$, reading(1, 40, 0, q(bergen)), q(garbage)"
        exec build/msg/duplex_client README.md 2'
    finish
    [ "$output" = "skipped an answer to #40
skipped 7 bytes: not a reading
oslo #1 -3.2 C
oslo #2 -3.1 C" ]
}

@test "msg/duplex: a client that is stopped says goodbye" {
    start build/msg/duplex_server README.md
    stop
    # Without its alarm it has all the time that this test may need.
    background client env ASAN_OPTIONS=detect_leaks=0 \
        strace -qqo log -e inject=setitimer:retval=0 \
        build/msg/duplex_client README.md 1
    await grep -q msgrcv log
    kill -INT "$(child_of "$(pid client)")"
    run -130 finish client
    signal CONT
    finish
    printed | grep 'says thank you'
}

@test "msg/duplex: a client does not wait for ever for a killed server" {
    start build/msg/duplex_server README.md
    signal KILL
    run finish
    run -1 limited build/msg/duplex_client README.md 3
    [[ $output == *"waited 2 s for an answer of type "* ]]

    # What it asked for, the next server answers.
    start build/msg/duplex_server README.md
    finish
    printed | grep 'asks for #1'
    run ! in_kernel q
}

@test "msg/duplex: wrong arguments get the usage line and status 2" {
    run -2 limited build/msg/duplex_server README.md 0
    [ "$output" = "usage: duplex_server [--same-type] FILE [CLIENTS]" ]

    run -2 limited build/msg/duplex_client README.md
    [ "$output" = "usage: duplex_client [--same-type] FILE COUNT" ]
}

@test "msg/full: its card holds" {
    card msg/full_recv.c
}

@test "msg/full: who is seen to wait is the sender, for room in that queue" {
    start build/msg/full_recv README.md
    local queue
    queue=$(build/msg/list README.md | awk 'NR == 2 { print $2 }')
    # shellcheck disable=SC2016 # that shell's $$, which exec keeps
    limited bash -c 'echo $$; exec build/msg/full_send README.md 15' >sender
    finish
    printed | grep \
        "^process $(head -n 1 sender) waits in msgsnd($queue, 0x.*, 17, 0)"
}

@test "msg/full: a sender that sleeps for another reason is not waited for" {
    mkfifo go
    traced -e trace=openat build/msg/full_recv README.md
    background sender perl -MIPC::SysV=ftok -e '
        $queue = msgget(ftok("README.md", ord "I"), 0) // die $!;
        sub put { msgsnd($queue, pack("l! C N n a10", 1, @_), 0) or die $! }
        put 1, $_, 0, "oslo" for 1..10;
        open GO, "go";
        put 1, $_, 0, "oslo" for 11..15;
        put 2, 15, 0, "";'
    looked_at() { [ "$(grep -c "/proc/$(pid sender)/syscall" log)" -ge 3 ]; }
    await looked_at
    [ "$(printed | wc -l)" = 1 ] # the queue is full, and nobody waits for room
    : >go
    finish
    finish sender
    [ "$(story | head -n 1)" = "10 messages are 170 of 170 bytes" ]
}

@test "msg/full: with --no-wait what does not fit is lost, every time" {
    for _ in 1 2 3; do
        start build/msg/full_recv README.md
        run -0 limited build/msg/full_send --no-wait README.md 25
        finish
        [ "${#lines[@]}" -eq 15 ]
        [ "${lines[0]}" = "#11: the queue is full (EAGAIN): lost" ]
        [ "${lines[14]}" = "#25: the queue is full (EAGAIN): lost" ]
        printed | grep '^10 of 25 readings arrived'
    done
}

@test "msg/full: with waiting nothing is lost, however many" {
    start build/msg/full_recv README.md
    limited build/msg/full_send README.md 2000
    finish
    printed | grep '^2000 of 2000 readings arrived'
}

@test "msg/full: few readings fit, and nobody has to wait" {
    start build/msg/full_recv README.md
    run -0 limited build/msg/full_send README.md 5
    finish
    [ -z "$output" ]
    run ! grep -E 'waits|raised to 340' logs/receiver
    printed | grep '^5 of 5 readings arrived'
}

@test "msg/full: a sender that may not be looked into is seen to sleep" {
    [ "$(id -u)" -eq 0 ] || skip "only root may look into everybody"
    local nobody=(setpriv --reuid nobody --regid nogroup --clear-groups)
    chmod o+x "$BATS_RUN_TMPDIR"
    cp "$root/$build/msg/full_recv" .
    cp "$(command -v perl)" hidden
    chmod 111 hidden # who may not be read, may not be looked into

    start "${nobody[@]}" ./full_recv README.md
    # shellcheck disable=SC2016 # perl's $queue; setpriv itself could read it
    "${nobody[@]}" sh -c 'exec "$@"' sh ./hidden -MIPC::SysV=ftok -e '
        $queue = msgget(ftok("README.md", ord "I"), 0) // die $!;
        msgsnd($queue, pack("l! C N n a10", 1, @$_), 0) or die $!
            for map([1, $_, 0, "oslo"], 1..15), [2, 15, 0, ""];'
    finish
    printed | grep '^process .* waits in msgsnd, as it seems'
    printed | grep '^15 of 15 readings arrived'
}

@test "msg/full: wrong arguments get the usage line and status 2" {
    run -2 limited build/msg/full_recv README.md 3
    [ "$output" = "usage: full_recv FILE" ]

    run -2 limited build/msg/full_send --no-wait README.md
    [ "$output" = "usage: full_send [--no-wait] FILE COUNT" ]
}

@test "msg/truncate: its card holds" {
    card msg/truncate_recv.c
}

# truncate OPTION REMARK: what the receiver makes of it.
truncate() {
    # shellcheck disable=SC2086 # an option or nothing
    start build/msg/truncate_recv $1 README.md
    limited build/msg/truncate_send README.md "$2"
    finish
    story
}

@test "msg/truncate: with --cut the remark is lost, and nobody is told" {
    for _ in 1 2 3; do
        [ "$(truncate --cut 'fog in the fjord')" = "oslo #1 -3.2 C
oslo #2 -3.1 C
oslo #3 -3.0 C
3 of 3 readings arrived" ]
    done
}

@test "msg/truncate: every E2BIG doubles the room, up to the longest message" {
    truncate '' "$(printf '%08175d' 7)" >story
    [ "$(grep -c '^E2BIG' story)" -eq 9 ]
    [ "$(sed -n 's/^remark: //p' story | tr -d '\n' | wc -c)" -eq 8175 ]
    grep '^3 of 3 readings arrived' story
}

@test "msg/truncate: what is longer than a queue takes is refused at once" {
    start build/msg/truncate_recv README.md
    run -1 limited build/msg/truncate_send README.md "$(printf '%08176d' 7)"
    finish
    [ "$output" = "truncate_send: msgsnd of 8193 bytes: Invalid argument" ]
    printed | grep '2 of 3 readings arrived'
}

@test "msg/truncate: a remark that is an order to the terminal is skipped" {
    truncate '' $'\033[2J' >story
    grep '^skipped 21 bytes: the remark is not text' story
    grep '^2 of 3 readings arrived' story
}

@test "msg/truncate: what is no reading has no remark" {
    start build/msg/truncate_recv README.md
    put 'put 1, "short", reading(7, 1, 1, "x") . "remarkable"'
    limited build/msg/truncate_send README.md ''
    finish
    [ "$(story | grep -c 'not a reading')" -eq 2 ]
    run ! grep remarkable logs/receiver
}

@test "msg/truncate: wrong arguments get the usage line and status 2" {
    run -2 limited build/msg/truncate_recv --cut
    [ "$output" = "usage: truncate_recv [--cut] FILE" ]

    run -2 limited build/msg/truncate_send README.md
    [ "$output" = "usage: truncate_send FILE REMARK" ]
}

@test "msg/gone: its card holds" {
    card msg/gone_recv.c
}

@test "msg/gone: a signal does not end the waiting, and nothing is lost" {
    interrupted() { [ "$(grep -c EINTR logs/receiver)" -eq "$1" ]; }
    start build/msg/gone_recv README.md
    for count in 1 2 3; do
        await asleep
        signal USR1
        await interrupted $count
    done
    limited build/msg/gone_send README.md
    finish
    [ "$(story | cut -d : -f 1)" = "EINTR
EINTR
EINTR
oslo #1 -3.2 C
oslo #2 -3.1 C
EIDRM
EINVAL" ]
}

@test "msg/gone: with --no-retry one signal is the end, every time" {
    for _ in 1 2 3; do
        start build/msg/gone_recv --no-retry README.md
        await asleep
        signal USR1
        run -1 finish
        printed | grep '^gone_recv: msgrcv: Interrupted system call'
    done
    build/msg/gone_send README.md || true # it had to leave the queue
}

@test "msg/gone: SA_RESTART is asked for" {
    traced build/msg/gone_recv README.md
    limited build/msg/gone_send README.md
    finish
    grep 'SIGUSR1.*SA_RESTART' log
}

@test "msg/gone: the messages that are still in it are lost with the queue" {
    start build/msg/gone_recv README.md
    stop
    run -1 limited build/msg/gone_send README.md
    [ "$output" = "gone_send: removed the queue with 2 messages in it" ]

    # Whoever does not wait in it at that moment comes too late for EIDRM.
    signal CONT
    finish
    [[ $(story) == "EINVAL: there is no queue "* ]]
}

@test "msg/gone: the key is free again, the id is not" {
    start build/msg/gone_recv README.md
    local before
    before=$(build/msg/list README.md | awk 'NR == 2 { print $2 }')
    limited build/msg/gone_send README.md
    finish
    [ "$(story | tail -n 1)" = "EINVAL: there is no queue $before" ]

    start build/msg/gone_recv README.md
    [ "$before" != "$(build/msg/list README.md | awk 'NR == 2 { print $2 }')" ]
    signal TERM
    run finish
}

@test "msg/gone: END ends it as well" {
    start build/msg/gone_recv README.md
    limited build/msg/basic_send README.md 2
    finish
    printed | grep '2 of 2 readings arrived'
    run ! in_kernel q
}

@test "msg/gone: wrong arguments get the usage line and status 2" {
    run -2 limited build/msg/gone_recv --retry README.md
    [ "$output" = "usage: gone_recv [--no-retry] FILE" ]

    run -2 limited build/msg/gone_send
    [ "$output" = "usage: gone_send FILE" ]
}

@test "msg/list: its card holds" {
    card msg/list.c
}

# ours and theirs ID: the first six columns of list, and all those of ipcs(1).
ours() {
    limited build/msg/list | grep " $1 " | xargs | cut -d ' ' -f 1-6
}
theirs() {
    ipcs -q | grep " $1 " | xargs
}

@test "msg/list: agrees with ipcs(1), and its last column removes the queue" {
    start build/msg/basic_recv README.md
    stop
    limited build/msg/basic_send README.md 10
    limited build/msg/list README.md >list
    [ "$(wc -l <list)" -eq 2 ]

    read -r _ id _ _ bytes messages sender receiver remedy < <(tail -n 1 list)
    [ "$bytes $messages $receiver" = "187 11 0" ]
    [ "$sender" -gt 0 ]
    [ "$(ours "$id")" = "$(theirs "$id")" ]
    [ "$remedy" = "ipcrm -q $id" ]

    signal KILL
    run finish
    $remedy
    run ! in_kernel q
}

@test "msg/list: agrees with ipcs(1) about strangers, and keeps off them" {
    local id line ours theirs
    id=$(perl -MIPC::SysV=:all -e '
        $queue = msgget(ftok("README.md", ord "J"), IPC_CREAT | 0640) // die $!;
        msgsnd($queue, pack("l! a*", 1, "x" x 1000), 0) or die $!;
        print $queue')
    line=$(limited build/msg/list | grep " $id " || true)
    ours=$(ours "$id" || true)
    theirs=$(theirs "$id" || true)
    ipcrm -q "$id"

    [[ $ours == *" 640 1000 1" ]]
    [ "$ours" = "$theirs" ]
    [[ $line == *" -" ]]
}

@test "msg/list: with files, only the queues of their keys" {
    cp README.md other
    cp README.md neither
    start build/msg/basic_recv README.md
    background another build/msg/basic_recv other
    await grep -q ready logs/another

    [ "$(limited build/msg/list neither | wc -l)" -eq 1 ]
    [ "$(limited build/msg/list neither other | wc -l)" -eq 2 ]
    [ "$(limited build/msg/list README.md other | wc -l)" -eq 3 ]
    signal TERM
    signal TERM another
    run finish
    run finish another
}

@test "msg/list: wrong arguments get the usage line and status 2" {
    run -2 limited build/msg/list --all
    [ "$output" = "usage: list [FILE...]" ]

    run -1 limited build/msg/list missing
    [ "$output" = "list: ftok missing: No such file or directory" ]
}

# All that make a queue, and what they are called with.
receivers=(
    "types_recv README.md 0"
    "full_recv README.md"
    "truncate_recv README.md"
    "gone_recv README.md"
    "duplex_server README.md"
)

@test "msg: every receiver that is stopped takes its queue along" {
    for receiver in "${receivers[@]}"; do
        for signal in INT TERM HUP; do
            # shellcheck disable=SC2086 # a list of words
            start build/msg/$receiver
            in_kernel q
            signal "$signal"
            run -$((128 + $(kill -l $signal))) finish
            run ! in_kernel q
        done
    done
}

@test "msg: every receiver starts over what a killed one left" {
    for receiver in "${receivers[@]}"; do
        for _ in 1 2; do
            # shellcheck disable=SC2086 # a list of words
            start build/msg/$receiver
            signal KILL
            run finish
            in_kernel q
        done
        # shellcheck disable=SC2086
        start build/msg/$receiver
        signal TERM
        run finish
        run ! in_kernel q
    done
}
