#!/bin/sh
# common/panes.sh LESSON -- a lesson in two real terminals, side by side.
#
# The passive end runs on the left; the active end's command stands on the right
# and waits for Enter. F2 shows the source, F10 ends. Without tmux, or without a
# terminal, says what to type and where.
set -u
. common/card.sh

if [ $# -ne 1 ] || [ -z "$(card_sources "$1")" ]; then
    echo "usage: make panes LESSON=fifo/basic" >&2
    exit 2
fi
build=${BUILD:-build}
source=$(card_sources "$1" | head -n 1)

if ! command -v tmux >/dev/null || [ ! -t 0 ]; then
    terminal=0
    card_commands "$source" | while read -r command; do
        terminal=$((terminal + 1))
        echo "terminal $terminal \$ $command"
    done
    command -v tmux >/dev/null ||
        echo "tmux shows them side by side; sh common/setup.sh installs it"
    exit 0
fi

folder=$(card_folder "$build") || exit 1
trap 'rm -rf "$folder"' EXIT
trap : INT TERM HUP # they end tmux, and then the folder goes

# A server of its own: nobody's sessions, keys or configuration.
panes() {
    tmux -L "ipc-$$" -f /dev/null "$@"
}

# The sources of all its programs, each once.
sources=$(card_commands "$source" | while read -r program _; do
    echo "$PWD/$(card_of "$program")"
done | sort -u | tr '\n' ' ')

export PS1='$ '
export TMUX=
panes new-session -d -s lesson -c "$folder" sh
panes set-option -g mouse on
panes set-option -g status-left ''
panes set-option -g window-status-current-format ''
panes set-option -g status-right-length 120
panes set-option -g status-right \
    "$1    F2 source   click: other pane   ^C stops a program   F10 ends"
pager=${PAGER:-$(command -v less || command -v more)}
panes bind-key -n F2 new-window "$pager $sources"
panes bind-key -n F10 kill-server

pane=0
card_commands "$source" | while read -r command; do
    if [ $pane -gt 0 ]; then
        panes split-window -h -c "$folder" sh
        panes select-layout even-horizontal
    fi
    panes send-keys -t "lesson:0.$pane" -l "$command"
    if [ $pane -eq 0 ]; then
        panes send-keys -t lesson:0.0 Enter
    fi
    pane=$((pane + 1))
done
panes select-pane -t lesson:0.$(($(card_commands "$source" | wc -l) > 1))
panes attach-session -t lesson || true # it calls the end by F10 an error
panes kill-server 2>/dev/null || true
