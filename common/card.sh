# common/card.sh -- read the cards that open the programs; for `.` in a script.
# shellcheck shell=sh
#
# A card says how its program is run and what it prints:
#
#  * Run:     terminal 1 $ build/fifo/basic_recv readings
#  *          terminal 2 $ build/fifo/basic_send readings 3
#  *
#  * Prints:  ready on readings
#  *          oslo #1 -3.2 C
#
# `terminal N` is left out where there is only one. In what is printed, <pid>,
# or any other word in such brackets, stands for something that differs from run
# to run; a line that is <...> alone stands for any number of lines. A program
# without Prints: prints nothing.

# card_of build/PROGRAM: the source whose card speaks of it.
card_of() {
    program=${1#build/}
    if [ -d "$program" ]; then
        echo "$program/main.c"
    else
        echo "$program.c"
    fi
}

# card_commands SOURCE: the commands, a line each, the passive end's first.
card_commands() {
    sed -n '/^ \* Run: /,/^ \*$/ s/^ \* .* \{0,1\}\$ \(.*\)/\1/p' "$1"
}

# card_prints SOURCE: what the program prints.
card_prints() {
    sed -n '/^ \* Prints: /,/^ \*$/ s/^ \* \(Prints:\|       \)  //p' "$1"
}

# card_title SOURCE: the one clause behind the program's path.
card_title() {
    { read -r _ && read -r title; } <"$1"
    echo "${title#* -- }"
}

# card_sources [LESSON|FOLDER]...: the sources whose cards have commands; those
# of a folder in the order of its notes, basic first and without its bench.
card_sources() {
    if [ $# -eq 0 ]; then
        set -- pipe fifo msg sem shm udp tcp
    fi
    for wanted; do
        if [ -f "$wanted/README.md" ]; then
            {
                ls "$wanted"/basic*.c 2>/dev/null
                grep -o ']([^):]*\.c)' "$wanted/README.md" |
                    sed "s|](\(.*\))|$wanted/\1|"
                ls "$wanted"/*.c "$wanted"/*/main.c 2>/dev/null
            } | grep -v -e '/bench\.c$' -e '/.*/.*/'
        elif [ -f "$wanted.c" ] || [ -f "$wanted/main.c" ]; then
            ls "$wanted.c" "$wanted/main.c" 2>/dev/null
        else
            ls "$wanted"/*.c "$wanted"_*.c "$wanted"_*/main.c 2>/dev/null
        fi
    done | awk '!named[$0]++' | xargs -r grep -ls '^ \* .*\$ build/'
}

# card_lesson SOURCE: what LESSON= calls it: pipe/basic, msg/duplex, tcp/httpd.
card_lesson() {
    lesson=${1%.c}
    lesson=${lesson%/main}
    pair=${lesson%_recv}
    [ "$pair" != "$lesson" ] || pair=${lesson%_server}
    [ "$pair" != "$lesson" ] || pair=${lesson%_player}
    if [ -e "${pair}_send.c" ] || [ -e "${pair}_client.c" ] ||
        [ -e "${pair}_client" ] || [ -e "${pair}_player" ]; then
        lesson=$pair
    fi
    echo "$lesson"
}

# card_table [LESSON|FOLDER]...: all cards at once, by tabs: of each lesson
# "lesson", its source, name and title; then of each of its commands "terminal",
# the source whose card speaks of it, and the command; and of each line that
# this prints "prints" and the line. Without a process for each.
card_table() {
    for source in $(card_sources "$@"); do
        echo "$source $(card_lesson "$source")"
    done | awk '
        function read_card(file,  line, part) {
            while ((getline line <file) > 0 && line != " */") {
                lines[file]++
                if (lines[file] == 2)
                    title[file] = substr(line, index(line, " -- ") + 4)
                else if (line ~ /^ \* [A-Z][a-z]+: /)
                    part = substr(line, 4, 3)
                else if (line == " *")
                    part = ""
                if (part == "Run" && line ~ /^ \* .* \$ /)
                    commands[file] = commands[file] \
                        substr(line, index(line, " $ ") + 3) "\n"
                else if (part == "Pri")
                    prints[file] = prints[file] "prints\t" \
                        substr(line, 13) "\n"
            }
            close(file)
        }
        function card_of(program,  file) {
            file = substr(program, length("build/") + 1)
            if (!lines[file ".c"])
                read_card(file ".c")
            if (lines[file ".c"])
                return file ".c"
            if (!lines[file "/main.c"])
                read_card(file "/main.c")
            return file "/main.c"
        }
        {
            if (!lines[$1])
                read_card($1)
            print "lesson\t" $1 "\t" $2 "\t" title[$1]
            n = split(commands[$1], command, "\n")
            for (i = 1; i < n; i++) {
                split(command[i], word, " ")
                card = card_of(word[1])
                printf "terminal\t%s\t%s\n%s", card, command[i], \
                    prints[card]
            }
        }'
}

# card_list [FOLDER]...: all lessons, a line each, below their folder.
card_list() {
    card_table "$@" | awk -F '\t' '
        $1 != "lesson" { next }
        {
            folder = $2
            sub("/.*", "", folder)
            if (folder != shown && (getline title <(folder "/README.md")) > 0)
                print "\n" substr(title, 3)
            shown = folder
            printf "  %-20s %s\n", $3, $4
        }'
}

# card_nearest NAME: the lesson whose name is the fewest changes away.
card_nearest() {
    card_sources | while read -r source; do card_lesson "$source"; done |
        awk -v name="$1" '
            function least(a, b) { return a < b ? a : b }
            # The Levenshtein distance, a row of its table at a time.
            function distance(a, b,  i, j, row, last, above) {
                for (j = 0; j <= length(b); j++)
                    row[j] = j
                for (i = 1; i <= length(a); i++) {
                    last = row[0]
                    row[0] = i
                    for (j = 1; j <= length(b); j++) {
                        above = row[j]
                        row[j] = least(least(row[j], row[j - 1]) + 1, last + \
                            (substr(a, i, 1) != substr(b, j, 1)))
                        last = above
                    }
                }
                return row[length(b)]
            }
            { d = distance(name, $0) }
            NR == 1 || d < fewest { fewest = d; nearest = $0 }
            END { print nearest }'
}

# card_holds SOURCE OUTPUT: whether the file OUTPUT is what the card promises;
# if not, shows both.
card_holds() {
    card_prints "$1" | awk -v output="$2" -v source="$1" '
        # The promise as a regular expression: <word> is anything.
        function pattern(line) {
            gsub(/[][\\.^$*+?(){}|\/]/, "\\\\&", line)
            gsub(/<[^<> ]+>/, ".+", line)
            return "^" line "$"
        }
        # Whether promised lines from i on are printed lines from k on.
        function holds(i, k) {
            for (; i <= promises; i++) {
                if (promised[i] == "<...>") {
                    for (; k <= lines + 1; k++)
                        if (holds(i + 1, k))
                            return 1
                    return 0
                }
                if (k > lines || printed[k++] !~ pattern(promised[i]))
                    return 0
            }
            return k > lines
        }
        { promised[++promises] = $0 }
        END {
            while ((getline line <output) > 0)
                printed[++lines] = line
            if (holds(1, 1))
                exit 0
            print source ": its card promises"
            for (i = 1; i <= promises; i++)
                print "    " promised[i]
            print "but it printed"
            for (k = 1; k <= lines; k++)
                print "    " printed[k]
            exit 1
        }'
}

# card_folder BUILD: a new folder in which a card's commands work as they stand:
# build/ is there, and a README.md of its own for keys. The caller removes it.
card_folder() {
    folder=$(mktemp -d) &&
        ln -s "$(cd "$1" && pwd)" "$folder/build" &&
        cp README.md "$folder" &&
        echo "$folder"
}

# card_ours, card_theirs: a filter from what the cards say to what is run here,
# and back. For 127.0.0.1 there is `here`, a loopback address that no other
# lesson uses at this moment: a port is then as free as the cards assume. A
# broadcast or a multicast address is everybody's; for those, `port` as well.
card_ours() {
    sed "s/127\.0\.0\.1/$here/g
        s/\([ :]\)9400/\1$port/g; s/\([ :]\)9401/\1$((port + 1))/g" "$@"
}
card_theirs() {
    sed "s/$here/127.0.0.1/g
        s/\([ :]\)$port/\19400/g; s/\([ :]\)$((port + 1))/\19401/g" "$@"
}

# card_usage TARGET [LESSON]: on stderr, how make TARGET is called, what LESSON
# may have meant, and what there is.
card_usage() {
    echo "usage: make $1 LESSON=fifo/basic" >&2
    [ $# -ne 2 ] || echo "Did you mean $(card_nearest "$2")?" >&2
    card_list >&2
}
