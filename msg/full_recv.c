/*
 * msg/full_recv.c -- let a queue fill up, and look at who waits for room.
 *
 * Shows:   A full queue makes its sender wait: seen from outside, in what the
 *          kernel knows about the queue (IPC_STAT) and about the process
 *          (/proc/PID/syscall). Its owner may lower and raise msg_qbytes
 *          (IPC_SET); above msgmnb only with a privilege.
 *
 * Run:     terminal 1 $ build/msg/full_recv README.md
 *          terminal 2 $ build/msg/full_send README.md 15
 *
 * Prints:  ready on README.md: room for 170 bytes instead of <16384>
 *          10 messages are 170 of 170 bytes
 *          process <pid> waits in msgsnd(<arguments>)
 *          lowered to 85 bytes: what is in it stays
 *          raised to 340 bytes
 *          oslo #1 -3.2 C
 *          <...>
 *          oslo #15 -1.8 C
 *          15 of 15 readings arrived
 *          raised to <16385> bytes: <error>
 *
 * Read:    sysvipc(7), ftok(3), msgget(2), msgctl(2), proc(5), msgrcv(2)
 */
#define _GNU_SOURCE // msg_cbytes
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/syscall.h>
#include <time.h>

#include "../common/ending.h"
#include "../common/program.h"
#include "../common/reading.h"

#define TEN_READINGS (10 * sizeof(struct reading_wire))

static int queue = -1;

static void remove_queue(int number)
{
    msgctl(queue, IPC_RMID, NULL);
    end_by(number);
}

// IPC_SET sets owner and permissions as well, to what the struct says: ask for
// them first.
static int make_room_for(msglen_t bytes)
{
    struct msqid_ds about;

    if (msgctl(queue, IPC_STAT, &about) == -1)
        return -1;
    about.msg_qbytes = bytes;
    return msgctl(queue, IPC_SET, &about);
}

static void nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
}

// What a file of /proc says about a process: the first line, if there is one.
static bool ask_proc(pid_t pid, const char *what, char *line, int size)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, what);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    bool said = fgets(line, size, file) != NULL;
    fclose(file);
    return said;
}

// 'S' sleeps, 'R' runs, 'Z' has ended, ... The name that stands before the
// state is in brackets, and may contain anything.
static bool has_state(pid_t pid, char state)
{
    char line[512];
    if (!ask_proc(pid, "stat", line, sizeof line))
        return state == 'Z'; // and its parent knows already
    const char *name_end = strrchr(line, ')');
    return name_end && name_end[1] == ' ' && name_end[2] == state;
}

// The system call that a process is in, and its arguments: "69 0x2a 0x7ff...".
// Where we may not see that (ptrace(2) has the rules), that it sleeps must do.
static bool waits_in_msgsnd(pid_t pid, char *call, size_t size)
{
    char line[512];
    if (!ask_proc(pid, "syscall", line, sizeof line)) {
        snprintf(call, size, "msgsnd, as it seems");
        return has_state(pid, 'S');
    }
    char *argument;
    if (strtol(line, &argument, 10) != SYS_msgsnd)
        return false;
    unsigned long id = strtoul(argument, &argument, 16);
    unsigned long address = strtoul(argument, &argument, 16);
    unsigned long length = strtoul(argument, &argument, 16);
    unsigned long flag = strtoul(argument, &argument, 16);
    snprintf(call, size, "msgsnd(%lu, 0x%lx, %lu, %lu)", id, address, length,
             flag);
    return true;
}

// Until somebody waits for room, or has sent all there is. Nobody tells us when
// that is: look, and look again.
static bool await_sender(struct msqid_ds *about, char *call, size_t size)
{
    do {
        nap();
        if (msgctl(queue, IPC_STAT, about) == -1)
            err(1, "msgctl");
        bool full = about->msg_cbytes + sizeof(struct reading_wire) >
                    about->msg_qbytes; // or it is about something else
        if (full && about->msg_lspid != 0 &&
            waits_in_msgsnd(about->msg_lspid, call, size))
            return true;
    } while (about->msg_lspid == 0 || !has_state(about->msg_lspid, 'Z'));
    return false;
}

int main(int argc, char *argv[])
{
    program_start();
    if (argc != 2 || !parse_flags(argc, argv, NULL))
        return usage(argc, argv, "full_recv FILE");

    key_t key = ftok(argv[1], IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", argv[1]);
    queue = msgget(key, 0);
    if (queue != -1) // a killed receiver's, with who knows what in it
        msgctl(queue, IPC_RMID, NULL);
    before_ending(remove_queue);
    queue = msgget(key, IPC_CREAT | IPC_EXCL | 0600);
    if (queue == -1)
        err(1, "msgget %s", argv[1]);

    struct msqid_ds about;
    if (msgctl(queue, IPC_STAT, &about) == -1)
        err(1, "msgctl");
    msglen_t msgmnb = about.msg_qbytes; // what every queue begins with
    if (make_room_for(TEN_READINGS) == -1)
        err(1, "msgctl");
    printf("ready on %s: room for %zu bytes instead of %lu\n", argv[1],
           TEN_READINGS, msgmnb);

    char call[128];
    if (await_sender(&about, call, sizeof call)) {
        printf("%lu messages are %lu of %lu bytes\n", about.msg_qnum,
               about.msg_cbytes, about.msg_qbytes);
        printf("process %d waits in %s\n", about.msg_lspid, call);
        if (make_room_for(TEN_READINGS / 2) == -1)
            err(1, "msgctl");
        printf("lowered to %zu bytes: what is in it stays\n", TEN_READINGS / 2);
        if (make_room_for(TEN_READINGS * 2) == -1) // wakes the sender
            err(1, "msgctl");
        printf("raised to %zu bytes\n", TEN_READINGS * 2);
    }

    uint32_t arrived = 0;
    bool more;
    do {
        struct reading_msg msg;
        ssize_t n = msgrcv(queue, &msg, sizeof msg.wire + sizeof msg.longer, 0,
                           MSG_NOERROR);
        if (n == -1)
            err(1, "msgrcv");
        more = reading_report(&msg.wire, (size_t)n, &arrived);
    } while (more);

    // That takes CAP_SYS_RESOURCE, which in a container not even root has.
    bool may = make_room_for(msgmnb + 1) == 0;
    printf("raised to %lu bytes: %s\n", msgmnb + 1,
           may ? "we may" : strerror(errno));
    if (msgctl(queue, IPC_RMID, NULL) == -1)
        err(1, "msgctl");
    return 0;
}
