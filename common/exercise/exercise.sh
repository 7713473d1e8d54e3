#!/bin/sh
# common/exercise/exercise.sh LESSON [LANGUAGE] -- begin an exercise.
#
# Writes into exercises/ the task, in both languages, and a skeleton: the lesson
# without its steps, or in another language than C an empty file. What is there
# already stays as it is. --list names all exercises, --progress says how far
# each of them is.
set -u
. common/card.sh

here=common/exercise

# All exercises, in the order of the notes.
exercises() {
    for folder in pipe fifo msg sem shm udp tcp; do
        for stages in "$here/$folder"/*.pl; do
            [ -f "$stages" ] || continue
            name=$(basename "$stages" .pl)
            line=$(grep -nE "]\(($name(\.c|\.md|/main\.c)|${name%_*}\.md)\)" \
                "$folder/README.md" | head -n 1)
            echo "${line%%:*} $folder/$name"
        done | sort -n | sed 's/^[^ ]* //'
    done
}

# How far each is: what make grade has written down.
progress() {
    exercises | while read -r exercise; do
        state=$(awk -F '\t' -v name="$exercise" '$1 == name {
            print ($2 >= $3 ? "done" : $2 " of " $3 " stages") }' \
            exercises/.progress 2>/dev/null)
        if [ -n "$state" ]; then
            :
        elif ls -d "exercises/$exercise"* >/dev/null 2>&1; then
            state='begun'
        else
            state='not begun'
        fi
        printf '  %-22s %s\n' "$exercise" "$state"
    done
}

# skeleton SOURCE TARGET
skeleton() {
    awk -f "$here/skeleton.awk" "$1" >"$2"
}

case ${1-} in
--list)
    exercises
    exit
    ;;
--progress)
    progress
    exit
    ;;
esac
lesson=${1-}
language=${2:-c}
if [ -z "$lesson" ] || [ ! -f "$here/$lesson.pl" ]; then
    {
        echo "usage: make exercise LESSON=msg/basic_recv [IN=c|python|perl|...]"
        echo "LESSON is one of:"
        exercises | sed 's/^/  /'
    } >&2
    exit 2
fi
case $language in
python | python3) suffix=py language=python3 ;; # Debian has no other name
perl) suffix=pl ;;
rust) suffix=rs ;;
*) suffix=$language ;;
esac

mine=exercises/$lesson.$suffix
folder=exercises/${lesson%/*}
if [ -d "$lesson" ] && [ "$suffix" = c ]; then
    mine=exercises/$lesson
fi
if [ -e "$mine" ]; then
    echo "$mine is there already, and stays as it is." >&2
    echo "To start anew: rm -r $mine; make exercise LESSON=$lesson" \
        "${2:+IN=$language}" >&2
    exit 1
fi
mkdir -p "$folder"
cp "$here/reading.md" "$here/reading.zh.md" exercises/
cp "$here/$lesson.md" "$here/$lesson.zh.md" "$folder"
if [ "$suffix" != c ]; then
    : >"$mine"
    command="make grade LESSON=$lesson CMD='$language $mine'"
elif [ -d "$lesson" ]; then
    mkdir "$mine"
    for source in "$lesson"/*.c; do
        skeleton "$source" "$mine/$(basename "$source")"
    done
    command="make grade LESSON=$lesson"
else
    skeleton "$lesson.c" "$mine"
    command="make grade LESSON=$lesson"
fi
echo "the task   exercises/$lesson.md   (中文: exercises/$lesson.zh.md)"
echo "yours      $mine"
echo "grade it   $command"
if [ "$suffix" != c ]; then
    echo "the calls  common/exercise.md, In another language"
fi
