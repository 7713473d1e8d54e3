# three readings, and END
# what was in that memory before
s/^        if (msgsnd/        memcpy(msg.wire.station, r.station, 4);\n        memset(msg.wire.station + 5, 42, 4);\n&/
