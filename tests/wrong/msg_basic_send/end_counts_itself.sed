# three readings, and END
# 00 00 00 04
s/.seq = (uint32_t)count}/.seq = (uint32_t)count + 1}/
