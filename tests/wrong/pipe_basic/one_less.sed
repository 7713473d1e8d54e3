# three readings arrive
# expected oslo #3 -3.0 C
s/seq <= (uint32_t)count; seq++/seq < (uint32_t)count; seq++/
