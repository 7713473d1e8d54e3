/*
 * common/trace/payload.h -- what was sent, in words: the protocols of common/.
 */
#ifndef COMMON_TRACE_PAYLOAD_H
#define COMMON_TRACE_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Of a payload of size bytes, of which the first `have` are known: "oslo #1",
// "DATA 3, 512 bytes", or the text that it begins with. datagram: it may be a
// packet of TFTP, which nothing but its port would otherwise tell.
void payload_words(const uint8_t *bytes, size_t have, size_t size,
                   bool datagram, char *words, size_t room);

#endif
