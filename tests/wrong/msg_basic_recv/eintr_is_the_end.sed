# a signal is not the end
# msgrcv return -1 with EINTR
s/else if (errno != EINTR)/else if (errno != 0)/
