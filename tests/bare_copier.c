/*
 * tests/bare_copier.c -- copy a file through a message queue, and do no more
 * than that: read, msgsnd, msgrcv, write. What msg/ftp is measured by.
 *
 *     cc -O2 -o bare_copier tests/bare_copier.c && bare_copier FROM TO
 */
#include <err.h>
#include <fcntl.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
    long mtype;       // cppcheck-suppress unusedStructMember
    char bytes[8192]; // as many as a message may have
} msg = {.mtype = 1};

int main(int argc, char *argv[])
{
    ssize_t n;
    if (argc != 3)
        errx(2, "usage: bare_copier FROM TO");
    int queue = msgget(IPC_PRIVATE, 0600);
    int from = open(argv[1], O_RDONLY);
    int to = open(argv[2], O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (queue == -1 || from == -1 || to == -1)
        err(1, "%s or %s", argv[1], argv[2]);

    pid_t child = fork();
    if (child == -1)
        err(1, "fork");
    if (child == 0) {
        do { // the last message is an empty one
            n = read(from, msg.bytes, sizeof msg.bytes);
            if (n == -1 || msgsnd(queue, &msg, (size_t)n, 0) == -1)
                _exit(1);
        } while (n > 0);
        _exit(0);
    }
    while ((n = msgrcv(queue, &msg, sizeof msg.bytes, 0, 0)) > 0)
        if (write(to, msg.bytes, (size_t)n) != n)
            break;
    waitpid(child, NULL, 0);
    msgctl(queue, IPC_RMID, NULL);
    return n == 0 ? 0 : 1;
}
