# sort -r turns three readings around
# after 5 s it is still there
s/ || close(from\[1\]) == -1//
