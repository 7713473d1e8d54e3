# no path and no link leads out of ROOT
# It is a symbolic link that leads out of ROOT
s/\.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS/.resolve = 0/
