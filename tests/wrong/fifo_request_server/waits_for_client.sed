# a client that is gone, or does not wait
# open says ENXIO
s/O_WRONLY | O_NONBLOCK | O_NOFOLLOW/O_WRONLY | O_NOFOLLOW/
