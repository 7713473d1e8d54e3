# three readings, and END
# bytes of tenths in host byte order
s/^        if (msgsnd/        msg.wire.tenths = (uint16_t)r.tenths;\n&/
