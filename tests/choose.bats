#!/usr/bin/env bats
#
# What common/choose.md says and no lesson has shown already.

load helpers

# row MECHANISM: the cells of its row in the table of limits.
limits() {
    sed -n '/^## Limits/,/^## When/p' "$root/common/choose.md" | grep "^| $1 "
}

@test "choose: the limits are those of a kernel that nobody has set up" {
    for setting in kernel/msgmnb:16384 kernel/msgmax:8192 kernel/msgmni:32000 \
        fs/mqueue/msg_max:10 fs/mqueue/msgsize_max:8192 \
        fs/mqueue/queues_max:256 kernel/shmmni:4096 \
        net/unix/max_dgram_qlen:10 net/core/somaxconn:4096 \
        net/core/wmem_default:212992 net/core/rmem_default:212992; do
        value=$(cat "/proc/sys/${setting%:*}" 2>/dev/null) || continue
        [ "$value" -eq "${setting#*:}" ] ||
            skip "it runs where ${setting##*/} is what kernels begin with"
        grep -q "${setting#*:}" <<<"$(limits '.*')"
    done
}

@test "choose: a queue stays in its IPC namespace, a FIFO's path does not" {
    need_right unshare --ipc
    start build/msg/basic_recv README.md
    limited build/msg/list README.md | grep -q ipcrm
    run ! grep ipcrm <(limited unshare --ipc build/msg/list README.md)
    signal TERM
    run finish

    start build/fifo/basic_recv readings
    limited unshare --ipc build/fifo/basic_send readings 1
    run -0 finish
}

@test "choose: a path crosses network namespaces, an abstract name does not" {
    need_right unshare --net
    cat >ask.pl <<'END'
use Socket;
socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die $!;
connect($s, pack_sockaddr_un($ARGV[0])) or die "$!\n";
END
    cat >serve.pl <<'END'
use Socket;
for (@ARGV) {
    socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die $!;
    bind($s, pack_sockaddr_un($_)) && listen($s, 5) or die $!;
    push @open, $s;
}
$| = 1;
print "ready\n";
sleep;
END
    start perl -e '@ARGV = ("path", "\0" . $ARGV[0]); do "./serve.pl"' \
        "choose-$$"
    abstract=(perl -e '@ARGV = ("\0" . $ARGV[0]); do "./ask.pl"; print $@'
        "choose-$$")
    run -0 limited "${abstract[@]}"
    [ -z "$output" ]
    limited unshare --net perl ask.pl path
    run limited unshare --net "${abstract[@]}"
    [ "$output" = "Connection refused" ]
}
