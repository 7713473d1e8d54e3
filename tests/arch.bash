# tests/arch.bash -- the same programs on three machines: this one; i686, whose
# long and pointers have 32 bits; s390x, whose numbers begin with the high byte.
# shellcheck shell=bash disable=SC2034 # pairs is for tests

setup_file() {
    if crossed; then
        # One after the other, and not with the flags of this make check.
        (cd "$root" && flock . bash tests/arch.sh --network s390x i686)
    fi
}

setup() {
    need s390x-linux-gnu-gcc i686-linux-gnu-gcc qemu-s390x
    ln -sfn "$root/build-s390x" "$root/build-i686" .
}

crossed() {
    command -v s390x-linux-gnu-gcc && command -v i686-linux-gnu-gcc &&
        command -v qemu-s390x
} >/dev/null

# on MACHINE PROGRAM ARG...: the command that runs it there, in `command`.
on() {
    case $1 in
    here) command=("build/$2") ;;
    i686) command=("build-i686/$2") ;;
    s390x) command=(qemu-s390x "build-s390x/$2") ;;
    esac
    command+=("${@:3}")
}

# Any two of them.
pairs=("here here" "here i686" "here s390x" "i686 here" "i686 i686"
    "i686 s390x" "s390x here" "s390x i686" "s390x s390x")

# between PAIR LESSON ARG...: its receiver on the first machine of the pair, its
# sender on the second.
between() {
    local receiver sender
    read -r receiver sender <<<"$1"
    on "$receiver" "$2_recv" 127.0.0.1 0
    start "${command[@]}"
    on "$sender" "$2_send" 127.0.0.1 "$(port)" "${@:3}"
    limited "${command[@]}"
    finish
}
