# the slot is empty when it has been read, not before
# it lets the next reading in over this one
/reading_slot_read(/d
s/^        if (reading_slot_valid/        reading_slot_read(\&slot, \&shared->slot);\n&/
