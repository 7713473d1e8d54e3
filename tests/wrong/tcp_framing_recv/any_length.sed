# a length that cannot be is the end: status 1
# A frame has 17 to 57 bytes
s/ || length > sizeof \*message)/)/
s/recv(connection, message, length, MSG_WAITALL)/recv(connection, message, length > sizeof *message ? sizeof *message : length, MSG_WAITALL)/
s/if (n >= 0 && (size_t)n < length)/if (n >= 0 \&\& (size_t)n < length \&\& length <= sizeof *message)/
