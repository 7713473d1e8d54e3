# what is no request is skipped
# ends with a checksum
s/!request_decode(r, bytes))/(!request_decode(r, bytes) \&\& !(memcmp(bytes, "ask", 3) == 0 \&\& (r->kind = bytes[3], r->client = (pid_t)ntohl(*(uint32_t *)(bytes + 4)), r->seq = ntohl(*(uint32_t *)(bytes + 8)), true))))/
