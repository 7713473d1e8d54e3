#!/usr/bin/env bats
#
# The exercises of udp/, and their wrong programs.

load helpers
load exercise

@test "exercise udp/basic_recv: the skeleton lacks the steps and fails all" {
    differs udp/basic_recv
    nothing_works udp/basic_recv
}

# bats test_tags=long
@test "exercise udp/basic_recv: the solution passes all" {
    all_works udp/basic_recv
}

# bats test_tags=long
@test "exercise udp/basic_recv: each wrong program is told its mistake" {
    wrong udp/basic_recv
}

# bats test_tags=long
@test "exercise udp/stopwait_recv: the skeleton lacks the steps and fails all" {
    differs udp/stopwait_recv
    nothing_works udp/stopwait_recv
}

# bats test_tags=long
@test "exercise udp/stopwait_recv: the solution passes all" {
    all_works udp/stopwait_recv
}

# bats test_tags=long
@test "exercise udp/stopwait_recv: each wrong program is told its mistake" {
    wrong udp/stopwait_recv
}

# bats test_tags=long
@test "exercise udp/stopwait_send: the skeleton lacks the steps and fails all" {
    differs udp/stopwait_send
    nothing_works udp/stopwait_send
}

# bats test_tags=long
@test "exercise udp/stopwait_send: the solution passes all" {
    all_works udp/stopwait_send
}

# bats test_tags=long
@test "exercise udp/stopwait_send: each wrong program is told its mistake" {
    wrong udp/stopwait_send
}
