# not before the timeout, and not for ever less
# 200 ms at least until it is sent again
s/sent + rto->timeout/sent + 150000/
