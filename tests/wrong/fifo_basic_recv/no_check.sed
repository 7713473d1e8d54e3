# what is no reading is skipped
# check it before the rest is used
s/^        more = reading_report.*/        wire.station[STATION_SIZE - 1] = 0;\n        wire.kind = wire.kind == 2 ? 2 : 1;\n&/
