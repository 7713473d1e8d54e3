/*
 * msg/full_recv.c -- let a queue fill up, and look at its waiting sender.
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
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <time.h>

#include "../common/program.h"
#include "full_sender.h"

#define TEN_READINGS (10 * sizeof(struct reading_wire))

static int queue = -1;

// IPC_SET sets owner and permissions as well, to what the struct says: ask for
// them first. Returns what msg_qbytes was; 0 and errno.
static msglen_t set_qbytes(msglen_t bytes)
{
    struct msqid_ds about;

    if (msgctl(queue, IPC_STAT, &about) == -1)
        return 0;
    msglen_t before = about.msg_qbytes;
    about.msg_qbytes = bytes;
    return msgctl(queue, IPC_SET, &about) == 0 ? before : 0;
}

// Wait until the queue is full and its sender waits for room, or has ended. No
// call waits for that: look, and look again.
static bool await_full(void)
{
    struct msqid_ds about;
    char call[128];
    bool full;

    do {
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
        if (msgctl(queue, IPC_STAT, &about) == -1)
            err(1, "msgctl");
        if (about.msg_lspid != 0 && proc_state(about.msg_lspid) == 'Z')
            return false;
        full = about.msg_cbytes + sizeof(struct reading_wire) > // one more
               about.msg_qbytes;
    } while (!full || !waits_in_msgsnd(about.msg_lspid, call, sizeof call));

    printf("%lu messages are %lu of %lu bytes\n", about.msg_qnum,
           about.msg_cbytes, about.msg_qbytes);
    printf("process %d waits in %s\n", about.msg_lspid, call);
    return true;
}

static void receive_all(void)
{
    struct reading_msg msg;
    uint32_t arrived = 0;
    int flags = MSG_NOERROR;
    bool more = true;

    set_alarm(1);
    while (more) {
        ssize_t n = msgrcv(queue, &msg, READING_MSG_SIZE, 0, flags);
        if (n == -1 && errno == EINTR)
            flags |= sender_has_ended(queue) ? IPC_NOWAIT : 0;
        else if (n == -1)
            err(1, flags & IPC_NOWAIT ? "the sender has ended" : "msgrcv");
        else
            more = reading_report(&msg.wire, (size_t)n, &arrived);
    }
}

int main(int argc, char *argv[])
{
    program_start();
    if (argc != 2 || !parse_flags(argc, argv, NULL))
        return usage(argc, argv, "full_recv FILE");

    // Not one that is there already: it may be full of something else.
    key_t key = ftok(argv[1], IPC_PROJECT);
    if (key == -1)
        err(1, "ftok %s", argv[1]);
    int old = msgget(key, 0);
    if (old != -1 && queue_is_own(old))
        msgctl(old, IPC_RMID, NULL);
    block_termination();
    queue = msgget(key, IPC_CREAT | IPC_EXCL | 0600);
    if (queue == -1)
        errx(1, "msgget %s: %s", argv[1], ipc_strerror(errno));
    queue_remove_at_end(queue);

    msglen_t msgmnb = set_qbytes(TEN_READINGS); // a new queue has msgmnb bytes
    if (msgmnb == 0)
        err(1, "msgctl");
    program_ready("ready on %s: room for %zu bytes instead of %lu\n", argv[1],
                  TEN_READINGS, msgmnb);
    if (await_full()) {
        if (set_qbytes(TEN_READINGS / 2) == 0)
            err(1, "msgctl");
        printf("lowered to %zu bytes: what is in it stays\n", TEN_READINGS / 2);
        if (set_qbytes(TEN_READINGS * 2) == 0) // wakes the sender
            err(1, "msgctl");
        printf("raised to %zu bytes\n", TEN_READINGS * 2);
    }
    receive_all();

    // That takes CAP_SYS_RESOURCE, which in a container not even root has.
    bool allowed = set_qbytes(msgmnb + 1) != 0;
    printf("raised to %lu bytes: %s\n", msgmnb + 1,
           allowed ? "allowed" : strerror(errno));
    if (msgctl(queue, IPC_RMID, NULL) == -1)
        err(1, "msgctl");
    return 0;
}
