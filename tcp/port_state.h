/*
 * tcp/port_state.h -- the states of TCP, and which of them a port is in.
 */
#ifndef TCP_PORT_STATE_H
#define TCP_PORT_STATE_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

// In words what TCP_INFO and /proc/net/tcp have as a number.
static inline const char *tcp_state_name(unsigned state)
{
    static const char *const names[] = {
        "?",          "ESTABLISHED", "SYN_SENT",  "SYN_RECV",
        "FIN_WAIT1",  "FIN_WAIT2",   "TIME_WAIT", "CLOSE",
        "CLOSE_WAIT", "LAST_ACK",    "LISTEN",    "CLOSING",
    };

    return names[state < sizeof names / sizeof *names ? state : 0];
}

// Print a line for each connection of that local address and port that the
// kernel knows, those included that belong to no process any more. Returns how
// many. The table is read in pieces while it changes: a line may be missing.
// Source: proc(5), /proc/net/tcp; addresses are words of memory, in hex.
static inline int port_state_print(const struct sockaddr_storage *here)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)here;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)here;
    bool old = here->ss_family == AF_INET;
    unsigned port = ntohs(old ? v4->sin_port : v6->sin6_port);
    char address[33], local[33], line[512];
    unsigned local_port, there, state, word[4] = {0};
    int printed = 0;

    memcpy(word, old ? (const void *)&v4->sin_addr : &v6->sin6_addr,
           old ? 4 : 16);
    snprintf(address, sizeof address, old ? "%08X" : "%08X%08X%08X%08X",
             word[0], word[1], word[2], word[3]);

    FILE *table = fopen(old ? "/proc/net/tcp" : "/proc/net/tcp6", "re");
    while (table && fgets(line, sizeof line, table))
        if (sscanf(line, " %*u: %32[0-9A-F]:%x %*[0-9A-F]:%x %x", local,
                   &local_port, &there, &state) == 4 &&
            local_port == port && strcmp(local, address) == 0) {
            printf("port %u is in %s towards port %u\n", port,
                   tcp_state_name(state), there);
            printed++;
        }
    if (table)
        fclose(table);
    return printed;
}

#endif
