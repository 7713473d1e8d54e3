/*
 * common/ipc_clean.c -- remove what killed programs left in the kernel.
 *
 * Shows:   Queues, semaphore sets and segments outlive their processes. Ours
 *          are known by their keys: those of FILEs, or else of all files in the
 *          folder we are in and below; with --all, all with the suite's project
 *          id. And by the user who made them. A queue of msg/ftp's client has
 *          no key, but messages that no other program has.
 *          Whether one is still used, the kernel tells in part: it remembers
 *          the process that sent, received, or changed a semaphore last, and
 *          counts those that wait for a semaphore or have a segment. It does
 *          not remember which one made a queue or a set: one that was not used
 *          yet stays for 10 seconds (--age SECONDS). Which process waits for a
 *          message stands in /proc/PID/syscall only.
 *
 * Run:     $ build/common/ipc_clean README.md
 *
 * Read:    sysvipc(7), proc(5), ftok(3), nftw(3), kill(2), msgctl(2),
 *          semctl(2), shmctl(2)
 */
#define _GNU_SOURCE // nftw, MSG_COPY
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <ftw.h>
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
#include <time.h>
#include <unistd.h>

#include "compat.h"
#include "ftp.h"
#include "proc.h"
#include "program.h"
#include "sysv_call.h"

// The columns of /proc/sysvipc/msg, /sem and /shm; the first two are the same.
enum { KEY, ID };
enum {
    BYTES = 3,
    MESSAGES,
    SENDER,
    RECEIVER,
    MSG_CREATOR = 9,
    SENT = 11,
    RECEIVED,
    MSG_CHANGED
};
enum { SEMAPHORES = 3, SEM_CREATOR = 6, OPERATED = 8, SEM_CHANGED };
enum { SIZE = 3, MAKER, USER, ATTACHED, SHM_CREATOR = 9 };
#define COLUMNS 14

#define KEY_BITS 24 // of a key: those of the file

static long age_s = 10;
static bool all;
static bool private_too; // ftp's queues, which have no key
static unsigned char wanted[(1 << KEY_BITS) / 8]; // a bit for each file's key

// Why an object must stay; no text if there is no reason.
struct reason {
    char text[80];
};

static const struct reason no_reason;

__attribute__((format(printf, 1, 2))) static struct reason
reason_f(const char *format, ...)
{
    struct reason reason;
    va_list values;

    va_start(values, format);
    vsnprintf(reason.text, sizeof reason.text, format, values);
    va_end(values);
    return reason;
}

// A zombie is not; where /proc hides that from us, it counts as alive.
static bool is_alive(long pid)
{
    char text[8];

    if (pid <= 0 || (kill((pid_t)pid, 0) == -1 && errno != EPERM))
        return false;
    return !proc_read((pid_t)pid, "stat", text, sizeof text) ||
           proc_state((pid_t)pid) != 'Z';
}

// Whether the system call is a msgsnd or msgrcv that waits for that queue:
// "70 0x2a 0x7ffc...", its number and its arguments, or "running".
static bool waits_in(const char *call, long queue)
{
    struct sysv_call c;

    return sysv_call_read(&c, call) && c.id == queue &&
           (c.operation == SYSV_MSGSND || c.operation == SYSV_MSGRCV);
}

// In another IPC namespace the same id is another queue.
static bool has_other_namespace(pid_t pid)
{
    char path[64], here[64], there[64];

    snprintf(path, sizeof path, "/proc/%d/ns/ipc", (int)pid);
    ssize_t mine = readlink("/proc/self/ns/ipc", here, sizeof here);
    ssize_t its = readlink(path, there, sizeof there);
    return its > 0 && (its != mine || memcmp(here, there, (size_t)its) != 0);
}

// A process whose system call we may not see (ptrace(2) has the rules): if it
// is ours and has the name of one of our programs, it could wait for anything.
static bool could_wait(pid_t pid)
{
    char status[4096], name[17], here[PATH_MAX], other[PATH_MAX + 32];

    if (!proc_read(pid, "status", status, sizeof status) ||
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

static struct reason find_waiter(long queue)
{
    struct reason reason = no_reason;
    const struct dirent *entry;
    DIR *proc = opendir("/proc");
    if (!proc)
        return reason_f("/proc does not tell which process waits in it");

    while (reason.text[0] == '\0' && (entry = readdir(proc))) {
        long pid;
        char call[256];
        if (!parse_long(entry->d_name, 1, INT_MAX, &pid))
            continue;
        if (proc_read((pid_t)pid, "syscall", call, sizeof call)) {
            if (waits_in(call, queue) && !has_other_namespace((pid_t)pid))
                reason = reason_f("process %ld waits in it", pid);
        } else if (could_wait((pid_t)pid)) {
            reason = reason_f("process %ld could wait in it", pid);
        }
    }
    closedir(proc);
    return reason;
}

// It was not used yet, so nothing tells which process has made it.
static struct reason is_young(long made_at)
{
    long seconds = (long)time(NULL) - made_at;

    return seconds < age_s
               ? reason_f("made %ld s ago, and not used yet", seconds)
               : no_reason;
}

static struct reason queue_in_use(const long column[])
{
    long sender = column[SENDER], receiver = column[RECEIVER];

    if (is_alive(sender))
        return reason_f("process %ld was the last to send", sender);
    if (is_alive(receiver))
        return reason_f("process %ld was the last to receive", receiver);
    // A time, but no process: one that this PID namespace does not have.
    if ((sender == 0 && column[SENT] != 0) ||
        (receiver == 0 && column[RECEIVED] != 0))
        return reason_f("used by a process of another PID namespace");
    struct reason reason = find_waiter(column[ID]);
    if (reason.text[0] == '\0' && sender == 0 && receiver == 0)
        reason = is_young(column[MSG_CHANGED]);
    return reason;
}

static struct reason set_in_use(const long column[])
{
    int id = (int)column[ID];
    bool used = false;

    for (int i = 0; i < column[SEMAPHORES]; i++) {
        int waiting = semctl(id, i, GETNCNT);
        int for_zero = semctl(id, i, GETZCNT);
        int last = semctl(id, i, GETPID);
        if (waiting == -1 || for_zero == -1 || last == -1)
            return reason_f("semctl: %s", strerror(errno));
        if (waiting + for_zero > 0)
            return reason_f("%d wait for semaphore %d", waiting + for_zero, i);
        if (is_alive(last))
            return reason_f("process %d was the last at semaphore %d", last, i);
        used = used || last != 0;
    }
    if (!used && column[OPERATED] != 0)
        return reason_f("used by a process of another PID namespace");
    return used ? no_reason : is_young(column[SEM_CHANGED]);
}

static struct reason segment_in_use(const long column[])
{
    if (column[ATTACHED] > 0)
        return reason_f("it is attached %ld times", column[ATTACHED]);
    if (is_alive(column[MAKER]))
        return reason_f("process %ld made it", column[MAKER]);
    if (is_alive(column[USER]))
        return reason_f("process %ld was the last to use it", column[USER]);
    if (column[MAKER] == 0)
        return reason_f("made by a process of another PID namespace");
    return no_reason;
}

static struct reason queue_content(const long column[])
{
    return reason_f("%ld messages, %ld bytes", column[MESSAGES], column[BYTES]);
}

static struct reason set_content(const long column[])
{
    return reason_f("%ld semaphores", column[SEMAPHORES]);
}

static struct reason segment_content(const long column[])
{
    return reason_f("%ld bytes", column[SIZE]);
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
    struct reason (*in_use)(const long column[]);
    struct reason (*content)(const long column[]); // that would be lost
    int (*remove)(int id);
} kinds[] = {
    {"queue", "/proc/sysvipc/msg", MSG_CREATOR, queue_in_use, queue_content,
     remove_queue},
    {"set", "/proc/sysvipc/sem", SEM_CREATOR, set_in_use, set_content,
     remove_set},
    {"segment", "/proc/sysvipc/shm", SHM_CREATOR, segment_in_use,
     segment_content, remove_segment},
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

// Whether it has messages of msg/ftp: DATA that was not received.
static bool has_ftp_messages(int id)
{
    struct ftp_msg first;

    return msgrcv(id, &first, FTP_SIZE_MAX, 0,
                  MSG_COPY | IPC_NOWAIT | MSG_NOERROR) != -1 &&
           first.mtype >= FTP_DATA && first.mtype <= FTP_CALL;
}

// Whether it is ours to remove, if it is not in use.
static bool is_ours(const struct kind *kind, const long column[])
{
    uint32_t key = (uint32_t)column[KEY];
    uint32_t file = key & ((1U << KEY_BITS) - 1);

    if (column[kind->creator] != (long)geteuid())
        return false;
    if (key == IPC_PRIVATE)
        return private_too && kind->remove == remove_queue &&
               has_ftp_messages((int)column[ID]);
    return key >> KEY_BITS == IPC_PROJECT &&
           (all || (wanted[file / 8] >> file % 8 & 1) == 1);
}

static int want(const char *path, const struct stat *about, int type,
                struct FTW *place)
{
    key_t key = ftok(path, IPC_PROJECT);
    uint32_t file = (uint32_t)key & ((1U << KEY_BITS) - 1);

    (void)about;
    (void)type;
    (void)place;
    if (key != -1) // it may have been removed meanwhile
        wanted[file / 8] |= (unsigned char)(1U << file % 8);
    return 0;
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
        if (!parse_line(line, column) || !is_ours(kind, column))
            continue;

        int id = (int)column[ID];
        unsigned key = (unsigned)column[KEY];
        struct reason reason = kind->in_use(column);
        if (reason.text[0] != '\0') {
            printf("left %s %d, key 0x%08x: %s\n", kind->name, id, key,
                   reason.text);
        } else if (kind->remove(id) == 0) {
            printf("removed %s %d, key 0x%08x, with %s\n", kind->name, id, key,
                   kind->content(column).text);
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
    static const char synopsis[] =
        "ipc_clean [--age SECONDS] [--all | FILE...]";
    const struct option options[] = {
        {"age", required_argument, NULL, 'a'},
        {"all", no_argument, NULL, 'A'},
        {0},
    };
    int option;

    opterr = 0;
    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1)
        if (option == 'A')
            all = true;
        else if (option != 'a' || !parse_long(optarg, 0, 86400, &age_s))
            return usage(argc, argv, synopsis);
    if (all && optind < argc)
        return usage(argc, argv, synopsis);
    for (int i = optind; i < argc; i++) {
        if (ftok(argv[i], IPC_PROJECT) == -1)
            err(1, "ftok %s", argv[i]);
        want(argv[i], NULL, 0, NULL);
    }
    private_too = optind == argc;
    if (!all && optind == argc && nftw(".", want, 16, FTW_PHYS) == -1)
        err(1, "nftw");

    bool cleaned = true;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        cleaned = clean(&kinds[i]) && cleaned;
    return cleaned ? 0 : 1;
}
