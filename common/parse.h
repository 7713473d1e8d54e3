/*
 * common/parse.h -- numbers and flags from the command line.
 */
#ifndef COMMON_PARSE_H
#define COMMON_PARSE_H

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Set *n to the decimal number that is all of text, if it is in [min, max].
static inline bool parse_long(const char *text, long min, long max, long *n)
{
    char *end;
    long value = strtol(text, &end, 10); // too big or small: LONG_MAX, LONG_MIN

    if (end == text || *end != '\0' || value < min || value > max)
        return false;
    *n = value;
    return true;
}

// Set the flags that stand on the command line; false if there is another
// option. argv[optind] is then the first operand, as after getopt_long(3). A
// program without any flags gives NULL.
static inline bool parse_flags(int argc, char *argv[],
                               const struct option *flags)
{
    const struct option none = {0};
    int option;

    opterr = 0; // usage() below says what there is to say
    do
        option = getopt_long(argc, argv, "+", flags ? flags : &none, NULL);
    while (option == 0);
    return option == -1;
}

// Print "usage: " and how to call the program: an answer to --help, otherwise
// an error. Returns the status to end with, 0 or 2.
static inline int usage(int argc, char *argv[], const char *synopsis)
{
    bool asked = argc == 2 && strcmp(argv[1], "--help") == 0;

    fprintf(asked ? stdout : stderr, "usage: %s\n", synopsis);
    return asked ? 0 : 2;
}

#endif
