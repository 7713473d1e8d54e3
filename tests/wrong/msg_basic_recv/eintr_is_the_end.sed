# a signal is not the end | any other
# call it again
s/else if (errno != EINTR)/else if (errno != 0)/
