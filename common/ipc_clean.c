/*
 * common/ipc_clean.c -- remove what killed programs left in the kernel.
 *
 * Shows:   Queues, semaphore sets and segments outlive their processes. Ours
 *          are known by their keys, which begin with the suite's project id,
 *          and by the user who made them. Whether somebody still uses one, the
 *          kernel tells in part: it remembers the process that sent, received,
 *          or changed a semaphore last, and counts who waits for a semaphore
 *          or has a segment. Who made a queue or a set it does not remember:
 *          one that nobody has used yet stays for 10 seconds (--age SECONDS).
 *          Who waits for a message stands in /proc/PID/syscall only.
 *          With FILEs, only what has their keys.
 *
 * Run:     $ build/common/ipc_clean README.md
 *
 * Read:    sysvipc(7), proc(5), ftok(3), kill(2), msgctl(2), semctl(2),
 *          shmctl(2)
 */
#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "program.h"

// The columns of /proc/sysvipc/msg, /sem and /shm; the first two are the same.
enum { KEY, ID };
enum {
    SENDER = 5,
    RECEIVER,
    MSG_CREATOR = 9,
    SENT = 11,
    RECEIVED,
    MSG_CHANGED
};
enum { SEMAPHORES = 3, SEM_CREATOR = 6, OPERATED = 8, SEM_CHANGED };
enum { MAKER = 4, USER, ATTACHED, SHM_CREATOR = 9 };
#define COLUMNS 14

static long age = 10; // seconds
static char **files;
static int file_count;

// Why an object must stay; no text if there is no reason.
struct reason {
    char text[80];
};

static const struct reason no_reason;

__attribute__((format(printf, 1, 2))) static struct reason
because(const char *format, ...)
{
    struct reason reason;
    va_list values;

    va_start(values, format);
    vsnprintf(reason.text, sizeof reason.text, format, values);
    va_end(values);
    return reason;
}

static bool lives(long pid)
{
    return pid > 0 && (kill((pid_t)pid, 0) == 0 || errno == EPERM);
}

// The start of a file about a process; false if we may not read it, or if the
// process is gone.
static bool ask_proc(const char *pid, const char *what, char *text, size_t size)
{
    char path[NAME_MAX + 32];
    snprintf(path, sizeof path, "/proc/%s/%s", pid, what);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    size_t length = fread(text, 1, size - 1, file);
    fclose(file);
    text[length] = '\0';
    return length > 0;
}

// Whether the system call is a msgsnd or msgrcv that waits for that queue:
// "70 0x2a 0x7ffc...", its number and its arguments, or "running".
static bool is_about(const char *call, long queue)
{
    char *arguments;
    long number = strtol(call, &arguments, 10);

    return arguments != call &&
           (number == SYS_msgsnd || number == SYS_msgrcv) &&
           strtol(arguments, NULL, 16) == queue;
}

// In another IPC namespace the same id is another queue.
static bool is_elsewhere(const char *pid)
{
    char path[NAME_MAX + 32], here[64], there[64];

    snprintf(path, sizeof path, "/proc/%s/ns/ipc", pid);
    ssize_t mine = readlink("/proc/self/ns/ipc", here, sizeof here);
    ssize_t its = readlink(path, there, sizeof there);
    return its > 0 && (its != mine || memcmp(here, there, (size_t)its) != 0);
}

// A process whose system call we may not see (ptrace(2) has the rules): if it
// is ours and has the name of one of our programs, it could wait for anything.
static bool could_wait(const char *pid)
{
    char status[4096], name[17], here[PATH_MAX], other[PATH_MAX + 32];

    if (!ask_proc(pid, "status", status, sizeof status) ||
        sscanf(status, "Name:\t%16s", name) != 1)
        return false;
    const char *owner = strstr(status, "\nUid:");
    if (!owner || strtoul(owner + strlen("\nUid:"), NULL, 10) != getuid())
        return false;

    // We are build/common/ipc_clean, the other may be build/msg/NAME.
    ssize_t length = readlink("/proc/self/exe", here, sizeof here - 1);
    if (length == -1)
        return false;
    here[length] = '\0';
    snprintf(other, sizeof other, "%s/msg/%s", dirname(dirname(here)), name);
    return access(other, F_OK) == 0;
}

static struct reason who_waits(long queue)
{
    struct reason reason = no_reason;
    const struct dirent *entry;
    DIR *proc = opendir("/proc");
    if (!proc)
        return because("/proc does not tell who waits in it");

    while (reason.text[0] == '\0' && (entry = readdir(proc))) {
        const char *pid = entry->d_name;
        char call[256];
        if (!isdigit((unsigned char)pid[0]))
            continue;
        if (ask_proc(pid, "syscall", call, sizeof call)) {
            if (is_about(call, queue) && !is_elsewhere(pid))
                reason = because("process %s waits in it", pid);
        } else if (could_wait(pid)) {
            reason = because("process %s could wait in it", pid);
        }
    }
    closedir(proc);
    return reason;
}

// Nobody has used it yet, so nothing tells whose it is.
static struct reason is_young(long made_at)
{
    long seconds = (long)time(NULL) - made_at;

    return seconds < age ? because("made %ld s ago, and not used yet", seconds)
                         : no_reason;
}

static struct reason keeps_queue(const long column[])
{
    long sender = column[SENDER], receiver = column[RECEIVER];

    if (lives(sender))
        return because("process %ld was the last to send", sender);
    if (lives(receiver))
        return because("process %ld was the last to receive", receiver);
    // A time, but no process: one that this PID namespace does not have.
    if ((sender == 0 && column[SENT] != 0) ||
        (receiver == 0 && column[RECEIVED] != 0))
        return because("used by a process that is not to be seen from here");
    struct reason reason = who_waits(column[ID]);
    if (reason.text[0] == '\0' && sender == 0 && receiver == 0)
        reason = is_young(column[MSG_CHANGED]);
    return reason;
}

static struct reason keeps_set(const long column[])
{
    int id = (int)column[ID];
    bool used = false;

    for (int i = 0; i < column[SEMAPHORES]; i++) {
        int waiting = semctl(id, i, GETNCNT);
        int for_zero = semctl(id, i, GETZCNT);
        int last = semctl(id, i, GETPID);
        if (waiting == -1 || for_zero == -1 || last == -1)
            return because("semctl: %s", strerror(errno));
        if (waiting + for_zero > 0)
            return because("%d wait for semaphore %d", waiting + for_zero, i);
        if (lives(last))
            return because("process %d was the last at semaphore %d", last, i);
        used = used || last != 0;
    }
    if (!used && column[OPERATED] != 0)
        return because("used by a process that is not to be seen from here");
    return used ? no_reason : is_young(column[SEM_CHANGED]);
}

static struct reason keeps_segment(const long column[])
{
    if (column[ATTACHED] > 0)
        return because("it is attached %ld times", column[ATTACHED]);
    if (lives(column[MAKER]))
        return because("process %ld made it", column[MAKER]);
    if (lives(column[USER]))
        return because("process %ld was the last to use it", column[USER]);
    if (column[MAKER] == 0)
        return because("made by a process that is not to be seen from here");
    return no_reason;
}

static int remove_queue(int id)
{
    return msgctl(id, IPC_RMID, NULL);
}

static int remove_set(int id)
{
    return semctl(id, 0, IPC_RMID);
}

static int remove_segment(int id)
{
    return shmctl(id, IPC_RMID, NULL);
}

static const struct kind {
    const char *name;
    const char *list;
    int creator; // which column it is
    struct reason (*keeps)(const long column[]);
    int (*remove)(int id);
} kinds[] = {
    {"queue", "/proc/sysvipc/msg", MSG_CREATOR, keeps_queue, remove_queue},
    {"set", "/proc/sysvipc/sem", SEM_CREATOR, keeps_set, remove_set},
    {"segment", "/proc/sysvipc/shm", SHM_CREATOR, keeps_segment,
     remove_segment},
};

// The numbers of a line; false if it has none, as the headline.
static bool parse_line(const char *line, long column[COLUMNS])
{
    char *end;
    int count = 0;

    for (; count < COLUMNS; line = end) {
        long number = strtol(line, &end, 10);
        if (end == line)
            break;
        column[count++] = number;
    }
    return count > SEM_CHANGED; // the shortest list has no more
}

// Whether that is the suite's, was made by who asks, and is asked for.
static bool is_ours(long key, long creator)
{
    bool wanted = file_count == 0;

    for (int i = 0; i < file_count; i++)
        wanted = wanted || ftok(files[i], IPC_PROJECT) == key;
    return wanted && (uint32_t)key >> 24 == IPC_PROJECT &&
           creator == (long)geteuid();
}

// False if something that should be removed could not.
static bool clean(const struct kind *kind)
{
    char line[512];
    long column[COLUMNS] = {0};
    bool cleaned = true;
    FILE *list = fopen(kind->list, "re");
    if (!list)
        err(1, "%s", kind->list);

    while (fgets(line, sizeof line, list)) {
        if (!parse_line(line, column) ||
            !is_ours(column[KEY], column[kind->creator]))
            continue;

        int id = (int)column[ID];
        unsigned key = (unsigned)column[KEY];
        struct reason reason = kind->keeps(column);
        if (reason.text[0] != '\0') {
            printf("left %s %d, key 0x%08x: %s\n", kind->name, id, key,
                   reason.text);
        } else if (kind->remove(id) == 0) {
            printf("removed %s %d, key 0x%08x\n", kind->name, id, key);
        } else if (errno != EINVAL && errno != EIDRM) { // else it is gone
            warn("%s %d", kind->name, id);
            cleaned = false;
        }
    }
    fclose(list);
    return cleaned;
}

int main(int argc, char *argv[])
{
    program_start();
    static const char synopsis[] = "ipc_clean [--age SECONDS] [FILE...]";
    const struct option options[] = {
        {"age", required_argument, NULL, 'a'},
        {0},
    };
    int option;

    opterr = 0;
    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1)
        if (option != 'a' || !parse_long(optarg, 0, 86400, &age))
            return usage(argc, argv, synopsis);
    files = argv + optind;
    file_count = argc - optind;
    for (int i = 0; i < file_count; i++)
        if (ftok(files[i], IPC_PROJECT) == -1)
            err(1, "ftok %s", files[i]);

    bool cleaned = true;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        cleaned = clean(&kinds[i]) && cleaned;
    return cleaned ? 0 : 1;
}
