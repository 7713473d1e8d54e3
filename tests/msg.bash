# tests/msg.bash -- what the tests of msg/ share.
# shellcheck shell=bash

# put PERL: what a stranger does to the queue of README.md, in $queue.
put() {
    perl -MIPC::SysV=:all -e '
        sub put { # TYPE, BYTES...
            my $type = shift;
            msgsnd($queue, pack("l! a*", $type, $_), 0) or die $! for @_;
        }
        sub reading { pack("C N n a10", @_) } # KIND, SEQ, TENTHS, STATION
        $queue = msgget(ftok("README.md", ord "I"), 0) // die $!;
        '"$1"
}

# stop [NAME]: as ^Z does; returns when the program has noticed.
stop() {
    signal STOP "$@"
    await grep -q '^State:.T' "/proc/$(pid "$@")/status"
}

# traced OPTION... PROGRAM ARG...: start it under strace(1), which writes `log`.
traced() {
    start env ASAN_OPTIONS=detect_leaks=0 strace -qqo log "$@"
}

# Lines that a program printed beside `ready`.
story() {
    printed "${1-receiver}" | grep -v '^ready'
}
