# three readings, and END
# in host byte order
s/^        if (msgsnd/        msg.wire.seq = r.seq;\n&/
