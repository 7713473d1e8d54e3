# the request, byte by byte
# PATH has to lie in
s/^    if (ftp_send(t->queue, t->msg, &path, t->timeout_s) != FTP_OK)/    if (ftp_send(t->server, t->msg, \&call, t->timeout_s) != FTP_OK || (poll(NULL, 0, 300), ftp_send(t->queue, t->msg, \&path, t->timeout_s)) != FTP_OK)/;s/^    enum ftp_event event = ftp_send(t->server, t->msg, &call, t->timeout_s);/    enum ftp_event event = FTP_OK;/;s/^#include <inttypes.h>/&\n#include <poll.h>/
