/*
 * common/numbers.h -- a list of numbers such as 3,7,7.
 *
 * For options that name what is to be lost on purpose. A number that stands
 * there twice counts twice.
 */
#ifndef COMMON_NUMBERS_H
#define COMMON_NUMBERS_H

#include <stdbool.h>
#include <stdlib.h>

#define NUMBERS_MAX 64

struct numbers {
    int count;
    long n[NUMBERS_MAX];
};

// Read a list of numbers from 1 on, with commas between them.
static inline bool numbers_parse(struct numbers *list, const char *text)
{
    struct numbers found = {0};
    char *end;

    do {
        long n = strtol(text, &end, 10);
        if (*text < '0' || *text > '9' || n < 1 || found.count == NUMBERS_MAX)
            return false;
        found.n[found.count++] = n;
        text = end + 1;
    } while (*end == ',');
    if (*end != '\0')
        return false;
    *list = found;
    return true;
}

// Whether n is in the list; then it is there one time less.
static inline bool numbers_take(struct numbers *list, long n)
{
    for (int i = 0; i < list->count; i++)
        if (list->n[i] == n) {
            list->n[i] = list->n[--list->count];
            return true;
        }
    return false;
}

#endif
