/*
 * udp/tftp/tftp_crc.h -- the option `crc`: four bytes behind a packet that say
 * whether it is the one that was sent.
 *
 * UDP's checksum is a sum: words that change places, or one that grows by what
 * another one shrinks, leave it as it was. And a block number has 16 bits: at
 * 300 MB/s a datagram that is a third of a second late looks like a new one.
 * So, where both ends know the option, the CRC of cksum.h follows, over the
 * number of the block in 64 bits, and then the packet:
 *
 *     | 3 | block | bytes ... | CRC 4 |
 *
 * A packet whose CRC is wrong is dropped, as the kernel does with a wrong UDP
 * checksum: corruption becomes loss, and what is lost is sent again.
 *
 * A request and an OACK come before there is an agreement: there the CRC is the
 * value of the last option, over all that stands before its name.
 */
#ifndef UDP_TFTP_TFTP_CRC_H
#define UDP_TFTP_TFTP_CRC_H

#include <stdbool.h>

#include "../../common/cksum.h"

#define TFTP_CRC 4 // bytes

// The CRC of n bytes, with that block number before them. *sum has been through
// cksum_start(): making its tables takes longer than this.
static inline uint32_t tftp_crc(struct cksum *sum, int64_t block,
                                const uint8_t *packet, size_t n)
{
    uint8_t number[8];

    for (int i = 0; i < 8; i++)
        number[i] = (uint8_t)((uint64_t)block >> (56 - 8 * i));
    sum->crc = 0;
    sum->length = 0;
    cksum_add(sum, number, sizeof number);
    cksum_add(sum, packet, n);
    return cksum_end(sum);
}

// Append it to the packet of n bytes. Returns how many they are now.
static inline size_t tftp_crc_append(struct cksum *sum, int64_t block,
                                     uint8_t *packet, size_t n)
{
    uint32_t crc = tftp_crc(sum, block, packet, n);

    for (int i = 0; i < TFTP_CRC; i++)
        packet[n + (size_t)i] = (uint8_t)(crc >> (24 - 8 * i));
    return n + TFTP_CRC;
}

// Whether the packet of n bytes, the CRC among them, is what was sent.
static inline bool tftp_crc_ok(struct cksum *sum, int64_t block,
                               const uint8_t *packet, size_t n)
{
    uint32_t crc = 0;

    if (n < TFTP_CRC)
        return false;
    for (size_t i = n - TFTP_CRC; i < n; i++)
        crc = crc << 8 | packet[i];
    return crc == tftp_crc(sum, block, packet, n - TFTP_CRC);
}

#endif
