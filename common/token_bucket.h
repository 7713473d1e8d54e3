/*
 * common/token_bucket.h -- a token bucket: send at a given pace, and no faster.
 *
 *      | | |   one token in per nanosecond
 *      v v v
 *     |     |  what does not fit is lost: a sender that is late
 *     |~~~~~|  may catch up as much as the bucket holds, and
 *     |:::::|  no more
 *     +--v--+
 *        |     a packet takes as many out as its duration; if
 *        v     there are not enough, it waits
 *
 * In most books a token is a byte, and the bucket is filled at the bit rate.
 * That is for one rate. Here every packet may have its own: it costs its
 * duration, which is its bits divided by its bit rate.
 *
 * Pure: the caller has the clock. All times are in nanoseconds.
 */
#ifndef COMMON_TOKEN_BUCKET_H
#define COMMON_TOKEN_BUCKET_H

#include <stdint.h>

struct bucket {
    int64_t depth;  // what it holds
    int64_t level;  // what is in it: below 0 it is owed something
    int64_t filled; // when that was
};

// A full one.
static inline struct bucket bucket_start(int64_t now, int64_t depth)
{
    return (struct bucket){.depth = depth, .level = depth, .filled = now};
}

// Take that many tokens. Returns 0 if they were there; otherwise none is taken,
// and the result says how long to wait for them. For more than the bucket can
// ever hold a full one will do; it is then owed the rest.
static inline int64_t bucket_take(struct bucket *b, int64_t now, int64_t tokens)
{
    const int64_t wanted = tokens < b->depth ? tokens : b->depth;
    const int64_t passed = now - b->filled;

    if (passed > 0) {
        const int64_t room = b->depth - b->level;
        b->level += passed < room ? passed : room;
        b->filled = now;
    }
    if (b->level < wanted)
        return wanted - b->level;
    b->level -= tokens;
    return 0;
}

#endif
