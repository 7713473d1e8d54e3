# what is no reading is skipped, and not acknowledged
# is no reading: no ACK
s/reading_decode(&r, &wire, (size_t)n)/reading_decode(\&r, \&wire, sizeof wire)/
