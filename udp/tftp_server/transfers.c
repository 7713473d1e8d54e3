/*
 * udp/tftp_server/transfers.c -- see transfers.h.
 */
#define _GNU_SOURCE // recvmmsg
#include "transfers.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "../tftp/tftp_sockets.h"

int transfers_start(struct transfers *all)
{
    *all = (struct transfers){0};
    all->validation =
        mmap(NULL, TRANSFERS_MAX * sizeof *all->validation,
             PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return all->validation == MAP_FAILED ? -1 : 0;
}

static bool transfers_validated(const struct transfers *all, int i)
{
    return atomic_load(&all->validation[i].done);
}

int transfers_reap(struct transfers *all)
{
    int busy = 0;

    for (int i = 0; i < TRANSFERS_MAX; i++) {
        struct transfer *t = &all->at[i];
        int outcome = 0;
        if (t->pid != 0 && waitpid(t->pid, &outcome, WNOHANG) != 0)
            t->pid = 0;
        if (WIFEXITED(outcome) && WEXITSTATUS(outcome) > 1)
            all->log_error = WEXITSTATUS(outcome);
        busy += t->pid != 0;
    }
    return busy;
}

static void transfers_kill(struct transfers *all, int i)
{
    kill(all->at[i].pid, SIGKILL);
    while (waitpid(all->at[i].pid, NULL, 0) == -1 && errno == EINTR)
        ;
    all->at[i].pid = 0;
}

void transfers_end(struct transfers *all)
{
    for (int i = 0; i < TRANSFERS_MAX; i++)
        if (all->at[i].pid != 0)
            transfers_kill(all, i);
}

bool transfers_repeated(struct transfers *all,
                        const struct sockaddr_storage *from, uint32_t request,
                        size_t n)
{
    for (int i = 0; i < TRANSFERS_MAX; i++) {
        if (all->at[i].pid == 0 || !address_same(&all->at[i].from, from) ||
            transfers_validated(all, i))
            continue;
        if (all->at[i].request != request) {
            transfers_kill(all, i);
            continue;
        }
        atomic_fetch_add(&all->validation[i].bytes, (unsigned)n);
        atomic_fetch_add(&all->validation[i].requests, 1);
        return true;
    }
    return false;
}

bool transfers_may_begin(const struct transfers *all,
                         const struct sockaddr_storage *from, bool plain)
{
    int count = 0;

    for (int i = 0; i < TRANSFERS_MAX; i++)
        count += all->at[i].pid != 0 && all->at[i].plain &&
                 !transfers_validated(all, i) &&
                 tftp_sockets_same_host(&all->at[i].from, from);
    return !plain || count < PLAIN_MAX;
}

int transfers_slot(struct transfers *all)
{
    int oldest = -1;

    for (int i = 0; i < TRANSFERS_MAX; i++) {
        if (all->at[i].pid == 0)
            return i;
        if (!transfers_validated(all, i) &&
            (oldest == -1 || all->at[i].since < all->at[oldest].since))
            oldest = i;
    }
    if (oldest != -1)
        transfers_kill(all, oldest);
    return oldest;
}
