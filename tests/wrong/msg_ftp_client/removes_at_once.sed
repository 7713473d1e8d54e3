# the request, byte by byte
# removes DONE
s/return ftp_send(t->queue, t->msg, &done, t->timeout_s);/enum ftp_event sent = ftp_send(t->queue, t->msg, \&done, t->timeout_s); msgctl(t->queue, IPC_RMID, NULL); return sent;/
