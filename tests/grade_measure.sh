#!/usr/bin/env bash
# tests/grade_measure.sh [EXERCISE...] -- how often the grader is right.
#
# Of each exercise the right program, in C and in each language of tests/right/,
# is graded RIGHT times (100), and each wrong one WRONG times (20): the first
# must pass every time, the second be told its mistake. Each is graded once
# before any is graded twice. AT_ONCE of them (6) are graded side by side;
# LOAD=1 keeps two processors busy meanwhile. Prints a table of all that is in
# OUT (build/grade_measure), also at ^C, and leaves there what the grader said
# where it was wrong. Takes hours: run by hand.
set -u
# shellcheck source=tests/exercise.bash
. tests/exercise.bash
root=$PWD
build=${BUILD:-build}
OUT=$(realpath -m "${OUT:-$build/grade_measure}")
export root OUT
mkdir -p "$OUT"

# grade_once "EXERCISE KIND NAME COMMAND", with tabs between: a line of results,
# and if the grader was wrong, its words.
grade_once() {
    IFS=$'\t' read -ra job <<<"$1"
    set -- "${job[@]}"
    local began=$EPOCHREALTIME status=0 ok=0 graded took
    graded=$(mktemp "$OUT/graded.XXXXXX")
    timeout -k 1 300 perl common/exercise/grade.pl "$1" "$4" >"$graded" 2>&1 ||
        status=$?
    took=$(((${EPOCHREALTIME/./} - ${began/./}) / 1000))
    if [ "$2" = right ]; then
        [ $status -ne 0 ] || ok=1
    elif [ $status -eq 1 ]; then
        ! is_told "$root/tests/wrong/${1/\//_}/$3" "$graded" >"$graded.why" ||
            ok=1
        cat "$graded.why" >>"$graded"
    fi
    printf '%s\t%s\t%s\t%d\t%d\t%d\n' "$1" "$2" "$3" $ok $took \
        "$(grep -c '^ok' "$graded")" >>"$OUT/results"
    rm -f "$graded.why"
    if [ $ok -eq 1 ]; then
        rm "$graded"
    else
        mv "$graded" "$OUT/${1/\//_}.$2.$3.${graded##*.}"
    fi
}
export -f grade_once is_told

# The table, of all that OUT has.
table() {
    sort "$OUT/results" | awk -F '\t' '
        !($1 in stages) { order[++n] = $1; stages[$1] = 0 }
        $2 == "right" {
            all[$1, $3]++
            passed[$1, $3] += $4
            if (all[$1, $3] == 1)
                languages[$1] = languages[$1] (languages[$1] ? " " : "") $3
            if ($3 == "C") {
                took[$1] = took[$1] " " $5
                if ($6 > stages[$1])
                    stages[$1] = $6
            }
        }
        $2 == "wrong" {
            if (!seen[$1, $3]++)
                programs[$1]++
            graded[$1]++
            caught[$1] += $4
        }
        function median(list,  a, i, j, k, t) {
            k = split(list, a, " ")
            for (i = 2; i <= k; i++)
                for (j = i; j > 1 && a[j - 1] + 0 > a[j] + 0; j--) {
                    t = a[j]
                    a[j] = a[j - 1]
                    a[j - 1] = t
                }
            return k ? a[int((k + 1) / 2)] / 1000 : 0
        }
        END {
            print "| exercise | stages | right, passed | wrong | told |" \
                " median |"
            print "| --- | --- | --- | --- | --- | --- |"
            for (i = 1; i <= n; i++) {
                e = order[i]
                right = ""
                k = split(languages[e], l, " ")
                for (j = 1; j <= k; j++)
                    right = right (j > 1 ? ", " : "") l[j] " " \
                        passed[e, l[j]] " of " all[e, l[j]]
                printf "| %s | %d | %s | %d | %d of %d | %.1f s |\n", e,
                    stages[e], right, programs[e], caught[e], graded[e],
                    median(took[e])
            }
        }'
}

# The programs, each built once.
scratch=$(mktemp -d)
trap 'kill "${busy[@]}" 2>/dev/null; rm -rf "$scratch"' EXIT
trap 'table; exit 130' INT
trap 'exit 143' TERM
busy=()
cd "$scratch" || exit 1
ln -s "$root"/{Makefile,README.md,common,pipe,fifo,msg,sem,shm,udp,tcp} .
mkdir build programs
ln -s "$root/$build"/* build/
rm -f build/exercises
mapfile -t exercises < <(sh common/exercise/exercise.sh --list)
[ $# -eq 0 ] || exercises=("$@")

# of_c EXERCISE NAME [SED FILE]: the path of the solved lesson, or of an edit.
of_c() {
    local program
    program=$scratch/programs/${1/\//_}.$2
    solve "$1" "${@:3}"
    make -s BUILD=build "build/exercises/$1" >made 2>&1 || cat made >&2
    cp "build/exercises/$1" "$program" && echo "$program"
}
for exercise in "${exercises[@]}"; do
    name=${exercise/\//_}
    right=("C $(of_c "$exercise" C)") wrong=()
    for file in "$root/tests/right/$name".*; do
        [ ! -f "$file" ] ||
            right+=("${file##*.} $(interpreter "$file") $file")
    done
    for file in "$root/tests/wrong/$name"/*; do
        case $file in
        *.sed) program=$(of_c "$exercise" "${file##*/}" "$file") ;;
        *) program="$(interpreter "$file") $file" ;;
        esac
        wrong+=("${file##*/} $program")
    done
    for program in "${right[@]}"; do
        for ((i = 0; i < ${RIGHT:-100}; i++)); do
            printf '%d\t%s\tright\t%s\t%s\n' $i "$exercise" \
                "${program%% *}" "${program#* }"
        done
    done
    for program in "${wrong[@]}"; do
        for ((i = 0; i < ${WRONG:-20}; i++)); do
            printf '%d\t%s\twrong\t%s\t%s\n' $i "$exercise" \
                "${program%% *}" "${program#* }"
        done
    done
done >list
rm -rf exercises # the grader need not write down how far it is

if [ -n "${LOAD-}" ]; then
    for _ in 1 2; do
        nice -n 19 sh -c 'while :; do :; done' &
        busy+=($!)
    done
fi
# shellcheck disable=SC2016 # bash -c expands it
shuf list | sort -s -n -k 1,1 | cut -f 2- |
    xargs -d '\n' -n 1 -P "${AT_ONCE:-6}" bash -c 'grade_once "$1"' _
table
