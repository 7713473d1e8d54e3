/*
 * shm/sealed_send.c -- make memory, seal it, and pass it to another process.
 *
 * Shows:   memfd_create makes a file that has no name and is gone with its last
 *          descriptor: nothing to remove. F_ADD_SEALS forbids to write to it,
 *          to cut it or to make it longer, to all processes and for ever.
 *
 *          --unsealed: leave the seals out, and cut it while it is read.
 *
 * Run:     start shm/sealed_recv.c first; its header has both commands
 *
 * Prints:  ftruncate to 0 bytes: Operation not permitted
 *
 * Read:    memfd_create(2), write(2), fcntl(2), socket(2), connect(2),
 *          unix(7), recv(2), ftruncate(2), send(2)
 */
#define _GNU_SOURCE // memfd_create
#include <fcntl.h>
#include <sys/mman.h>

#include "../common/descriptor.h"
#include "sealed.h"

static int make_readings(uint32_t count)
{
    int memory = memfd_create("readings", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (memory == -1)
        err(1, "memfd_create");
    for (uint32_t seq = 1; seq <= count; seq++) {
        struct reading r = reading_sample(seq);
        if (write(memory, &r, sizeof r) != sizeof r)
            err(1, "write");
    }
    return memory;
}

int main(int argc, char *argv[])
{
    program_start();
    int unsealed = false; // break it
    const struct option flags[] = {{"unsealed", no_argument, &unsealed, true},
                                   {0}};
    long count;
    if (!parse_flags(argc, argv, flags) || argc - optind != 2 ||
        !parse_long(argv[optind + 1], 2, 1000000, &count))
        return usage(argc, argv, "sealed_send [--unsealed] FILE COUNT");

    struct sockaddr_un there;
    socklen_t length = sealed_address(&there, argv[optind]);
    if (length == 0)
        err(1, "ftok %s", argv[optind]);
    int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection == -1)
        err(1, "socket");
    if (connect(connection, (struct sockaddr *)&there, length) == -1)
        err(1, "connect: is the receiver running?");

    int memory = make_readings((uint32_t)count);
    if (!unsealed && fcntl(memory, F_ADD_SEALS, SEALED | F_SEAL_SEAL) == -1)
        err(1, "F_ADD_SEALS");
    if (descriptor_send(connection, memory) == -1)
        err(1, "sendmsg");

    char byte;
    if (recv(connection, &byte, 1, 0) != 1 || byte != SEALED_MAPPED)
        errx(1, "the receiver has refused it, or exited");
    int outcome = ftruncate(memory, 0);
    if (outcome == -1 && errno != EPERM)
        err(1, "ftruncate");
    printf("ftruncate to 0 bytes: %s\n",
           outcome == -1 ? strerror(errno) : "done");
    byte = SEALED_TRIED;
    if (send(connection, &byte, 1, MSG_NOSIGNAL) == -1)
        err(1, "send");
    return 0;
}
