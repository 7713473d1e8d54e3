/*
 * tcp/httpd/body.c -- where in the stream of bytes the body of a request is.
 *
 * Shows:   A state machine that can stop after any byte and go on with the
 *          next: it does not matter how TCP has cut the stream. A chunked body
 *          is "5\r\nhello\r\n0\r\n\r\n": sizes in hexadecimal, 0 ends it.
 *
 * Read:    RFC 9112, sections 6 and 7.1
 */
#include "body.h"

#define EXTRA_MAX_BYTES 4096
#define CHUNK_MAX_BYTES (1ULL << 40) // far from where the number wraps around

struct body body_of(const struct request *r)
{
    if (r->chunked)
        return (struct body){.state = BODY_SIZE};
    return (struct body){
        .state = r->body_length > 0 ? BODY_SIZED : BODY_DONE,
        .left = r->body_length,
    };
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_plain(char c)
{
    return (unsigned char)c >= ' ' || c == '\t';
}

static bool is_token_byte(char c)
{
    return is_token((struct text){&c, 1});
}

// What follows a byte of a value behind "name=".
static enum body_state after_value(enum body_state state, char c)
{
    if (state == BODY_EXTENSION_ESCAPE)
        return is_plain(c) ? BODY_EXTENSION_QUOTED : BODY_BAD;
    if (state == BODY_EXTENSION_VALUE) {
        if (c == '"')
            return BODY_EXTENSION_QUOTED;
        if (is_token_byte(c))
            return BODY_EXTENSION_TOKEN;
        return is_space(c) ? state : BODY_BAD;
    }
    if (c == '"')
        return BODY_EXTENSION_END;
    if (c == '\\')
        return BODY_EXTENSION_ESCAPE;
    return is_plain(c) ? state : BODY_BAD;
}

// What follows a byte behind ";name" or ";name=value", or within their words.
static enum body_state after_word(enum body_state state, char c)
{
    bool has_no_value =
        state == BODY_EXTENSION_NAME || state == BODY_EXTENSION_EQUALS;
    bool in_word =
        state == BODY_EXTENSION_NAME || state == BODY_EXTENSION_TOKEN;

    if (c == '\r')
        return BODY_SIZE_FEED;
    if (c == ';')
        return BODY_EXTENSION;
    if (c == '=' && has_no_value)
        return BODY_EXTENSION_VALUE;
    if (in_word && is_token_byte(c))
        return state;
    if (!is_space(c))
        return BODY_BAD;
    return has_no_value ? BODY_EXTENSION_EQUALS : BODY_EXTENSION_END;
}

static enum body_state after_extension(enum body_state state, char c)
{
    switch (state) {
    case BODY_EXTENSION:
        if (is_token_byte(c))
            return BODY_EXTENSION_NAME;
        return is_space(c) ? state : BODY_BAD;
    case BODY_EXTENSION_VALUE:
    case BODY_EXTENSION_QUOTED:
    case BODY_EXTENSION_ESCAPE:
        return after_value(state, c);
    default:
        return after_word(state, c);
    }
}

static bool in_extension(enum body_state state)
{
    return state >= BODY_EXTENSION && state <= BODY_EXTENSION_END;
}

// What follows a byte of a chunk's size, or of the spaces behind it.
static enum body_state after_size(struct body *b, char c)
{
    if (b->state != BODY_SPACE && hex_value(c) != -1) {
        b->left = b->left * 16 + (uint64_t)hex_value(c);
        return b->left > CHUNK_MAX_BYTES ? BODY_BAD : BODY_DIGITS;
    }
    if (b->state == BODY_SIZE)
        return BODY_BAD;
    if (b->state == BODY_DIGITS && c == '\r')
        return BODY_SIZE_FEED;
    if (c == ';')
        return BODY_EXTENSION;
    return is_space(c) ? BODY_SPACE : BODY_BAD;
}

static enum body_state after_trailer(enum body_state state, char c)
{
    switch (state) {
    case BODY_TRAILER:
        if (c == '\r')
            return BODY_LAST_FEED;
        return is_token_byte(c) ? BODY_TRAILER_NAME : BODY_BAD;
    case BODY_TRAILER_NAME:
        if (c == ':')
            return BODY_TRAILER_VALUE;
        return is_token_byte(c) ? state : BODY_BAD;
    default:
        if (c == '\r')
            return BODY_TRAILER_FEED;
        return is_plain(c) ? state : BODY_BAD;
    }
}

// What follows a byte of what is around the chunks.
static enum body_state after(struct body *b, char c)
{
    switch (b->state) {
    case BODY_SIZE:
    case BODY_DIGITS:
    case BODY_SPACE:
        return after_size(b, c);
    case BODY_SIZE_FEED:
        if (c != '\n')
            return BODY_BAD;
        return b->left > 0 ? BODY_DATA : BODY_TRAILER;
    case BODY_DATA_END:
        return c == '\r' ? BODY_DATA_FEED : BODY_BAD;
    case BODY_DATA_FEED:
        return c == '\n' ? BODY_SIZE : BODY_BAD;
    case BODY_TRAILER:
    case BODY_TRAILER_NAME:
    case BODY_TRAILER_VALUE:
        return after_trailer(b->state, c);
    case BODY_TRAILER_FEED:
        return c == '\n' ? BODY_TRAILER : BODY_BAD;
    case BODY_LAST_FEED:
        return c == '\n' ? BODY_DONE : BODY_BAD;
    default:
        return in_extension(b->state) ? after_extension(b->state, c) : BODY_BAD;
    }
}

static bool is_extra(enum body_state state)
{
    return state == BODY_SPACE || in_extension(state) ||
           state == BODY_TRAILER || state == BODY_TRAILER_NAME ||
           state == BODY_TRAILER_VALUE;
}

void body_step(struct body *b, struct text *in, struct text *data)
{
    *data = (struct text){in->at, 0};

    while (in->length > 0 && b->state != BODY_DONE && b->state != BODY_BAD) {
        if (b->state == BODY_SIZED || b->state == BODY_DATA) {
            *data = *in;
            if (data->length > b->left)
                data->length = (size_t)b->left;
            *in = text_after(*in, data->length);
            b->left -= data->length;
            b->length += data->length;
            if (b->left == 0)
                b->state = b->state == BODY_SIZED ? BODY_DONE : BODY_DATA_END;
            return;
        }
        b->state = after(b, in->at[0]);
        *in = text_after(*in, 1);
        if (is_extra(b->state) && ++b->extra > EXTRA_MAX_BYTES)
            b->state = BODY_BAD;
    }
}
