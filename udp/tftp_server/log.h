/*
 * udp/tftp_server/log.h -- one line for each thing that happens: to standard
 * output, to a file, or to the system's log.
 */
#ifndef UDP_TFTP_SERVER_LOG_H
#define UDP_TFTP_SERVER_LOG_H

struct log {
    int file;  // -1: syslog
    int error; // errno of a line that could not be written; 0: none
};

// Write a line. It is one write(2), so those of several processes do not mix.
__attribute__((format(printf, 2, 3))) void log_line(struct log *log,
                                                    const char *format, ...);

#endif
