# stopped and continued
# not an error: call it again
s/if (errno != EINTR)/if (errno != 0)/
