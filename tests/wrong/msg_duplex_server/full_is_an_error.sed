# a queue that is full of other messages
# that answer is given up
s/if (errno != EAGAIN)/if (errno != 0)/
