# END says more than came: status 1
# some are lost
s/return arrived == .*/return 0;/
