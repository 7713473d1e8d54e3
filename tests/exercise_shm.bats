#!/usr/bin/env bats
#
# The exercises of shm/, and their wrong programs.

load helpers
load exercise

# bats test_tags=long
@test "exercise shm/basic_recv: the skeleton lacks the steps and fails all" {
    differs shm/basic_recv
    nothing_works shm/basic_recv
}

# bats test_tags=long
@test "exercise shm/basic_recv: the solution passes all" {
    all_works shm/basic_recv
}

# bats test_tags=long
@test "exercise shm/basic_recv: each wrong program is told its mistake" {
    wrong shm/basic_recv
}

# bats test_tags=long
@test "exercise shm/ring_recv: the skeleton lacks the steps and fails all" {
    differs shm/ring_recv
    nothing_works shm/ring_recv
}

# bats test_tags=long
@test "exercise shm/ring_recv: the solution passes all" {
    all_works shm/ring_recv
}

# bats test_tags=long
@test "exercise shm/ring_recv: each wrong program is told its mistake" {
    wrong shm/ring_recv
}
