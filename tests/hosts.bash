# tests/hosts.bash -- hosts for a file of tests: network namespaces whose
# interface `net0` leads to a bridge in one more. Host N is 10.9.0.N/24 and
# fd09::N/64.
# shellcheck shell=bash disable=SC2034 # on1 and the others are for tests

# make_hosts COUNT: once, in setup_file.
make_hosts() {
    export HOSTS=ipc-$$
    connect_hosts "$1" >"$BATS_FILE_TMPDIR/hosts" 2>&1 ||
        touch "$BATS_FILE_TMPDIR/no-hosts"
}

connect_hosts() (
    set -e
    ip netns add "$HOSTS-0"
    ip -n "$HOSTS-0" link add net0 type bridge mcast_snooping 0
    ip -n "$HOSTS-0" link set net0 up
    for ((n = 1; n <= $1; n++)); do
        ip netns add "$HOSTS-$n"
        ip -n "$HOSTS-$n" link set lo up
        ip -n "$HOSTS-$n" link add net0 type veth \
            peer name "port$n" netns "$HOSTS-0"
        ip -n "$HOSTS-0" link set "port$n" master net0 up
        ip -n "$HOSTS-$n" address add "10.9.0.$n/24" dev net0
        ip -n "$HOSTS-$n" address add "fd09::$n/64" dev net0 nodad
        ip -n "$HOSTS-$n" link set net0 addrgenmode none up
    done
)

# need_hosts: skip the test if there are none.
need_hosts() {
    [ ! -e "$BATS_FILE_TMPDIR/no-hosts" ] ||
        skip "it runs where ip netns add is allowed"
}

teardown_file() {
    local host
    for host in $(ip netns list 2>/dev/null | grep -o "^$HOSTS-[0-9]*"); do
        ip netns delete "$host"
    done
}

# What to put before a command to run it on host 1, 2 or 3.
on1=(ip netns exec "${HOSTS-}-1")
on2=(ip netns exec "${HOSTS-}-2")
on3=(ip netns exec "${HOSTS-}-3")

# across ADDRESS LESSON ARG...: its receiver on host 2, its sender on host 1.
across() {
    start "${on2[@]}" "build/$2_recv" "$1" 0
    limited "${on1[@]}" "build/$2_send" "$1" "$(port)" "${@:3}"
    finish
}
