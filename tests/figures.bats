#!/usr/bin/env bats
#
# The figures of the state machines: each is its table, and shown in the notes.

# shellcheck disable=SC2016 # awk has its own variables
load helpers

# Each figure, the header with its table, and what the table is called.
figures='msg/figures/ftp_stm_client msg/ftp/ftp_machine.h ftp_client
msg/figures/ftp_stm_worker msg/ftp/ftp_machine.h ftp_worker
udp/figures/tftp_stm udp/tftp/tftp_machine.h tftp
udp/figures/ftp_stm_ack_sender common/figures/stopwait.h stopwait_sender
udp/figures/ftp_stm_ack_receiver common/figures/stopwait.h stopwait_receiver'

# drawn FILE: what the figure shows, a transition each: "FROM EVENT TO ACTION".
drawn() {
    awk '/<g id="edge[0-9]*" class="edge / {
            sub(/.*class="edge /, "")
            sub(/".*/, "")
            events = $0
        }
        events && match($0, /<title>.*&#45;&gt;/) {
            from = substr($0, 8, RLENGTH - 16)
            to = substr($0, RLENGTH + 1)
            sub(/<.*/, "", to)
            count = split(events, each, " ")
            for (i = 1; events != "start" && i <= count; i++) {
                split(each[i], part, "/")
                print from, part[1], to, part[2]
            }
            events = ""
        }' "$1" | sort
}

# tabled HEADER TABLE: what stands in the source, in the same form. A last state
# has a row to itself at most.
tabled() {
    awk -v table="$2" 'index($0, table "_table[") { on = 1; next }
        /^};/ { on = 0 }
        on {
            sub(/\/\/.*/, "")
            gsub(/(FTP|TFTP|STOPWAIT)_((CLIENT|WORKER)_)?/, "")
            gsub(/[][={},]/, " ")
            if (NF == 1)
                from = $1
            else if (NF == 3 && !(from == $2 && $1 == "OTHER_EVENT"))
                print from, $1, $2, $3
        }' "$root/$1" | sort
}

@test "figures: every transition of each table is drawn, and no other" {
    while read -r figure header table; do
        tabled "$header" "$table" >expected
        [ "$(wc -l <expected)" -gt 5 ]
        for language in '' .zh; do
            drawn "$root/$figure$language.svg" | diff expected -
        done
    done <<<"$figures"
}

# said: the words of a graph, or of a figure, sorted: of states and transitions.
said() {
    perl -CSD -Mutf8 -ne '
        if (/^<svg/ .. 0) { push @words, />([^<]*)<\/text>/g }
        elsif (/label="([^"]*)"/) { push @words, split /\\[ln]/, $1 }
        END {
            for (@words) {
                s/&gt;/>/g; s/&lt;/</g; s/&#160;|\xa0/ /g; s/&#45;/-/g;
                s/^ +| +$//g;
            }
            print map { "$_\n" } sort @words;
        }' "$1"
}

@test "figures: the words are those of the program, in both languages" {
    while read -r figure _; do
        for language in en zh; do
            build/common/figures "${figure##*/}" $language >graph
            said graph >expected
            grep -q SUCCEEDED expected || grep -q CLOSED expected
            said "$root/${figure}$([ $language = en ] || echo .zh).svg" |
                diff expected -
        done
    done <<<"$figures"
    said "$root/udp/figures/tftp_stm.zh.svg" | grep -x '已应答 RRQ'
}

@test "figures: a header's own picture has every state of its table" {
    for header in msg/ftp/ftp_machine.h udp/tftp/tftp_machine.h; do
        sed '/^ \*\//q' "$root/$header" >comment
        sed -nE 's/^    \[T?FTP_((CLIENT|WORKER)_)?(\w+)\] = \{.*/\3/p' \
            "$root/$header" | grep -vx ANY_STATE >states
        [ "$(wc -l <states)" -ge 8 ]
        while read -r state; do
            grep -w "$state" comment
        done <states
    done
}

# walk FIGURE STATE: follow a program's output through the figure. Prints the
# transitions that it took; fails where the figure has none.
walk() {
    drawn "$root/udp/figures/ftp_stm_ack_$1.svg" |
        awk -v state="$2" 'NR == FNR { to[$1 " " $2] = $3; next }
            /^(ready|<---|  X---)/ { next }
            /--X dropped$|^(#[0-9]*|END) *------->$/ { event = "SENT" }
            /^     <------- ACK #/ { event = "ACKED" }
            /^     <------- ACK END/ { event = "END_ACKED" }
            /^     no answer in/ { event = "TIMEOUT" }
            /no ACK of .* came within/ { event = "GIVE_UP" }
            /^-------> oslo #/ { event = "EXPECTED" }
            /again: discarded$/ { event = "AGAIN" }
            /too early: discarded$/ { event = "EARLY" }
            /readings arrived$/ { event = "END" }
            /did not come within|^\(ends\)$/ { event = "SILENCE" }
            !(state " " event in to) {
                print "no way from " state " by: " $0 >"/dev/stderr"
                exit 1
            }
            { print state, event; state = to[state " " event]; event = "" }' \
            - "$3"
}

@test "figures: what stop and wait prints goes its way through the figures" {
    for options in '--drop 2 --drop-ack 3' '--drop 4 --drop-ack 4'; do
        read -r a b c d <<<"$options"
        start build/udp/stopwait_recv "$c" "$d" 127.0.0.1 0
        limited build/udp/stopwait_send "$a" "$b" 127.0.0.1 "$(port)" 3 >sent
        finish
        { printed && echo '(ends)'; } >received
        walk sender SENDING sent >>went_sender
        walk receiver RECEIVING received >>went_receiver
    done
    start build/udp/stopwait_recv --no-ack 127.0.0.1 0
    run -1 limited build/udp/stopwait_send 127.0.0.1 "$(port)" 3
    echo "$output" >sent
    walk sender SENDING sent >>went_sender
    run -1 finish
    printed >received
    walk receiver RECEIVING received >>went_receiver
    start build/udp/stopwait_recv 127.0.0.1 0
    port=$(port) perl -MSocket -e '
        socket(S, PF_INET, SOCK_DGRAM, 0) or die;
        my $to = pack_sockaddr_in($ENV{port}, inet_aton("127.0.0.1"));
        send(S, pack("C N n a10", @$_), 0, $to)
            for [1, 3, 0, "oslo"], [2, 0, 0, ""], [1, 3, 0, "oslo"];'
    finish
    { printed && echo '(ends)'; } >received
    walk receiver RECEIVING received >>went_receiver

    # All of them were taken. An old ACK prints nothing.
    drawn "$root/udp/figures/ftp_stm_ack_sender.svg" | cut -d ' ' -f 1,2 |
        grep -v OTHER_ACK | diff - <(sort -u went_sender)
    drawn "$root/udp/figures/ftp_stm_ack_receiver.svg" | cut -d ' ' -f 1,2 |
        diff - <(sort -u went_receiver)
}

@test "figures: small, without script or address, and shown in the notes" {
    for file in "$root"/*/figures/*.svg; do
        [ "$(wc -c <"$file")" -lt 60000 ]
        [ "$(grep -o '://[^"<]*' "$file")" = ://www.w3.org/2000/svg ]
        run ! grep -E '<script|href' "$file"
        folder=${file%/figures/*}
        notes=("$folder"/*.md)
        case $file in
        *.zh.svg) notes=("$folder"/*.zh.md) ;;
        esac
        grep -hE "^!\[.{20,}\]\(figures/${file##*/}\)\$" "${notes[@]}"
    done
}

@test "figures: make figures draws them again, and says what it needs" {
    mkdir -p none msg/figures udp/figures
    run -1 env PATH="$PWD/none" BUILD=build /bin/sh \
        "$root/common/figures/figures.sh"
    [[ $output == "make figures needs dot: sh common/setup.sh "* ]]
    need dot
    BUILD=build limited sh "$root/common/figures/figures.sh"
    while read -r figure _; do
        for language in '' .zh; do
            drawn "$figure$language.svg" |
                diff - <(drawn "$root/$figure$language.svg")
        done
    done <<<"$figures"
}

@test "figures: wrong arguments get the usage line and status 2" {
    for arguments in '' 'ftp_stm_client' 'ftp_stm_client de' 'nothing en'; do
        # shellcheck disable=SC2086 # several words
        run -2 build/common/figures $arguments
        [ "$output" = "usage: figures MACHINE LANGUAGE" ]
    done
}

@test "figures: its card holds" {
    build/common/figures ftp_stm_client en | head -n 1 |
        diff <(sed -n 's/^ \* Prints:  //p' "$root/common/figures/main.c") -
}
