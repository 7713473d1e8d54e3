/*
 * msg/ftp_server/server_queue.c -- the queue in which clients call.
 */
#define _GNU_SOURCE // MSG_STAT_ANY
#include <err.h>
#include <limits.h>
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <unistd.h>

#include "../../common/program.h"
#include "client_queue.h"
#include "server_queue.h"

int server_queue = -1;

// Whether that process is a server. A zombie has no such link any more.
static bool is_server(pid_t pid)
{
    char link[32];
    char path[PATH_MAX] = "";

    snprintf(link, sizeof link, "/proc/%d/exe", (int)pid);
    return pid > 0 && pid != getpid() &&
           readlink(link, path, sizeof path - 1) > 0 &&
           strstr(path, "/ftp_server");
}

// The key has a queue: a killed server's, with calls in it, or that of another
// user who knows the file as well as we do.
static bool may_take_over(int id, struct msqid_ds *about, const char *file)
{
    if (client_queue_stat(id, about) == -1) {
        warn("the queue of %s", file);
        return false;
    }
    if (about->msg_perm.cuid != geteuid() || about->msg_perm.uid != geteuid()) {
        warnx("the queue of %s belongs to user %d: ipcrm -q %d", file,
              (int)about->msg_perm.cuid, id);
        return false;
    }
    // The last to receive: others are not allowed to, so it was a server.
    if (is_server(about->msg_lrpid)) {
        warnx("process %d serves %s already", (int)about->msg_lrpid, file);
        return false;
    }
    return true;
}

bool server_queue_open(const char *file)
{
    // All users may call root, but none may see who else calls.
    const int mode = geteuid() == 0 ? 0622 : 0600;
    struct msqid_ds about;

    key_t key = ftok(file, IPC_PROJECT);
    int id = key == -1 ? -1 : msgget(key, IPC_CREAT | IPC_EXCL | mode);
    if (id == -1 && key != -1 && errno == EEXIST) {
        id = msgget(key, 0);
        if (id != -1 && !may_take_over(id, &about, file))
            return false;
        about.msg_perm.mode = (unsigned short)mode;
        if (id != -1 && msgctl(id, IPC_SET, &about) == -1)
            id = -1;
    }
    if (id == -1) {
        warnx("%s: %s", file, ipc_strerror(errno));
        return false;
    }

    // Receive something, so that the queue knows us as its last receiver.
    long wake;
    server_queue = id;
    server_queue_wake();
    msgrcv(server_queue, &wake, 0, WAKE_TYPE, IPC_NOWAIT | MSG_NOERROR);
    return true;
}

void server_queue_wake(void)
{
    const long wake = WAKE_TYPE;

    msgsnd(server_queue, &wake, 0, IPC_NOWAIT);
}
