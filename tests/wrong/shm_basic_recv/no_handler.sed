# ^C and TERM take the segment and the set along
# What is to happen when a signal comes stands in a handler
s/on_termination(remove_both)/unblock_termination()/
