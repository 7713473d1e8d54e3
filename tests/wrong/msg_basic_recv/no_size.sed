# what is no reading is skipped
# returns how many bytes have come
s/(size_t)n, &arrived/sizeof msg.wire, \&arrived/
