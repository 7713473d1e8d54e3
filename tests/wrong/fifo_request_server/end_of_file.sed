# a client is answered in its own FIFO
# never reads end of file
s/ || open(requests, O_WRONLY) == -1)/)/;s/^            err(1, "read");/&\n        if (n == 0)\n            exit(0);/
