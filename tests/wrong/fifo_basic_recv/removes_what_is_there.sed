# wrong arguments, and a name that is taken
# it is gone
s/^    block_termination();.*/&\n    unlink(path);/;s/if (mkfifo/if (errno = EEXIST, mkfifo/
