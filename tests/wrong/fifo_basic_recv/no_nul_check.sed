# what is no reading is skipped
# check that the last byte is NUL
s/^        more = reading_report.*/        wire.station[STATION_SIZE - 1] = 0;\n&/
