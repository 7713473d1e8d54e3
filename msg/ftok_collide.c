/*
 * msg/ftok_collide.c -- make two files with the same key.
 *
 * Shows:   A key has room for 16 bits of an inode number. File systems in
 *          memory count: every new file gets the next number, so after 65536
 *          of them the 16 bits come again. Programs that name those two files
 *          get one queue, and receive each other's messages. (Where numbers are
 *          used again at once, as on ext4, it says so, and tries the next
 *          folder.)
 *
 * Run:     $ build/msg/ftok_collide /dev/shm /tmp
 *
 * Prints:  made <count> files in <folder>, one after the other
 *          <...>
 *
 * Read:    ftok(3), inode(7), mkdtemp(3), open(2), fstat(2), unlink(2),
 *          msgget(2), msgctl(2)
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/program.h"
#include "../common/termination.h"

#define FILES_MAX 200000 // all 65536 numbers, also where they come in batches

static int queue = -1;
static char folder[PATH_MAX];
static char one[PATH_MAX + 8], other[PATH_MAX + 8];

static void remove_all(void)
{
    msgctl(queue, IPC_RMID, NULL);
    unlink(one);
    unlink(other);
    rmdir(folder);
}

static ino_t make_file(const char *path)
{
    struct stat about;

    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd == -1 || fstat(fd, &about) == -1)
        err(1, "%s", path);
    close(fd);
    return about.st_ino;
}

// Keep one file, and make another until their numbers end alike. False if the
// file system uses the number of a removed file again.
static bool collide(void)
{
    ino_t kept = make_file(one), last = 0;

    for (int count = 1; count <= FILES_MAX; count++) {
        ino_t number = make_file(other);
        bool again = number == last;
        bool alike = (number & UINT16_MAX) == (kept & UINT16_MAX);
        if (again || alike || count == FILES_MAX)
            printf("made %d files in %s, one after the other\n", count, folder);
        if (alike) {
            printf("0x%jx is the inode of one\n", (uintmax_t)kept);
            printf("0x%jx is the inode of other\n", (uintmax_t)number);
            return true;
        }
        unlink(other);
        if (again)
            break;
        last = number;
    }
    unlink(one);
    printf("no two with the same key: numbers are used again\n");
    return false;
}

int main(int argc, char *argv[])
{
    program_start();
    if (!parse_flags(argc, argv, NULL) || optind == argc)
        return usage(argc, argv, "ftok_collide FOLDER...");

    bool usable = false, found = false;
    on_termination(remove_all);
    for (int i = optind; i < argc && !found; i++) {
        rmdir(folder); // the one before
        snprintf(folder, sizeof folder, "%s/ftok-XXXXXX", argv[i]);
        block_termination();
        bool made = mkdtemp(folder) != NULL;
        snprintf(one, sizeof one, "%s/one", folder);
        snprintf(other, sizeof other, "%s/other", folder);
        if (!made)
            warn("%s", argv[i]);
        unblock_termination();
        usable = usable || made;
        found = made && collide();
    }
    if (!found)
        return usable ? 0 : 1;

    key_t key = ftok(one, IPC_PROJECT);
    if (key == -1 || ftok(other, IPC_PROJECT) != key)
        errx(1, "not the same key after all");
    printf("0x%08x is the key of both\n", (unsigned)key);

    block_termination();
    queue = msgget(key, IPC_CREAT | IPC_EXCL | 0600);
    unblock_termination();
    if (queue == -1)
        errx(1, "msgget: %s", ipc_strerror(errno));
    if (msgget(ftok(other, IPC_PROJECT), 0) == queue)
        printf("so the queue of one is the queue of other\n");
    return 0;
}
