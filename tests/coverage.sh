#!/bin/sh
# tests/coverage.sh [FOLDER | report] -- which functions no test enters.
#
#     make coverage               build with counters, and run all tests
#     make coverage FOLDER=pipe   only those of a folder
#     make coverage PART=report   no tests: what has been counted until now
#
# Prints a table of the folders, and the functions that no test has entered, of
# FOLDER only if that is given. It fails if one of them is not in
# tests/coverage.excused, which says why: FILE FUNCTION REASON. The tests are
# those of `make check`, `make bench QUICK=1`, and a trace of each lesson.
#
# A program counts in a file that it has mapped, see COV_ON in the Makefile, so
# what is killed has been counted as well, or ends with _exit. A static inline
# function counts once, if any program enters it.
set -u

cd "$(dirname "$0")/.." || exit 1
build=${BUILD:-build-cov}
counts=$build/counts
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

for tool in clang llvm-profdata llvm-cov; do
    if ! command -v $tool >/dev/null; then
        echo "make coverage needs $tool: sh common/setup.sh --all" >&2
        exit 2
    fi
done

programs() {
    find "$build" -type f -perm -u+x ! -name '*.so' | sort
}

folder=${1-}
if [ "$folder" != report ]; then
    rm -rf "$counts"
    mkdir -p "$counts"
    # The files are there before a program has given up its rights.
    programs | while read -r program; do
        timeout 10 "$program" --help >/dev/null 2>&1 </dev/null
    done
    chmod -R a+rwX "$counts"
    BUILD=$build sh tests/run.sh "$folder" >"$build/coverage.log" 2>&1
    tail -n 1 "$build/coverage.log"
    # shellcheck disable=SC2086 # a folder or none
    {
        BUILD=$build QUICK=1 sh common/bench/bench.sh ${folder%%_*}
        BUILD=$build bash tests/trace_all.sh 1 ${folder%%_*}
    } >>"$build/coverage.log" 2>&1
fi

# Of each program what it counted, as lcov(1) writes it.
programs | while read -r program; do
    name=$(echo "${program#"$build"/}" | tr / -)
    set -- "$counts/$name"-*[0-9]
    [ -f "$1" ] && llvm-profdata merge -o "$scratch/data" "$@" &&
        llvm-cov export -format=lcov -instr-profile="$scratch/data" "$program"
done >"$scratch/lcov" 2>"$scratch/errors"
sort "$scratch/errors" | uniq -c >&2

[ "$folder" != report ] || folder=
awk -v top="$(pwd)/" -v only="${folder%%_*}" '
    function is_ours(file) {
        if (only) return index(file, only "/") == 1
        return file !~ /^(\/|tests\/|build|exercises\/)/
    }
    FILENAME == "tests/coverage.excused" {
        if (NF >= 3 && !/^#/ && is_ours($1)) excused[$1 " " $2] = 1
        next
    }
    /^SF:/ {
        file = substr($0, 4)
        if (index(file, top) == 1) file = substr(file, length(top) + 1)
        while (sub(/[^\/]+\/\.\.\//, "", file)) ;
        ours = is_ours(file)
        folder = file
        sub(/\/[^\/]*$/, "", folder)
        next
    }
    !ours { next }
    /^FNDA:/ {
        split(substr($0, 6), part, ",")
        name = part[2]
        sub(/^.*:/, "", name)
        entered[file " " name] += part[1]
        in_folder[file " " name] = folder
    }
    /^DA:/ {
        split(substr($0, 4), part, ",")
        ran[file " " part[1]] += part[2]
        line_in[file " " part[1]] = folder
    }
    END {
        for (f in entered) {
            all[in_folder[f]]++
            if (entered[f]) some[in_folder[f]]++
            else if (!(f in excused)) missing[f] = 1
        }
        for (l in ran) {
            lines[line_in[l]]++
            if (ran[l]) lines_ran[line_in[l]]++
        }
        sorted = "sort"
        for (f in all) {
            printf "%-24s %4d of %4d functions, %3d %% of %5d lines\n", f,
                some[f], all[f], 100 * lines_ran[f] / lines[f],
                lines[f] | sorted
            functions += all[f]; functions_entered += some[f]
            total += lines[f]; total_ran += lines_ran[f]
        }
        close(sorted)
        printf "%-24s %4d of %4d functions, %3d %% of %5d lines\n", "all",
            functions_entered, functions, 100 * total_ran / (total + !total),
            total
        for (f in missing) print "not entered: " f | sorted
        for (f in excused) {
            if (!(f in entered)) {
                print "excused, but there is none: " f | sorted
                wrong = 1
            } else if (entered[f])
                print "excused, but entered: " f | sorted
        }
        close(sorted)
        for (f in missing) wrong = 1
        exit wrong || !functions
    }' tests/coverage.excused "$scratch/lcov"
