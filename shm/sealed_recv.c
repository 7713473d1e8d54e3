/*
 * shm/sealed_recv.c -- map memory that another process made; read it in place.
 *
 * Shows:   The sender of a mapping can change it or cut it off while it is
 *          read. A seal is a promise that the kernel keeps: neither, for ever.
 *          So this receiver takes sealed memory only, and reads it in place.
 *          --unsealed: takes it all the same.
 *
 * Run:     terminal 1 $ build/shm/sealed_recv README.md
 *          terminal 2 $ build/shm/sealed_send README.md 3
 *
 * Prints:  ready on README.md
 *          3 readings, sealed
 *          oslo #1 -3.2 C
 *          the sender has tried to cut it
 *          oslo #2 -3.1 C
 *          oslo #3 -3.0 C
 *
 * Read:    unix(7), socket(2), bind(2), fcntl(2), fstat(2), mmap(2), recv(2)
 */
#define _GNU_SOURCE // F_GET_SEALS
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "../common/descriptor.h"
#include "sealed.h"

// It may call errx: the fault is in a load of this program, not in libc.
static void end_at_fault(int number)
{
    (void)number;
    // NOLINTNEXTLINE(bugprone-signal-handler,cert-sig30-c)
    errx(1, "SIGBUS: the sender has cut it while it was read");
}

int main(int argc, char *argv[])
{
    program_start();
    int unsealed = false; // break it
    const struct option flags[] = {{"unsealed", no_argument, &unsealed, true},
                                   {0}};
    if (!parse_flags(argc, argv, flags) || argc - optind != 1)
        return usage(argc, argv, "sealed_recv [--unsealed] FILE");

    struct sockaddr_un here;
    socklen_t length = sealed_address(&here, argv[optind]);
    if (length == 0)
        err(1, "ftok %s", argv[optind]);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener == -1 ||
        bind(listener, (struct sockaddr *)&here, length) == -1 ||
        listen(listener, 1) == -1)
        err(1, "bind: is a receiver running?");
    program_ready("ready on %s\n", argv[optind]);
    int connection = accept(listener, NULL, NULL);
    if (connection == -1)
        err(1, "accept");

    int fd = descriptor_receive(connection);
    if (fd == -1)
        err(1, "no descriptor came");
    int seals = fcntl(fd, F_GET_SEALS); // -1 if this kind of file has none
    bool sealed = seals != -1 && (seals & SEALED) == SEALED;
    if (!sealed && !unsealed)
        errx(1, "refused: it is not sealed");
    struct stat about;
    if (fstat(fd, &about) == -1)
        err(1, "fstat");
    size_t count = (size_t)about.st_size / sizeof(struct reading);
    const struct reading *readings =
        mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_SHARED, fd, 0);
    if (readings == MAP_FAILED)
        err(1, "mmap %jd bytes", (intmax_t)about.st_size);
    printf("%zu readings, %s\n", count, sealed ? "sealed" : "not sealed");

    signal(SIGBUS, end_at_fault);
    for (size_t i = 0; i < count; i++) {
        struct reading r = readings[i];
        reading_print(&r);
        if (i > 0)
            continue;
        char byte = SEALED_MAPPED;
        if (send(connection, &byte, 1, MSG_NOSIGNAL) == -1 ||
            recv(connection, &byte, 1, 0) != 1)
            errx(1, "the sender has exited");
        puts("the sender has tried to cut it");
    }
    return 0;
}
