# what is no reading is skipped
# with MSG_TRUNC recvfrom returns
s/sizeof wire, MSG_TRUNC,/sizeof wire, 0,/
