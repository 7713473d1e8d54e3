# what is no reading is skipped
# recvfrom returns how many bytes have come
s/(size_t)n, &arrived/sizeof wire, \&arrived/
