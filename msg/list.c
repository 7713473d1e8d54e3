/*
 * msg/list.c -- list the message queues, and what would remove them.
 *
 * Shows:   The kernel's own list of all queues is a file, /proc/sysvipc/msg.
 *          ipcs(1) reads it, and so do we. The first six columns are those of
 *          `ipcs -q`; then who sent and who received last, and for queues of
 *          this suite the command that removes them: their keys begin with its
 *          project id, 49. With FILEs, only the queues of their keys.
 *
 * Run:     $ build/msg/list
 *
 * Prints:  key        msqid   owner    perms used-bytes messages <more>
 *          <...>
 *
 * Read:    sysvipc(7), proc(5), ftok(3), getpwuid(3), ipcs(1), ipcrm(1)
 */
#include <err.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/types.h>

#include "../common/program.h"

// The first columns of /proc/sysvipc/msg.
enum column {
    KEY,
    ID,
    PERMS,
    BYTES,
    MESSAGES,
    SENDER,
    RECEIVER,
    OWNER,
    COLUMNS
};

// False if the line is not about a queue: the headline is not.
static bool parse_line(const char *line, long column[COLUMNS])
{
    for (int i = 0; i < COLUMNS; i++) {
        char *end;
        column[i] = strtol(line, &end, i == PERMS ? 8 : 10);
        if (end == line)
            return false;
        line = end;
    }
    return true;
}

// False if the key is that of none of the files, of which there are some.
static bool is_wanted(long key, char *files[], int count)
{
    bool wanted = count == 0;

    for (int i = 0; i < count; i++)
        wanted = wanted || ftok(files[i], IPC_PROJECT) == key;
    return wanted;
}

static void print_queue(const long column[COLUMNS])
{
    char owner[16], remedy[32] = "-";
    uint32_t key = (uint32_t)column[KEY];
    const struct passwd *user = getpwuid((uid_t)column[OWNER]);

    if (user)
        snprintf(owner, sizeof owner, "%s", user->pw_name);
    else
        snprintf(owner, sizeof owner, "%ld", column[OWNER]);
    if (key >> 24 == IPC_PROJECT) // where ftok(3) puts it
        snprintf(remedy, sizeof remedy, "ipcrm -q %ld", column[ID]);

    printf("0x%08x %-7ld %-8s %-5lo %-10ld %-8ld %-7ld %-8ld %s\n", key,
           column[ID], owner, (unsigned long)column[PERMS], column[BYTES],
           column[MESSAGES], column[SENDER], column[RECEIVER], remedy);
}

int main(int argc, char *argv[])
{
    program_start();
    if (!parse_flags(argc, argv, NULL))
        return usage(argc, argv, "list [FILE...]");
    char **files = argv + optind;
    int count = argc - optind;
    for (int i = 0; i < count; i++)
        if (ftok(files[i], IPC_PROJECT) == -1)
            err(1, "ftok %s", files[i]);

    FILE *queues = fopen("/proc/sysvipc/msg", "re");
    if (!queues)
        err(1, "/proc/sysvipc/msg");
    printf("key        msqid   owner    perms used-bytes messages sender  "
           "receiver remove with\n");

    char line[512];
    long column[COLUMNS];
    while (fgets(line, sizeof line, queues))
        if (parse_line(line, column) && is_wanted(column[KEY], files, count))
            print_queue(column);
    if (ferror(queues))
        err(1, "/proc/sysvipc/msg");
    fclose(queues);
    return 0;
}
