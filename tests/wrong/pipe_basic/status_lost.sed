# a full disk: status 1
# WEXITSTATUS
s/return WEXITSTATUS(status);/return 0;/
