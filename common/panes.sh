#!/bin/sh
# common/panes.sh LESSON -- a lesson in two real terminals, side by side.
#
# The passive end runs on the left; the active end's command stands on the right
# and waits for Enter. Each pane is a shell, with both commands in its history.
# F2 shows the source, F3 goes to the next pane, F10 ends. Without tmux, or
# without a terminal, says what to type and where.
set -u
. common/card.sh

if [ $# -ne 1 ] || [ -z "$(card_sources "$1")" ]; then
    card_usage panes "$@"
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

# What a lesson makes lies there; but the key file is the one of this checkout,
# so that a third terminal can watch: ipcs, build/msg/list README.md.
folder=$(card_folder "$build") || exit 1
trap 'rm -rf "$folder"' EXIT
trap : INT TERM HUP # they end tmux, and then the folder goes
ln -sf "$PWD/README.md" "$folder/README.md"
card_commands "$source" >"$folder/history"

# The user's own shell where it is bash or zsh; after its own start-up file it
# takes the lesson's history in place of the user's, which stays as it is.
case ${SHELL-} in
*/zsh)
    shell="env ZDOTDIR=$folder $SHELL"
    # shellcheck disable=SC2016 # for that shell to expand
    printf '%s\n' 'ZDOTDIR=$HOME' '[ ! -f ~/.zshrc ] || . ~/.zshrc' \
        "PS1='\$ ' HISTFILE=$folder/history SAVEHIST=0 HISTSIZE=100" \
        "fc -R $folder/history" >"$folder/.zshrc"
    ;;
*)
    shell="bash --rcfile $folder/bashrc"
    command -v bash >/dev/null || shell="sh"
    printf '%s\n' '[ ! -f ~/.bashrc ] || . ~/.bashrc' \
        "PS1='\$ ' PROMPT_COMMAND= HISTFILE=/dev/null" \
        "history -c; history -r $folder/history" >"$folder/bashrc"
    ;;
esac

# A server of its own: nobody's sessions, keys or configuration.
panes() {
    tmux -S "$folder/tmux" -f /dev/null "$@"
}

# The sources of all its programs, each once.
sources=$(card_commands "$source" | while read -r program _; do
    echo "'$PWD/$(card_of "$program")'"
done | sort -u | tr '\n' ' ')

export PS1='$ '
export TMUX=
panes new-session -d -s lesson -c "$folder" "$shell"
panes set-option -g mouse on
panes set-option -g status-left ''
panes set-option -g window-status-current-format ''
panes set-option -g status-right-length 120
panes set-option -g status-right \
    "$1    F2 source   F3 or click: other pane   ^C stops a program   F10 ends"
pager=${PAGER:-$(command -v less || command -v more)}
panes bind-key -n F2 new-window "$pager $sources"
panes bind-key -n F3 select-pane -t :.+
panes bind-key -n F10 kill-server

pane=0
card_commands "$source" | while read -r command; do
    if [ $pane -gt 0 ]; then
        panes split-window -h -c "$folder" "$shell"
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
