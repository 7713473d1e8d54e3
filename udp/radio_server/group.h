/*
 * udp/radio_server/group.h -- a socket that sends to a multicast group, as
 *                             udp/multicast_send.c shows it.
 */
#ifndef UDP_RADIO_SERVER_GROUP_H
#define UDP_RADIO_SERVER_GROUP_H

// Connected to the group, by that interface; ends with an error if that does
// not work.
int group_open(const char *group, const char *port, const char *interface,
               int ttl);

#endif
