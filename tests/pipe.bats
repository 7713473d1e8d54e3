#!/usr/bin/env bats

# shellcheck disable=SC2030,SC2031,SC2154 # each test has its own $parent

load helpers
load pipe

page=$(getconf PAGESIZE)
# 1032 is F_GETPIPE_SZ
capacity=$(perl -e 'pipe R, W; print fcntl(W, 1032, 0)')

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
    [ "${#lines[@]}" = 4 ]
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
    refuses "basic [--leave-open] COUNT" basic \
        "" x -1 "1 2" "--wrong 3" --leave-open
    run -0 limited build/pipe/basic --help
}

@test "pipe/pace: its card holds" {
    card pipe/pace.c
}

# waits WHO PAUSES: the longest wait of WHO, in ms, when the ends pause so long.
waits() {
    local who=$1
    shift
    limited build/pipe/pace "$@" |
        sed -n "s/.* $who .* waited \([0-9]*\) ms\$/\1/p" | sort -n | tail -1
}

@test "pipe/pace: a slow reader keeps the writer waiting at a full pipe" {
    run -0 limited build/pipe/pace 0 60
    grep -E ' writer +([0-9]+) bytes  #{16}  waited [1-9][0-9]+ ms$' \
        <<<"$output"
    [ "${lines[-1]}" = "the reader has got $((2 * capacity)) bytes" ]
    [ "$(waits reader 0 60)" -lt 50 ]
}

@test "pipe/pace: a slow writer keeps the reader waiting at an empty pipe" {
    run -0 limited build/pipe/pace 60 0
    grep -E ' reader +0 bytes  \.{16}  waited [1-9][0-9]+ ms$' <<<"$output"
    [ "${lines[-1]}" = "the reader has got $((2 * capacity)) bytes" ]
    [ "$(waits writer 60 0)" -lt 50 ]
}

@test "pipe/pace: whichever end is killed, no process stays" {
    running 1 build/pipe/pace 0 200
    all_end 0 137
    running 1 build/pipe/pace 0 200
    all_end 1 141 # SIGPIPE, in the write that waits
}

@test "pipe/pace: wrong arguments get the usage line and status 2" {
    refuses "pace [WRITE_PAUSE_MS READ_PAUSE_MS]" pace \
        1 "1 x" "1 1001" "1 2 3" --wrong
}

@test "pipe/capacity: its card holds" {
    card pipe/capacity.c
}

@test "pipe/capacity: all its figures follow from the size of a page" {
    run -0 limited build/pipe/capacity
    pages=$((capacity / page))
    cat >expected <<END
capacity $capacity, page $page, PIPE_BUF 4096
writes of 1: $capacity fit, $capacity bytes
writes of 17: $((pages * (page / 17))) fit, $((pages * (page / 17) * 17)) bytes
writes of 3000: $((pages * (page / 3000))) fit, \
$((pages * (page / 3000) * 3000)) bytes
writes of $page: $pages fit, $capacity bytes
END
    printf '%s\n' "${lines[@]:0:5}" | cmp - expected
    [ "${lines[7]}" = "full, $page bytes read: room for $page" ]
}

@test "pipe/capacity: of writes of half a page and a byte, one fits in a page" {
    run -0 limited build/pipe/capacity $((page / 2))
    [ "${lines[1]}" = "writes of $((page / 2)): $((2 * capacity / page)) fit, \
$capacity bytes" ]
    run -0 limited build/pipe/capacity $((page / 2 + 1))
    [[ ${lines[1]} == *": $((capacity / page)) fit, "* ]]
}

@test "pipe/capacity: a write above PIPE_BUF goes in in part" {
    run -0 limited build/pipe/capacity $((capacity + 1))
    [ "${lines[1]}" = "writes of $((capacity + 1)): 0 fit and $capacity bytes \
of another, $capacity bytes" ]
}

@test "pipe/resize: its card holds, and follows from the size of a page" {
    card pipe/resize.c
    run -0 limited build/pipe/resize
    [ "$output" = "at first: $capacity
1 asked for: $page
$((page + 1)) asked for: $((2 * page))
$((16 * page)) asked for: $((16 * page))
$page asked for, $((2 * page)) bytes inside: Device or resource busy" ]
}

@test "pipe/resize: an ordinary user gets no more than pipe-max-size" {
    as_user=()
    if [ "$(id -u)" -eq 0 ]; then
        as_user=(setpriv --reuid 65534 --clear-groups --bounding-set -all)
    fi
    # 1031 is F_SETPIPE_SZ
    # shellcheck disable=SC2016 # perl's own variables
    "${as_user[@]}" perl -e 'pipe R, W; my $max = shift;
        fcntl(W, 1031, $max + 1) and die "more than the limit";
        die $! unless $!{EPERM}' "$(cat /proc/sys/fs/pipe-max-size)"
}

@test "pipe/capacity: wrong arguments get the usage line and status 2" {
    refuses "capacity [WRITE_SIZE]" capacity 0 x 1048577 "1 2" --wrong
}

@test "pipe/resize, one_way: wrong arguments get the usage line and status 2" {
    refuses resize resize 1 --wrong
    refuses one_way one_way 1 --one-pipe
}

@test "pipe/one_way: its card holds" {
    card pipe/one_way.c
}

@test "pipe/flags: its card holds" {
    card pipe/flags.c
}

@test "pipe/flags: wrong arguments get the usage line and status 2" {
    refuses flags flags 1 --no-cloexec
}

@test "pipe/sigpipe: its card holds" {
    card pipe/sigpipe.c
}

@test "pipe/sigpipe: by default, the writer has no chance to clean up" {
    run -1 limited build/pipe/sigpipe --default
    [ "${lines[3]}" = "the reader leaves" ]
    [ "${lines[4]}" = "sigpipe: the writer was ended by signal 13" ]
    [ "${#lines[@]}" = 5 ]
}

@test "pipe/sigpipe: --default is the default even if SIGPIPE was ignored" {
    run -1 limited env --ignore-signal=PIPE build/pipe/sigpipe --default
    [ "${lines[4]}" = "sigpipe: the writer was ended by signal 13" ]
}

@test "pipe/sigpipe: whichever process is killed, none stays" {
    for index in 0 1; do
        held 1 build/pipe/sigpipe
        processes=("$parent" "${children[@]}")
        kill -KILL "${processes[index]}"
        story
        run finish lesson
        [ "$status" = $((index == 0 ? 137 : 1)) ]
        await all_gone "${processes[@]}"
    done
}

@test "pipe/sigpipe: wrong arguments get the usage line and status 2" {
    refuses "sigpipe [--default]" sigpipe 1
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
syswrite $to, "x" x fcntl($to, 1032, 0);
poll($to, POLLOUT) == 0 or die "full";
close $from;
poll($to, POLLOUT) == POLLERR or die "full, no read end";
pipe $from, $to;
close $from;
poll($to, POLLOUT) == (POLLOUT | POLLERR) or die "no read end";
END
    limited perl poll.pl
}

