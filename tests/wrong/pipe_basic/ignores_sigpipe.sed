# the receiver is killed: the sender ends, and not with status 0
# not all has arrived
s/^    if (close(ends\[0\]) == -1)/    signal(SIGPIPE, SIG_IGN);\n&/
s/if (write(ends\[1\], &wire, sizeof wire) == -1)/if (write(ends[1], \&wire, sizeof wire) == -1 \&\& errno != EPIPE)/
s/^    if (WIFSIGNALED(status))/    if (false)/
