/*
 * msg/ftp_worker/transfer.h -- one file, from a descriptor into a queue.
 *
 * Each function does one action of ftp_machine.h, and returns the event that
 * comes of it. FTP_LOCAL_ERROR and FTP_PROTOCOL_ERROR leave their reason in
 * outcome.
 */
#ifndef MSG_FTP_WORKER_TRANSFER_H
#define MSG_FTP_WORKER_TRANSFER_H

#include <signal.h>
#include <sys/stat.h>

#include "../../common/cksum.h"
#include "../ftp/ftp_queue.h"

#define TRANSFER_BLOCKS 8 // read by one call

struct transfer {
    long parent; // the server
    long server; // its queue, which PATH must mean
    int queue;   // the client's
    long timeout_s;
    volatile sig_atomic_t has_request; // so its owner did call us
    char path[FTP_SIZE_MAX];
    char outcome[128]; // in words
    int file;
    struct stat opened; // what it was then
    uint64_t sent;
    size_t room;   // for bytes in one message
    size_t unsent; // bytes that have been read
    int next;      // the block that they begin with
    struct cksum sum;
    struct ftp_msg block[TRANSFER_BLOCKS]; // DATA
    struct ftp_msg msg;                    // any other
};

enum ftp_event transfer_receive_path(struct transfer *t);
enum ftp_event transfer_open(struct transfer *t);
enum ftp_event transfer_read(struct transfer *t);
enum ftp_event transfer_send_data(struct transfer *t);
enum ftp_event transfer_send_eot(struct transfer *t);
enum ftp_event transfer_send_error(struct transfer *t);
enum ftp_event transfer_wait_confirm(struct transfer *t);

#endif
