# how the command has ended is said, and decides the status
# WIFSIGNALED
s/if (WIFSIGNALED(status))/if (false)/
