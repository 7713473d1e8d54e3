# sort -r turns three readings around
# no copy may be open anywhere else
s/O_CLOEXEC/0/g
