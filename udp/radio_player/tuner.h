/*
 * udp/radio_player/tuner.h -- what to do with each packet of a channel.
 *
 *                    .-- a packet at which no decoder can start: left out
 *                    v
 *               [ waiting ] --- one at which it can: played ---> [ playing ]
 *                    ^                                               |
 *                    '---- a gap, or the decoder's pipe was full ----'
 *
 * Late ones and duplicates are discarded in both states: to go back in a stream
 * is worse than a gap. Pure: a function of what came before and of what comes.
 */
#ifndef UDP_RADIO_PLAYER_TUNER_H
#define UDP_RADIO_PLAYER_TUNER_H

#include <stdbool.h>
#include <stdint.h>

#include "../../common/radio.h"

enum tuner_verdict {
    TUNER_PLAY = 1,
    TUNER_SKIP,
    TUNER_ENDED,
};

struct tuner {
    bool synced;   // next is known
    bool playing;  // the decoder has all up to here since it could start
    uint32_t next; // the number that should come
    unsigned long played, lost, gaps, dropped, late;
};

// What to do with this packet of our channel.
static inline enum tuner_verdict tuner_packet(struct tuner *t,
                                              const struct radio_header *h)
{
    const uint32_t ahead = h->seq - t->next; // the numbers wrap, so does this

    if (t->synced && ahead >= UINT32_C(1) << 31) {
        t->late++;
        return TUNER_SKIP;
    }
    if (t->synced && ahead > 0) {
        t->gaps++;
        t->lost += ahead;
        t->playing = false;
    }
    t->synced = true;
    t->next = h->seq + 1;
    if ((h->flags & RADIO_END) != 0)
        return TUNER_ENDED;
    if (!t->playing && (h->flags & RADIO_START) == 0) {
        t->dropped++;
        return TUNER_SKIP;
    }
    t->playing = true;
    t->played++;
    return TUNER_PLAY;
}

// The decoder's pipe was too full for the packet that was to be played.
static inline void tuner_dropped(struct tuner *t)
{
    t->played--;
    t->dropped++;
    t->playing = false;
}

// The station counts from another number on, as after a restart.
static inline void tuner_resync(struct tuner *t)
{
    t->synced = false;
    t->playing = false;
}

#endif
