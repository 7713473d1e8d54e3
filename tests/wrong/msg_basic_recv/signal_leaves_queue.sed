# ^C and TERM take the queue along
# stands in a handler
s/on_termination(remove_queue);/unblock_termination();/
