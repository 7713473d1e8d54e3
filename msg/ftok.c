/*
 * msg/ftok.c -- what goes into a key, and what does not.
 *
 * Shows:   A key has room for 8 bits of the project id, 8 of the device number
 *          and 16 of the inode number of a file. Its name and what is in it do
 *          not count: a hard link to it has the same key, and a new file in its
 *          place, as editors make it with rename(2), has another one.
 *
 * Run:     $ build/msg/ftok README.md
 *
 * Prints:  project 'I'        0x49
 *          device <number> <bits>
 *          inode  <number> <bits>
 *          README.md          0x49<bits>
 *          old file           0x49<bits>
 *          hard link to it    0x49<bits>
 *          new file           0x49<bits>
 *          new renamed old    0x49<bits>
 *
 * Read:    ftok(3), stat(2), inode(7), mknod(2), link(2), rename(2)
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/program.h"
#include "../common/termination.h"

static char folder[] = "../ftok-XXXXXX"; // as it is seen from within

static void remove_files(void)
{
    unlink("old");
    unlink("link");
    unlink("new");
    rmdir(folder);
}

static void show_key(const char *what, const char *file)
{
    key_t key = ftok(file, IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", file);
    printf("%-18s 0x%08x\n", what, (unsigned)key);
}

int main(int argc, char *argv[])
{
    program_start();
    struct stat about;
    if (argc != 2 || !parse_flags(argc, argv, NULL))
        return usage(argc, argv, "ftok FILE");
    if (stat(argv[1], &about) == -1)
        err(1, "%s", argv[1]);

    // One below the other, so that the digits stand where the key has them.
    printf("project '%c'        0x%02x\n", IPC_PROJECT, IPC_PROJECT & 0xff);
    printf("device 0x%-9lx     %02lx\n", (unsigned long)about.st_dev,
           (unsigned long)about.st_dev & 0xff);
    printf("inode  0x%-9lx       %04lx\n", (unsigned long)about.st_ino,
           (unsigned long)about.st_ino & 0xffff);
    show_key(argv[1], argv[1]);

    // The rest is done to files of our own.
    const char *scratch = getenv("TMPDIR");
    if (!scratch)
        scratch = "/tmp";
    if (chdir(scratch) == -1)
        err(1, "%s", scratch);
    block_termination();
    if (!mkdtemp(folder + 3))
        err(1, "%s", folder + 3);
    if (chdir(folder + 3) == -1) {
        warn("%s", folder + 3);
        rmdir(folder + 3);
        return 1;
    }
    on_termination(remove_files);

    if (mknod("old", S_IFREG | 0600, 0) == -1 ||
        mknod("new", S_IFREG | 0600, 0) == -1)
        err(1, "mknod"); // two empty files
    if (link("old", "link") == -1)
        err(1, "link");
    show_key("old file", "old");
    show_key("hard link to it", "link");
    show_key("new file", "new");
    if (rename("new", "old") == -1)
        err(1, "rename");
    show_key("new renamed old", "old");
    return 0;
}
