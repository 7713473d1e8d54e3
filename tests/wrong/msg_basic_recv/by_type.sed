# the kind is in the message, not in its type
# msgtyp 0 takes the oldest message
s/READING_MSG_SIZE, 0, flags/READING_MSG_SIZE, -2, flags/
