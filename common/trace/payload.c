/*
 * common/trace/payload.c -- the protocols of common/, dissected: see payload.h.
 */
#define _GNU_SOURCE // be64toh
#include <endian.h>
#include <stdio.h>
#include <string.h>

#include "../ftp.h"
#include "../radio.h"
#include "../reading.h"
#include "../tftp.h"
#include "payload.h"

static bool reading_at(const uint8_t *bytes, struct reading *reading)
{
    struct reading_wire wire;

    memcpy(&wire, bytes, sizeof wire);
    return reading_decode(reading, &wire, sizeof wire);
}

// One reading, or as many as fill the payload.
static bool reading_words(const uint8_t *bytes, size_t have, size_t size,
                          char *words, size_t room)
{
    const size_t each = sizeof(struct reading_wire);
    struct reading first;
    struct reading last;

    if (size == 0 || size % each != 0 || have < each ||
        !reading_at(bytes, &first))
        return false;
    if (size == each && first.kind == READING_END)
        snprintf(words, room, "END of %u", (unsigned)first.seq);
    else if (size == each)
        snprintf(words, room, "%s #%u", first.station, (unsigned)first.seq);
    else if (have >= size && reading_at(bytes + size - each, &last))
        snprintf(words, room, "%s #%u to %s#%u", first.station,
                 (unsigned)first.seq, last.kind == READING_END ? "END of " : "",
                 (unsigned)last.seq);
    else
        snprintf(words, room, "%zu readings, from %s #%u", size / each,
                 first.station, (unsigned)first.seq);
    return true;
}

// The beginning, if it is text; a new line is no part of it.
static bool text_words(const uint8_t *bytes, size_t have, char *words,
                       size_t room)
{
    size_t n = 0;

    if (room == 0)
        return false;
    while (n < have && n < room - 1 && bytes[n] != '\n' && bytes[n] != '\r' &&
           bytes[n] != '\0')
        n++;
    for (size_t i = 0; i < n; i++)
        if (bytes[i] < ' ' || bytes[i] >= 0x7f)
            return false;
    // A number may begin like that.
    if (n < have && bytes[n] == '\0' && n < sizeof(uint32_t))
        return false;
    for (size_t i = n; i < have && bytes[n] == '\0'; i++)
        if (bytes[i] != '\0')
            return false;
    snprintf(words, room, "%.*s", (int)n, (const char *)bytes);
    return n > 0;
}

// A reading with a remark behind it; in a stream, with its length before it.
static bool remark_words(const uint8_t *bytes, size_t have, size_t size,
                         char *words, size_t room)
{
    const size_t each = sizeof(struct reading_wire);
    struct reading reading;

    if (have >= 2 && (size_t)(bytes[0] << 8 | bytes[1]) == size - 2) {
        bytes += 2;
        have -= 2;
    }
    if (have <= each || !reading_at(bytes, &reading) ||
        reading.kind != READING_DATA)
        return false;
    const int length = snprintf(words, room, "%s #%u, ", reading.station,
                                (unsigned)reading.seq);
    return length > 0 && (size_t)length < room &&
           text_words(bytes + each, have - each, words + length,
                      room - (size_t)length);
}

// What udp/stopwait answers: which reading, or END, has been received.
static bool ack_words(const uint8_t *bytes, size_t have, size_t size,
                      char *words, size_t room)
{
    uint32_t seq;

    if (size != 5 || have < size || bytes[0] < READING_DATA ||
        bytes[0] > READING_END)
        return false;
    memcpy(&seq, bytes + 1, sizeof seq);
    snprintf(words, room, "ACK %s#%u", bytes[0] == READING_END ? "END " : "",
             (unsigned)ntohl(seq));
    return true;
}

static bool ftp_words(const uint8_t *bytes, size_t have, size_t size,
                      char *words, size_t room)
{
    struct ftp_head_wire head;

    if (have < sizeof head)
        return false;
    memcpy(&head, bytes, sizeof head);
    const uint32_t kind = ntohl(head.kind);
    if (kind < FTP_DATA || kind > FTP_CALL ||
        ntohs(head.version) != FTP_VERSION || ntohs(head.size) != size)
        return false;
    const uint8_t *rest = bytes + sizeof head;
    const int length = (int)(have - sizeof head);
    uint64_t offset = 0;
    if (length >= 8)
        memcpy(&offset, rest, sizeof offset);
    if (kind == FTP_DATA)
        snprintf(words, room, "DATA at %llu",
                 (unsigned long long)be64toh(offset));
    else if (kind == FTP_EOT)
        snprintf(words, room, "EOT, %llu bytes in all",
                 (unsigned long long)be64toh(offset));
    else if (kind == FTP_ERROR)
        snprintf(words, room, "ERROR %.*s", length, (const char *)rest);
    else if (kind == FTP_PATH && length > 4)
        snprintf(words, room, "PATH %.*s", length - 4, (const char *)rest + 4);
    else
        snprintf(words, room, "%s", kind == FTP_DONE ? "DONE" : "CALL");
    return true;
}

static bool radio_words(const uint8_t *bytes, size_t have, size_t size,
                        char *words, size_t room)
{
    struct radio_wire wire = {0};
    struct radio_header header;

    memcpy(&wire, bytes, have < sizeof wire ? have : sizeof wire);
    if (have < RADIO_HEADER || !radio_decode(&wire, size, &header))
        return false;
    snprintf(words, room, "%s %u, packet %u%s%s",
             header.channel == RADIO_LIST ? "list" : "channel", header.channel,
             (unsigned)header.seq, header.flags & RADIO_START ? ", START" : "",
             header.flags & RADIO_END ? ", END" : "");
    return true;
}

static bool tftp_words(const uint8_t *bytes, size_t have, size_t size,
                       char *words, size_t room)
{
    static const char *const names[] = {"",    "RRQ",   "WRQ", "DATA",
                                        "ACK", "ERROR", "OACK"};
    struct tftp_packet packet;

    // Without its end a request would be none: it is the path that counts.
    if (have < TFTP_HEADER || bytes[0] != 0 || bytes[1] < TFTP_RRQ ||
        bytes[1] > TFTP_OACK)
        return false;
    if (bytes[1] == TFTP_RRQ || bytes[1] == TFTP_WRQ)
        snprintf(words, room, "%s %.*s", names[bytes[1]], (int)have - 2,
                 (const char *)bytes + 2);
    else if (!tftp_decode(&packet, bytes, have))
        return false;
    else if (packet.opcode == TFTP_OACK)
        snprintf(words, room, "OACK %s", (const char *)bytes + 2);
    else if (packet.opcode == TFTP_ERROR)
        snprintf(words, room, "ERROR %u %.*s", packet.block, (int)packet.count,
                 (const char *)packet.bytes);
    else
        snprintf(words, room, "%s %u", names[packet.opcode], packet.block);
    (void)size;
    return true;
}

void payload_words(const uint8_t *bytes, size_t have, size_t size,
                   bool datagram, char *words, size_t room)
{
    if (reading_words(bytes, have, size, words, room) ||
        ftp_words(bytes, have, size, words, room) ||
        radio_words(bytes, have, size, words, room) ||
        remark_words(bytes, have, size, words, room) ||
        (datagram && ack_words(bytes, have, size, words, room)) ||
        (datagram && tftp_words(bytes, have, size, words, room)) ||
        text_words(bytes, have, words, room))
        return;
    words[0] = '\0';
}
