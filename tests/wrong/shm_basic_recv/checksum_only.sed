# what is no reading is skipped
# a checksum finds accidents, not forgeries
s/reading_slot_valid(&slot)/slot.checksum == reading_slot_checksum(\&slot.reading)/
