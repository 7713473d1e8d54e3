# what is no reading is skipped
# ask for a byte more
s/READING_MSG_SIZE/sizeof msg.wire/
