/*
 * fifo/mode.c -- permissions of a FIFO: the mode, without the umask.
 *
 * Shows:   A FIFO is a file of type p, with an owner and permissions like any
 *          other. mkfifo asks for a mode, and the umask clears bits of it;
 *          the mode that chmod asks for it leaves alone.
 *
 * Run:     $ build/fifo/mode --umask 022 readings
 *
 * Prints:  asked for  0666   rw-rw-rw-
 *          umask      0022   ----w--w-
 *          mkfifo     0644  prw-r--r--
 *          chmod      0666  prw-rw-rw-
 *          on the disk: 0 bytes in 0 blocks, whatever passes through
 *
 * Read:    umask(2), mkfifo(3), stat(2), inode(7), chmod(2), unlink(2)
 */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/program.h"
#include "fifo.h"

static mode_t mask; // --umask

// Set *mode to the permissions that all of text is in octal.
static bool parse_mode(const char *text, mode_t *mode)
{
    char *end;
    unsigned long value = strtoul(text, &end, 8);

    *mode = (mode_t)value;
    return end != text && *end == '\0' && value <= 0777;
}

static bool set_mask(int option, const char *text)
{
    (void)option;
    return parse_mode(text, &mask);
}

// One line, with the letters of ls -l: the type, then the permissions of the
// owner, the group and all others.
static void show(const char *what, mode_t mode)
{
    char letters[] = " rwxrwxrwx";

    if (S_ISFIFO(mode))
        letters[0] = 'p';
    for (int i = 0; i < 9; i++)
        if (!(mode & (0400U >> i)))
            letters[1 + i] = '-';
    printf("%-9s  %04o  %s\n", what, mode & 07777U, letters);
}

int main(int argc, char *argv[])
{
    program_start();
    const struct option options[] = {
        {"umask", required_argument, NULL, 'u'},
        {0},
    };
    mode_t asked = 0666;
    mask = umask(0); // no call asks without changing it
    if (!parse_option_values(argc, argv, options, set_mask) ||
        argc - optind < 1 || argc - optind > 2 ||
        (argc - optind == 2 && !parse_mode(argv[optind + 1], &asked)))
        return usage(argc, argv, "mode [--umask OCTAL] FIFO [OCTAL]");
    const char *path = argv[optind];

    block_termination();
    fifo_remove(path); // a killed run's, with the mode that it had then
    umask(mask);
    if (mkfifo(path, asked) == -1)
        err(1, "mkfifo %s", path);
    fifo_unlink_at_end(path);

    struct stat made, changed;
    if (stat(path, &made) == -1)
        err(1, "stat %s", path);
    if (chmod(path, asked) == -1)
        err(1, "chmod %s", path);
    if (stat(path, &changed) == -1)
        err(1, "stat %s", path);
    if (unlink(path) == -1)
        err(1, "unlink %s", path);

    show("asked for", asked);
    show("umask", mask);
    show("mkfifo", made.st_mode);
    show("chmod", changed.st_mode);
    printf("on the disk: %lld bytes in %lld blocks, whatever passes through\n",
           (long long)changed.st_size, (long long)changed.st_blocks);
    return 0;
}
