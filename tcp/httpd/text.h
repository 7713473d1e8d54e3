/*
 * tcp/httpd/text.h -- a piece of a buffer: where it begins, how long it is.
 *
 * What a client sends is parsed where it lies. Nothing is copied, nothing is
 * terminated by a NUL, and nothing in it is trusted to be.
 */
#ifndef HTTPD_TEXT_H
#define HTTPD_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

struct text {
    const char *at; // NULL: not there at all, which is not the same as empty
    size_t length;
};

// The literal as a text, without its NUL.
#define TEXT(literal) ((struct text){(literal), sizeof(literal) - 1})

static inline bool text_is(struct text t, const char *other)
{
    return t.length == strlen(other) && memcmp(t.at, other, t.length) == 0;
}

// The same for what HTTP compares without regard to case.
static inline bool text_is_any_case(struct text t, const char *other)
{
    return t.length == strlen(other) && strncasecmp(t.at, other, t.length) == 0;
}

static inline bool text_starts(struct text t, const char *start)
{
    size_t length = strlen(start);
    return t.length >= length && memcmp(t.at, start, length) == 0;
}

static inline struct text text_after(struct text t, size_t count)
{
    return (struct text){t.at + count, t.length - count};
}

// Without the spaces and tabs at both ends.
static inline struct text text_trim(struct text t)
{
    while (t.length > 0 && (t.at[0] == ' ' || t.at[0] == '\t'))
        t = text_after(t, 1);
    while (t.length > 0 &&
           (t.at[t.length - 1] == ' ' || t.at[t.length - 1] == '\t'))
        t.length--;
    return t;
}

// Cut *part off the front of *rest, up to the separator, which goes as well.
// False if there is no separator; then *part is all there was.
static inline bool text_cut(struct text *rest, char separator,
                            struct text *part)
{
    const char *end =
        rest->length ? memchr(rest->at, separator, rest->length) : NULL;

    *part = *rest;
    if (!end) {
        *rest = text_after(*rest, rest->length);
        return false;
    }
    part->length = (size_t)(end - rest->at);
    *rest = text_after(*rest, part->length + 1);
    return true;
}

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Cut a decimal number off the front. One that is too big becomes UINT64_MAX.
// False if there is none.
static inline bool text_cut_number(struct text *from, uint64_t *number)
{
    size_t digits = 0;

    *number = 0;
    for (; digits < from->length && is_digit(from->at[digits]); digits++)
        *number = *number > UINT64_MAX / 10 - 1
                      ? UINT64_MAX
                      : *number * 10 + (uint64_t)(from->at[digits] - '0');
    *from = text_after(*from, digits);
    return digits > 0;
}

// The value of a hexadecimal digit; -1 if it is none.
static inline int hex_value(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

#endif
