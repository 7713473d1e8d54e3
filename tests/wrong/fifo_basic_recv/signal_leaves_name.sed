# ^C and TERM take the name along
# stands in a handler
s/^    fifo_unlink_at_end(path);/    fifo_paths[0] = path;\n    atexit(fifo_remove_all);\n    unblock_termination();/
