# three readings arrive
# until a process removes it
s/^    fifo_unlink_at_end(path);/    unblock_termination();/;s/if (unlink(path) == -1 .*/if (false)/
