#!/usr/bin/env bats
#
# The exercises of tcp/, and their wrong programs.

load helpers
load exercise

# bats test_tags=long
@test "exercise tcp/framing_recv: the skeleton lacks the steps and fails all" {
    differs tcp/framing_recv
    nothing_works tcp/framing_recv
}

# bats test_tags=long
@test "exercise tcp/framing_recv: the solution passes all" {
    all_works tcp/framing_recv
}

# bats test_tags=long
@test "exercise tcp/framing_recv: each wrong program is told its mistake" {
    wrong tcp/framing_recv
}

# bats test_tags=long
@test "exercise tcp/fork_server: the skeleton lacks the steps and fails all" {
    differs tcp/fork_server
    nothing_works tcp/fork_server
}

# bats test_tags=long
@test "exercise tcp/fork_server: the solution passes all" {
    all_works tcp/fork_server
}

# bats test_tags=long
@test "exercise tcp/fork_server: each wrong program is told its mistake" {
    wrong tcp/fork_server
}
