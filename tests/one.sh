#!/bin/sh
# tests/one.sh FILE -- run the tests of one file, and print TAP.
#
# A bats script, a unit test, or notes: then every command in their console
# blocks has to print what stands there (clitest). What failed is followed by a
# line with the command that repeats it.
set -u
. common/card.sh

file=$1
export BUILD="${BUILD:-build}"
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

# console FILE: what its console blocks show, and a prompt that ends it.
console() {
    awk '/^```console$/ { on = 1; next } /^```/ { on = 0 } on
        END { print "$ " }' "$1"
}

case $file in
*.bats)
    bats --print-output-on-failure --formatter tap \
        --filter-tags "${TAGS:-!long}" "$file" 2>&1 |
        awk -v again="bats $file -f" '
            # The name as a regular expression, in quotes for a shell.
            function quoted(name) {
                gsub(/[][\\.^$*+?(){}|]/, "\\\\&", name)
                gsub(/\047/, "\047\\\047\047", name)
                return "\047^" name "$\047"
            }
            { print }
            /^not ok / {
                sub(/^not ok [0-9]+ /, "")
                sub(/ # in [0-9]+ ms$/, "")
                print "# again: " again " " quoted($0)
            }'
    ;;
*.md)
    console "$file" >"$scratch/console"
    grep -q '^\$ .' "$scratch/console" || exit 0
    english=$file
    [ "${file%.zh.md}" = "$file" ] || english=${file%.zh.md}.md
    [ "$file" != common/README.zh.md ] || english=README.md
    # Where both languages show the same, as they should, it is run once.
    [ "$file" = "$english" ] ||
        ! console "$english" | cmp -s - "$scratch/console" || exit 0
    # A loopback address that no other test uses, where port 9400 is free.
    host=127.$((1 + $$ / 65536 % 250)).$(($$ / 256 % 256)).$(($$ % 256))
    sed -i "s/127\.0\.0\.1\([ :]\)9400/$host\19400/g" "$scratch/console"
    # Under strace no leaks can be looked for.
    ! grep -q strace "$scratch/console" || export ASAN_OPTIONS=detect_leaks=0
    here=$(card_folder "$BUILD")
    echo 1..1
    if (cd "$here" && timeout 300 clitest --color never --progress none \
        "$scratch/console") >"$scratch/output" 2>&1; then
        echo "ok 1 the transcripts of $file"
    else
        echo "not ok 1 the transcripts of $file"
        echo "# again: sh tests/one.sh $file"
        sed 's/^/# /' "$scratch/output"
    fi
    rm -rf "$here"
    ;;
*)
    # One that dies says nothing: its status speaks.
    CMOCKA_MESSAGE_OUTPUT=TAP "$file" >"$scratch/output" 2>&1
    status=$?
    awk -v file="$file" '
        BEGIN { reason = "# skip" }
        /^# skip / { reason = $0; next }
        sub(/^(not )?ok [0-9]+ # SKIP /, "") {
            print "ok - " $0, reason
            next
        }
        { print }
        /^not ok/ { print "# again: " file }' "$scratch/output"
    [ $status -le 125 ] ||
        printf 'not ok - %s ended with status %d\n# again: %s\n' \
            "$file" $status "$file"
    ;;
esac
