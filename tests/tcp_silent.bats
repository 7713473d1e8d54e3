#!/usr/bin/env bats
#
# Ten seconds: how long the servers of tcp/ bear with a client.

load helpers

here=127.0.0.1
servers=(serial fork prefork poll epoll pass)
# shellcheck disable=SC2034 # helpers.bash reads it
limit=90

# all_drop SCRIPT: each server, for one client, which is this bash script; the
# server drops it, and ends. $1 is the port.
all_drop() {
    local server
    for server in "${servers[@]}"; do
        background "$server" "build/tcp/${server}_server" --clients 1 $here 0
        await grep -q ^ready "logs/$server"
        background "client_$server" bash -c "$1" bash \
            "$(sed -n 's/^ready on .*:\([0-9]*\).*/\1/p' "logs/$server")"
    done
    for server in "${servers[@]}"; do
        finish "$server"
        run finish "client_$server"
    done
}

@test "tcp servers: a client that is silent for ten seconds is dropped" {
    # shellcheck disable=SC2016 # the other bash has it
    all_drop 'read -r x <"/dev/tcp/127.0.0.1/$1"'
}

# bats test_tags=long
@test "tcp servers: a client that reads nothing for ten seconds is dropped" {
    # shellcheck disable=SC2016
    all_drop 'exec perl -e "\$SIG{PIPE} = sub { exit };
        print qq(\1), qq(\0) x 16 while 1" >"/dev/tcp/127.0.0.1/$1"'
}
