# what cannot be right: status 1
# The status says if it is not all
s/ok = counter_complete(&total)/counter_complete(\&total)/
