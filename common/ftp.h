/*
 * common/ftp.h -- one file from a server to a client, over message queues.
 *
 * All users may put something into the server's queue, so nothing in it proves
 * who sent it. The client's queue has no key (IPC_PRIVATE) and mode 0600: what
 * is in it was put there by its own user, or by root. There the request waits.
 *
 *     client                       server                 worker
 *
 *     msgget: a queue of its own
 *     PATH -> into that
 *     CALL -> the server's queue   msgrcv
 *                                  whose queue is that?
 *                                  fork, be that user, exec
 *                                                         msgrcv PATH
 *                                                         open
 *     msgrcv  <------------------------------------------ DATA, DATA, ...
 *     msgrcv  <------------------------------------------ EOT
 *     is it whole? give it its name
 *     DONE -> its queue  -------------------------------> msgrcv
 *     EIDRM   <------------------------------------------ remove the queue
 *
 * ERROR, with the reason, in place of DATA or EOT refuses. An end that gives
 * up, at any time, removes the client's queue, and so wakes the other one.
 *
 * A message, behind the long that is its type: big-endian, nothing in between.
 *
 *            4       2        2
 *         +------+---------+------+
 *   DATA  | kind | version | size | offset 8 | total 8 | bytes ...
 *   EOT   |      |         |      | offset 8 | cksum 4 |
 *   ERROR |      |         |      | reason ...
 *   PATH  |      |         |      | queue 4  | path ...
 *   DONE  |      |         |      |
 *   CALL  |      |         |      | queue 4  |
 *         +------+---------+------+
 *
 *   kind    the type again: "ftp1" for DATA to "ftp6" for CALL
 *   version 1
 *   size    of all of this, so what msgrcv returns: at most 8192
 *   offset  in the file: of the first byte here; in EOT, the length of the file
 *   total   the file's length when it was opened: how far there is to go
 *   cksum   of the whole file, as cksum(1) computes it
 *   reason  text; as path, without a NUL: it ends where the message does
 *   queue   in CALL, the client's; in PATH, that of the server it means
 *
 * What follows what at either end is in msg/ftp/ftp_machine.h; from a message
 * to these bytes and back it is ftp_message.h there.
 */
#ifndef COMMON_FTP_H
#define COMMON_FTP_H

#include <stdint.h>

#define FTP_VERSION 1
#define FTP_SIZE_MAX 8192 // of a message, by default, and half of a queue

// Message types that no other program uses: a CALL that names such a program's
// queue takes nothing out of it. A client receives the first three: -FTP_ERROR.
enum ftp_kind {
    FTP_DATA = 0x66747031,
    FTP_EOT = 0x66747032,
    FTP_ERROR = 0x66747033,
    FTP_PATH = 0x66747034,
    FTP_DONE = 0x66747035,
    FTP_CALL = 0x66747036,
};

struct ftp_head_wire {
    uint32_t kind;
    uint16_t version;
    uint16_t size;
} __attribute__((packed));

struct ftp_data_wire {
    struct ftp_head_wire head;
    uint64_t offset;
    uint64_t total;
    uint8_t bytes[FTP_SIZE_MAX - 24];
} __attribute__((packed));

struct ftp_eot_wire {
    struct ftp_head_wire head;
    uint64_t offset;
    uint32_t cksum;
} __attribute__((packed));

struct ftp_error_wire {
    struct ftp_head_wire head;
    uint8_t reason[FTP_SIZE_MAX - 8];
} __attribute__((packed));

struct ftp_path_wire {
    struct ftp_head_wire head;
    uint32_t queue;
    uint8_t path[FTP_SIZE_MAX - 12];
} __attribute__((packed));

struct ftp_call_wire {
    struct ftp_head_wire head;
    uint32_t queue;
} __attribute__((packed));

struct ftp_msg {
    long mtype; // an ftp_kind
    union {
        struct ftp_head_wire head; // all there is of DONE
        struct ftp_data_wire data;
        struct ftp_eot_wire eot;
        struct ftp_error_wire error;
        struct ftp_path_wire path;
        struct ftp_call_wire call;
    };
};

_Static_assert(sizeof(struct ftp_head_wire) == 8, "padding crept in");
_Static_assert(sizeof(struct ftp_data_wire) == FTP_SIZE_MAX, "or there");
_Static_assert(sizeof(struct ftp_eot_wire) == 20, "or there");
_Static_assert(sizeof(struct ftp_error_wire) == FTP_SIZE_MAX, "or there");
_Static_assert(sizeof(struct ftp_path_wire) == FTP_SIZE_MAX, "or there");
_Static_assert(sizeof(struct ftp_call_wire) == 12, "or there");

#endif
