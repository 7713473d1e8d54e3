#!/bin/sh
# common/trace/lesson.sh LESSON -- trace a lesson as its card runs it.
#
# The picture goes to the terminal, and into build/trace/; SVG=1 draws it for a
# browser, too. UNTIMED=1 takes the times away, and what they decide.
set -u
. common/card.sh

if [ $# -ne 1 ] || [ -z "$(card_sources "$1")" ]; then
    card_usage trace "$@"
    exit 2
fi
if ! command -v strace >/dev/null; then
    echo "make trace needs strace: sh common/setup.sh installs it" >&2
    exit 1
fi
build=${BUILD:-build}
source=$(card_sources "$1" | head -n 1)
name=$build/trace/$(card_lesson "$source" | tr / _)
# shellcheck disable=SC2034 # both are for card_ours and card_theirs
here=127.$((1 + $$ / 65536 % 250)).$(($$ / 256 % 256)).$(($$ % 256)) \
    port=$((10000 + $$ % 11000 * 2))

folder=$(card_folder "$build") || exit 1
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
mkdir -p "$build/trace"

card_commands "$source" | card_ours >"$folder/commands"
set -- --save "$folder/list"
[ -z "${UNTIMED-}" ] || set -- "$@" --untimed
while read -r command; do
    set -- "$@" "$command"
done <"$folder/commands"
(cd "$folder" && exec build/common/trace "$@" >/dev/null)
status=$?
[ -s "$folder/list" ] || exit $status

card_theirs "$folder/list" >"$name.events"
set -- --events "$name.events"
"$build/common/trace" "$@" >"$name.txt" || exit 1
if [ "${SVG-}" ]; then
    # The title is the commands; beside the picture, the sources of both.
    title=$(card_commands "$source" | sed 's|build/||' | paste -sd '|' |
        sed 's/|/   |   /g')
    set -- "$@" --title "$title" --svg "$name.svg" --html "$name.html"
    for program in $(card_commands "$source" | sed 's/ .*//' | sort -u); do
        set -- "$@" "$(card_of "$program")"
    done
fi
"$build/common/trace" "$@" || exit 1
exit $status
