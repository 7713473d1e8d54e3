# three readings, and END
# 00 00 00 04
s/reading_or_end(seq, (uint32_t)count);/&\n        r.seq += r.kind == READING_END;/
