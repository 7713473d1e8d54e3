# what is no request is skipped
# byte by byte
s/memmove(bytes, bytes + 1, --filled);/filled = 0;/
