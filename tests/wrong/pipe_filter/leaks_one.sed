# the command inherits its stdin and stdout, and no other pipe
# best by O_CLOEXEC
s/pipe2(from, O_CLOEXEC)/pipe2(from, 0)/
