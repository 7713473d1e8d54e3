# ^C and TERM: the last receiver takes both along
# What is to happen when a signal comes stands in a handler
s/on_termination(leave)/unblock_termination()/
