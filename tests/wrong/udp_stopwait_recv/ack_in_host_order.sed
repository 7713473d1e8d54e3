# an ACK is five bytes: kind and number
# network byte order
s/{(uint8_t)r->kind, htonl(r->seq)}/{(uint8_t)r->kind, r->seq}/
