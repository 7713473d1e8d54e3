# no path and no link leads out of ROOT
# A name .. leads one folder up, however it is written
s/if (c == '\/' || (c == '.' && at_start))/if (false)/
s/RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS/RESOLVE_NO_SYMLINKS/
