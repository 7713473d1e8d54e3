# three readings arrive
# read slot head, head + 1
/shared->head++/d
