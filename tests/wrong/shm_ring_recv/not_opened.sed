# three readings arrive
# The first receiver raises them in one semop
s/if (bounded_open(set) == -1)/if (false)/
