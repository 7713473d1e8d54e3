#!/bin/sh
# common/report/report.sh LESSON [FILE] -- begin a lab report about a lesson.
#
# Runs it as its card says, and fills the result, the machine and its limits
# into report.md; into report.zh.md where LANG is Chinese. Never overwrites one.
set -u
. common/card.sh

if [ -z "${1-}" ] || [ -z "$(card_sources "$1")" ] ||
    [ "$(card_lesson "$(card_sources "$1" | head -n 1)")" != "$1" ]; then
    echo "usage: make report LESSON=fifo/basic [OUT=FILE]" >&2
    [ -z "${1-}" ] || echo "Did you mean $(card_nearest "$1")?" >&2
    exit 2
fi
build=${BUILD:-build}
source=$(card_sources "$1" | head -n 1)
folder=${1%%/*}
report=${2:-$build/report/$(echo "$1" | tr / _).md}
if [ -e "$report" ]; then
    echo "$report is there already: move it, or say OUT=FILE" >&2
    exit 1
fi

language='' notes=$folder/README.md
case ${LC_ALL:-${LC_MESSAGES:-${LANG-}}} in
zh*) language=.zh notes=$folder/README.zh.md ;;
esac
say() { # ENGLISH CHINESE
    if [ "$language" ]; then echo "$2"; else echo "$1"; fi
}

scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# block: what comes, as it is.
block() {
    printf '```text\n'
    sed 's/^```/'"'''"'/' # must not end it
    printf '```\n'
}

# setting FILE...: files below /proc/sys and what is in them.
setting() {
    for name; do
        printf '%-32s %s\n' "$name" \
            "$(tr '\t' ' ' 2>/dev/null <"/proc/sys/$name" || echo -)"
    done
}

limits() {
    case $folder in
    pipe | fifo)
        setting fs/pipe-max-size fs/pipe-user-pages-soft
        printf '%-32s %s\n' PIPE_BUF "$(getconf PIPE_BUF /)"
        ;;
    msg)
        LC_ALL=C ipcs -q -l
        setting fs/mqueue/msg_max fs/mqueue/msgsize_max
        ;;
    sem) LC_ALL=C ipcs -s -l ;;
    shm)
        LC_ALL=C ipcs -m -l
        LC_ALL=C df -h /dev/shm
        ;;
    udp) setting net/core/rmem_default net/core/rmem_max \
        net/core/wmem_default net/unix/max_dgram_qlen ;;
    tcp) setting net/core/somaxconn net/ipv4/tcp_max_syn_backlog \
        net/ipv4/ip_local_port_range net/ipv4/tcp_rmem net/ipv4/tcp_wmem ;;
    esac | grep .
    awk '/^Max open files/ { printf "%-32s %s\n", "ulimit -n", $4 }' \
        /proc/self/limits
}

machine() {
    uname -srm
    sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release 2>/dev/null
    getconf GNU_LIBC_VERSION 2>/dev/null
    say "$(nproc) processors" "$(nproc) 个处理器"
}

# What the notes say may be left out in this lesson: a row for each.
breaks() {
    say '| command | what I expect | what happened | why |' \
        '| 命令 | 我的预测 | 结果 | 原因 |'
    echo '| --- | --- | --- | --- |'
    card_commands "$source" | sed -n 's|.*build/\([a-z_/0-9]*\) .*|\1|p' |
        while read -r program; do
            grep -F "](${program#"$folder"/}.c)" "$notes" | head -n 1 |
                grep -o '`--[^`]*`' | while read -r option; do
                option=$(echo "$option" | tr -d '`')
                name=${option#--}
                ! grep -qs "\"${name%% *}\"" "$program.c" ||
                    echo "| \`${program#*/} $option\` | | | |"
            done
        done | sort -u
    echo '| | | | |'
}

# In Chinese what the notes say of it, if they do.
title=
[ -z "$language" ] || title=$(grep -F "](${source#*/})" "$notes" |
    head -n 1 | cut -d'|' -f3 | sed 's/^ *//; s/ *$//; s/[：；]`--.*//')
echo "$1$(say ': ' '：')${title:-$(card_title "$source")}" >"$scratch/lesson"
date +%Y-%m-%d >"$scratch/date"
sed -n '/^ \* Shows: /,/^ \*$/ s/^ \* \(Shows: \|       \)  //p' "$source" \
    >"$scratch/shows"
card_commands "$source" | awk '{ print "terminal " NR " $ " $0 }' | block \
    >"$scratch/commands"
sh common/demo.sh "$1" >"$scratch/run" 2>&1
status=$?
sed '1{/^$/d;}' "$scratch/run" | block >"$scratch/output"
trace=common/trace # the lesson is run again, under strace
if [ -f $trace/lesson.sh ] && command -v strace >/dev/null; then
    sh $trace/lesson.sh "$1" 2>&1 | block
else
    say 'strace -f shows it: one terminal for each process.' \
        '用 strace -f 可以看到：每个进程一个终端。'
fi >"$scratch/trace"
machine | block >"$scratch/machine"
limits | block >"$scratch/limits"
breaks >"$scratch/break"

mkdir -p "$(dirname "$report")" &&
    awk -v scratch="$scratch" '
        # What stands in a file, without its last newline.
        function filled(name,  line, all) {
            while ((getline line <(scratch "/" name)) > 0)
                all = all (all == "" ? "" : "\n") line
            return all
        }
        {
            while (match($0, /<!-- [a-z]+ -->/))
                $0 = substr($0, 1, RSTART - 1) \
                    filled(substr($0, RSTART + 5, RLENGTH - 9)) \
                    substr($0, RSTART + RLENGTH)
            print
        }' "common/report/report$language.md" >"$scratch/report" &&
    cp "$scratch/report" "$report" || exit 1
echo "$report"
[ $status -eq 0 ] || say "$1 did not do what its card says: see its section 2" \
    "$1 与卡片不符：见第 2 节"
exit $status
