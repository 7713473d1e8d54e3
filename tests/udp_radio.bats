#!/usr/bin/env bats
#
# A radio station and its listeners. Music is made by the tests: lame encodes
# what perl computes, and mpg123 decodes it.

# shellcheck disable=SC2016,SC2030,SC2031 # perl has its own; each test has one
load helpers
load hosts

setup_file() {
    music >"$BATS_FILE_TMPDIR/music.log" 2>&1 || true
    make_hosts 2
}

# A second of two tones, one of which rises, and some noise. Three ways to
# encode it, without tags, and frames that do not fit a packet; and a long one.
music() (
    set -e
    cd "$BATS_FILE_TMPDIR"
    perl -e '
        my $n = 44100;
        print pack "A4 V A4 A4 V v v V V v v A4 V", "RIFF", 36 + $n * 4, "WAVE",
            "fmt ", 16, 1, 2, $n, $n * 4, 4, 16, "data", $n * 4;
        srand 1;
        print pack "s<2", 9000 * sin($_ / 16) + rand 2000,
            9000 * sin((.03 + .1 * $_ / $n) * $_) for 0 .. $n - 1;' >tone.wav
    lame --quiet -t -b 128 --cbr tone.wav cbr.mp3
    lame --quiet -V 4 --tt Tone tone.wav vbr.mp3 # with tags
    lame --quiet -t -b 320 --resample 32 tone.wav long-frames.mp3
    cat cbr.mp3 cbr.mp3 >long.mp3
    for name in cbr vbr long-frames long; do
        decode $name.mp3 >$name.pcm
    done
)

decode() {
    mpg123 -q --no-gapless -s "$@"
}

with_music() {
    need lame mpg123
}

# channel NAME FILE...: make a channel in the folder music.
channel() {
    mkdir -p "music/$1"
    local file
    for file in "${@:2}"; do
        cp "$BATS_FILE_TMPDIR/$file" "music/$1"
    done
}

# listen OPTION... -- DECODER...: start the player, by the name of receiver. It
# asks for a port that nobody else has.
listen() {
    local options=()
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    start build/udp/radio_player "${options[@]}" 239.255.1.1 0 lo "$@"
    at=(239.255.1.1 "$(port)" lo)
}

# "${into[@]}" FILE COMMAND...: a decoder whose output goes to that file.
into=(sh -c 'exec >"$0"; exec "$@"')

# A station by hand, in perl, at $at:
#   talk(FLAGS, CHANNEL, SEQ, BYTES)  one packet
#   list(NUMBER, NAME, ...)           the list of channels
#   raw(BYTES), from_other(BYTES)     anything, from the station or another
#   drained()                            until all has been received
#   await()                           until the test has written to `more`
station='
    use Socket qw(:DEFAULT IPPROTO_IP IP_MULTICAST_IF);
    my ($group, $port) = @ARGV;
    my $to = pack_sockaddr_in($port, inet_aton($group));
    my $sent = 0;
    sub open_socket {
        socket(my $s, PF_INET, SOCK_DGRAM, 0) or die $!;
        setsockopt($s, IPPROTO_IP, IP_MULTICAST_IF, inet_aton("127.0.0.1"))
            or die $!;
        return $s;
    }
    my ($ours, $other) = (open_socket(), open_socket());
    sub waiting {
        open(my $table, "<", "/proc/net/udp") or die $!;
        my $here = sprintf "%04X", $port;
        return grep { / 00000000:$here .* [0-9A-F]{8}:(?!0{8})/ } <$table>;
    }
    sub drained { select undef, undef, undef, .001 while waiting() }
    sub raw { # a socket has room for some dozens
        defined send($ours, $_[0], 0, $to) or die $!;
        drained() if ++$sent % 30 == 0;
    }
    sub from_other { defined send($other, $_[0], 0, $to) or die $! }
    sub packet { pack "A4 C C n N n/a", "RDIO", 1, @_ }
    sub talk { raw(packet(@_)) }
    sub list {
        my $list = "";
        while (my ($n, $name) = splice @_, 0, 2) {
            $list .= pack "n C/a", $n, $name;
        }
        raw(packet(0, 0, 0, $list));
    }
    sub await { open(my $more, "<", "more") or die $!; <$more> }
    use constant { START => 1, END_ => 2 };
'
by_hand() {
    limited perl -e "$station $1" "${at[@]:0:2}"
}

# total WORD: how many packets the player counted as that.
total() {
    printed "${2-receiver}" | sed -n "s/^packets:.* \([0-9]*\) $1.*/\1/p"
}

@test "udp/radio: its card holds" {
    card udp/radio_player/main.c
}

# -- music --------------------------------------------------------------------

@test "udp/radio: three channels, four players: all decode what was sent" {
    with_music
    channel a cbr.mp3
    channel b vbr.mp3
    channel c long-frames.mp3
    listen -- "${into[@]}" out1 mpg123 -q --no-gapless -s -
    local n names=(x cbr vbr long-frames cbr)
    for n in 2 3 4; do
        background player$n build/udp/radio_player \
            --channel $((n % 4 + n / 4)) "${at[@]}" -- \
            "${into[@]}" out$n mpg123 -q --no-gapless -s -
        await grep -q '^ready' logs/player$n
    done
    # Ahead of its time: all of it fits the socket's buffer and the pipe.
    run -0 limited build/udp/radio_server --once --burst 9000 "${at[@]}" music

    for n in 1 2 3 4; do
        local name=${pid_of[player$n]+player$n}
        finish "${name:-receiver}"
        cmp out$n "$BATS_FILE_TMPDIR/${names[n]}.pcm"
        printed "${name:-receiver}" |
            grep ' 0 lost, 0 dropped, 0 late, 0 foreign; gaps: 0'
    done
    [[ $output == *"1 a: "*" packets, "*" bytes, 1.0"*" s of sound"* ]]
    # Frames that do not fit one packet take two.
    [ "$(total played player3)" -gt "$(total played)" ]
}

@test "udp/radio: between two hosts, over IPv4 and IPv6" {
    with_music
    need_hosts
    channel a cbr.mp3
    for group in 239.255.1.1 ff12::9400; do
        start "${on2[@]}" build/udp/radio_player $group 9400 net0 -- \
            "${into[@]}" out mpg123 -q --no-gapless -s -
        limited "${on1[@]}" build/udp/radio_server --once --burst 9000 $group \
            9400 net0 music
        finish
        cmp out "$BATS_FILE_TMPDIR/cbr.pcm"
    done
}

# frames FILE: each frame of an MP3 of 128 kbit/s at 44100 Hz, in hex.
frames() {
    perl -e '
        undef $/;
        my $all = <STDIN>;
        while (length $all) {
            die "torn" if substr($all, 0, 3) !~ /^\xff\xfb[\x90\x92]/;
            my $padded = ord(substr $all, 2) & 2 ? 1 : 0;
            my $frame = substr $all, 0, 417 + $padded, "";
            die "cut" if length $frame != 417 + $padded;
            print unpack("H*", $frame), "\n";
        }' <"$1"
}

@test "udp/radio: what arrives through loss are whole frames, in order" {
    with_music
    need_hosts
    need nft
    "${on2[@]}" nft -f - <<'END'
        add table inet loss
        add chain inet loss in { type filter hook input priority 0; }
        add rule inet loss in udp dport 9401 numgen inc mod 4 == 1 drop
END
    channel a long.mp3
    start "${on2[@]}" build/udp/radio_player 239.255.1.1 9401 net0 -- \
        "${into[@]}" out cat
    limited "${on1[@]}" build/udp/radio_server --once --burst 9000 239.255.1.1 \
        9401 net0 music
    finish
    "${on2[@]}" nft delete table inet loss

    frames out >heard
    frames "$BATS_FILE_TMPDIR/long.mp3" >sent
    [ "$(total lost)" -gt 3 ]
    [ "$(wc -l <heard)" -lt "$(wc -l <sent)" ]
    run ! grep '^>' <(diff sent heard) # only left out, nothing else
    decode out >pcm
    [ -s pcm ]
}

@test "udp/radio: a late joiner hears what the others hear from then on" {
    with_music
    channel a long.mp3
    listen -- "${into[@]}" early cat
    background server build/udp/radio_server --once "${at[@]}" music
    await test -s early
    background late build/udp/radio_player "${at[@]}" -- "${into[@]}" late cat
    finish
    finish late
    finish server

    cmp early "$BATS_FILE_TMPDIR/long.mp3"
    local size
    size=$(stat -c %s late)
    [ "$size" -gt 10000 ]
    [ "$size" -lt "$(stat -c %s early)" ]
    tail -c "$size" early | cmp - late
    frames late >/dev/null
    # The first frames need bits of earlier ones, which nobody has any more: ten
    # of 4608 bytes are left out of the comparison.
    decode late | tail -c +46081 >late.pcm
    tail -c "$(stat -c %s late.pcm)" "$BATS_FILE_TMPDIR/long.pcm" |
        cmp - late.pcm
}

@test "udp/radio: tags, and what is no MP3, are left out" {
    with_music
    mkdir -p music/a
    {
        printf 'ID3\4\0\0\0\4\0\0'
        head -c 65536 /dev/zero | tr '\0' '\377' # a picture, say
        printf 'ID3\4\0\0\0\0\0\1x\0\0'
        cat "$BATS_FILE_TMPDIR/cbr.mp3"
        printf 'TAG%0125d' 0
    } >music/a/1.mp3
    echo "no music" >music/a/cover.jpg
    { # a frame that is cut short, and noise between frames
        head -c 835 "$BATS_FILE_TMPDIR/cbr.mp3"
        printf 'noise noise'
        cat "$BATS_FILE_TMPDIR/cbr.mp3"
        head -c 300 "$BATS_FILE_TMPDIR/cbr.mp3"
    } >music/a/2.mp3
    cp "$BATS_FILE_TMPDIR/vbr.mp3" music/a/3.mp3
    grep -aq Xing music/a/3.mp3
    listen -- "${into[@]}" out cat
    run -0 limited build/udp/radio_server --once --burst 9000 "${at[@]}" music
    finish

    local printed=$output
    run ! grep -aE 'Xing|TAG' out
    {
        cat "$BATS_FILE_TMPDIR/cbr.mp3"
        head -c 835 "$BATS_FILE_TMPDIR/cbr.mp3"
        cat "$BATS_FILE_TMPDIR/cbr.mp3"
    } >expected
    cmp -n "$(stat -c %s expected)" expected out
    [[ $printed == *"a/cover.jpg: no MP3, and no --raw to say its rate"* ]]
}

@test "udp/radio: without --once it goes on until a signal" {
    with_music
    channel a cbr.mp3
    local size
    size=$(stat -c %s "$BATS_FILE_TMPDIR/cbr.mp3")
    listen -- "${into[@]}" out head -c $((size + 999))
    background other build/udp/radio_player "${at[@]}" -- "${into[@]}" all cat
    await grep -q '^ready' logs/other
    background server build/udp/radio_server --burst 1500 "${at[@]}" music
    finish
    signal INT server
    run -130 finish server
    finish other

    cat "$BATS_FILE_TMPDIR/cbr.mp3" "$BATS_FILE_TMPDIR/cbr.mp3" |
        head -c $((size + 999)) | cmp - out
    printed | grep -x '1 a: sh reads no more'
    printed other | grep -x '1 a: has ended'
    [ "$(printed server | grep -c plays)" -gt 1 ]
}

# -- the pace -----------------------------------------------------------------

@test "udp/radio: sound is not sent before its time" {
    mkdir -p music/a
    head -c 4200 /dev/zero >music/a/zeros
    listen -- cksum
    # Three packets of 100 ms each, with a bucket that saves nothing; the time
    # has 60 ms for saying goodbye in it.
    run -0 limited build/udp/radio_server --once --burst 0 --raw 112 \
        "${at[@]}" music
    finish
    [ "$(total played)" -eq 3 ]
    local expected='^1 a: 3 packets, 4200 bytes, 0.300 s of sound in (.*) s$'
    [[ ${lines[2]} =~ $expected ]]
    [ "$(bc <<<"${BASH_REMATCH[1]} >= 0.26")" -eq 1 ]
}

@test "udp/radio: it sleeps until a time, not for a time" {
    need strace
    mkdir -p music/a
    head -c 4200 /dev/zero >music/a/zeros
    export ASAN_OPTIONS=detect_leaks=0 # it cannot, under strace
    run -0 limited strace -qq -e trace=clock_nanosleep build/udp/radio_server \
        --once --burst 0 --raw 1120 239.255.1.1 9 lo music
    [ "$(grep -c 'CLOCK_MONOTONIC, TIMER_ABSTIME, {.*) *= 0$' \
        <<<"$output")" -ge 5 ]
}

# -- packets ------------------------------------------------------------------

@test "udp/radio: gaps, late packets, duplicates; never half a frame" {
    listen -- "${into[@]}" out cat
    by_hand '
        list(7, "by hand");
        talk(START, 7, 10, "one\n");
        talk(0, 7, 12, "the second half of something\n");
        talk(START, 7, 13, "two\n");
        talk(START, 7, 13, "two\n");
        talk(START, 7, 11, "late\n");
        talk(START, 8, 14, "on another channel\n");
        talk(0, 7, 14, "two and a half\n");
        talk(END_, 7, 15, "");'
    finish
    diff out - <<<$'one\ntwo\ntwo and a half'
    printed | grep -x '7 by hand: has ended'
    printed | grep -x \
        'packets: 3 played, 1 lost, 1 dropped, 2 late, 0 foreign; gaps: 1'
}

@test "udp/radio: a decoder that is slow loses packets, not its place" {
    mkfifo go more
    listen -- "${into[@]}" out sh -c 'read -r x <go; exec cat'
    background station perl -e "$station"'
        sub number { talk(START, 1, $_[0], sprintf "%01399d\n", $_[0]) }
        list(1, "fast");
        number($_) for 1 .. 60;
        drained();
        print "all received\n";
        close STDOUT;
        await();
        number($_) for 61 .. 70;
        talk(END_, 1, 71, "");' "${at[@]:0:2}"
    await grep -q 'all received' logs/station
    limited sh -c 'echo >go'
    await pipe_is_empty
    local taken=$(($(stat -c %s out) / 1400))
    limited sh -c 'echo >more'
    finish

    [ "$taken" -gt 20 ]
    [ "$taken" -lt 60 ]
    sed 's/^0*//' out | diff - <(
        seq "$taken"
        seq 61 70
    )
    [ "$(total played)" -eq $((taken + 10)) ]
    [ "$(total dropped)" -eq $((60 - taken)) ]
    [ "$(total lost)" -eq 0 ]
}

# Whether cat has read, and written, what there was: it waits for more.
pipe_is_empty() {
    local cat
    cat=$(children) && [ -s out ] &&
        grep -q '^cat' "/proc/$cat/comm" &&
        read -r call _ <"/proc/$cat/syscall" && [ "$call" = 0 ]
}

@test "udp/radio: packets of other senders, and broken ones, change nothing" {
    listen -- "${into[@]}" out cat
    run -0 by_hand '
        my $valid = packet(START, 1, 1, "evil\n");
        sub changed {
            my $p = $valid;
            substr($p, $_[0], 1) = $_[1];
            return $p;
        }
        my @before = map { packet(0, 0, 1, $_) }
            "\0\1\0", "\0\0\1x", "\0\1\1\e", "x", "\0\1\1x\0\1\1y";
        my @broken = (
            map({ substr $valid, 0, $_ } 0 .. length($valid) - 1),
            changed(0, "r"), changed(3, "0"),
            map({ changed(4, chr) } 0, 2 .. 255),      # version
            map({ changed(5, chr) } 2 .. 255),         # flags
            map({ changed(6, chr) } 1 .. 255),         # channel
            map({ changed(7, chr) } 0, 33 .. 255),
            map({ changed(12, chr) } 1 .. 255),        # length
            map({ changed(13, chr) } 0 .. 4, 6 .. 255),
            $valid . "x", $valid . "x" x 1395, $valid . "x" x 60000,
            packet(START, 0, 1, "\0\1\4evil"));
        srand 3;
        push @broken, pack "A4 C*", "RDIO", 1, map { int rand 256 } 0 .. rand 50
            for 1 .. 500;

        raw($_) for @before, @broken;
        list(1, "one");
        raw($_) for @broken;
        talk(START, 1, 1, "first\n");
        raw($_) for @broken;
        drained();
        from_other(packet(START, 1, 2, "strange\n")) for 1 .. 9;
        from_other(packet(END_, 1, 2, ""));
        talk(START, 1, 2, "second\n");
        talk(END_, 1, 3, "");
        print @before + 3 * @broken + 10;'
    finish
    diff out - <<<$'first\nsecond'
    [ "$(total foreign)" -eq "$output" ]
    [ "$(total played)" -eq 2 ]
}

@test "udp/radio: garbage is not the station, and does not keep ^C away" {
    listen --wait 1 -- cat
    background flood perl -e "$station"'
        $SIG{TERM} = sub { exit 0 };
        list(1, "soon silent") if $ARGV[2];
        from_other("garbage") while 1;' "${at[@]:0:2}" 1
    run -1 finish
    printed | grep -x 'radio_player: nothing came from the station for 1 s'

    background second build/udp/radio_player "${at[@]}" -- cat
    await grep -q '^ready' logs/second
    signal INT second
    run -130 finish second
    signal TERM flood
    finish flood
}

@test "udp/radio: no station sends" {
    listen --wait 1 -- cat
    run -1 finish
    printed | grep -x 'radio_player: no channel list came for 1 s'
}

@test "udp/radio: --list, and a channel that is not there" {
    listen --channel 2 -- cat
    background list build/udp/radio_player --list "${at[@]}"
    await grep -q '^ready' logs/list
    by_hand 'list(1, "news", 3, "下雪");'
    finish list
    run -1 finish
    printed list | tail -n +2 | diff - <(printf '1 news\n3 下雪\n')
    printed | grep -x \
        'radio_player: there is no channel 2; --list shows what there is'
}

# -- who ends first -----------------------------------------------------------

@test "udp/radio: a decoder that cannot be started" {
    printf 'no program' >file
    for decoder in ./nobody:127:"No such file or directory" \
        ./file:126:"Permission denied"; do
        IFS=: read -r name status reason <<<"$decoder"
        listen -- "$name"
        by_hand 'list(1, "one");'
        run "-$status" finish
        printed | grep -x "radio_player: $name: $reason"
    done
}

@test "udp/radio: a decoder that ends before the channel does" {
    local stays='exec <&-; exec tail -f README.md'
    for decoder in 'exit 0:0:' \
        'exit 3:1:the decoder ended with status 3' \
        'kill -9 $$:1:the decoder was ended by signal 9' \
        "$stays:1:the decoder reads no more, and does not end"; do
        IFS=: read -r command status reason <<<"$decoder"
        listen -- sh -c "echo \$\$ >pid; $command"
        by_hand 'list(1, "one"); talk(START, 1, $_, "x") for 1 .. 3;'
        run "-$status" finish
        printed | grep -x '1 one: sh reads no more'
        [ -z "$reason" ] || printed | grep -x "radio_player: $reason"
        gone "$(cat pid)"
    done
}

@test "udp/radio: a player that is ended takes its decoder along" {
    for number in INT TERM HUP KILL; do
        rm -f pid
        # A decoder that does not care about the end of its input.
        listen -- sh -c 'echo $$ >pid; exec tail -f README.md'
        by_hand 'list(1, "one"); talk(START, 1, 1, "x");'
        await test -s pid
        signal $number
        run "-$((128 + $(kill -l $number)))" finish
        await gone "$(cat pid)"
    done
}

@test "udp/radio: a decoder that does not want to end is killed" {
    listen -- sh -c 'trap "" TERM INT; echo $$ >pid; tail -f README.md & wait'
    by_hand 'list(1, "one");'
    await test -s pid
    children_of "$(cat pid)" && tail=${children[0]}
    signal INT
    run -130 finish
    gone "$(cat pid)"
    kill -KILL "$tail" # which ignores the other signals, too
}

@test "udp/radio: a decoder finds its signals and descriptors as usual" {
    listen -- grep -E '^Sig(Blk|Ign)' /proc/self/status
    by_hand 'list(1, "one"); talk(END_, 1, 0, "");'
    finish
    printed | grep -x $'SigBlk:\t0000000000000000'
    [ $((0x$(printed | sed -n 's/^SigIgn:\t//p') & 1 << 12)) -eq 0 ] # SIGPIPE

    listen -- ls -l /proc/self/fd
    by_hand 'list(1, "one"); talk(END_, 1, 0, "");'
    finish
    printed | grep ' 0 -> pipe:'
    run ! grep -E 'socket|anon_inode' logs/receiver
}

@test "udp/radio: a station that is killed, and one that says goodbye" {
    mkdir -p music/a
    head -c 99999 /dev/zero >music/a/zeros
    for number in KILL TERM; do
        listen --wait 1 -- "${into[@]}" out cat
        background server build/udp/radio_server --raw 100 "${at[@]}" music
        await test -s out
        signal $number server
        run "-$((128 + $(kill -l $number)))" finish server
        if [ $number = KILL ]; then
            run -1 finish
            printed | grep -x '.*: nothing came from the station for 1 s'
        else
            finish
            printed | grep -x '1 a: has ended'
        fi
        rm out
    done
}

@test "udp/radio: a station that is killed and started again is heard again" {
    mkdir -p music/a
    head -c 99999 /dev/zero >music/a/zeros
    listen -- "${into[@]}" out cat
    background server build/udp/radio_server --raw 100 "${at[@]}" music
    await test -s out
    signal KILL server
    run -137 finish server
    background server build/udp/radio_server --raw 100 "${at[@]}" music
    await grep -qx '1 a: the station is back' logs/receiver
    grows out
    signal TERM server
    run -143 finish server
    finish

    printed | grep -x '1 a: has ended'
    [ "$(total late)" -eq 0 ]
}

# larger FILE SIZE: whether it has grown beyond that.
larger() {
    [ "$(stat -c %s "$1")" -gt "$2" ]
}

# grows FILE: wait until it is larger than now.
grows() {
    local size
    size=$(stat -c %s "$1")
    await larger "$1" "$size"
}

@test "udp/radio: a station that is back may count from anywhere" {
    listen -- "${into[@]}" out cat
    by_hand '
        list(1, "one");
        talk(START, 1, 1000, "before\n");
        drained();
        for (1 .. 60) { # its silence, and more lists than are needed
            select undef, undef, undef, .05;
            from_other(packet(0, 0, 0, pack "n C/a", 1, "one"));
        }
        from_other(packet(START, 1, 7, "after\n"));
        from_other(packet(END_, 1, 8, ""));'
    finish
    diff out - <<<$'before\nafter'
    printed | grep -x '1 one: the station is back'
    [ "$(total late)" -eq 0 ]
}

@test "udp/radio: another station does not become ours while ours sends" {
    listen -- "${into[@]}" out cat
    by_hand '
        list(1, "one");
        talk(START, 1, 1, "first\n");
        drained();
        from_other(packet(0, 0, 0, pack "n C/a", 1, "one"));
        from_other(packet(START, 1, 2, "forged\n"));
        talk(START, 1, 2, "second\n");
        talk(END_, 1, 3, "");'
    finish
    diff out - <<<$'first\nsecond'
    [ "$(total foreign)" -eq 2 ]
}

@test "udp/radio: a signal ends a station in the middle of its burst" {
    mkdir -p music/a
    head -c 999999 /dev/zero >music/a/zeros
    background server build/udp/radio_server --burst 3600000 --raw 1000000 \
        239.255.1.1 9 lo music
    await grep -q plays logs/server
    signal TERM server
    run -143 finish server
}

@test "udp/radio: an ignored SIGHUP stays ignored" {
    mkdir -p music/a
    head -c 9999 /dev/zero >music/a/zeros
    start env --ignore-signal=HUP build/udp/radio_player 239.255.1.1 0 lo -- \
        "${into[@]}" out cat
    at=(239.255.1.1 "$(port)" lo)
    background server env --ignore-signal=HUP build/udp/radio_server \
        --raw 100 "${at[@]}" music
    await test -s out
    signal HUP
    signal HUP server
    grows out
    signal TERM server
    run -143 finish server
    finish
}

@test "udp/radio: on one interface, not on another that is joined" {
    need_hosts
    mkdir -p music/a
    echo hello >music/a/b
    for group in 239.255.1.1 ff15::9400; do
        start "${on2[@]}" build/udp/radio_player --wait 1 $group 9403 lo -- cat
        background other "${on2[@]}" \
            build/udp/radio_player --wait 1 $group 9403 net0 -- cat
        await grep -q '^ready' logs/other
        limited "${on1[@]}" build/udp/radio_server --once --raw 9 $group 9403 \
            net0 music
        run -1 finish
        finish other
        printed other | grep -x hello
        printed | grep -x 'radio_player: no channel list came for 1 s'
    done
}

# -- what is refused ----------------------------------------------------------

@test "udp/radio: folders and files that cannot be played" {
    mkdir -p music/empty
    touch music/file
    at=(239.255.1.1 9 lo)
    run -1 limited build/udp/radio_server "${at[@]}" nowhere
    [ "$output" = "radio_server: nowhere: No such file or directory" ]
    run -1 limited build/udp/radio_server "${at[@]}" music/empty
    [ "$output" = "radio_server: music/empty: there is no folder in it" ]
    run -1 limited build/udp/radio_server "${at[@]}" music
    [[ $output == *"radio_server: there is nothing to play" ]]

    mkfifo music/empty/fifo
    mkdir music/empty/folder
    ln -s /etc/passwd music/empty/link
    run -1 limited build/udp/radio_server --raw 9 "${at[@]}" music
    [[ $output == *"radio_server: empty/fifo: "* ]]
    [[ $output == *"radio_server: empty/link: Invalid cross-device link"* ]]

    for n in {1..32}; do mkdir "music/$n"; done
    run -1 limited build/udp/radio_server "${at[@]}" music
    [ "$output" = "radio_server: music: more than 32 channels" ]
}

@test "udp/radio: a name is shown without what a terminal would obey" {
    local long
    long=$(printf 'x%.0s' {1..50})
    mkdir -p music/$'a\e[2J' "music/b$long"
    touch music/$'a\e[2J'/$'c\nd'
    echo hello >"music/b$long/$long"
    listen --channel 2 -- cat
    run -0 limited build/udp/radio_server --once --raw 9999 "${at[@]}" music
    finish
    [ "${lines[0]}" = '1 a?[2J: on the air' ]
    [[ $output == *"1 a?[2J: plays c?d"* ]]
    printed | grep -x "2 b${long:0:39}: has ended"
}

@test "udp/radio: a group, a port or an interface that cannot be" {
    mkdir -p music/a
    echo hello >music/a/b
    run -1 limited build/udp/radio_server 127.0.0.1 9 lo music
    [ "$output" = "radio_server: 127.0.0.1: not a multicast group" ]
    run -1 limited build/udp/radio_server 239.255.1.1 9 lol music
    [ "$output" = "radio_server: lol: No such device" ]
    run -1 limited build/udp/radio_server 239.255.1.1 0 lo music
    [[ $output == "radio_server: 239.255.1.1 port 0: "* ]]
    run -1 limited build/udp/radio_player 127.0.0.1 0 lo -- cat
    [ "$output" = "radio_player: 127.0.0.1: not a multicast group" ]
    run -1 limited build/udp/radio_player 239.255.1.1 0 lol -- cat
    [ "$output" = "radio_player: lol: No such device" ]
}

@test "udp/radio: what cannot be set for a socket is named" {
    need strace
    # In IPv6 the group has to be joined by one interface, and is.
    for group in 239.255.1.1 ff12::9400; do
        options=(SO_REUSEADDR IP_MULTICAST_ALL "MCAST_JOIN_GROUP $group")
        [ $group = 239.255.1.1 ] ||
            options=(SO_REUSEADDR IPV6_MULTICAST_ALL SO_BINDTODEVICE
                "MCAST_JOIN_GROUP $group")
        for n in "${!options[@]}"; do
            run -1 limited strace -qqo log \
                -e inject=setsockopt:error=EIO:when=$((n + 1)) \
                build/udp/radio_player $group 0 lo -- cat
            [ "$output" = "radio_player: ${options[n]}: Input/output error" ]
        done
    done
}

@test "udp/radio: a socket that cannot be read ends the player" {
    need strace
    start strace -qqo log -e inject=recvfrom:error=ENOMEM \
        build/udp/radio_player 239.255.1.1 0 lo -- cat
    at=(239.255.1.1 "$(port)")
    by_hand 'raw("anything")'
    run -1 finish
    printed | grep -x 'radio_player: recvfrom: Cannot allocate memory'
}

@test "udp/radio: a group is heard on the interface that was named" {
    need_hosts
    mkdir -p music/a
    echo hello >music/a/b
    start "${on2[@]}" build/udp/radio_player --wait 1 239.255.1.1 9402 lo -- cat
    limited "${on1[@]}" build/udp/radio_server --once --raw 9 239.255.1.1 9402 \
        net0 music
    run -1 finish
    printed | grep -x 'radio_player: no channel list came for 1 s'
}

@test "udp/radio: wrong arguments get the usage line and status 2" {
    for wrong in '' '239.255.1.1 9 lo' '239.255.1.1 9 lo cat' \
        '239.255.1.1 9 lo --' '--channel 0 239.255.1.1 9 lo -- cat' \
        '--channel 33 239.255.1.1 9 lo -- cat' \
        '--wait x 239.255.1.1 9 lo -- cat' \
        '--list 239.255.1.1 9 lo -- cat'; do
        # shellcheck disable=SC2086 # several words
        run -2 limited build/udp/radio_player $wrong
        [[ ${lines[0]} == "usage: radio_player [--channel N] [--wait S] "* ]]
    done
    for wrong in '' '239.255.1.1 9 lo' '--raw 0 239.255.1.1 9 lo .' \
        '--burst -1 239.255.1.1 9 lo .' '--ttl 256 239.255.1.1 9 lo .'; do
        # shellcheck disable=SC2086 # several words
        run -2 limited build/udp/radio_server $wrong
        [ "$output" = "usage: radio_server [--once] [--burst MS] [--raw KBITS] \
[--ttl N] GROUP PORT INTERFACE DIR" ]
    done
}
