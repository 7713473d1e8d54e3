# a full disk: status 1, and no name is left
# Output that cannot be written
s/^    return 0;/    _exit(0);/;s/program_ready(/printf(/
