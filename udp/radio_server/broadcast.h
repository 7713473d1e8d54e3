/*
 * udp/radio_server/broadcast.h -- send all channels, each at its own pace.
 */
#ifndef UDP_RADIO_SERVER_BROADCAST_H
#define UDP_RADIO_SERVER_BROADCAST_H

#include <signal.h>

#include "channel.h"
#include "settings.h"

// Send by sock until all channels have ended, or until *stop is set.
void broadcast(int sock, struct channels *all, const struct settings *settings,
               const volatile sig_atomic_t *stop);

#endif
