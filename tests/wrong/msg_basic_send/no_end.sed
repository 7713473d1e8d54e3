# three readings, and END
# A queue has no end of file
s/(uint32_t)count + 1;/(uint32_t)count;/
