# a signal is not the end
# call it again
s/n == -1 \&\& errno != EINTR/n == -1/
