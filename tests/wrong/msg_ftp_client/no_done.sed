# the request, byte by byte
# 6674703500010008
s/return ftp_send(t->queue, t->msg, &done, t->timeout_s);/(void)done; return FTP_QUEUE_REMOVED;/
