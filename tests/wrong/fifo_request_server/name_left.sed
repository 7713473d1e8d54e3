# ^C and TERM take the name along
# remove it in a handler
s/^    fifo_unlink_at_end(requests);/    unblock_termination();/;s/^        fifo_unlink_at_end(requests);/        (void)0;/
