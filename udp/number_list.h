/*
 * udp/number_list.h -- a list of numbers such as 3,7,7.
 *
 * For options that name what is to be lost on purpose. A number that is in the
 * list twice counts twice.
 */
#ifndef UDP_NUMBER_LIST_H
#define UDP_NUMBER_LIST_H

#include <stdbool.h>
#include <stdlib.h>

#define NUMBER_LIST_MAX 64

struct number_list {
    int count;
    long n[NUMBER_LIST_MAX];
};

// Read a list of numbers from 1 on, with commas between them.
static inline bool number_list_parse(struct number_list *list, const char *text)
{
    struct number_list found = {0};
    char *end;

    do {
        long n = strtol(text, &end, 10);
        if (*text < '0' || *text > '9' || n < 1 ||
            found.count == NUMBER_LIST_MAX)
            return false;
        found.n[found.count++] = n;
        text = end + 1;
    } while (*end == ',');
    if (*end != '\0')
        return false;
    *list = found;
    return true;
}

// Whether n is in the list; then it is removed from there, once.
static inline bool number_list_remove(struct number_list *list, long n)
{
    for (int i = 0; i < list->count; i++)
        if (list->n[i] == n) {
            list->n[i] = list->n[--list->count];
            return true;
        }
    return false;
}

#endif
