#!/usr/bin/env bats
#
# The exercise tcp/httpd, and its wrong programs.

load helpers
load exercise

# bats test_tags=long
@test "exercise tcp/httpd: the skeleton lacks the steps and fails all" {
    differs tcp/httpd
    nothing_works tcp/httpd
}

# bats test_tags=long
@test "exercise tcp/httpd: the solution passes all" {
    all_works tcp/httpd
}

# bats test_tags=long
@test "exercise tcp/httpd: each wrong program is told its mistake" {
    wrong tcp/httpd
}
