#!/usr/bin/env bash
# tests/line.sh fair|loss -- udp/tftp beside TCP over a line of 5 ms each way,
# which tests/line.c is, between two network namespaces.
#
#     fair  2 min: a line of 100 Mbit/s that a TCP flow (cubic) uses, with
#           queues of 1, 1.5, 2 and 3 bandwidth-delay products: status 1 if
#           either gets less than a third of it. QUEUES="BYTES ..." others.
#     loss  some minutes: a line as fast as this machine, 0 to 10 % lost each
#           way: MB/s of tftp and, from tcp/httpd to curl, of TCP. The medians
#           of ROUNDS (5) in turns.
#
# All of it has real-time priority, so that it is the line that is measured.
set -u
cd "$(dirname "$0")/.." || exit
build=$PWD/${BUILD:-build}
rounds=${ROUNDS:-5}
skip() { echo "left out, tftp beside TCP: $*" && exit 0; }

command -v curl >/dev/null || skip "needs curl"
[ -w /dev/net/tun ] || skip "needs /dev/net/tun"
chrt -r 5 true 2>/dev/null || skip "needs chrt, and the right to use it"
server=ipc-line-$$-1 client=ipc-line-$$-2
ip netns add $server 2>/dev/null || skip "needs the right to ip netns add"
ip netns add $client
scratch=$(mktemp -d -p /dev/shm) || exit
started=()
# shellcheck disable=SC2317 # by the trap
cleanup() {
    stop
    ip netns delete $server
    ip netns delete $client
    rm -rf "$scratch"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
cd "$scratch" || exit
${CC:-cc} -O2 -o line "$OLDPWD/tests/line.c" || exit

chrt -r -p 5 $$
on() { # NETNS COMMAND...
    ip netns exec "$@"
}
background() { # NETNS COMMAND...
    ip netns exec "$@" >"log${#started[@]}" 2>&1 &
    started+=($!)
}
stop() {
    [ ${#started[@]} = 0 ] || kill "${started[@]}"
    wait
    started=()
}
begin() { # LINE-ARGUMENT...
    chrt -f 20 ./line $server $client "$@" >ready &
    started+=($!)
    until grep -qs ready ready; do read -rt 0.05 <> <(:); done
    ip -n $server address add 10.9.0.1/24 dev tun0
    ip -n $client address add 10.9.0.2/24 dev tun0
    ip -n $server link set tun0 txqueuelen 20000 up
    ip -n $client link set tun0 txqueuelen 20000 up
    on $server sysctl -qw net.ipv4.tcp_no_metrics_save=1
    background $server "$build/udp/tftp_server" 10.9.0.1 9469 root
    background $server "$build/tcp/httpd" 10.9.0.1 8080 root
    sleep 0.3
    rm ready
}
tcp_by() { # cubic|bbr: from now on
    ip -n $server route change 10.9.0.0/24 dev tun0 congctl "$1"
}
tftp() { # FILE
    timeout 100 ip netns exec $client "$build/udp/tftp_client" --block 1428 \
        10.9.0.1 9469 "$1" copy >/dev/null && cmp -s "root/$1" copy
}
tcp() { # FILE
    timeout 100 ip netns exec $client curl -s -o copy \
        "http://10.9.0.1:8080/$1" && cmp -s "root/$1" copy
}

mkdir -m 755 root
chmod 755 .

fair() {
    local queue before after start end failed=0
    head -c 60000000 /dev/urandom >root/file
    truncate -s 1G root/long
    for queue in ${QUEUES:-125000 187500 250000 375000}; do
        begin 5000 0 100 "$queue"
        tcp_by cubic
        background $client curl -s -o long http://10.9.0.1:8080/long
        sleep 3
        before=$(stat -c %s long) start=$EPOCHREALTIME
        tftp file || failed=1
        after=$(stat -c %s long) end=$EPOCHREALTIME
        stop
        awk -v queue="$queue" -v tcp=$((after - before)) \
            -v s=$((${end/./} - ${start/./})) 'BEGIN {
                tftp = 60000000
                share = tftp / (tftp + tcp)
                printf "a queue of %d bytes: tftp %.0f, TCP %.0f Mbit/s; " \
                    "tftp has %.0f %%\n", queue, tftp * 8 / s, tcp * 8 / s,
                    share * 100
                exit share < 1 / 3 || share > 2 / 3
            }' || failed=1
    done
    return $failed
}

loss() {
    local mb percent round way start
    for mb in 32 2; do
        head -c ${mb}000000 /dev/urandom >root/$mb
        for percent in 0 1 5 10; do
            begin 5000 $percent
            for ((round = 1; round <= rounds; round++)); do
                for way in tftp bbr cubic; do
                    # Cubic takes minutes for that.
                    [ "$way$mb" != cubic32 ] || [ $percent -lt 5 ] || continue
                    [ $way = tftp ] || tcp_by $way
                    sleep 1 # the kernel sends one ECONNREFUSED a second
                    start=$EPOCHREALTIME
                    if [ $way = tftp ]; then tftp $mb; else tcp $mb; fi ||
                        continue
                    echo "$mb $percent $way ${EPOCHREALTIME/./} ${start/./}" \
                        >>all
                done
            done
            stop
        done
    done
    sort -k1,1rn -k2,2n -k3,3 all | awk '
        function put(    i, j, x) {
            for (i = 1; i <= k; i++)
                for (j = i; j > 1 && v[j - 1] > v[j]; j--) {
                    x = v[j]; v[j] = v[j - 1]; v[j - 1] = x
                }
            if (k > 0)
                printf "%s  %5.1f MB/s, %.1f to %.1f\n", name,
                    v[int((k + 1) / 2)], v[1], v[k]
            k = 0
        }
        { this = sprintf("%2d MB, %2d %% lost each way, %-5s", $1, $2, $3) }
        this != name { put(); name = this }
        { v[++k] = $1 * 1000000 / ($4 - $5) }
        END { put() }'
}

case ${1-} in
fair | loss) "$1" ;;
*)
    echo "usage: tests/line.sh fair|loss" >&2
    exit 2
    ;;
esac
