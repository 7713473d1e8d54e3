/*
 * udp/tftp/tftp_io.h -- the interface of a transfer: datagrams, a clock, and
 * the bytes of a file.
 *
 * The two programs have sockets for that (tftp_sockets.h) and files
 * (tftp_source.h, tftp_sink.h). A test can implement the same
 * functions with a simulated network and a simulated clock.
 */
#ifndef UDP_TFTP_TFTP_IO_H
#define UDP_TFTP_TFTP_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct tftp_net {
    // Microseconds, on a clock that never jumps.
    int64_t (*now)(struct tftp_net *net);
    // Send count packets to the peer, which lie size bytes apart; all of them
    // are that long but the last. 0; -1 and errno: nothing listens there.
    int (*send)(struct tftp_net *net, const uint8_t *packets, size_t size,
                unsigned count, size_t last);
    // Read what is there, and wait at most that long if there is nothing. How
    // many datagrams; 0: none; -1 and errno.
    int (*read)(struct tftp_net *net, int64_t wait_us);
    // The next of those datagrams, which the caller may change. False if there
    // is none.
    bool (*next)(struct tftp_net *net, uint8_t **datagram, size_t *n);
    // The last datagram of next() came from the peer: from now on, accept no
    // other address. 0; -1 and errno.
    int (*accept)(struct tftp_net *net);

    bool accepted;   // accept() was called
    bool more;       // there may be more to read at once
    bool one_by_one; // do not send several packets as one
    unsigned batch;  // datagrams to be read at once
};

struct tftp_file {
    // The next room bytes; less only at the end. -1 and errno.
    ssize_t (*read)(struct tftp_file *file, uint8_t *to, size_t room);
    // n bytes more, which may be changed, and must stay until flush. 0; -1 and
    // errno.
    int (*write)(struct tftp_file *file, uint8_t *bytes, size_t n);
    int (*flush)(struct tftp_file *file);
};

#endif
