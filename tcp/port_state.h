/*
 * tcp/port_state.h -- the states of TCP, which one a connection is in, and an
 * end to TIME_WAIT.
 */
#ifndef TCP_PORT_STATE_H
#define TCP_PORT_STATE_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// In words what TCP_INFO and /proc/net/tcp have as a number. Source: RFC 9293,
// section 3.3.2, and the kernel's tcp_states.h for the order.
static inline const char *tcp_state_name(unsigned state)
{
    static const char *const names[] = {
        "?",          "ESTABLISHED", "SYN_SENT",  "SYN_RECV",
        "FIN_WAIT1",  "FIN_WAIT2",   "TIME_WAIT", "CLOSE",
        "CLOSE_WAIT", "LAST_ACK",    "LISTEN",    "CLOSING",
    };

    return names[state < sizeof names / sizeof *names ? state : 0];
}

static inline unsigned port_of(const struct sockaddr_storage *address)
{
    // NOLINTNEXTLINE(clang-analyzer-core.*): getsockname has filled it
    return ntohs(address->ss_family == AF_INET
                     ? ((const struct sockaddr_in *)address)->sin_port
                     : ((const struct sockaddr_in6 *)address)->sin6_port);
}

// The state of the connection between these two, as the kernel of `here` has
// it, also when it belongs to no process any more; 0 if there is none. Source:
// proc(5), /proc/net/tcp; addresses are words of memory, in hex.
static inline unsigned tcp_state_find(const struct sockaddr_storage *here,
                                      const struct sockaddr_storage *there)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)here;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)here;
    bool is_v4 = here->ss_family == AF_INET;
    char wanted[33], local[33], line[512];
    unsigned port, peer_port, state, found = 0, word[4] = {0};

    memcpy(word, is_v4 ? (const void *)&v4->sin_addr : &v6->sin6_addr,
           is_v4 ? 4 : 16);
    snprintf(wanted, sizeof wanted, is_v4 ? "%08X" : "%08X%08X%08X%08X",
             word[0], word[1], word[2], word[3]);

    // The table is read in pieces while it changes: a line may be missed, so
    // it is read again.
    for (int tries = 0; tries < 5 && found == 0; tries++) {
        FILE *table = fopen(is_v4 ? "/proc/net/tcp" : "/proc/net/tcp6", "re");
        while (table && fgets(line, sizeof line, table))
            if (sscanf(line, " %*u: %32[0-9A-F]:%x %*[0-9A-F]:%x %x", local,
                       &port, &peer_port, &state) == 4 &&
                port == port_of(here) && peer_port == port_of(there) &&
                strcmp(local, wanted) == 0)
                found = state;
        if (table)
            fclose(table);
    }
    return found;
}

// End the TIME_WAIT of a connection to a client on this host: from its old port
// a SYN goes to ours. TIME_WAIT answers with an ACK that the new connection
// does not expect, so it sends a reset: RFC 1337, time-wait assassination.
static inline void tcp_end_time_wait(const struct sockaddr_storage *here,
                                     const struct sockaddr_storage *there)
{
    for (int tries = 0; tries < 20 && tcp_state_find(here, there); tries++) {
        int again = socket(there->ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
        if (bind(again, (const struct sockaddr *)there, sizeof *there) == 0 &&
            connect(again, (const struct sockaddr *)here, sizeof *here) == 0)
            tries = 20; // a socket listens there already
        close(again);
        poll(NULL, 0, tries); // the client may still be closing
    }
}

#endif
