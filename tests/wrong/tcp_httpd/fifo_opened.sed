# no path and no link leads out of ROOT
# to open a FIFO waits for a writer
s/O_RDONLY | O_NONBLOCK | O_NOCTTY/O_RDONLY | O_NOCTTY/
