/*
 * msg/gone_send.c -- send two readings, then remove the queue.
 *
 * Shows:   Whoever may remove a queue need not wait for anybody: those who wait
 *          in it are woken up with EIDRM, and messages that are still in it are
 *          thrown away. So first see that they were taken, and, as this is
 *          about waiting, that the receiver waits again; for a second at the
 *          most.
 *
 * Run:     start msg/gone_recv.c first; its header has both commands
 *
 * Prints:  removed the queue in which process <pid> waited
 *
 * Read:    sysvipc(7), ftok(3), msgget(2), msgsnd(2), msgctl(2), proc(5)
 */
#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <time.h>

#include "../common/program.h"
#include "../common/reading.h"

// Whether a process sleeps; the name that stands before its state in
// /proc/PID/stat is in brackets, and may contain anything.
static bool sleeps(pid_t pid)
{
    char path[32], line[512] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *stat = fopen(path, "re");
    if (!stat)
        return false;
    size_t length = fread(line, 1, sizeof line - 1, stat);
    fclose(stat);
    line[length] = '\0';
    const char *name_end = strrchr(line, ')');
    return name_end && name_end[1] == ' ' && name_end[2] == 'S';
}

int main(int argc, char *argv[])
{
    program_start();
    if (argc != 2 || !parse_flags(argc, argv, NULL))
        return usage(argc, argv, "gone_send FILE");

    key_t key = ftok(argv[1], IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", argv[1]);
    int queue = msgget(key, 0);
    if (queue == -1)
        err(1, "msgget %s: is the receiver running?", argv[1]);

    for (uint32_t seq = 1; seq <= 2; seq++) {
        struct reading r = reading_sample(seq);
        struct reading_msg msg = {.mtype = r.kind, .wire = reading_encode(&r)};

        if (msgsnd(queue, &msg, sizeof msg.wire, 0) == -1)
            err(1, "msgsnd");
    }

    struct msqid_ds about;
    bool waits = false;
    for (int tries = 0; !waits && tries < 200; tries++) {
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
        if (msgctl(queue, IPC_STAT, &about) == -1)
            err(1, "msgctl");
        waits = about.msg_qnum == 0 && sleeps(about.msg_lrpid);
    }

    if (msgctl(queue, IPC_RMID, NULL) == -1)
        err(1, "msgctl");
    if (!waits)
        errx(1, "removed the queue with %lu messages in it", about.msg_qnum);
    printf("removed the queue in which process %d waited\n", about.msg_lrpid);
    return 0;
}
