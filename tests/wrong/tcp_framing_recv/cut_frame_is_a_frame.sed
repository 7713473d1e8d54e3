# the stream ends in the middle: status 1
# means that something is missing
s/if (n >= 0 && (size_t)n < length)/if (false)/
