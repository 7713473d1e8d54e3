# what is no reading is skipped
# Without MSG_NOERROR
s/int flags = MSG_NOERROR;/int flags = 0;/
