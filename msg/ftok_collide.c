/*
 * msg/ftok_collide.c -- find two files with the same key.
 *
 * Shows:   A key has room for 16 bits of an inode number: of 65537 files on one
 *          device two share a key for certain, of a few hundred most likely,
 *          unless all were made one after the other: so try another folder.
 *          Programs that happen to name those two meet in one queue, and take
 *          each other's messages.
 *
 * Run:     $ build/msg/ftok_collide /usr /sys
 *
 * Prints:  looked at <count> files
 *          0x<inode> is the inode of <file>
 *          0x<inode> is the inode of <file>
 *          0x49<rest> is the key of both
 *
 * Read:    ftok(3), nftw(3), inode(7)
 */
#define _GNU_SOURCE // nftw
#include <err.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/stat.h>

#include "../common/program.h"

struct file {
    char *path;
    ino_t inode;
};

// What was seen, by the bits of the inode number that go into a key.
static struct file seen[UINT16_MAX + 1];
static struct file twin;
static int count;

// Called by nftw for everything in the folder; other than 0 ends the search.
static int look_at(const char *path, const struct stat *about, int type,
                   struct FTW *place)
{
    (void)place;
    if (type != FTW_F)
        return 0;

    struct file *other = &seen[about->st_ino & UINT16_MAX];
    if (other->inode == about->st_ino) // a hard link: the same file again
        return 0;
    struct file here = {strdup(path), about->st_ino};
    if (!here.path)
        return -1;
    count++;
    if (other->path) {
        twin = here;
        return 1;
    }
    *other = here;
    return 0;
}

// Look in a folder: not through links, and not onto another device. Forgets
// what was seen elsewhere. As nftw.
static int look_in(const char *folder)
{
    for (size_t i = 0; i < sizeof seen / sizeof *seen; i++) {
        free(seen[i].path);
        seen[i] = (struct file){0};
    }
    return nftw(folder, look_at, 16, FTW_PHYS | FTW_MOUNT);
}

int main(int argc, char *argv[])
{
    program_start();
    if (!parse_flags(argc, argv, NULL) || optind == argc)
        return usage(argc, argv, "ftok_collide FOLDER...");

    int found = 0;
    for (int i = optind; i < argc && found == 0; i++) {
        found = look_in(argv[i]);
        if (found == -1)
            err(1, "%s", argv[i]);
    }
    printf("looked at %d files\n", count);
    if (found == 0)
        errx(1, "%s: no two files have the same key", argv[argc - 1]);

    struct file other = seen[twin.inode & UINT16_MAX];
    printf("0x%jx is the inode of %s\n", (uintmax_t)other.inode, other.path);
    printf("0x%jx is the inode of %s\n", (uintmax_t)twin.inode, twin.path);

    key_t key = ftok(other.path, IPC_PROJECT);
    if (key == -1 || ftok(twin.path, IPC_PROJECT) != key)
        errx(1, "one of them was replaced meanwhile");
    printf("0x%08x is the key of both\n", (unsigned)key);
    return 0;
}
