# sort -r turns three readings around
# the parent has to close its own
s/if (!no_close \&\& close(to\[1\]) == -1)/if (false)/
