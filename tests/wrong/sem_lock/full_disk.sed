# a full disk: status 1, and no set is left
# Output that cannot be written
s/^    return 0;/    _exit(0);/
