/*
 * tcp/stream_player/adapter.c -- a process between a mechanism and a decoder.
 *
 * It is the only one to write into the decoder's pipe. If it is killed, the
 * decoder sees the end of file.
 *
 * Read:    fork(2), setsid(2), prctl(2), pidfd_open(2)
 */
#define _GNU_SOURCE // pipe2
#include "adapter.h"

#include <err.h>

#include "../../common/compat.h"
#include "../../common/ending.h"

bool adapter_start(struct player *p, char *command[], void (*carry)(int to))
{
    pid_t player = getpid();

    int to = decoder_start_piped(&p->decoder, command);
    if (to == -1) {
        warn("%s", command[0]);
        return false;
    }

    hold_endings(SIG_BLOCK);
    p->adapter.process = fork();
    if (p->adapter.process == 0) {
        close(p->connection); // the server is to see that the player ends
        setsid(); // ^C, and a kill of the whole group, are not for it
        signal(SIGTERM, SIG_DFL); // the player's handlers are the player's
        signal(SIGINT, SIG_DFL);
        signal(SIGHUP, SIG_DFL);
        end_with(player, SIGTERM);
        carry(to);
        _exit(0);
    }
    if (p->adapter.process > 0)
        p->adapter.ended = pidfd_open(p->adapter.process, 0);
    else
        warn("fork");
    hold_endings(SIG_UNBLOCK);
    close(to);
    return p->adapter.process > 0;
}

bool adapter_works(const struct player *p)
{
    return !decoder_ended(&p->adapter, 0) && !decoder_ended(&p->decoder, 0);
}
