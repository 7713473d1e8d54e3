#!/usr/bin/env bats

# shellcheck disable=SC2030,SC2031 # each test has its own $parent

load helpers

# children_of PID: sets $children, the first one first. Does not fork: there may
# be little time.
children_of() {
    children=()
    { read -ra children <"/proc/$1/task/$1/children"; } 2>/dev/null || true
}

# running COUNT PROGRAM...: run it in the background, by the name of lesson;
# return when it has so many children. Sets $parent and $children. Starts it
# once more if it was over before anybody looked.
running() {
    local count=$1
    shift
    for _ in {1..10}; do
        background lesson "$@"
        while [ ! -s logs/lesson.status ]; do
            children_of "${pid_of[lesson]}" # the timeout
            [ ${#children[@]} -eq 1 ] || continue
            children_of "${children[0]}"
            [ ${#children[@]} -eq 1 ] || continue
            parent=${children[0]}
            children_of "$parent"
            [ ${#children[@]} -ne "$count" ] || return 0
        done
    done
    return 1
}

# held COUNT PROGRAM...: the same, and it has to wait where it first prints,
# until `story` is called. ^C can end it, which bash would have it ignore.
held() {
    local count=$1
    shift
    rm -f held && mkfifo held
    # shellcheck disable=SC2094 # a FIFO with both ends here
    exec {both}<>held {held}<held
    head -c 65536 /dev/zero >&"$both" # there is no more room
    exec {both}>&-
    # shellcheck disable=SC2016 # its own "$@"
    running "$count" \
        env --default-signal=INT sh -c 'exec "$@" >held' - "$@"
}

# story: all that it prints.
story() {
    limited tr -d '\0' <&"$held"
    exec {held}<&-
}

all_gone() {
    local pid
    for pid; do
        gone "$pid" || return
    done
}

@test "pipe/basic: its card holds" {
    card pipe/basic.c
}

@test "pipe/basic: more readings than fit into a pipe all arrive" {
    run -0 limited build/pipe/basic 100000
    [ "${#lines[@]}" = 100001 ]
    [ "${lines[99999]}" = "oslo #100000 -3.3 C" ]
    [ "${lines[100000]}" = "end of file after 100000 readings" ]
}

@test "pipe/basic: no reading at all is end of file at once" {
    run -0 limited build/pipe/basic 0
    [ "$output" = "end of file after 0 readings" ]
}

@test "pipe/basic: with its own write end open, the child waits in vain" {
    run -1 limited build/pipe/basic --leave-open 3
    [ "${lines[2]}" = "oslo #3 -3.0 C" ]
    [[ ${lines[3]} == *"waited 1 s for end of file"*"the receiver's own" ]]
    [ "${lines[4]}" = "basic: the receiver ended with status 1" ]
}

@test "pipe/basic: when the parent is killed, the child sees end of file" {
    for signal in INT TERM KILL; do
        held 1 build/pipe/basic 1000000
        child=${children[0]}
        kill -"$signal" "$parent"
        story | tail -1 | grep '^end of file after [0-9]* readings$'
        run -"$((128 + $(kill -l "$signal")))" finish lesson
        await all_gone "$parent" "$child"
    done
}

@test "pipe/basic: when the child is killed, the parent gets SIGPIPE" {
    for signal in INT TERM KILL; do
        held 1 build/pipe/basic 1000000
        child=${children[0]}
        kill -"$signal" "$child"
        run -141 finish lesson
        await all_gone "$parent" "$child"
    done
}

@test "pipe/basic: wrong arguments get the usage line and status 2" {
    for arguments in "" x -1 "1 2" "--wrong 3" --leave-open; do
        # shellcheck disable=SC2086 # several
        run -2 limited build/pipe/basic $arguments
        [ "$output" = "usage: basic [--leave-open] COUNT" ]
    done
    run -0 limited build/pipe/basic --help
}

@test "pipe/pace: its card holds" {
    card pipe/pace.c
}

@test "pipe/pace: a slow reader keeps the writer waiting at a full pipe" {
    run -0 limited build/pipe/pace 0 60
    grep -E ' 65536 bytes  #{16}  the writer waits: [1-9].+ ms$' <<<"$output"
    [ "${lines[-1]}" = "the reader has got 131072 bytes" ]
}

@test "pipe/pace: a slow writer keeps the reader waiting at an empty pipe" {
    run -0 limited build/pipe/pace 60 0
    grep -E '     0 bytes  \.{16}  the reader waits: [1-9].+ ms$' <<<"$output"
    [ "${lines[-1]}" = "the reader has got 131072 bytes" ]
}

@test "pipe/pace: whoever of the three is killed, nobody stays" {
    for who in parent writer reader; do
        running 2 build/pipe/pace 0 200
        writer=${children[0]} reader=${children[1]}
        kill -KILL "${!who}"
        [ $who = parent ] && status=137 || status=1
        run -$status finish lesson
        await all_gone "$parent" "$writer" "$reader"
    done
}

@test "pipe/pace: wrong arguments get the usage line and status 2" {
    for arguments in 1 "1 x" "1 1001" "1 2 3" --wrong; do
        # shellcheck disable=SC2086 # several
        run -2 limited build/pipe/pace $arguments
        [ "$output" = "usage: pace [WRITE_NAP READ_NAP]" ]
    done
}

@test "pipe/capacity: its card holds" {
    card pipe/capacity.c
}

@test "pipe/capacity: of writes of half a page and a byte, only 16 fit" {
    run -0 limited build/pipe/capacity 2048
    [ "${lines[1]}" = "writes of 2048: 32 fit, 65536 bytes" ]
    run -0 limited build/pipe/capacity 2049
    [ "${lines[1]}" = "writes of 2049: 16 fit, 32784 bytes" ]
}

@test "pipe/capacity: a write above PIPE_BUF goes in in part" {
    run -0 limited build/pipe/capacity 70000
    [ "${lines[1]}" = \
        "writes of 70000: 0 fit and 65536 bytes of another, 65536 bytes" ]
}

@test "pipe/capacity: wrong arguments get the usage line and status 2" {
    for arguments in 0 x 1048577 "1 2" --wrong; do
        # shellcheck disable=SC2086 # several
        run -2 limited build/pipe/capacity $arguments
        [ "$output" = "usage: capacity [WRITE_SIZE]" ]
    done
}

@test "pipe/one_way: its card holds" {
    card pipe/one_way.c
}

@test "pipe/one_way: an answer longer than the pipe arrives" {
    limited build/pipe/one_way '10 ^ 99999' | tail -1 >answer
    [ "$(wc -c <answer)" -eq 100014 ]
}

@test "pipe/one_way: with one pipe, it reads back its own questions" {
    run -1 limited build/pipe/one_way --one-pipe '6 * 7' '2 ^ 64'
    [ "${lines[2]}" = "6 * 7 = 6 * 7" ]
    [ "${lines[3]}" = "2 ^ 64 = 2 ^ 64" ]
    [ "${lines[4]}" = \
        "one_way: read back its own questions: nothing has reached bc" ]
}

@test "pipe/one_way: a question without an answer is not waited for for ever" {
    run -1 limited build/pipe/one_way 'x = 3'
    [ "${lines[-1]}" = "one_way: x = 3: no answer in 2 s" ]
    run -1 limited build/pipe/one_way 'quit'
    [ "${lines[-1]}" = "one_way: quit: bc has ended" ]
}

@test "pipe/one_way: whoever is killed, nobody stays" {
    for who in parent bc; do
        running 1 build/pipe/one_way 'while (1) {}'
        bc=${children[0]}
        kill -KILL "${!who}"
        [ $who = parent ] && status=137 || status=1
        run -$status finish lesson
        await all_gone "$parent" "$bc"
    done
}

@test "pipe/flags: its card holds" {
    card pipe/flags.c
}

@test "pipe/flags: without O_CLOEXEC one cat keeps the other one waiting" {
    run -1 limited build/pipe/flags --no-cloexec
    [[ ${lines[-1]} == *"waited 1 s for the first cat to see end of file"* ]]
    [[ $output != *O_CLOEXEC* ]]
}

@test "pipe/flags: whoever is killed, nobody stays" {
    for who in parent first second; do
        running 2 build/pipe/flags --no-cloexec
        first=${children[0]} second=${children[1]}
        kill -KILL "${!who}"
        run finish lesson
        case $who in
        parent) [ "$status" = 137 ] ;;
        # SIGPIPE, if it was killed before it was told anything
        first) [ "$status" = 1 ] || [ "$status" = 141 ] ;;
        second) [ "$status" = 1 ] ;;
        esac
        await all_gone "$parent" "$first" "$second"
    done
}

@test "pipe/flags: wrong arguments get the usage line and status 2" {
    run -2 limited build/pipe/flags 1
    [ "$output" = "usage: flags [--no-cloexec]" ]
}

@test "pipe/atomic: its card holds" {
    card pipe/atomic.c
}

@test "pipe/atomic: up to PIPE_BUF bytes nothing is torn, on one core or two" {
    for size in 2 17 3000 4095 4096; do
        run -0 limited build/pipe/atomic --size $size
        [ "$output" = "400 of 400 lines of $size bytes arrived, 0 are torn" ]
        run -0 limited taskset -c 0 build/pipe/atomic --size $size
        [ "$output" = "400 of 400 lines of $size bytes arrived, 0 are torn" ]
    done
}

@test "pipe/atomic: above PIPE_BUF some are torn, on one core or two" {
    for size in 4097 5000 8192 100000; do
        run -1 limited build/pipe/atomic --size $size
        [[ ${lines[-1]} == "400 of 400 lines of $size bytes arrived, "* ]]
        [[ ${lines[-1]} == *", "[1-9]*" are torn" ]]
        run -1 limited taskset -c 0 build/pipe/atomic --size $size
        [[ ${lines[-1]} == *", "[1-9]*" are torn" ]]
    done
}

@test "pipe/atomic: a long write is whole if it does not have to wait" {
    for _ in {1..20}; do
        run -0 limited build/pipe/atomic --size 5000 --lines 2
        [ "$output" = "8 of 8 lines of 5000 bytes arrived, 0 are torn" ]
    done
}

@test "pipe/atomic: when the reader is killed, the writers end" {
    running 4 build/pipe/atomic --lines 10000
    kill -KILL "$parent"
    run -137 finish lesson
    await all_gone "${children[@]}"
}

@test "pipe/atomic: a writer that is killed is missed" {
    running 4 build/pipe/atomic --lines 1000
    kill -KILL "${children[0]}"
    run -1 finish lesson
    printed lesson | grep "the writer was ended by signal 9"
}

@test "pipe/atomic: wrong arguments get the usage line and status 2" {
    for arguments in 1 "--size 1" "--size x" "--lines 0" --size --wrong; do
        # shellcheck disable=SC2086 # several
        run -2 limited build/pipe/atomic $arguments
        [ "$output" = "usage: atomic [--size BYTES] [--lines COUNT]" ]
    done
}

@test "pipe/sigpipe: its card holds" {
    card pipe/sigpipe.c
}

@test "pipe/sigpipe: by default, the writer has no chance to tidy up" {
    run -1 limited build/pipe/sigpipe --default
    [ "${lines[3]}" = "the reader leaves" ]
    [ "${lines[4]}" = "sigpipe: the writer was ended by signal 13" ]
    [ "${#lines[@]}" = 5 ]
}

@test "pipe/sigpipe: --default is the default even if SIGPIPE was ignored" {
    run -1 limited env --ignore-signal=PIPE build/pipe/sigpipe --default
    [ "${lines[4]}" = "sigpipe: the writer was ended by signal 13" ]
}

@test "pipe/sigpipe: whoever is killed, nobody stays" {
    for who in parent child; do
        held 1 build/pipe/sigpipe
        child=${children[0]}
        kill -KILL "${!who}"
        story
        [ $who = parent ] && status=137 || status=1
        run -$status finish lesson
        await all_gone "$parent" "$child"
    done
}

@test "pipe/sigpipe: wrong arguments get the usage line and status 2" {
    run -2 limited build/pipe/sigpipe 1
    [ "$output" = "usage: sigpipe [--default]" ]
}

@test "pipe/sigpipe: poll says what the notes say it does" {
    cat >poll.pl <<'END'
use IO::Poll qw(POLLIN POLLOUT POLLHUP POLLERR);
sub poll {
    my ($end, $events) = @_;
    my $poll = IO::Poll->new;
    $poll->mask($end => $events);
    $poll->poll(0);
    return $poll->events($end);
}
pipe $from, $to;
poll($from, POLLIN) == 0 or die "empty";
poll($to, POLLOUT) == POLLOUT or die "free page";
syswrite $to, "x" or die;
poll($from, POLLIN) == POLLIN or die "bytes";
close $to;
poll($from, POLLIN) == (POLLIN | POLLHUP) or die "bytes, no write end";
sysread $from, $_, 1;
poll($from, POLLOUT) == POLLHUP or die "empty, no write end";

pipe $from, $to;
syswrite $to, "x" x 65536;
poll($to, POLLOUT) == 0 or die "full";
close $from;
poll($to, POLLOUT) == POLLERR or die "full, no read end";
pipe $from, $to;
close $from;
poll($to, POLLOUT) == (POLLOUT | POLLERR) or die "no read end";
END
    limited perl poll.pl
}

# readings COUNT: what the filter feeds to its command.
readings() {
    awk -v count="$1" 'BEGIN {
        for (seq = 1; seq <= count; seq++)
            printf "oslo #%d %.1f C\n", seq, (seq % 50 - 33) / 10
    }'
}

@test "pipe/filter: its card holds" {
    card pipe/filter.c
}

@test "pipe/filter: much in and much out at once is no deadlock" {
    limited build/pipe/filter --count 500000 -- cat >answer
    cmp answer <(readings 500000 && echo "cat ended with status 0")

    limited build/pipe/filter --count 500000 -- sed 's/.*/&&&&/' >answer
    [ "$(wc -l <answer)" -eq 500001 ]
}

@test "pipe/filter: a command that answers at the end is no deadlock either" {
    limited build/pipe/filter --count 500000 -- sort -r >answer
    cmp answer <(readings 500000 | sort -r && echo "sort ended with status 0")
}

@test "pipe/filter: a command need not read, nor print" {
    run -0 limited build/pipe/filter --count 1000000 -- head -n 1
    [ "${lines[0]}" = "oslo #1 -3.2 C" ]
    [ "${lines[1]}" = "head ended with status 0" ]
    run -0 limited build/pipe/filter --count 1000000 -- true
    run -0 limited build/pipe/filter --count 1000000 -- sh -c 'exec <&-'
    run -0 limited build/pipe/filter --count 500000 -- \
        sh -c 'exec >&-; cat >all'
    cmp all <(readings 500000)
}

@test "pipe/filter: says how the command ended" {
    run -1 limited build/pipe/filter -- sh -c 'exit 7'
    [ "$output" = "sh ended with status 7" ]
    run -1 limited build/pipe/filter -- sh -c 'kill -KILL $$'
    [ "$output" = "sh was ended by signal 9" ]
    run -1 limited build/pipe/filter -- ./nothing
    [ "${lines[0]}" = "filter: ./nothing: No such file or directory" ]
    [ "${lines[1]}" = "./nothing ended with status 127" ]
}

@test "pipe/filter: if it does not close, the command waits in vain" {
    run -1 limited build/pipe/filter --no-close -- sort
    [ "$output" = \
        "filter: waited 1 s for sort, which waits for end of file" ]
    run -1 limited build/pipe/filter --no-close -- sh -c 'trap "" TERM; cat'
    [[ ${lines[-1]} == *"waited 1 s for sh"* ]]
}

@test "pipe/filter: when it is killed, the command ends too" {
    for signal in INT TERM KILL; do
        held 1 build/pipe/filter -- perl -MPOSIX=pause -e pause
        child=${children[0]}
        kill -"$signal" "$parent"
        run -"$((128 + $(kill -l "$signal")))" finish lesson
        await all_gone "$parent" "$child"
    done
}

@test "pipe/filter: when nobody wants the answer, it ends and says so" {
    run -0 limited sh -c 'build/pipe/filter -- yes 2>error | head -n 1'
    [ "$output" = y ]
    [ "$(cat error)" = "filter: write: Broken pipe" ]
}

@test "pipe/filter: wrong arguments get the usage line and status 2" {
    for arguments in "" "--count x -- cat" "--count" "--wrong cat" --; do
        # shellcheck disable=SC2086 # several
        run -2 limited build/pipe/filter $arguments
        [ "$output" = "usage: filter [--no-close] [--count READINGS] -- \
COMMAND [ARGUMENT]..." ]
    done
}
