/*
 * msg/ftp_client/transfer.h -- one file, from a queue into the file system.
 *
 * Each function does one action of ftp_machine.h, and returns the event that
 * comes of it. What FTP_LOCAL_ERROR stands for has been said.
 */
#ifndef MSG_FTP_CLIENT_TRANSFER_H
#define MSG_FTP_CLIENT_TRANSFER_H

#include "../../common/atomic_file.h"
#include "../../common/cksum.h"
#include "../../common/progress.h"
#include "../ftp/ftp_queue.h"

#define TRANSFER_BLOCKS 8 // written by one call

struct transfer {
    const char *from;
    long timeout_s;
    int server; // its queue
    int queue;  // ours
    struct atomic_file target;
    struct progress progress;
    uint64_t received;
    struct cksum sum;
    struct ftp_message m;                    // the last that came
    struct ftp_msg msg[TRANSFER_BLOCKS];     // and its bytes, behind those of
    struct iovec unwritten[TRANSFER_BLOCKS]; // which are still to be written
    int unwritten_count;
};

enum ftp_event transfer_call(struct transfer *t);
enum ftp_event transfer_receive(struct transfer *t);
enum ftp_event transfer_store(struct transfer *t);
enum ftp_event transfer_commit(struct transfer *t);
enum ftp_event transfer_send_done(struct transfer *t);

// Say why there is no file.
void transfer_explain(struct transfer *t, enum ftp_event event);

#endif
