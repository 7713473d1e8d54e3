# an ACK is five bytes: kind and number
# END has a kind of its own in its ACK
s/{(uint8_t)r->kind, htonl/{READING_DATA, htonl/
