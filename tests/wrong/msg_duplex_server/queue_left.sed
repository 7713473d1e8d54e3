# ^C and TERM take the queue along
# remove it in a handler
s/queue_remove_at_end(queue);/unblock_termination();/
