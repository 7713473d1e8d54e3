#!/usr/bin/env bats
#
# What the lessons stand on: setup, the runner, the demo, the panes, make check.

load helpers

tmux=test-$$ # a server of its own
servers=0

# A tmux server that a failed test leaves would go on.
teardown() {
    tmux -L "$tmux" kill-server 2>/dev/null || true
    helpers_teardown
}

# system MANAGER: a PATH with a few everyday commands and that package manager,
# which only says what it was asked for; in its etc, a release with a new bats.
system() {
    local command
    mkdir bin etc
    echo VERSION_CODENAME=trixie >etc/os-release
    for command in sh awk sed grep id env cat; do
        ln -s "$(command -v $command)" bin
    done
    for command; do
        asked "$command" "$command \$*"
    done
    printf '#!/bin/sh\n' >bin/apt-cache # it knows every package
    chmod +x bin/apt-cache
}

# asked COMMAND LINE: a command that only keeps what it was asked for.
asked() {
    rm -f "bin/$1" # or it would be written through the link
    printf '#!/bin/sh\necho "%s" >>%s/asked\n' "$2" "$PWD" >"bin/$1"
    chmod +x "bin/$1"
}

# setup_there: run setup.sh on that system.
setup_there() {
    local timeout sh
    timeout=$(command -v timeout)
    sh=$(command -v sh)
    PATH=$PWD/bin ETC=$PWD/etc \
        "$timeout" -k 1 "$limit" "$sh" "$root/common/setup.sh" "$@"
}

@test "setup: each package manager is asked for its own names" {
    system id
    printf '#!/bin/sh\necho 0\n' >bin/id # as root
    for manager in apt-get dnf pacman apk zypper; do
        asked $manager "$manager \$*"
        run -0 setup_there
        [[ ${lines[0]} == "setup: $manager will install:"*" make "*bats* ]]
        [ "${lines[-1]}" = "setup: done" ]
        grep -E "^$manager .*(install|-S[^ ]*|add) .*bats" asked
        case $manager in
        apt-get) [[ $output == *" libc6-dev "*" libcmocka-dev "* ]] ;;
        dnf) [[ $output == *" glibc-devel "*" perl-IPC-SysV "* ]] ;;
        apk) [[ $output == *"no package here has clitest:"* ]] ;;
        esac
        rm bin/$manager
    done
}

@test "setup: where bats is too old, that of the next release" {
    system id apt-get dpkg
    printf '#!/bin/sh\necho 0\n' >bin/id # as root
    for command in mktemp chmod mkdir rm; do
        ln -s "$(command -v $command)" bin
    done
    mkdir etc/apt tmp
    echo VERSION_CODENAME=bullseye >etc/os-release
    printf 'deb http://deb.debian.org/debian bullseye%s main\n' '' -updates \
        >etc/apt/sources.list
    # It keeps the list of sources that it was given last.
    printf 'cat "${3#*=}" >%s/list 2>/dev/null || :\n' "$PWD" >>bin/apt-get

    TMPDIR=$PWD/tmp run -0 setup_there
    [ "$(cat list)" = "deb http://deb.debian.org/debian bookworm main" ]
    grep '^apt-get .* download bats$' asked
    grep '^dpkg -i ' asked
    [ -z "$(ls tmp)" ]
}

@test "setup: says what went wrong, and nothing else" {
    system id apt-get
    printf '#!/bin/sh\necho 0\n' >bin/id # as root
    printf '#!/bin/sh\necho no network; exit 1\n' >bin/apt-get
    run -1 setup_there
    [[ ${lines[0]} == "setup: apt-get will install:"* ]]
    [ "${lines[1]}" = "no network" ]
    [[ ${lines[2]} == "setup: failed: apt-get "* ]]
}

@test "setup: --all installs what tests are skipped without" {
    system id apt-get
    printf '#!/bin/sh\necho 0\n' >bin/id # as root
    printf '#!/bin/sh\n' >bin/ldd
    chmod +x bin/ldd
    for command in mktemp chmod rm; do # where /opt has no other TFTP servers
        ln -s "$(command -v $command)" bin
    done
    asked dpkg 'dpkg $*'
    run -0 setup_there --all
    [[ ${lines[0]} == *" mpg123 "*" chromium "*" gcc-s390x-linux-gnu "* ]]
    run -2 setup_there --some
}

@test "setup: who is not root is asked for through sudo" {
    system apt-get
    printf '#!/bin/sh\necho 1000\n' >bin/id.user
    rm bin/id
    mv bin/id.user bin/id
    chmod +x bin/id

    run -1 setup_there
    [[ $output == "setup: as root, please install: "*bats* ]]

    asked sudo 'sudo: $*'
    run -0 setup_there
    grep '^sudo: env DEBIAN_FRONTEND=noninteractive apt-get .*bats' asked
}

@test "setup: an unknown system gets the list, and status 1" {
    system
    run -1 setup_there
    [[ $output == "setup: no apt, dnf, pacman, apk or zypper here;"*" cc "* ]]
}

@test "setup: does nothing where everything is here" {
    run -0 limited sh "$root/common/setup.sh"
    [ "$output" = "setup: everything is here" ]
}

@test "terminals: the others start when the first is ready" {
    mkfifo silence
    run -0 limited build/common/terminals \
        'timeout .3 cat <>silence; touch said; echo ready' \
        'test -e said && echo two'
    [[ ${lines[0]} == *"1 timeout  ready" ]]
    [[ ${lines[1]} == *"2 test     two" ]]
}

@test "terminals: a first one that is never ready is an error" {
    run -1 limited build/common/terminals 'echo no' 'echo two'
    [[ $output == *"1 echo  never said \`ready\`"* ]]
    [[ $output != *two* ]]
}

@test "terminals: returns the worst status, and says whose" {
    run -7 limited build/common/terminals 'echo ready' 'exit 7' 'exit 3'
    [[ $output == *"2 exit  ended with status 7"* ]]
}

@test "terminals: what overstays its time is ended, with its children" {
    mkfifo never
    run -137 limited build/common/terminals --limit 1 \
        'trap "" TERM; (read -r x <never) & echo $! >child; wait; cat never'
    [[ $output == *"the time limit of 1 s is over"* ]]
    await gone "$(cat child)"
}

@test "terminals: ^C ends all of them" {
    mkfifo never
    background both build/common/terminals 'echo ready; cat <>never' \
        'echo here; cat <>never'
    await grep -q here logs/both
    signal INT both
    run -143 finish both
}

@test "terminals: long and unfinished lines are not lost" {
    run -0 limited build/common/terminals --save . \
        "printf '%5000d' 7; printf '\nend'"
    [ "$(tr -d '\n' <./1 | wc -c)" -eq 5003 ]
    [ "$(tail -n 1 ./1)" = end ]
}

@test "terminals: wrong arguments get the usage line and status 2" {
    local line="usage: terminals [--limit SECONDS] [--save FOLDER] COMMAND..."
    run -2 limited build/common/terminals
    [ "$output" = "$line" ]
    run -2 limited build/common/terminals --limit x 'echo ready'
    [ "$output" = "$line" ]
    run -0 limited build/common/terminals --help
    [ "${lines[0]}" = "$line" ]
}

# demo_of COMMANDS PROMISE: the demo of a lesson that does the one and promises
# the other.
demo_of() {
    mkdir -p tree/pipe tree/build/pipe tree/build/common
    cp -r "$root/common" "$root/README.md" tree
    cp build/common/terminals tree/build/common
    printf '#!/bin/sh\n%s\n' "$1" >tree/build/pipe/lesson
    chmod +x tree/build/pipe/lesson
    sed "s/PROMISE/$2/" >tree/pipe/lesson.c <<'END'
/*
 * pipe/lesson.c -- a lesson.
 *
 * Run:     $ build/pipe/lesson
 *
 * Prints:  PROMISE
 *
 */
END
    (cd tree && BUILD=build limited sh common/demo.sh pipe/lesson)
}

@test "demo: a lesson that does what its card says is a success" {
    run -0 demo_of 'echo pid $$' 'pid <pid>'
    [[ $output == *"1 of 1 lessons did what their cards say" ]]
}

@test "demo: a lesson that prints something else fails, and both are shown" {
    run -1 demo_of 'echo one' 'two'
    [[ $output == *"its card promises"*"two"*"but it printed"*"one"* ]]
    [[ $output == *"1 of 1 lessons failed: pipe/lesson" ]]
}

@test "demo: dots and stars in a promise stand for themselves" {
    run -0 demo_of 'echo "a.b*(c)[d]"' 'a.b*(c)[d]'
    run -1 demo_of 'echo "axb"' 'a.b'
}

@test "demo: a promised line of <...> is any number of lines" {
    run -0 demo_of 'seq 3; echo end' '1\n *          <...>\n *          end'
    run -1 demo_of 'seq 3; echo' '1\n *          <...>\n *          end'
}

@test "demo: a lesson that prints what is promised, and fails, fails" {
    run -1 demo_of 'echo one; exit 3' 'one'
    [[ $output == *"ended with status 3"* ]]
}

@test "demo: an unknown lesson gets the nearest one, and the list" {
    cd "$root"
    run -1 limited sh common/demo.sh pipe/capcity
    [[ ${lines[0]} == "no such lesson: pipe/capcity."*" pipe/capacity?" ]]
    [[ $output == *"  pipe/basic  "*"  tcp/basic  "* ]]
}

@test "demo: what failed is shown again at the end" {
    demo_of 'echo one' 'one' >log
    cp -r "$root/pipe" tree
    rm -r tree/pipe/*_* # those would need to be built
    cd tree
    sed -i 's/PROMISE/one/' pipe/lesson.c
    for lesson in pipe/*.c; do
        printf '#!/bin/sh\necho other\n' >"build/${lesson%.c}"
        chmod +x "build/${lesson%.c}"
    done
    BUILD=build run -1 limited sh common/demo.sh pipe/basic pipe/lesson
    [[ $output == *"2 of 2 lessons failed: pipe/basic pipe/lesson" ]]
    [[ $output == *"pipe/lesson.c: its card promises"*"pipe/basic.c: its card \
promises"* ]]
}

@test "demo: STEP=1 waits for Enter where there is a terminal" {
    cd "$root"
    tmux -L "$tmux" -f /dev/null new-session -d -x 100 -y 60 -s t \
        "BUILD=$build STEP=1 timeout -k 1 $limit \
        sh common/demo.sh pipe/basic fifo/basic" 3>&-
    shows() { tmux -L "$tmux" capture-pane -p -t t | grep -q "$1"; }
    await shows 'Enter for the next lesson'
    run ! shows 'fifo/basic_recv'
    tmux -L "$tmux" send-keys -t t Enter
    await left_panes
}

@test "list: every lesson, basic first, and no bench" {
    cd "$root"
    run -0 limited sh common/list.sh
    [ "${lines[0]}" = "$(sed -n '1s/^# //p' pipe/README.md)" ]
    [[ ${lines[1]} == "  pipe/basic  "* ]]
    local list=$output
    run ! grep -E '^  [^ ]*(bench|_recv|cgi-bin)' <<<"$list"
    for folder in fifo msg sem shm udp tcp; do
        grep -A 1 "^$folder: " <<<"$list" | grep -q "^  $folder/basic "
    done
}

@test "demo: without a terminal there is no colour" {
    demo_of 'echo one' 'one' >plain
    run ! grep -q $'\033' plain
}

@test "panes: without a terminal, the commands for two of them" {
    cd "$root"
    run -0 limited sh common/panes.sh msg/basic </dev/null
    [ "${lines[0]}" = "terminal 1 \$ build/msg/basic_recv README.md" ]
    [ "${lines[1]}" = "terminal 2 \$ build/msg/basic_send README.md 3" ]
}

# in_panes LESSON: its panes, in a terminal of 320 columns.
in_panes() {
    tmux=test-$BASHPID-$((++servers)) # the one before may be busy with its end
    tmux -L "$tmux" -f /dev/null new-session -d -x 320 -y 48 -s t \
        -c "$root" "BUILD=$build timeout -k 1 $limit \
        sh common/panes.sh $1" 3>&-
}
shows() { tmux -L "$tmux" capture-pane -p -t t | grep -q -e "$1"; }
keys() { tmux -L "$tmux" send-keys -t t "$@"; }
left_panes() { ! tmux -L "$tmux" list-sessions >/dev/null 2>&1; }

@test "panes: the passive end runs, the active end's command waits for Enter" {
    in_panes pipe/basic
    await shows 'oslo #3'
    keys F10
    await left_panes

    in_panes msg/basic
    await shows 'ready on README.md.*│'
    await shows '│.*build/msg/basic_send README.md 3'
    run ! shows 'oslo'
    keys Enter
    await shows '3 of 3 readings arrived'
    keys F2
    await shows 'msg/basic_recv.c -- '
    keys q
    keys F10
    await left_panes
}

@test "panes: both commands are in the history, and nothing is left" {
    mkdir tmp
    export TMPDIR=$PWD/tmp
    in_panes msg/basic
    await shows 'ready on README.md.*│'
    keys Enter
    await shows '3 of 3 readings arrived'
    keys Up Up Up
    await shows '│[$] build/msg/basic_recv README.md'
    run -0 ls tmp
    [ "${#lines[@]}" -eq 1 ]
    keys F10
    await left_panes
    await rmdir tmp
}

# Where a program's card has a line of one word in brackets, it may be any.
last_line() {
    (cd "$root" && . common/card.sh && card_prints "$1") | grep -v '^<...>$' |
        tail -n 1 | sed 's/[][\.*^$]/\\&/g; s/<[^<> ]*>/.*/g' | cut -c 1-48
}

# holds LINE: whether it is there; some lessons wait for Enter before.
holds() {
    ! shows 'Enter goes on' || keys Enter
    shows "$1"
}

# panes_of FOLDER...: each of their lessons, whose last line is then seen.
panes_of() {
    local page lesson commands line
    for page in $(cd "$root" && . common/card.sh && card_sources "$@"); do
        lesson=$(cd "$root" && . common/card.sh && card_lesson "$page")
        commands=$(cd "$root" && . common/card.sh && card_commands "$page")
        line=$(last_line "$page")
        in_panes "$lesson"
        await shows 'F10 ends'
        [[ $commands != *$'\n'* ]] || await shows 'ready\|READY'
        while read -r _; do
            keys Enter F3 </dev/null # and the same in the next pane
        done <<<"$commands"
        await holds "$line" || echo "$lesson: no '$line'" >>bad
        keys F10
        await left_panes
    done
}

# bats test_tags=long
@test "panes: every lesson runs in them as its card says" {
    limit=60 # there are several at the same time
    local folder running=()
    for folder in "pipe fifo" msg "sem shm" udp tcp; do # these share keys
        # shellcheck disable=SC2086 # several words
        panes_of $folder >"logs/${folder%% *}" 2>&1 3>&- &
        running+=($!)
    done
    for pid in "${running[@]}"; do wait "$pid"; done
    [ ! -e bad ] || { cat bad; false; }
}

@test "make check: without bats it fails with the line that installs it" {
    system
    cd "$root"
    run -1 env PATH="$BATS_TEST_TMPDIR/bin" /bin/sh tests/run.sh
    [ "$output" = "make check needs bats: sh common/setup.sh installs it" ]
}

@test "make check: without cmocka it fails with the line that installs it" {
    run -2 limited make -C "$root" tools CC='cc -nostdinc'
    [[ $output == *"make check needs cmocka: sh common/setup.sh installs it"* ]]
}

@test "make help: lists the targets" {
    run -0 limited make --no-print-directory -C "$root" help
    for target in 'make ' list demo panes check lint ipc-clean clean; do
        [[ $output == *"$target "* ]]
    done
}

# each_program: their paths, a line each.
each_program() {
    for program in build/{common,pipe,fifo,msg,sem,shm,udp,tcp}/*; do
        [[ ! -f $program || ! -x $program || -L $program ]] || echo "$program"
    done
}

@test "every program answers --help on stdout, and wrong arguments with 2" {
    each_program >programs
    limit=100 # for all of them
    # shellcheck disable=SC2016 # that shell's
    limited bash -c '
        while read -r program; do
            "$program" --help >help 2>/dev/null </dev/null ||
                echo "$program --help: $?"
            [[ $(<help) == "usage: ${program##*/}"* ]] ||
                echo "$program: $(<help)"
            status=0
            "$program" --no-such-option >out 2>error </dev/null || status=$?
            [ $status -eq 2 ] || echo "$program --no-such-option: $status"
            [[ $(<error) == *"usage: ${program##*/}"* ]] ||
                echo "$program: $(<error)"
        done <programs' >wrong
    cat wrong
    [ ! -s wrong ]
}

@test "--help says what each option and operand is, in both languages" {
    each_program >programs
    limit=100 # for all of them
    # shellcheck disable=SC2016 # that shell's
    limited bash -c '
        while read -r program; do
            for language in C zh_CN.UTF-8; do
                echo "$program in $language:"
                LC_ALL=$language "$program" --help </dev/null
            done
        done <programs' >helps
    # What is explained stands first in a line of its own; the synopsis is the
    # rest. [ARGUMENT]... is explained with its command.
    awk '
        function compare(  i, words, word) {
            gsub(/\[ARG[A-Z]*(\]|\.)/, "", synopsis)
            split(explained, words, /[^A-Za-z_-]+/)
            for (i in words)
                known[words[i]]
            split(synopsis, words, /[^A-Za-z_-]+/)
            for (i in words) {
                word = words[i]
                if (word ~ /^(--[a-z-]+|[A-Z][A-Z_-]*)$/ &&
                    word !~ /^(OPTION|NAME)$/ && !(word in known))
                    print program, word
            }
            split("", known)
            synopsis = explained = ""
        }
        /^build.* in .*:$/ { compare(); program = $0; next }
        sub(/^  /, "") {
            if (!sub(/  +[^ ].*/, ""))
                print program, "nothing is said of", $0
            explained = explained " " $0
            next
        }
        { synopsis = synopsis " " $0 }
        END { compare() }' helps >missing
    cat missing
    [ ! -s missing ]
    run -0 limited build/pipe/atomic --help
    [[ ${lines[1]} == "  --size BYTES   the bytes of each line"* ]]
    run -0 limited env LC_ALL=zh_CN.UTF-8 build/pipe/atomic --help
    [[ ${lines[1]} == "  --size BYTES   每行的字节数"* ]]
}
