#!/usr/bin/env bats
#
# make bench and its programs: that they measure, not what comes out.

load helpers

# bench FOLDER ARGUMENT...: run its program, with what it wants to be told.
bench() {
    local folder=$1
    shift
    case $folder in
    msg | sem | shm) limited "build/$folder/bench" --quick README.md "$@" ;;
    fifo) limited build/fifo/bench --quick path "$@" ;;
    *) limited "build/$folder/bench" --quick "$@" ;;
    esac
}

# measured WAY SIZE CORES: that is in the output, with a rate.
measured() {
    awk -v way="$1" -v size="$2" -v cores="$3" '
        $1 == way && $2 == size && $3 == cores && $7 > 0 { found = 1 }
        END { exit !found }' <<<"$output"
}

@test "bench: each program measures the way that it is asked for" {
    while read -r folder way size; do
        run -0 bench "$folder" "$way"
        [ "${lines[0]%% *}" = way ]
        measured "$way" "$size" 1
        run ! grep -v "^way \|^(\|^$way " <<<"$output"
    done <<END
pipe vmsplice 65536
fifo reopen 64
msg full 1048576
msg posix 4096
sem sem_t -
shm ring 64
udp gso 1472
tcp sendfile 4096
END
}

@test "bench: a way that there is not is refused" {
    for folder in pipe fifo msg sem shm udp tcp; do
        run -2 bench $folder nothing
        [[ $output == "bench: nothing: no such method, "* ]]
    done
}

@test "bench: not pinned, it says so" {
    run -0 bench pipe --unpinned write
    measured write 64 -
}

@test "bench: who is told to end leaves nothing behind" {
    for folder in msg sem shm fifo; do
        file=README.md
        [ $folder != fifo ] || file=path
        background bench "build/$folder/bench" $file
        await grep -qs ' 1 ' logs/bench
        signal TERM bench
        run -143 finish bench
        for kind in q s m; do
            run ! in_kernel $kind
        done
        [ ! -e path ] && [ ! -e path.back ]
    done
}

# way FOLDER: one of its methods.
way() {
    case $1 in
    msg) echo msgsnd ;;
    sem | shm) echo semop ;;
    *) echo write ;;
    esac
}

@test "bench: what a killed run left is taken over" {
    for folder in msg sem shm fifo; do
        file=README.md
        [ $folder != fifo ] || file=path
        background bench "build/$folder/bench" $file
        await grep -qs ' 1 ' logs/bench
        signal KILL bench
        run finish bench
        run -0 bench $folder "$(way $folder)"
    done
}

@test "make bench: tables, ratios and files" {
    cd "$root"
    run -0 limited env QUICK=1 BUILD="$build" OUT="$BATS_TEST_TMPDIR/out" \
        sh common/bench/bench.sh pipe
    for file in figures ratios; do
        grep -q '^pipe' "$BATS_TEST_TMPDIR/out/$file.tsv"
    done
    [[ $output == *"pipe, both ends on one core: a switch takes "* ]]
    [[ $output == *" vmsplice / write "* ]]
}
