# a signal is not the end | any other
# call it again
s/n == -1 \&\& errno != EINTR/n == -1/
