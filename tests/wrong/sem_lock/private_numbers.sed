# one process adds one, once
# only memory that mmap shares
s/MAP_SHARED | MAP_ANONYMOUS/MAP_PRIVATE | MAP_ANONYMOUS/;s/added += numbers\[i\]/added += times/;s/if (numbers\[0\] < added)/if (false)/
