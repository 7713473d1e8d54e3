/*
 * tcp/stream_player/adapter.h -- a process between a mechanism and a decoder.
 */
#ifndef TCP_STREAM_PLAYER_ADAPTER_H
#define TCP_STREAM_PLAYER_ADAPTER_H

#include "via.h"

// Start the command, and a child of ours that calls carry: it has to write the
// stream into that descriptor, the decoder's standard input, and return when
// there is no more, or nobody reads it. It gets SIGTERM when the player ends,
// and has to take that from hold_endings() itself, when it is prepared. False
// after a line on stderr that says why not.
bool adapter_start(struct player *p, char *command[], void (*carry)(int to));

// Whether somebody is still there to take the stream to the decoder.
bool adapter_works(const struct player *p);

#endif
