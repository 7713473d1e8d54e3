# tests/exercise.bash -- how a test begins an exercise, and has it graded.
# shellcheck shell=bash

# A checkout of the test's own: all is there, by links, but exercises/ and what
# is built of it are this test's.
checkout() {
    rm -rf build README.md
    ln -s "$root"/Makefile "$root"/README.md "$root"/common .
    ln -s "$root"/{pipe,fifo,msg,sem,shm,udp,tcp} .
    mkdir build
    ln -s "$root/$build"/* build/
    rm -f build/exercises
}
prepare checkout

setup() {
    need_no_sanitizers # what is built here is built by make, as a student does
    export BUILD=build
}

# grade LESSON [COMMAND]: its words are in `graded`, its status is ours.
grade() {
    timeout -k 1 120 perl common/exercise/grade.pl "$@" >graded 2>&1
}

# begin LESSON: as a student does, anew.
begin() {
    rm -rf "exercises/$1" "exercises/$1.c"
    sh common/exercise/exercise.sh "$1"
}

# solve LESSON [SED FILE]: put the solved lesson there, or an edit of it, which
# has to change something.
solve() {
    begin "$1" >/dev/null
    local source changed
    for source in "$1.c" "$1"/*.c; do
        [ -f "$source" ] || continue
        sed -f "${2-/dev/null}" "$source" >"exercises/$source"
        cmp -s "$source" "exercises/$source" || changed=1
    done
    [ $# -eq 1 ] || [ -n "${changed-}" ] || {
        echo "$2 changes nothing" >&2
        return 1
    }
}

# lines FILE: without the empty ones; behind a closing brace what it closes, so
# that diff takes none for another; the comment of a step in one line.
lines() {
    awk 'step && /^ *\/\// { printf " %s", $0; next }
        step { step = 0; print "" }
        /^ *\/\/ (Step|TODO) [0-9]+: / { step = 1; printf "%s", $0; next }
        /^ *}/ { print $0, opened[match($0, /[^ ]/)]; next }
        NF { opened[match($0, /[^ ]/)] = $0; print }' "$1"
}

# differs LESSON: the skeleton is the lesson, but for its steps.
differs() {
    begin "$1"
    local source
    for source in "$1.c" "$1"/*.c; do
        [ -f "$source" ] || continue
        diff <(lines "$source") <(lines "exercises/$source") >difference ||
            true
        # What only the skeleton has is a TODO, and what it is said with; what
        # only the lesson has begins with a step each time.
        run ! grep '^>' <(grep -v -e 'TODO [0-9]*: ' \
            -e '^> #include <err.h>$' difference)
        awk '/^[0-9,]+[acd]/ { fresh = 1; next }
            /^</ && fresh && !/^< *\/\/ Step [0-9]+: / { print; bad = 1 }
            { fresh = 0 } END { exit bad }' difference
        cat difference
        # All that the comment of a step says is said.
        diff <(lines "$source" | sed -n 's/^ *\/\/ Step /TODO /p') \
            <(lines "exercises/$source" | sed -n 's/^ *\/\/ TODO /TODO /p')
    done
    cat exercises/"$1"*.c exercises/"$1"/*.c 2>/dev/null |
        grep -c '// TODO [0-9]*: '
}

# nothing_works LESSON: the skeleton compiles without a word, and fails every
# stage.
nothing_works() {
    begin "$1"
    make -s BUILD=build V=1 WERROR=1 "build/exercises/$1"
    run ! env ALL=1 timeout -k 1 240 perl common/exercise/grade.pl "$1"
    [[ $output == *" 0 of "* || $output == *$'\n'"0 of "* ]]
    run ! grep '^ok' <<<"$output"
}

# all_works LESSON [COMMAND]
all_works() {
    solve "$1"
    grade "$@" || { cat graded && false; }
    tail -n 5 graded | grep "^Ours is $1"
}

# is_told FILE GRADED: that wrong program fails the stage that its first line
# names, or one of them, with " | " between, of which the last may be "any
# other"; and the message has the words of its second line.
is_told() {
    local stage words
    { IFS= read -r stage && IFS= read -r words; } <"$1"
    stage=${stage#\# } words=${words#\# }
    stage=${stage// | /$'\n'}
    stage=${stage/%any other/not ok}
    grep '^not ok' "$2" | grep -qF "$stage" &&
        tr -s ' \n' ' ' <"$2" | grep -qF -- "$words" && return
    echo "expected: $stage: $words"
    return 1
}

# wrong LESSON: each wrong program is told its mistake.
wrong() {
    local file failed=0
    local files=("$root/tests/wrong/${1//\//_}"/*)
    [[ ${files[*]} != *.py* ]] || need python3
    for file in "${files[@]}"; do
        echo "$file"
        if [[ $file == *.sed ]]; then
            solve "$1" "$file"
            run ! grade "$1"
        else
            run ! grade "$1" "$(interpreter "$file") $file"
        fi
        is_told "$file" graded || { cat graded && failed=1; }
    done
    return $failed
}

interpreter() {
    case $1 in
    *.py) echo python3 ;;
    *.pl) echo perl ;;
    esac
}
