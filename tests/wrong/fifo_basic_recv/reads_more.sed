# two thousand readings, several in the FIFO at a time
# Ask for 17 bytes
s/read(in, &wire, sizeof wire)/read(in, bytes, sizeof bytes)/;s/^        struct reading_wire wire;/&\n        char bytes[4096];/;s/^        more = /        memcpy(\&wire, bytes, sizeof wire);\n&/;s/(size_t)n, &arrived/sizeof wire, \&arrived/
