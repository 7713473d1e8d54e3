#!/usr/bin/env bats
#
# tcp/stream_server and tcp/stream_player, with real sound and real decoders.

# shellcheck disable=SC2016 # sh and perl have variables of their own
load helpers
load hosts

here=127.0.0.1
all=(pipe fifo msg shm)

# Sound that no two seconds of are alike: a whistle that rises.
setup_file() {
    cd "$BATS_FILE_TMPDIR" || exit
    perl -e '
        my @left = map { 9000 * sin($_ * $_ / 3e6) } 0 .. 44100 * 1.2;
        my $pcm = pack "s<*", map { ($_, -$_) } @left;
        print pack("A4VA4 A4VvvVVvv A4V", "RIFF", 36 + length $pcm, "WAVE",
                   "fmt ", 16, 1, 2, 44100, 176400, 4, 16,
                   "data", length $pcm), $pcm' >tone.wav
    lame --quiet -b 128 tone.wav tone.mp3 2>/dev/null || rm -f tone.mp3
    flac -s -o tone.flac tone.wav 2>/dev/null || rm -f tone.flac
    truncate -s 4M long
    make_hosts 2
}

setup() {
    tone=$BATS_FILE_TMPDIR/tone
    long=$BATS_FILE_TMPDIR/long # and silent
    export TMPDIR=$PWD          # a FIFO would be here
    mkfifo never
}

serve() {
    start build/tcp/stream_server "$@"
}

# play VIA OPTIONS... -- DECODER...: in the foreground.
play() {
    local via=$1 options=()
    shift
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    limited build/tcp/stream_player --via "$via" "${options[@]}" $here \
        "$(port)" "$@"
}

# processes_of NAME: the processes that a program has started.
processes_of() {
    local main
    main=$(pid "$1")
    paste "/proc/$main/task/$main/children" # which ends in no newline
}

# listen VIA: a player in the background, by that name, that gets little by
# little, and what belongs to it: ${player[VIA]}, decoder, adapter.
declare -gA player decoder adapter
listen() {
    local via=$1
    rm -f "got.$via"
    background "$via" build/tcp/stream_player --via "$via" $here "$(port)" \
        -- "${command[@]-tee}" "got.$via"
}
listening() {
    local via=$1
    await test -s "got.$via"
    player[$via]=$(pid "$via")
    read -r "decoder[$via]" "adapter[$via]" < <(processes_of "$via")
    [ -n "${decoder[$via]}" ]
    case $via in
    msg | shm) [ -n "${adapter[$via]}" ] ;;
    *) [ -z "${adapter[$via]}" ] ;;
    esac
}

# silent: end the server, which would not by itself.
silent() {
    signal TERM
    run finish
}

# nothing_left VIA: neither process nor object of what listening() has found.
nothing_left() {
    local process
    for process in ${player[$1]} ${decoder[$1]} ${adapter[$1]}; do
        await gone "$process"
    done
    await no_object "${player[$1]}" /proc/sysvipc/msg
    await no_object "${player[$1]}" /proc/sysvipc/shm
    [ -z "$(find . -name 'stream_player*')" ]
}

# no_object PID LIST: none that it has made or sent to.
no_object() {
    awk -v player="$1" '
        NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
        $column["lspid"] == player || $column["cpid"] == player { found = 1 }
        END { exit found }' "$2"
}

@test "tcp/stream: its card holds" {
    card tcp/stream_server/main.c
}

@test "tcp/stream: MP3 is decoded the same by way of each mechanism" {
    need mpg123
    limited mpg123 -q -s "$tone.mp3" >expected
    [ "$(wc -c <expected)" -gt 200000 ]
    serve --fast --clients 4 $here 0 "$tone.mp3"
    for via in "${all[@]}"; do
        play "$via" -- mpg123 -q -s - >decoded
        cmp expected decoded
    done
    finish
    printed | grep -x '4 clients received all, 0 did not, 0 were rejected'
}

@test "tcp/stream: FLAC is decoded to the sound that it was made from" {
    need flac
    serve --fast --clients 4 $here 0 "$tone.flac"
    for via in "${all[@]}"; do
        play "$via" -- flac -dsc - >decoded
        cmp "$tone.wav" decoded
    done
    finish
}

@test "tcp/stream: megabytes arrive whole, also where they wait for room" {
    limited head -c 3000001 /dev/urandom >noise
    serve --fast --clients 4 $here 0 noise
    for via in "${all[@]}"; do
        play "$via" -- dd bs=777 status=none >decoded
        cmp noise decoded
    done
    finish
}

@test "tcp/stream: each client hears all files, from the first on" {
    echo one >one
    echo two >two
    serve --fast --clients 2 $here 0 one two
    [ "$(play pipe -- cat)" = $'one\ntwo' ]
    [ "$(play pipe -- cat)" = $'one\ntwo' ]
    finish
}

@test "tcp/stream: a file is sent at its own bit rate, or at that of --rate" {
    for file in "$tone.mp3" "$tone.flac" "$tone.wav" README.md; do
        [ -e "$file" ] || continue # no lame, or no flac
        rate=()
        [ "$file" != README.md ] || rate=(--rate 30000) # 4 KiB are 1.1 s
        serve --clients 1 "${rate[@]}" $here 0 "$file"
        before=${EPOCHREALTIME/[.,]/}
        play shm -- cat >decoded
        took=$((${EPOCHREALTIME/[.,]/} - before))
        finish
        cmp "$file" decoded
        [ $took -ge 550000 ] # half a second less than it plays
        [ $took -lt 5000000 ]
    done
}

@test "tcp/stream: a cover before the sound takes no time" {
    {
        printf 'ID3\3\0\0\0\x0c\x1d\0' # 200320 bytes: at 128 kbit/s, 12.5 s
        head -c 200320 /dev/zero
        for _ in {1..50}; do # frames of 26 ms
            printf '\xff\xfb\x90\x64'
            head -c 413 /dev/zero
        done
    } >song.mp3
    serve --clients 1 $here 0 song.mp3
    before=${EPOCHREALTIME/[.,]/}
    play pipe -- cat >decoded
    took=$((${EPOCHREALTIME/[.,]/} - before))
    finish
    cmp song.mp3 decoded
    [ $took -ge 550000 ]
    [ $took -lt 5000000 ]
}

@test "tcp/stream: what the user ignores stays ignored, for the adapter too" {
    serve --rate 160000 $here 0 "$long"
    ignored=(perl -e '$SIG{CHLD} = $SIG{HUP} = "IGNORE"; exec @ARGV')
    background msg "${ignored[@]}" build/tcp/stream_player --via msg $here \
        "$(port)" -- tee got.msg
    listening msg
    kill -HUP "${player[msg]}" "${adapter[msg]}"
    ! gone "${player[msg]}" && ! gone "${adapter[msg]}"
    signal INT msg
    run -130 finish msg
    nothing_left msg
    silent
}

@test "tcp/stream: over IPv6, and by name" {
    for name in ::1 localhost; do
        serve --fast --clients 1 "$name" 0 README.md
        limited build/tcp/stream_player "$name" "$(port)" -- cmp - README.md
        finish
    done
}

@test "tcp/stream: from host to host, over IPv4 and IPv6" {
    need_hosts
    for address in 10.9.0.2 fd09::2; do
        start "${on2[@]}" build/tcp/stream_server --fast \
            --clients 4 $address 0 "$long"
        for via in "${all[@]}"; do
            limited "${on1[@]}" build/tcp/stream_player \
                --via "$via" $address "$(port)" -- cmp - "$long"
        done
        finish
    done
}

@test "tcp/stream: a server whose cable is pulled is given up in time" {
    need_hosts
    start "${on2[@]}" build/tcp/stream_server --rate 160000 \
        10.9.0.2 0 "$long"
    background player "${on1[@]}" build/tcp/stream_player \
        --timeout 1 10.9.0.2 "$(port)" -- tee got
    await test -s got
    ip -n "$HOSTS-2" link set net0 down
    run -1 finish player
    ip -n "$HOSTS-2" link set net0 up
    printed player | grep -a 'nothing from the server for 1 s, after .* bytes'
    silent
}

@test "tcp/stream: a server refuses what it cannot pace, or is no file" {
    run -1 limited build/tcp/stream_server $here 0 README.md
    [[ $output == *"README.md: no bit rate can be seen"* ]]
    run -1 limited build/tcp/stream_server --fast $here 0 README.md none
    [[ $output == *"none: No such file or directory" ]]
    for file in never .; do
        run -1 limited build/tcp/stream_server --fast $here 0 $file
        [[ $output == *"$file: not a regular file" ]]
    done
}

@test "tcp/stream: wrong arguments get the usage line and status 2" {
    for arguments in "$here 9" "$here 9 --" "$here 9 cat" \
        "--via water $here 9 -- cat" "--timeout 0 $here 9 -- cat"; do
        # shellcheck disable=SC2086 # several arguments
        run -2 limited build/tcp/stream_player $arguments
        [[ $output == "usage: stream_player "* ]]
    done
    for arguments in "$here 0" "--rate 1 $here 0 $long"; do
        # shellcheck disable=SC2086 # several arguments
        run -2 limited build/tcp/stream_server $arguments
        [[ $output == "usage: stream_server "* ]]
    done
}

@test "tcp/stream: a decoder that cannot be started is an error, with reason" {
    serve --fast $here 0 "$long"
    for via in "${all[@]}"; do
        background player build/tcp/stream_player --via "$via" $here "$(port)" \
            -- ./no-such-decoder
        run -1 finish player
        [ "$(printed player)" = \
            "stream_player: ./no-such-decoder: No such file or directory" ]
        run -1 play "$via" -- ./README.md
        [[ $output == "stream_player: ./README.md: Permission denied" ]]
    done
    [ -z "$(find . -name 'stream_player*')" ]
    silent
}

@test "tcp/stream: until it may send more, the server sleeps" {
    need strace
    head -c 20000 "$long" >short
    start strace -fqqo log -e trace=nanosleep,clock_nanosleep \
        build/tcp/stream_server --rate 100000 --clients 1 $here 0 short
    [ "$(play pipe -- cksum)" = "$(cksum <short)" ]
    finish
    grep 'nanosleep(.* = 0$' log
    run ! grep EINVAL log
}

@test "tcp/stream: what a client sends is ignored, and it gets everything" {
    serve --fast --clients 1 $here 0 README.md
    limited bash -c 'exec 4<>"/dev/tcp/$0/$1"
        printf x >&4
        cmp README.md <&4' $here "$(port)"
    finish
    printed | grep '^1 clients received all'
}

@test "tcp/stream: a queue or a segment is for its user alone" {
    serve --rate 160000 --clients 2 $here 0 "$long"
    for via in msg shm; do listen $via; done
    for via in msg shm; do
        listening $via
        [ "$(awk -v player="${player[$via]}" '
            NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
            player == $column["lspid"] || player == $column["cpid"] {
                print $column["perms"] % 1000
            }' /proc/sysvipc/$via)" = 600 ]
    done
    silent
}

@test "tcp/stream: without a pidfd it does not play" {
    need strace
    serve --fast $here 0 "$long"
    run -1 limited strace -qqo log -e inject=pidfd_open:error=EMFILE \
        build/tcp/stream_player $here "$(port)" -- cksum
    [ "$output" = "stream_player: cksum: Too many open files" ]
    silent
}

@test "tcp/stream: a decoder that ends early ends the player, which says so" {
    serve --fast $here 0 "$long"
    for via in "${all[@]}"; do
        run -1 play "$via" -- head -c 10
        [[ $output == *"the decoder stopped reading after "*" bytes" ]]
        run -1 play "$via" -- sh -c 'exec <&-; exit 0'
        [[ $output == *"the decoder stopped reading after "*" bytes" ]]
    done
    silent
}

@test "tcp/stream: a decoder that ends while the server is silent is noticed" {
    mkfifo go
    serve --rate 160000 $here 0 "$long"
    for via in "${all[@]}"; do
        background "$via" build/tcp/stream_player --via "$via" $here \
            "$(port)" -- sh -c 'head -c 1 >"got.$0"; read -r x <>go' "$via"
        await test -s "got.$via"
    done
    mapfile -t stopped < <(processes_of receiver | tr ' ' '\n' | grep .)
    kill -STOP "${stopped[@]}"
    exec 4<>go
    printf '\n\n\n\n' >&4
    for via in "${all[@]}"; do
        run -1 finish "$via"
        printed "$via" | grep 'the decoder stopped reading after .* bytes'
    done
    exec 4>&-
    kill -CONT "${stopped[@]}" # SIGTERM would not end what is stopped
    silent
}

@test "tcp/stream: a decoder that fails is said to have failed" {
    serve --fast --clients 8 $here 0 README.md
    for via in "${all[@]}"; do
        run -1 play "$via" -- sh -c 'cat >/dev/null; exit 3'
        [ "$output" = "stream_player: the decoder ended with status 3" ]
        run -1 play "$via" -- sh -c 'cat >/dev/null; kill -SEGV $$'
        [ "$output" = "stream_player: the decoder was ended by signal 11" ]
    done
    finish
}

@test "tcp/stream: a decoder that stops reading is ended" {
    serve --fast $here 0 "$long"
    for via in "${all[@]}"; do
        background "$via" build/tcp/stream_player --via "$via" \
            --timeout 1 $here "$(port)" \
            -- sh -c 'echo $$ >"$0.pid"; read -r x <>never' "$via"
    done
    for via in "${all[@]}"; do
        run -1 finish "$via"
        printed "$via" | grep 'the decoder has not read for 1 s, after .* bytes'
        gone "$(cat "$via.pid")"
    done
    silent
}

@test "tcp/stream: a decoder that does not end after the stream is ended" {
    serve --fast --clients 4 $here 0 README.md
    for via in "${all[@]}"; do
        background "$via" build/tcp/stream_player --via "$via" \
            --timeout 1 $here "$(port)" -- sh -c 'echo $$ >"$0.pid"
                trap "" TERM
                cat >/dev/null; read -r x <>never' "$via"
    done
    for via in "${all[@]}"; do
        run -1 finish "$via"
        printed "$via" | grep 'the decoder goes on 1 s after the end'
        gone "$(cat "$via.pid")"
    done
    finish
}

@test "tcp/stream: a server that is killed is not taken for the end" {
    for number in TERM KILL; do
        serve --rate 160000 $here 0 "$long"
        for via in "${all[@]}"; do listen "$via"; done
        for via in "${all[@]}"; do listening "$via"; done
        signal $number
        run finish
        for via in "${all[@]}"; do
            run -1 finish "$via"
            printed "$via" | grep -a 'the stream was cut off after .* bytes'
            nothing_left "$via"
        done
    done
    serve --rate 160000 $here 0 "$long"
    listen msg
    listening msg
    kill -KILL "$(processes_of receiver)" # only this client's process
    run -1 finish msg
    printed msg | grep -a 'the stream was cut off after .* bytes'
    silent
}

@test "tcp/stream: a server that says nothing is left" {
    serve --fast $here 0 README.md
    signal STOP
    run -1 play msg --timeout 1 -- cat
    [[ $output == *"nothing from the server for 1 s, after 0 bytes" ]]
    signal KILL
    run finish
}

@test "tcp/stream: a player that is killed leaves nothing" {
    serve --rate 160000 --clients 12 $here 0 "$long"
    for number in INT TERM KILL; do
        for via in "${all[@]}"; do listen "$via"; done
        for via in "${all[@]}"; do
            listening "$via"
            signal $number "$via"
        done
        for via in "${all[@]}"; do
            run finish "$via"
            [ $status -eq $((128 + $(kill -l $number))) ]
            nothing_left "$via"
        done
    done
    finish
    [ "$(printed | grep -c 'client .*: .*, after ')" -eq 12 ]
}

@test "tcp/stream: an adapter that is killed is missed, and leaves nothing" {
    serve --rate 160000 $here 0 "$long"
    for number in INT TERM KILL; do
        for via in msg shm; do listen "$via"; done
        for via in msg shm; do
            listening "$via"
            kill -$number "${adapter[$via]}"
        done
        for via in msg shm; do
            run -1 finish "$via"
            nothing_left "$via"
            [ $number = TERM ] || printed "$via" |
                grep -aE 'the adapter was ended by signal (2|9)'
        done
    done
    silent
}

@test "tcp/stream: a decoder that is killed is missed, and nothing is left" {
    serve --rate 160000 $here 0 "$long"
    for via in "${all[@]}"; do listen "$via"; done
    for via in "${all[@]}"; do
        listening "$via"
        kill -KILL "${decoder[$via]}"
    done
    for via in "${all[@]}"; do
        run -1 finish "$via"
        printed "$via" | grep -a 'the decoder was ended by signal 9'
        nothing_left "$via"
    done
    silent
}

@test "tcp/stream: those who wait for room in a mechanism end, too" {
    serve --fast $here 0 "$long"
    command=(sh -c 'echo $$ >"$0"; read -r x <>never')
    for victim in player decoder adapter; do
        for via in "${all[@]}"; do listen "$via"; done
        for via in "${all[@]}"; do
            listening "$via"
            await asleep "$via"
            process="${victim}[$via]"
            kill -KILL "${!process:-${player[$via]}}"
            # It would be ended in half a minute, as it takes no notice.
            [ $victim != adapter ] || kill -KILL "${decoder[$via]}" || true
        done
        for via in "${all[@]}"; do
            run finish "$via"
            [ "$status" -ne 0 ]
            nothing_left "$via"
        done
    done
    silent
}

@test "tcp/stream: a client beyond the limit is rejected" {
    serve --limit 1 --rate 160000 --clients 9 $here 0 "$long"
    background player build/tcp/stream_player $here "$(port)" -- tee got
    await test -s got
    run -1 play pipe -- cat
    [[ $output == *"cut off after 0 bytes: Connection reset by peer" ]]
    signal KILL player
    run finish player
    await grep -q 'client 1: ' logs/receiver # and its place is free
    await eval 'play pipe -- head -c 1 2>&1 | grep "stopped reading"'
    silent
}

@test "tcp/stream: a client that does not read holds its place for a time" {
    truncate -s 64M much # more than the kernels hold
    serve --fast --timeout 1 --clients 1 $here 0 much
    background idle bash -c 'exec 4<>"/dev/tcp/$0/$1"; read -r x <>never' \
        $here "$(port)"
    finish
    printed | grep 'client 1: does not read any more, after .* bytes'
    printed | grep -x '0 clients received all, 1 did not, 0 were rejected'
}

@test "tcp/stream: a client that talks has its answer all the same" {
    serve --fast --timeout 1 --clients 2 $here 0 README.md
    for _ in 1 2; do
        exec 4<>"/dev/tcp/$here/$(port)"
        echo hello >&4
        limited cmp - README.md <&4
        exec 4>&-
    done
    finish
    printed | grep -x '2 clients received all, 0 did not, 0 were rejected'
}

@test "tcp/stream: the server keeps neither zombies nor descriptors" {
    serve --fast --clients 21 $here 0 README.md
    before=$(find "/proc/$(pid)/fd" -type l | wc -l)
    for _ in {1..20}; do
        play pipe -- cmp - README.md
    done
    await eval '[ -z "$(processes_of receiver)" ]'
    [ "$(find "/proc/$(pid)/fd" -type l | wc -l)" -eq "$before" ]
    play pipe -- cmp - README.md
    finish
}

@test "tcp/stream: two players at once do not disturb each other" {
    for via in "${all[@]}"; do
        limited head -c 1000003 /dev/urandom >noise
        serve --fast --clients 3 $here 0 noise
        for n in 1 2 3; do
            background $n build/tcp/stream_player --via "$via" $here \
                "$(port)" -- cmp - noise
        done
        for n in 1 2 3; do
            finish $n
        done
        finish
    done
}
