/*
 * msg/ftp_server/serve.h -- receive calls, and have them answered.
 */
#ifndef MSG_FTP_SERVER_SERVE_H
#define MSG_FTP_SERVER_SERVE_H

#include <stdbool.h>

// Until a signal ends it, or that number of calls was answered; 0: no such
// number. False if it cannot go on.
bool serve(long requests);

#endif
