#!/usr/bin/env bats
#
# make trace: what it draws has happened, and can have happened in this order.

load helpers

setup() {
    need strace
}

# trace LESSON: its events are in ./events, its picture is printed.
trace() {
    (cd "$root" && BUILD=$build sh common/trace/lesson.sh "$1") &&
        cp "$root/$build/trace/$(tr / _ <<<"$1").events" events &&
        awk -f "$root/tests/trace_check.awk" events
}

# traced COMMAND...: the same for any commands, and always in the same order.
traced() {
    limited build/common/trace --untimed --save events "$@" &&
        awk -f "$root/tests/trace_check.awk" events
}

# happens TEXT...: events with these texts, in this order, others in between.
happens() {
    local text
    cut -f 3,9 events >rest
    for text; do
        grep -nF -- "$text" rest | head -n 1 | cut -d : -f 1 >line
        [ -s line ] || { echo "does not happen, or not there: $text" && false; }
        tail -n +$(($(cat line) + 1)) rest >rest.new
        mv rest.new rest
    done
}

# The three readings and the END, one after the other, sent and received.
@test "msg/basic: each message is in the queue between msgsnd and msgrcv" {
    run -0 traced 'build/msg/basic_recv README.md' \
        'build/msg/basic_send README.md 3'
    [[ ${lines[0]} == *basic_recv*queue*basic_send* ]]
    happens 'msgget IPC_CREAT' 'ready on' 'msgrcv any type' \
        'msgsnd type 1, 17 bytes: oslo #1' '= 17 bytes: oslo #1, type 1' \
        'msgsnd type 2, 17 bytes: END of 3' '= 17 bytes: END of 3' \
        'msgctl IPC_RMID'
    [ "$(grep -c $'1 message, 17 bytes\tmsgsnd' events)" -eq 4 ]
    [ "$(grep -c $'empty\t= 17 bytes' events)" -eq 4 ]
}

@test "pipe/basic: end of file comes when the write end is closed" {
    run -0 traced 'build/pipe/basic 2'
    happens fork 'write 17 bytes: oslo #1' '= 17 bytes: oslo #1' \
        'write 17 bytes: oslo #2' 'close write end' '= end of file' 'ends'
    grep -q $'0 bytes, no writer\t= end of file' events
}

@test "pipe/basic --leave-open: the reader waits, and a writer is there" {
    run -0 traced 'build/pipe/basic --leave-open 1'
    happens fork 'close write end' 'SIGALRM' 'stderr: basic: waited 1 s'
    grep -q $'0 bytes, writer: child\tclose write end$' events
}

@test "trace: what waits for a signal" {
    run -0 traced "perl -MPOSIX -e '
        \$SIG{ALRM} = sub {}; alarm 1; sigsuspend(POSIX::SigSet->new)'"
    happens 'waits for a signal'
}

@test "fifo/basic: opening waits for the other end" {
    run -0 traced 'build/fifo/basic_recv readings' \
        'build/fifo/basic_send readings 2'
    happens 'mkfifo readings' 'ready on' 'open readings O_RDONLY' \
        'open readings O_WRONLY' '= returns' 'write 17 bytes: oslo #1' \
        '= 17 bytes: oslo #1'
    grep -q $'wait.*open readings O_RDONLY' events
}

@test "udp/basic: datagrams are in the port until they are received" {
    run -0 traced 'build/udp/basic_recv 127.8.1.1 9400' \
        'build/udp/basic_send 127.8.1.1 9400 2'
    happens 'bind port 9400' 'ready on' 'send 17 bytes: oslo #1' \
        'receive, 17 bytes: oslo #1' 'send 17 bytes: oslo #2' \
        '= 17 bytes: oslo #2'
    grep -q $'1 datagram, 17 bytes\tsend' events
}

@test "tcp/basic: a connection is in the backlog until it is accepted" {
    run -0 traced 'build/tcp/basic_recv 127.8.1.2 9400' \
        'build/tcp/basic_send 127.8.1.2 9400 2'
    happens 'listen 1' 'ready on' 'accept' 'connect port 9400' '= returns' \
        'send 17 bytes: oslo #1' '= 17 bytes: oslo #1'
    grep -q $'1 connection\tconnect' events
    grep -q $'object.*to port 9400$' events
}

@test "tcp/fork_server --leave-open: a client waits, and the parent can write" {
    run -0 traced \
        'build/tcp/fork_server --clients 1 --leave-open 127.8.1.4 9400' \
        'build/tcp/client --clients 1 127.8.1.4 9400 1'
    happens 'receive, 17 bytes: END of 1' receive 'no end of file in 2 s'
    grep -q $'0 bytes, writer: fork_server\treceive$' events
}

@test "pipe/cloexec --no-cloexec: the second cat has what the first waits for" {
    run -0 traced 'build/pipe/cloexec --no-cloexec'
    # The first cat may read before there is something to read, too.
    awk -F '\t' '$5 == 0 { pipe = $8 } $9 == "SIGALRM" { exit }
        END { exit pipe !~ /bytes, writer: cat 2$/ }' events
}

@test "sem/basic: the values are those that semop leaves" {
    run -0 traced 'build/sem/basic_recv README.md slot' \
        'build/sem/basic_send README.md slot 2'
    happens 'semget IPC_CREAT' 'ready on' 'write slot, 17 bytes: oslo #1' \
        'semop 2: +1' 'read slot, 17 bytes: oslo #1' 'semop 2: -1' \
        'write slot, 17 bytes: oslo #2'
    grep -q $'1 1 1\tsemop 2: +1' events
    grep -q $'1 1 0\tsemop 2: -1' events
}

@test "shm/basic: shows the semaphores, and says what it cannot see" {
    run -0 traced 'build/shm/basic_recv README.md' \
        'build/shm/basic_send README.md 2'
    happens 'shmget IPC_CREAT' 'shmat' 'ready on' 'shmat' 'semop 0: -1' \
        'semop 1: +1' 'semctl IPC_RMID'
    grep -q $'2 attached\tshmat' events
    [[ $output == *"no tracer sees them"* ]]
}

# states PROCESS: those that are marked of the process with this number.
states() {
    awk -F '\t' -v p="$1" '$1 == "event" && $3 == p && $4 == "state" {
            sub(/.*state /, "")
            sub(/\]/, "")
            printf "%s ", $0
        }' events
}

@test "msg/ftp: each state of both machines is marked, in the table's order" {
    run -0 traced 'build/msg/ftp_server --requests 1 . README.md' \
        'build/msg/ftp_client README.md README.md copy'
    [ "$(states 1)" = \
        "CALLING WAITING RECEIVING COMMITTING CLOSING SUCCEEDED " ]
    [ "$(states 3)" = "STARTING OPENING SENDING CLOSING CLOSED " ]
    [ "$(states 0)$(states 2)" = "" ]
    happens '[state WAITING]' 'msgrcv type -1718906931' '[state RECEIVING]' \
        'EOT, ' '[state COMMITTING]' '[state CLOSING]' DONE
}

@test "msg/ftp: of a file that is not there, what is known is marked" {
    run -0 traced 'build/msg/ftp_server --requests 1 . README.md' \
        'build/msg/ftp_client README.md nothing copy'
    grep -q '\[state REFUSING\]' events
    run -1 grep -E '\[state (OPENING|SENDING|RECEIVING|SUCCEEDED)\]' events
    [ "$(states 1)" = "CALLING WAITING FAILED " ]
}

@test "msg/ftp: the table is not that of a program with another name" {
    cp build/msg/ftp_client other
    run -0 traced 'build/msg/ftp_server --requests 1 . README.md' \
        './other README.md README.md copy'
    [ "$(states 1)" = "" ]
    [ "$(states 3)" = "STARTING OPENING SENDING CLOSING CLOSED " ]
}

@test "udp/tftp: the states of both ends are marked, as far as they are known" {
    trace udp/tftp
    [ "$(states "$(awk -F '\t' '/^process/ && /tftp_client/ { print $2 }' \
        events)")" = "RRQ_SENT RECEIVING SUCCEEDED " ]
    [ "$(states "$(awk -F '\t' '/^process/ && /child/ { print $2 }' \
        events)")" = "RRQ_ANSWERED SENDING SUCCEEDED " ]
}

@test "trace: with the times it is in order, too" {
    for lesson in msg/basic pipe/basic fifo/basic; do
        run -0 trace $lesson
        awk -F '\t' '$1 == "event" { if ($2 < last) exit 1; last = $2 }' events
    done
}

@test "trace: no line is wider than a terminal" {
    run -0 traced 'build/msg/basic_recv README.md' \
        'build/msg/basic_send README.md 3'
    run ! grep -E '.{81}' <<<"$output"
    run -0 traced 'build/tcp/fork_server --clients 2 127.8.1.3 9400' \
        'build/tcp/client --clients 2 127.8.1.3 9400 1'
    run ! grep -E '^.{81}' <<<"$output"
}

@test "trace: the same commands give the same picture without times" {
    run -0 traced 'build/msg/basic_recv README.md' \
        'build/msg/basic_send README.md 3'
    first=$output
    run -0 traced 'build/msg/basic_recv README.md' \
        'build/msg/basic_send README.md 3'
    [ "$output" = "$first" ]
}

@test "trace: a list of events is drawn as it was saved" {
    run -0 traced 'build/pipe/basic 1'
    first=$output
    run -0 build/common/trace --events events
    [ "$output" = "$first" ]
    echo 'event nonsense' >>events
    run -1 build/common/trace --events events
    [[ $output == *": not a line of events" ]]
}

@test "trace: what it draws for a browser needs no script and nothing else" {
    run -0 build/common/trace --untimed --svg picture.svg --title 'a <b>' \
        'build/pipe/basic 1'
    run ! grep -iE '<script|href|url\(|@import|src=' picture.svg
    [ "$(grep -c 'http' picture.svg)" -eq 1 ] # the name of SVG itself
    grep -q '<title>a &lt;b&gt;</title>' picture.svg
    grep -q 'prefers-color-scheme:dark' picture.svg
    # A bar for each wait, an arrow with its number at both ends.
    [ "$(grep -c 'class="bar"' picture.svg)" -ge 2 ]
    [ "$(grep -c 'class="dim mid">1<' picture.svg)" -eq 2 ]
    # It ends at what received it, and what is held is drawn above it.
    [ "$(grep -c 'class="tip"' picture.svg)" -eq 1 ]
    [ "$(grep -n 'class="flow"' picture.svg | tail -n 1 | cut -d : -f 1)" -lt \
        "$(grep -n 'class="held"' picture.svg | head -n 1 | cut -d : -f 1)" ]
    # All that is opened is closed.
    perl -e 'local $/; $_ = <>; s/<[^>]*\/>//g;
        1 while s/<(\w+)[^>]*>[^<]*<\/\1>//; exit /</' picture.svg
}

@test "trace: a long title has as many lines as it takes, above the names" {
    run -0 build/common/trace --untimed --svg picture.svg \
        --title "$(printf 'word %.0s' {1..60})" 'build/pipe/basic 1'
    sed -n 's/.* y="\([0-9]*\)" class="dim">word .*/\1/p' picture.svg >title
    name=$(sed -n 's/.* y="\([0-9]*\)" class="name">.*/\1/p' picture.svg |
        head -n 1)
    [ "$(wc -l <title)" -ge 2 ]
    [ "$((name - $(tail -n 1 title)))" -ge 16 ]
}

@test "trace: the page has the sources below the picture" {
    run -0 build/common/trace --untimed --save events 'build/pipe/basic 1'
    cp "$root/pipe/basic.c" .
    run -0 build/common/trace --events events --html page.html basic.c
    grep -q '#include &lt;err.h&gt;' page.html
    run ! grep -iE '<script|href|url\(|src=' page.html
    run -1 build/common/trace --events events --html page.html no-such.c
}

# On a busy machine all may be over before there is time to look: five attempts.
@test "trace: what is held agrees with the kernel's own figures" {
    for lesson in msg/basic msg/posix sem/basic shm/basic udp/basic \
        udp/local tcp/basic tcp/local; do
        for _ in 1 2 3 4 5; do
            run -0 trace $lesson
            ! grep -q '[1-9][0-9]* figures' <<<"$output" || break
        done
        [[ $output =~ [1-9][0-9]*" figures, 0 of them wrong." ]]
    done
}

# drawings FILE: the traces that these notes show.
drawings() {
    sed -n '/^\$ build\/common\/trace/,/^```/p' "$root/$1"
}

@test "trace: the notes show what it draws, and the same in both languages" {
    for notes in pipe/README fifo/README msg/README sem/README shm/README \
        udp/README tcp/README pipe/answers udp/answers common/trace; do
        (cd "$root" && BUILD=$build perl tests/trace_notes.pl "$notes.md")
        [ "$(drawings "$notes.md" | wc -l)" -gt 15 ]
        [ "$(drawings "$notes.md")" = "$(drawings "$notes.zh.md")" ]
    done
}

@test "trace: of very many events it draws the first and the last" {
    run -0 limited build/common/trace --untimed --save events \
        'build/sem/lock README.md 2 200'
    [ "$(grep -c ^event events)" -gt 600 ]
    [[ $output == *"events more; --save has them all"* ]]
    [[ $output == *"exec lock"*ends* ]]
    [ "${#lines[@]}" -lt 1100 ]
}

@test "trace: a first command that is never ready is said to be one" {
    run -1 traced true 'echo never'
    [[ $output == *'never said `ready`'* ]]
}

@test "trace: a strace that shows nothing is said to be one, at once" {
    mkdir bin
    ln -s "$(type -P true)" bin/strace
    PATH=$PWD/bin:$PATH run -1 timeout 5 build/common/trace 'build/pipe/basic 2'
    [ "$output" = "trace: strace showed no call of build/pipe/basic 2" ]
}

@test "trace: at the time limit it ends what is left" {
    run -0 timeout 15 build/common/trace --limit 1 'cat /dev/zero >/dev/null'
    [[ $output == *"ended by SIGTERM"* ]]
}

@test "trace: wrong arguments get the usage" {
    run -2 build/common/trace
    [[ $output == usage:* ]]
    run -2 build/common/trace --events events true
    run -0 build/common/trace --help
}
