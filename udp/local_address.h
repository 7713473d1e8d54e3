/*
 * udp/local_address.h -- the addresses of local sockets: unix(7).
 *
 *     weather    a path: bind makes a file of type socket, and close leaves it
 *     @weather   an abstract name, written with an @ for its first byte, which
 *                is 0: no file, and gone with the socket
 */
#ifndef UDP_LOCAL_ADDRESS_H
#define UDP_LOCAL_ADDRESS_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "../common/program.h"
#include "recv_timeout.h"

#define SEND_TIMEOUT_S 2 // a receiver takes its datagrams within that time

struct local_address {
    struct sockaddr_un name;
    socklen_t length;
};

// False if text is empty or too long: 107 bytes are possible.
static inline bool local_address(struct local_address *a, const char *text)
{
    const size_t length = strlen(text);

    *a = (struct local_address){.name.sun_family = AF_UNIX};
    if (length == 0 || length >= sizeof a->name.sun_path)
        return false;
    memcpy(a->name.sun_path, text, length);
    a->length = (socklen_t)sizeof a->name; // a path ends with its NUL
    if (text[0] == '@') {                  // a name does not: it has a length
        a->name.sun_path[0] = '\0';
        a->length =
            (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    }
    return true;
}

// Remove what a receiver that was killed has left: a socket at that path that
// nothing is bound to any more. A file of another type stays, and bind fails.
static inline void local_remove_stale(const struct local_address *a)
{
    struct stat status;

    if (a->name.sun_path[0] == '\0' || lstat(a->name.sun_path, &status) == -1 ||
        !S_ISSOCK(status.st_mode))
        return;
    int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (sock == -1)
        return;
    if (connect(sock, (const struct sockaddr *)&a->name, a->length) == -1 &&
        errno == ECONNREFUSED)
        unlink(a->name.sun_path);
    close(sock);
}

#endif
