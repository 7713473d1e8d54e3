# what is no reading is skipped
# zeroed memory is no reading
s/if (reading_slot_valid(&slot))/if (true)/
