/*
 * shm/sealed.h -- the address of the local socket of sealed_recv: an abstract
 *                 name, which is not in the file system and is gone when the
 *                 socket is closed, see unix(7).
 */
#ifndef SHM_SEALED_H
#define SHM_SEALED_H

#include <stddef.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "../common/program.h"
#include "../common/reading.h"

#define SEALED (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) // it cannot change

// From the key of the file. Returns the address's length, 0 if there is no such
// file.
static inline socklen_t sealed_address(struct sockaddr_un *address,
                                       const char *path)
{
    key_t key = ftok(path, IPC_PROJECT);
    if (key == -1)
        return 0;
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    int n = snprintf(address->sun_path + 1, sizeof address->sun_path - 1,
                     "shm-%08x", (unsigned)key);
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n);
}

// The two messages over the socket, a byte each: the receiver has mapped the
// memory; the sender has tried to cut it.
enum { SEALED_MAPPED = 'm', SEALED_TRIED = 't' };

#endif
