#!/usr/bin/env bash
# tests/net.sh [SEED]... -- tftp over all bad networks: make check-net.
#
# Every loss, duplication, reordering and corruption of 0, 1, 5, 10 and 20 %
# each way, at 0, 10 and 100 ms of delay; then an outage of five seconds, and
# 64 KiB with 20 % lost for twenty seeds. Says what did not arrive as it was
# sent; status 1 then. Takes some minutes, most of them waiting. CI runs a
# sample of it, in udp_tftp_loss.bats.
set -u
cd "$(dirname "$0")/.." || exit
programs=$PWD/${BUILD:-build}/udp
scratch=$(mktemp -d) || exit
jobs=${JOBS:-4}
seeds=${*:-1}

cleanup() {
    kill "$server" 2>/dev/null
    rm -rf "$scratch"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

cd "$scratch" || exit
mkdir root
head -c 65536 /dev/urandom >root/small
head -c 1000000 /dev/urandom >root/large
"$programs/tftp_server" --writable --log log 127.0.0.1 0 root >ready &
server=$!
until grep -qs ready ready; do read -rt 0.05 <> <(:); done
port=$(sed 's/.*://' ready)

# transfer NUMBER FILE RELAY-OPTION...: through a relay of its own, there and
# back again; a line with the result.
transfer() {
    local number=$1 file=$2 relay_port relay start end result=ok
    shift 2
    "$programs/relay" --silent "$@" 127.0.0.1 0 127.0.0.1 "$port" \
        >"relay$number" 2>&1 &
    relay=$!
    until grep -qs ready "relay$number"; do read -rt 0.05 <> <(:); done
    relay_port=$(sed -n 's/^ready on .*://p' "relay$number")
    start=$(date +%s%N)
    timeout 300 "$programs/tftp_client" --block 1428 --timeout 60 \
        127.0.0.1 "$relay_port" "$file" "got$number" >/dev/null \
        2>"error$number" &&
        cmp -s "root/$file" "got$number" || result=GET
    end=$(date +%s%N)
    timeout 300 "$programs/tftp_client" --block 1428 --timeout 60 --put \
        127.0.0.1 "$relay_port" "root/$file" "put$number" >/dev/null \
        2>>"error$number" &&
        cmp -s "root/$file" "root/put$number" || result+=PUT
    kill "$relay"
    wait "$relay" 2>/dev/null
    result=${result/okPUT/PUT}
    echo "$result $(((end - start) / 1000000)) ms $* $(cat "error$number")"
    rm -f "got$number" "root/put$number"
}

number=0
run() {
    number=$((number + 1))
    while [ "$(jobs -rp | wc -l)" -gt "$jobs" ]; do wait -n; done
    transfer $number "$@" >>results &
}

for seed in $seeds; do
    for delay in 0 10 100; do
        for percent in 0 1 5 10 20; do
            for kind in loss dup reorder corrupt undetected; do
                run small --seed "$seed" --delay $delay --$kind $percent
            done
            run small --seed "$seed" --delay $delay --loss $percent \
                --dup $percent --reorder $percent --corrupt $percent
        done
    done
    run large --seed "$seed" --delay 10 --outage 100-5100
done
for seed in {1..20}; do
    run small --loss 20 --loss-back 20 --seed "$seed"
done
while [ "$(jobs -rp | wc -l)" -gt 1 ]; do wait -n; done

grep -v '^ok' results
echo "$(grep -c '^ok' results) of $number arrived as they were sent"
echo "64 KiB with 20 % lost each way: median of 20 seeds" \
    "$(sed -n 's/^ok \([0-9]*\) ms --loss 20 --loss-back 20 --seed .*/\1/p' \
        results | sort -n | sed -n 10p) ms"
! grep -qv '^ok' results
