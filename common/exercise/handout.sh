#!/bin/sh
# common/exercise/handout.sh -- what a class is given: tasks and questions.
#
# Writes build/handout.md and build/handout.zh.md: the tasks of all exercises,
# and what the notes ask under Break it.
set -u

build=${BUILD:-build}
here=common/exercise

# questions FILE: its sections Break it, without the links to the answers.
questions() {
    awk -v file="$1" '
        /^```/ { block = !block }
        !block && /^## / {
            on = /^## (Break it|弄坏它)/
            if (on)
                $0 = "## " file
        }
        !on || sub(/ *\[[^]]*\]\(answers.*\)$/, "") && $0 == "" { next }
        { print }
    ' "$1"
}

# tasks SUFFIX: all of them, each heading a level below.
tasks() {
    sed 's/^#/##/' "$here/reading$1"
    sh "$here/exercise.sh" --list | while read -r exercise; do
        echo
        sed 's/^#/##/; s|\[reading\.md](../reading\.md)|above|
            s| *\[reading\.zh\.md](../reading\.zh\.md)|上文|' "$here/$exercise$1"
    done
}

mkdir -p "$build"
for suffix in .md .zh.md; do
    {
        if [ "$suffix" = .md ]; then
            printf '# Tasks\n\n'
        else
            printf '# 任务\n\n'
        fi
        tasks $suffix
        if [ "$suffix" = .md ]; then
            printf '\n# Break it\n\n'
        else
            printf '\n# 弄坏它\n\n'
        fi
        for folder in pipe fifo msg sem shm udp tcp; do
            for notes in "$folder"/*"$suffix"; do
                case $suffix$notes in
                .md*.zh.md) ;; # matches *.md as well
                *) questions "$notes" ;;
                esac
            done
        done
    } >"$build/handout$suffix"
    echo "$build/handout$suffix"
done
