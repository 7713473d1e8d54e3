#!/usr/bin/env bats

load helpers

# perl_ipc CODE ARG...: run it with $key being README.md's.
perl_ipc() {
    local code=$1
    shift
    # shellcheck disable=SC2016 # the dollars are for perl
    limited perl -MIPC::SysV=ftok,IPC_CREAT,IPC_RMID -e '
        sub id { $_[0] // die "no such object: $!\n" }
        $key = ftok("README.md", ord "I");
    '"$code" -- "$@"
}

# poke OFFSET TEMPLATE VALUE...: write pack(TEMPLATE, VALUE...) there.
poke() {
    perl_ipc '
        ($offset, $template, @values) = @ARGV;
        $bytes = pack $template, @values;
        shmwrite id(shmget $key, 0, 0), $bytes, $offset, length $bytes
            or die $!;
    ' "$@"
}

# change SEMAPHORE N FLAGS...: one semop of these changes, and end.
change() {
    perl_ipc 'semop id(semget $key, 0, 0), pack "(Sss)*", @ARGV or die $!;' "$@"
}

# leftover SIZE SEMAPHORES: what a killed program of another kind left behind.
leftover() {
    perl_ipc '
        id(shmget $key, $ARGV[0], IPC_CREAT | 0600);
        id(semget $key, $ARGV[1], IPC_CREAT | 0600);
    ' "$@"
}

# ends basic|ring|lock-free: the programs of a pair, to be called as
# "${receiver[@]}" and "${sender[@]}".
ends() {
    case $1 in
    lock-free)
        receiver=(build/shm/ring_recv --lock-free)
        sender=(build/shm/ring_send --lock-free)
        ;;
    *)
        receiver=("build/shm/$1_recv")
        sender=("build/shm/$1_send")
        ;;
    esac
}

nothing_left() {
    ! in_kernel m && ! in_kernel s
}

# What a failed test left is not for the next one.
teardown() {
    helpers_teardown
    perl_ipc '
        $id = shmget($key, 0, 0); shmctl($id, IPC_RMID, 0) if defined $id;
        $id = semget($key, 0, 0); semctl($id, 0, IPC_RMID, 0) if defined $id;
    '
}

@test "shm/basic: its card holds" {
    card shm/basic_recv.c
}

@test "shm/basic: without semaphores, readings are torn and seen again" {
    start build/shm/basic_recv --no-sem README.md
    limited build/shm/basic_send --no-sem README.md 3
    run -1 finish

    printed | grep '^torn: .* #1 0.0 C'     # the temperature is still missing
    printed | grep -x 'torn: oslo #2 -3.2 C' # the temperature is that of #1
    printed | grep -x '3 of 3 readings arrived'
    printed | grep -E '^[1-9][0-9]* torn, [1-9][0-9]* the same again$'
    nothing_left
}

@test "shm/basic: the receiver skips a slot with something else in it" {
    start build/shm/basic_recv README.md
    signal STOP
    poke 64 a64 "$(printf '%064d' 0)"
    change 0 -1 0 1 1 0 # EMPTY - 1, FULL + 1
    background sender build/shm/basic_send README.md 1
    await asleep sender
    signal CONT
    finish
    finish sender
    printed | grep -x 'skipped a slot: not a reading'
    printed | grep -x '1 of 1 readings arrived'
}

@test "shm: a receiver that is stopped takes along what it made" {
    for pair in basic ring lock-free; do
        ends $pair
        for signal in INT TERM HUP; do
            start "${receiver[@]}" README.md
            in_kernel m
            signal "$signal"
            run finish
            nothing_left
        done
    done
}

@test "shm: what a killed receiver left behind, the next one takes over" {
    for pair in basic ring lock-free; do
        ends $pair
        start "${receiver[@]}" README.md
        signal KILL
        run finish
        in_kernel m

        start "${receiver[@]}" README.md
        limited "${sender[@]}" README.md 1
        finish
        nothing_left
    done
}

@test "shm: a leftover of any size is taken over" {
    for size in 1 100 10000000; do
        for pair in basic ring lock-free; do
            ends $pair
            leftover "$size" $((size % 7 + 1))
            start "${receiver[@]}" README.md
            signal TERM
            run finish
            nothing_left
        done
    done
}

@test "shm: another user's leftover is taken over, or said to be in the way" {
    [ "$(id -u)" -eq 0 ] || skip "needs root, to be two users"
    nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    chmod -R a+rX "$BATS_TEST_TMPDIR" || true

    leftover 5000 1
    "${nobody[@]}" cat README.md >/dev/null 2>&1 ||
        skip "needs a temporary folder that nobody may read"
    run -1 limited "${nobody[@]}" build/shm/basic_recv README.md
    [[ $output == *"another user's segment is in the way, see ipcrm -m "* ]]

    perl_ipc '
        shmctl id(shmget $key, 0, 0), IPC_RMID, 0;
        semctl id(semget $key, 0, 0), 0, IPC_RMID, 0;
        $> = 65534;
        id(shmget $key, 5000, IPC_CREAT | 0600);
        id(semget $key, 1, IPC_CREAT | 0600);
    '
    start build/shm/basic_recv README.md
    limited build/shm/basic_send README.md 1
    finish
    nothing_left
}

@test "shm: there is one receiver, and the second one says so" {
    for pair in basic lock-free; do
        ends $pair
        start "${receiver[@]}" README.md
        run -1 limited "${receiver[@]}" README.md
        [[ $output == *"README.md: in use by process $(pid)" ]]
        signal TERM
        run finish
    done
}

@test "shm: of two receivers that start at once, one is ready" {
    for pair in basic lock-free; do
        ends $pair
        background one "${receiver[@]}" README.md
        background other "${receiver[@]}" README.md
        await grep -q 'in use by' logs/one logs/other
        await grep -q ready logs/one logs/other
        limited "${sender[@]}" README.md 1
        run finish one
        first=$status
        run finish other
        [ $((first + status)) -eq 1 ]
        nothing_left
    done
}

@test "shm: a sender without a receiver says so" {
    for pair in basic ring lock-free; do
        ends $pair
        run -1 limited "${sender[@]}" README.md 3
        [[ $output == *"is the receiver running?: No such file or directory" ]]
    done
    run -1 limited build/shm/file_send README.md README.md
    [[ $output == *"is the receiver running?: No such file or directory" ]]
}

@test "shm: a sender refuses a segment of another kind" {
    refused() {
        run -1 limited "$@"
        [[ $output == *"README.md: its segment is for another program"* ]]
    }
    start build/shm/basic_recv README.md
    refused build/shm/ring_send README.md 3
    refused build/shm/ring_send --lock-free README.md 3
    refused build/shm/file_send README.md README.md
    poke 4 L 2 # the version
    refused build/shm/basic_send README.md 3
    signal TERM
    run finish

    start build/shm/ring_recv --lock-free README.md
    refused build/shm/ring_send README.md 3
    refused build/shm/basic_send README.md 3
    poke 8 Q 1000000 # the size
    refused build/shm/ring_send --lock-free README.md 3
    signal TERM
    run finish
}

@test "shm: a sender that is killed is seen to be gone" {
    for pair in basic ring lock-free; do
        ends $pair
        start "${receiver[@]}" README.md
        signal STOP
        background sender "${sender[@]}" README.md 1000000
        await asleep sender
        signal KILL sender
        signal CONT
        run -1 finish
        printed | grep -E 'the sender is gone|a sender died before its END'
        nothing_left
    done
}

@test "shm: a receiver that is killed is seen to be gone" {
    for pair in basic ring lock-free; do
        ends $pair
        start "${receiver[@]}" README.md
        signal STOP
        background sender "${sender[@]}" README.md 1000000
        await asleep sender
        signal KILL
        run -1 finish sender
        printed sender | grep 'the receiver is gone'
        run finish
    done
}

# killed_in CALL N COMMAND...: run it until its N-th such call, and no further.
killed_in() {
    strace -o strace.log true || skip "strace is not allowed to trace here"
    run limited strace -o strace.log -e "inject=$1:signal=KILL:when=$2" "${@:3}"
    grep 'killed by SIGKILL' strace.log
}

@test "shm/basic: a sender dies at the slot, and leaves it to the next" {
    start build/shm/basic_recv README.md
    killed_in semtimedop 2 build/shm/basic_send README.md 3
    limited build/shm/basic_send README.md 3
    finish
    printed | grep -x '3 of 3 readings arrived'
}

@test "shm/ring: a sender dies with the lock, and what it put in arrives" {
    start build/shm/ring_recv README.md
    # Its calls join, enter and leave; the slot has been filled by then.
    killed_in semtimedop 3 build/shm/ring_send README.md 3
    run -1 finish
    printed | grep -x '1 readings taken, .*'
    printed | grep 'a sender died before its END'
    nothing_left
}

@test "shm/private: its card holds; without a segment nothing comes" {
    card shm/private.c
    run -1 limited build/shm/private --no-segment
    [[ $output == *"reading 1 never came" ]]
}

@test "shm/address: its card holds; a pointer leads nowhere" {
    card shm/address.c
    run -1 limited build/shm/address --pointer
    [[ $output == *"SIGSEGV at 0x"*": nothing is mapped there"* ]]
    [ "$(grep -c '^oslo' <<<"$output")" -eq 1 ]
}

@test "shm/lifetime: its card holds" {
    card shm/lifetime.c
}

@test "shm/lifetime: without IPC_RMID it stays, until the next one comes" {
    run -1 limited build/shm/lifetime --no-rmid README.md
    [[ $output == *"shmget again   File exists"* ]]
    id=$(sed -n 's/.*ipcrm -m //p' <<<"$output")
    in_kernel m
    ipcs -m -i "$id" | grep 'nattch=0'

    run -0 limited build/shm/lifetime README.md
    nothing_left
    run -1 ipcrm -m "$id"
}

@test "shm/ring: its card holds" {
    card shm/ring_recv.c
}

@test "shm/ring: without locks, all readings come once" {
    start build/shm/ring_recv --lock-free README.md
    limited build/shm/ring_send --lock-free README.md 1000000
    finish
    printed | grep -x '1000000 of 1000000 arrived'
    nothing_left
}

@test "shm/ring: none is as many as any" {
    for option in '' --lock-free; do
        start build/shm/ring_recv $option README.md
        limited build/shm/ring_send $option README.md 0
        finish
        printed | grep -x '0 of 0 arrived'
    done
}

@test "shm/ring: several senders and several receivers" {
    start build/shm/ring_recv README.md
    signal STOP
    background one build/shm/ring_send README.md 20000
    background two build/shm/ring_send README.md 20000
    background three build/shm/ring_send README.md 20000
    await asleep one
    await asleep two
    await asleep three
    background fourth build/shm/ring_recv README.md
    await grep -q '^ready' logs/fourth
    signal CONT
    finish one
    finish two
    finish three
    finish
    finish fourth
    grep -hx '60000 of 60000 arrived' logs/receiver logs/fourth
    nothing_left
}

@test "shm/ring: somebody dies with the lock, and the others go on" {
    start build/shm/ring_recv README.md
    # EMPTY - 1, LOCK - 1 with SEM_UNDO, WHOLE - 1; and that is the end of it.
    change 0 -1 0 2 -1 4096 3 -1 0
    limited build/shm/ring_send README.md 10000
    finish
    printed | grep -x '10000 of 10000 arrived'
    nothing_left
}

@test "shm/ring: one of two senders is killed, and the receiver says so" {
    start build/shm/ring_recv README.md
    signal STOP
    background one build/shm/ring_send README.md 1000000
    background two build/shm/ring_send README.md 10000
    await asleep one
    await asleep two
    signal KILL one
    signal CONT
    finish two
    run -1 finish
    printed | grep 'a sender died before its END'
    nothing_left
}

@test "shm/ring: one of two receivers is killed, and the other goes on" {
    start build/shm/ring_recv README.md
    background other build/shm/ring_recv README.md
    await grep -q '^ready' logs/other
    signal STOP
    background sender build/shm/ring_send README.md 100000
    signal KILL
    run finish
    finish sender
    run finish other
    printed other | grep ' readings taken, '
    nothing_left
}

@test "shm/ring: counts that cannot be are not believed" {
    start build/shm/ring_recv --lock-free README.md
    poke 64 L 5000 # tail: 5000 slots put into a ring of 4096
    run -1 finish
    printed | grep "the sender's count: Protocol error"
    nothing_left

    start build/shm/ring_recv --lock-free README.md
    signal STOP
    poke 128 L 5000 # head: 5000 taken, and so many were never put in
    run -1 limited build/shm/ring_send --lock-free README.md 10
    [[ $output == *"the receiver's count: Protocol error" ]]
    signal CONT
    finish # it has taken what was there, END included
}

@test "shm/ring: slots with something else in them are skipped" {
    start build/shm/ring_recv --lock-free README.md
    signal STOP
    poke 256 a64 "$(printf '%064d' 0)"
    poke 64 L 1 # tail
    poke 16 L 1 # the sender: there was one
    signal CONT
    run -1 finish
    printed | grep 'the sender is gone'
    printed | grep -x '1 slots skipped: no whole reading in them'
}

@test "shm/ring: without locks there is one sender" {
    start build/shm/ring_recv --lock-free README.md
    signal STOP
    background sender build/shm/ring_send --lock-free README.md 1000000
    await asleep sender
    run -1 limited build/shm/ring_send --lock-free README.md 1
    [[ $output == *"README.md: has a sender" ]]
    signal CONT
    finish sender
    finish
}

@test "shm/ring: --relaxed loses a wake-up, or three seconds" {
    start build/shm/ring_recv --lock-free --relaxed README.md
    run limited build/shm/ring_send --lock-free --relaxed README.md 100000
    run finish
    printed | grep -E 'nobody woke the receiver|^([0-9]+) of \1 arrived'
    nothing_left
}

@test "shm/ring: without locks it is many times as fast" {
    speed() {
        start build/shm/ring_recv "$@" README.md
        limited build/shm/ring_send "$@" README.md "$count"
        finish
        speed=$(printed | sed -n 's/.*taken, \(.*\)\.. MB.*/\1/p')
    }
    count=20000 speed
    slow=$speed
    count=1000000 speed --lock-free
    echo "$slow and $speed MB/s"
    [ "$speed" -gt $((5 * slow)) ]
}

@test "shm/ring: the model says that nobody is left asleep" {
    [[ $build != *san* ]] || skip "a model has no use for the sanitizers"
    command -v spin >/dev/null || skip "needs spin"
    cp "$root/tests/futex.pml" .
    run -0 limited spin -run futex.pml
    [[ $output == *"errors: 0"* ]]
    run -0 limited spin -DRELAXED -run futex.pml
    [[ $output == *"invalid end state"*"errors: 1"* ]]
}

@test "shm/file: its card holds" {
    card shm/file_recv.c
}

@test "shm/file: any size, byte for byte" {
    for size in 0 1 262143 262144 262145 524288 3000000; do
        head -c "$size" /dev/urandom >from
        start build/shm/file_recv README.md to
        run -0 limited build/shm/file_send README.md from
        finish
        cmp from to
        read -r sum _ <<<"$(cksum from)"
        [ "$output" = "sent $size bytes, cksum $sum" ]
        printed | grep -x "to: $size bytes, cksum $sum"
        [ ! -e to.part ]
    done
    nothing_left
}

@test "shm/file: from a pipe" {
    start build/shm/file_recv README.md to
    seq 300000 | limited build/shm/file_send README.md /dev/stdin
    finish
    seq 300000 | cmp - to
}

@test "shm/file: either end is killed, and nothing is left" {
    echo old >to
    start build/shm/file_recv README.md to
    background sender build/shm/file_send README.md /dev/zero
    await test -s to.part
    signal KILL sender
    run -1 finish
    printed | grep 'the sender is gone'
    nothing_left
    [ ! -e to.part ]

    start build/shm/file_recv README.md to
    background sender build/shm/file_send README.md /dev/zero
    await test -s to.part
    signal TERM
    run finish
    run -1 finish sender
    printed sender | grep 'the receiver is gone'
    nothing_left
    [ ! -e to.part ]
    [ "$(cat to)" = old ]
}

@test "shm/file: what a killed receiver left behind, the next one takes over" {
    start build/shm/file_recv README.md to
    background sender build/shm/file_send README.md /dev/zero
    await test -s to.part
    signal KILL
    run finish
    run -1 finish sender
    printed sender | grep 'the receiver is gone'

    start build/shm/file_recv README.md to
    limited build/shm/file_send README.md README.md
    finish
    cmp to README.md
    [ ! -e to.part ]
    nothing_left
}

@test "shm/file: a full disk is reported on both ends" {
    (
        trap '' XFSZ # a file too big is then an error, not the end
        ulimit -f 1000
        start build/shm/file_recv README.md to
        run -1 limited build/shm/file_send README.md /dev/zero
        [[ $output == *"the receiver gave up: File too large" ]]
        run -1 finish
        printed | grep 'to.part: File too large'
    )
    [ ! -e to ]
    [ ! -e to.part ]
    nothing_left
}

@test "shm/file: what cannot be sent or written is refused" {
    start build/shm/file_recv README.md to
    run -1 limited build/shm/file_send README.md missing
    [[ $output == *"missing: No such file or directory" ]]
    run -1 limited build/shm/file_send README.md .
    [[ $output == *".: Is a directory" ]]
    run -1 finish
    [ ! -e to ]

    run -1 limited build/shm/file_recv README.md .
    [[ $output == *".: not a regular file" ]]
    run -1 limited build/shm/file_recv README.md /dev/null
    [[ $output == *"/dev/null: not a regular file" ]]
    run -1 limited build/shm/file_recv README.md missing/to
    [[ $output == *"missing/to.part: No such file or directory" ]]
    nothing_left
}

@test "shm/file: an impossible length is not believed" {
    start build/shm/file_recv README.md to
    poke 24 L 262145 # of the first half, one byte more than it has
    change 1 1 0     # FULL
    run -1 finish
    printed | grep '262145 bytes in a half of 262144'
    [ ! -e to ]
    [ ! -e to.part ]
    nothing_left
}

@test "shm/file: what arrives wrong is not kept" {
    start build/shm/file_recv README.md to
    poke 24 L 5
    poke 4096 a5 hello
    poke 32 Q 5          # the size is right
    poke 40 L 3287646510 # one more than the checksum
    change 1 1 0
    poke 28 L 0 # the end
    change 1 1 0
    run -1 finish
    printed | grep 'what arrived is not what was sent'
    [ ! -e to ]
    nothing_left
}

@test "shm/file: the receiver has one sender" {
    start build/shm/file_recv README.md to
    background sender build/shm/file_send README.md /dev/zero
    await test -s to.part
    run -1 limited build/shm/file_send README.md README.md
    [[ $output == *"README.md: the receiver has a sender" ]]
    signal TERM
    run finish
}

@test "shm/file: two receivers do not write the same file" {
    cp README.md other
    start build/shm/file_recv README.md to
    run -1 limited build/shm/file_recv other to
    [[ $output == *"to.part: another receiver is writing it" ]]
    limited build/shm/file_send README.md README.md
    finish
    cmp to README.md
}

@test "shm: wrong arguments get the usage line and status 2" {
    while read -r program synopsis; do
        run -2 limited "build/shm/$program" --nonsense
        [ "$output" = "usage: $program $synopsis" ] ||
            [ "$output" = "usage: $program" ]
        run -0 limited "build/shm/$program" --help
    done <<'END'
basic_recv [--no-sem] FILE
basic_send [--no-sem] FILE COUNT
private [--no-segment]
address [--pointer]
lifetime [--no-rmid] FILE
ring_recv [--lock-free [--relaxed]] FILE
ring_send [--lock-free [--relaxed]] FILE COUNT
file_recv KEYFILE TO
file_send KEYFILE FROM
END
    for count in three -1 1000000001 ''; do
        run -2 limited build/shm/ring_send README.md "$count"
    done
}
