#!/bin/bash
# tests/mutate.sh -- change one token of a source, two hundred times, and see
# that each time a test fails.
#
#     make mutate                    in the headers of common/ and in the larger
#                                    programs; SEED=1 decides what and where
#     make mutate FOLDER=udp/tftp    only in files whose path begins with that
#     make mutate SEED=17 COUNT=1    change number 17, and what notices it
#
# The tests are the unit tests and simulators that include the file, then the
# scripts and notes that run a program it is part of, up to the first that fails
# or does not end; what does so with the right source as well says nothing. They
# run in namespaces of their own, so that nothing is left behind.
#
# What does not compile does not count, and neither does a change after which
# the compiler makes the same programs: it goes on until COUNT of them count. A
# change that nothing notices is printed. tests/mutate.excused has those that
# make no difference, with the reason. It fails if more than one in twenty of
# the others survives.
set -u

cd "$(dirname "$0")/.." || exit 1
export RETRIES=1 # what fails once may be the machine

# change SEED FILE...: change a token of one of them, in place, and say which.
change() {
    perl -e '
        srand shift;
        my %other = qw(< <= <= < > >= >= > == != != == + - - + * / / * % *
            && || || && ++ -- -- ++ += -= -= += true false false true);
        @other{qw(! break continue)} = ("") x 3;
        my (%text, @tokens);
        for my $file (@ARGV) {
            local (@ARGV, $/) = $file;
            $text{$file} = <>;
            # Nothing of comments, strings, characters and directives.
            while ($text{$file} =~ m{/\*.*?\*/ | //[^\n]* | "(?:\\.|[^"\\])*" |
                \x27(?:\\.|[^\x27\\])*\x27 | ^[ ]*\#(?:\\\n|[^\n])* |
                (\+\+ | -- | [<>=!+-]= | && | \|\| | (?<=[ ])[-<>+*/%](?=\s) |
                !(?=[\w(]) | \b(?:true|false|break|continue|\d+)\b)}gmsx) {
                push @tokens, [$file, $-[1], $1] if defined $1;
            }
        }
        my ($file, $at, $token) = @{$tokens[rand @tokens]};
        my $new = $other{$token} // $token + 1;
        my $line = 1 + (substr($text{$file}, 0, $at) =~ tr/\n//);
        substr($text{$file}, $at, length $token) = $new;
        open my $out, ">", $file or die "$file: $!";
        print $out $text{$file};
        print "$file $line $token -> $new\n"' "$@"
}

# alone COMMAND...: in namespaces of its own.
alone() {
    local map=
    [ "$EUID" -eq 0 ] || map=--map-root-user
    exec unshare $map --ipc --pid --net --mount --fork --kill-child \
        --mount-proc sh -c 'for folder in /tmp /dev/shm; do
            mount -t tmpfs -o size=1g tmpfs $folder
        done
        mount -t mqueue mqueue /dev/mqueue 2>/dev/null
        ip link set lo up
        ip address add 192.0.2.1/24 dev lo # or a resolver sees no network
        ip route add multicast 224.0.0.0/4 dev lo 2>/dev/null
        "$@"' sh "$@" 2>&1 </dev/null
}

# notices FILE...: whether one of these tests fails, or takes five minutes, and
# does not with the right source; $by is then the command that repeats it.
notices() {
    local tap pid line
    by=
    # shellcheck disable=SC2016 # for the sh that xargs starts
    exec {tap}< <(alone xargs -a <(printf '%s\n' "$@") -P 3 -I {} sh -c '
        again="timeout -k 1 300 sh tests/one.sh $1"
        case $1 in */sim_*) again="timeout -k 1 300 $1 1 300" ;; esac
        $again
        [ $? -eq 0 ] || echo "# again: $again"' sh {})
    pid=$!
    while [ -z "$by" ] && read -r line <&"$tap"; do
        [[ $line != "# again: "* ]] || is_right "${line#"# again: "}" ||
            echo "fails with the right source, too: ${line#"# again: "}" >&2
    done
    exec {tap}<&-
    [ -z "$by" ] || kill -KILL $pid 2>/dev/null
    wait $pid 2>/dev/null
    [ -n "$by" ]
}

# is_right COMMAND: the test that this repeats does not fail with the right
# source; $by is then the command.
is_right() {
    local output
    output=$(cd ../right && eval "alone $1") &&
        ! grep -q '^not ok' <<<"$output" && by=$1
}

# differing PROGRAM...: those that are not what the right source makes.
differing() {
    local program kept
    kept=$(mktemp)
    for program; do
        strip -R .note.gnu.build-id -o "$kept" "../right/$program"
        strip -R .note.gnu.build-id -o "$kept.new" "$program"
        cmp -s "$kept" "$kept.new" || echo "$program"
    done
    rm -f "$kept" "$kept.new"
}

# running PROGRAM...: the scripts and notes of their own, or else the scripts of
# their folder that run them. By the first word: ftp_server runs ftp_worker.
running() {
    local word own
    for word in $(printf '%s\n' "${@%%_*}" | sort -u); do
        word=${word#build/}
        own=$(ls "tests/${word/\//_}"*.bats "$word.md" 2>/dev/null)
        [ -n "$own" ] || case $word in
        common/*) own=$(grep -l "$word" tests/*.bats) ;;
        *) own=$(grep -l "$word" "tests/${word%%/*}"*.bats) ;;
        esac
        echo "$own"
    done | sort -ur
}

# mutate SEED FILE...: in a copy of what is right. Prints what became of it.
mutate() {
    local file line what parts fast slow found text
    read -r file line what < <(change "$@")
    text=$(sed -n "$line{s/^ *//;p}" "$file")
    printf '%s: %s:%s: %s, ' "$1" "$file" "$line" "$what"
    # Whose prerequisites have that name: no other is made anew.
    mapfile -t parts < <(grep -rl --include='*.d' "/${file##*/}" build)
    parts=("${parts[@]%.d}")
    mapfile -t fast < <(printf '%s\n' "${parts[@]}" | grep tests/)
    mapfile -t slow < <(printf '%s\n' "${parts[@]}" | grep -v tests/)
    if ! make -s -j"$(nproc)" "${fast[@]}" >/dev/null 2>&1; then
        echo "does not compile"
    elif mapfile -t found < <(differing "${fast[@]}") &&
        [ ${#found[@]} -gt 0 ] && notices "${found[@]}"; then
        echo "killed by $by"
    elif ! make -s -j"$(nproc)" "${slow[@]}" >/dev/null 2>&1; then
        echo "does not compile"
    elif mapfile -t slow < <(differing "${slow[@]}") &&
        [ ${#found[@]} -eq 0 ] && [ ${#slow[@]} -eq 0 ]; then
        echo "the same programs"
    elif [ ${#slow[@]} -gt 0 ] && mapfile -t found < <(running "${slow[@]}") &&
        [ ${#found[@]} -gt 0 ] && notices "${found[@]}"; then
        echo "killed by $by"
    elif grep -qxF "$file: $text" tests/mutate.excused; then
        echo "excused"
    else
        echo "SURVIVED"
        diff -U1 "../right/$file" "$file" | tail -n +4
    fi
    for file in "$file" "${parts[@]}"; do
        cp -p --remove-destination "../right/$file" "$file" # it may still run
    done
}

# One of them, as xargs below starts it: each of its slots has a copy.
if [ -n "${MUTATE_SLOT-}" ]; then
    cd "$MUTATE_COPIES" || exit
    [ "$(grep -cE ', (killed|SURVIVED)' results)" -lt "$COUNT" ] || exit 255
    [ -d "$MUTATE_SLOT" ] || cp -Rp right "$MUTATE_SLOT"
    cd "$MUTATE_SLOT" || exit
    output=$(mutate "$@")
    echo "$output" | tee -a ../results
    exit 0
fi

mapfile -t files < <(git ls-files 'msg/ftp*.[ch]' 'udp/tftp*.[ch]' \
    'udp/radio*.[ch]' 'tcp/httpd/*.[ch]' 'tcp/stream*.[ch]' &&
    git ls-files ':(glob)common/*.h')
mapfile -t files < <(printf '%s\n' "${files[@]}" | grep "^${FOLDER-}")
if [ ${#files[@]} -eq 0 ]; then
    echo "nothing begins with ${FOLDER-}" >&2
    exit 2
fi
MUTATE_COPIES=$(mktemp -d -p /var/tmp) || exit # /tmp is not seen in there
trap 'rm -rf "$MUTATE_COPIES"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
mkdir "$MUTATE_COPIES/right"
git ls-files -z | xargs -0 cp -Pp --parents -t "$MUTATE_COPIES/right"
cp -Rp build "$MUTATE_COPIES/right"
: >"$MUTATE_COPIES/results"
export MUTATE_COPIES COUNT=${COUNT:-200}
jobs=$(nproc)
seq "${SEED:-1}" 1000000 |
    xargs -P $((COUNT < jobs ? COUNT : jobs)) --process-slot-var=MUTATE_SLOT \
        -I {} bash tests/mutate.sh {} "${files[@]}" 2>&1 |
    grep --line-buffered -v '^xargs: '
awk '
    /, killed by timeout .*one.sh/ { timeouts++ }
    /, killed by/ { killed++ }
    /, SURVIVED/ { survived++ }
    / excused$/ { excused++ }
    / the same programs$/ { same++ }
    / does not compile$/ { broken++ }
    END {
        printf "%d changes: %d killed", killed + survived, killed
        printf ", %d of them by a time limit, %d survived", timeouts, survived
        printf "; and %d that make the same programs", same
        printf ", %d that do not compile, %d excused\n", broken, excused
        exit killed == 0 || survived * 20 > killed + survived
    }' "$MUTATE_COPIES/results"
