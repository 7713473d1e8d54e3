# stopped and continued
# Interrupted system call
s/ && errno != EINTR)/)/
