# wrong arguments, and a name that is taken
# Only a FIFO of the same user
s/ \&\& fifo_is_ours(path))/)/
