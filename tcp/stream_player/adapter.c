/*
 * tcp/stream_player/adapter.c -- a process between a mechanism and a decoder.
 *
 * It is the only one to write into the decoder's pipe. If it is killed, the
 * decoder sees the end of file.
 *
 * Read:    fork(2), setsid(2), pidfd_open(2)
 */
#define _GNU_SOURCE // pipe2
#include "adapter.h"

#include <err.h>

#include "../../common/compat.h"
#include "../../common/termination.h"

// The player's handlers are for the player. What the user ignores, as by
// nohup(1), stays ignored; but SIGTERM will say that the player has ended.
static void reset_handlers(void)
{
    struct sigaction action;

    signal(SIGTERM, SIG_DFL);
    if (sigaction(SIGINT, NULL, &action) == 0 && action.sa_handler != SIG_IGN)
        signal(SIGINT, SIG_DFL);
    if (sigaction(SIGHUP, NULL, &action) == 0 && action.sa_handler != SIG_IGN)
        signal(SIGHUP, SIG_DFL);
}

bool adapter_start(struct player *p, char *command[], void (*pump)(int to))
{
    pid_t player = getpid();

    int to = decoder_start_piped(&p->decoder, command);
    if (to == -1) {
        warn("%s", command[0]);
        return false;
    }

    block_termination();
    p->adapter.process = fork();
    if (p->adapter.process == 0) {
        close(p->connection); // the server is to see that the player ends
        setsid(); // ^C, and a kill of the whole group, are not for it
        reset_handlers();
        set_pdeathsig(player, SIGTERM);
        pump(to);
        _exit(0);
    }
    if (p->adapter.process > 0)
        p->adapter.ended = pidfd_open(p->adapter.process, 0);
    else
        warn("fork");
    unblock_termination();
    close(to);
    return p->adapter.process > 0;
}

bool adapter_is_alive(const struct player *p)
{
    return !decoder_ended(&p->adapter, 0) && !decoder_ended(&p->decoder, 0);
}
