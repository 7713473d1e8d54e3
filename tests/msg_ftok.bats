#!/usr/bin/env bats

load helpers
load msg

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

# in_memory PROGRAM ARG...: with a new tmpfs, `memory`, that only it sees.
in_memory() {
    mkdir -p memory
    # shellcheck disable=SC2016 # that shell's $@
    limited unshare -m sh -c 'mount -t tmpfs none memory && "$@"' sh "$@"
}

@test "msg/ftok_collide: on a tmpfs there is a collision" {
    need_right unshare -m
    local keys
    run -0 in_memory build/msg/ftok_collide memory
    [ "${lines[4]}" = "so the queue of one is the queue of other" ]
    keys=$(printf '%s\n' "${lines[@]:1:2}" |
        sed 's/^0x\([0-9a-f]*\) .*/000\1/; s/.*\(....\)$/\1/' | uniq)
    [ "${#keys}" = 4 ]
    [[ ${lines[3]} = "0x49"*"$keys is the key of both" ]]
}

# need_old_numbers: a second file has the inode number that the first one had.
need_old_numbers() {
    local before
    mkdir folder
    touch folder/a
    before=$(stat -c %i folder/a)
    rm folder/a
    touch folder/b
    [ "$(stat -c %i folder/b)" = "$before" ] ||
        skip "it runs where \$TMPDIR is on ext4"
}

@test "msg/ftok_collide: where numbers are used again it says so, and ends" {
    need_old_numbers
    run -0 limited build/msg/ftok_collide folder
    [[ ${lines[0]} =~ ^made\ [0-9]{1,3}\ files ]]
    [ "${lines[1]}" = "no two with the same key: numbers are used again" ]
    run -1 limited build/msg/ftok_collide missing
}

@test "msg/ftok_collide: then the next folder is tried; one may be missing" {
    need_old_numbers
    need_right unshare -m
    run -0 in_memory build/msg/ftok_collide folder missing memory
    [[ $output == *"missing: No such file or directory"*"of both"* ]]
}

@test "msg/ftok_collide: leaves neither files nor a queue, however it ends" {
    need_right unshare -m
    need strace
    # shellcheck disable=SC2016 # that shell's $?
    run -0 in_memory sh -c '
        build/msg/ftok_collide memory >/dev/null
        strace -qqo log -e inject=unlink:signal=TERM:when=30 \
            build/msg/ftok_collide memory
        echo $? $(ls -A memory)'
    [ "${lines[-1]}" = 143 ]
    run ! in_kernel q
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
