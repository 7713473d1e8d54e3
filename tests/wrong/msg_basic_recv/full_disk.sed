# a full disk: status 1, and no queue is left
# Output that cannot be written is an error
s/^    return 0;/    _exit(0);/
s/program_ready(/printf(/
