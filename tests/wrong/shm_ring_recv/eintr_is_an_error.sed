# stopped and continued
# Interrupted system call
s/errno != EINTR && errno != EAGAIN)/errno != EAGAIN)/
