/*
 * tcp/stream_player/adapter.h -- a process between a mechanism and a decoder.
 */
#ifndef TCP_STREAM_PLAYER_ADAPTER_H
#define TCP_STREAM_PLAYER_ADAPTER_H

#include "via.h"

// Start the command, and a child of ours that calls pump: it has to write the
// stream into that descriptor, the decoder's standard input, and return at the
// end of the stream or after EPIPE. It gets SIGTERM when the player ends;
// termination signals are blocked, and pump unblocks them when it is prepared.
// False after a line on stderr that says why not.
bool adapter_start(struct player *p, char *command[], void (*pump)(int to));

// Whether both of them still run.
bool adapter_is_alive(const struct player *p);

#endif
