/*
 * udp/radio_player/group.h -- a socket that receives from a multicast group, as
 *                             udp/multicast_recv.c shows it.
 */
#ifndef UDP_RADIO_PLAYER_GROUP_H
#define UDP_RADIO_PLAYER_GROUP_H

// A member of the group on that interface, which never blocks; ends with an
// error if that does not work.
int group_join(const char *group, const char *port, const char *interface);

#endif
