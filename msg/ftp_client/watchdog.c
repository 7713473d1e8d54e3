/*
 * msg/ftp_client/watchdog.c -- a child that cleans up after a killed client.
 *
 * It waits for the end of a socket pair: our end is closed when we end, by
 * ourselves or by a signal that cannot be handled. (A pipe would do for that,
 * but through this one the id comes the other way.)
 */
#define _GNU_SOURCE // O_PATH, O_TMPFILE
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../common/program.h"
#include "../../common/stream.h"
#include "watchdog.h"

static pid_t watchdog;
static int liveness = -1; // our end
static int queue = -1;
static const struct atomic_file *target;

static void remove_all(void)
{
    msgctl(queue, IPC_RMID, NULL);
    atomic_file_discard(target);
}

static _Noreturn void watch(int socket)
{
    char byte;

    setsid(); // ^C and what else is sent to the whole group is not for it
    signal(SIGPIPE, SIG_IGN); // our parent may have ended before it is told
    queue = msgget(IPC_PRIVATE, 0600);
    if (queue == -1)
        warnx("msgget: %s", ipc_strerror(errno));
    else if (write_full(socket, &queue, sizeof queue) == -1)
        warn("write");
    else
        while (read(socket, &byte, 1) == -1 && errno == EINTR)
            ;
    remove_all();
    _exit(0);
}

int watchdog_start(struct atomic_file *file)
{
    int ends[2];

    target = file;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == -1) {
        warn("socketpair");
        return -1;
    }
    watchdog = fork();
    if (watchdog == -1) {
        warn("fork");
        return -1;
    }
    if (watchdog == 0) {
        close(ends[0]);
        watch(ends[1]);
    }
    close(ends[1]);
    liveness = ends[0];
    ssize_t n = read_full(liveness, &queue, sizeof queue);
    if (n == -1)
        warn("read");
    if (n != sizeof queue)
        return -1; // at end of file the watchdog has said why
    return queue;
}

void watchdog_clean_up(void)
{
    int status = 0;

    if (liveness == -1)
        return;
    close(liveness);
    liveness = -1;
    while (waitpid(watchdog, &status, 0) == -1 && errno == EINTR)
        ;
    if (status != 0) // it was killed itself
        remove_all();
}
