/*
 * common/help.h -- what --help says of each argument.
 *
 * It stands once, in the notes, in a table for each folder. The Makefile has
 * common/help.awk make PROGRAM_ARGUMENTS of it. A program that is compiled
 * without the Makefile says its synopsis alone. gettext(3) would want the text
 * in the source as well, and a catalogue to be found at run time.
 */
#ifndef COMMON_HELP_H
#define COMMON_HELP_H

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef PROGRAM_ARGUMENTS
#define PROGRAM_ARGUMENTS
#endif

struct help_row {
    const char *argument; // "--size BYTES", or "COUNT"
    const char *programs; // "atomic, pace"; "": all that have the word
    const char *english, *chinese;
};

static inline bool help_is_letter(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-';
}

// Whether text has the first word of `word`, as a word of its own.
static inline bool help_has_word(const char *text, const char *word)
{
    const size_t length = strcspn(word, " ");

    for (const char *at = text; *at != '\0'; at++)
        if (strncmp(at, word, length) == 0 && !help_is_letter(at[length]) &&
            (at == text || !help_is_letter(at[-1])))
            return true;
    return false;
}

// Whether the row is for the program whose synopsis that is: it names the
// program, or its word is there and is not the value of one of its options.
static inline bool help_is_for(const struct help_row *row,
                               const struct help_row *rows,
                               const char *synopsis)
{
    const bool option = strncmp(row->argument, "--", 2) == 0;

    if (row->programs[0] != '\0')
        return help_has_word(row->programs, synopsis) &&
               (option || help_has_word(synopsis, row->argument));
    for (; rows->argument; rows++)
        if (help_has_word(rows->programs, synopsis) &&
            help_has_word(rows->argument, row->argument))
            return false;
    return help_has_word(synopsis, row->argument);
}

// As locale(7): the first of these that is set.
static inline bool help_in_chinese(void)
{
    const char *names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *locale = getenv(names[i]);

        if (locale && *locale != '\0')
            return strncmp(locale, "zh", 2) == 0;
    }
    return false;
}

// Print a line for each argument of the program.
static inline void help_print(const char *synopsis)
{
    static const struct help_row rows[] = {PROGRAM_ARGUMENTS{0}};
    const bool chinese = help_in_chinese();
    int width = 0;

    for (const struct help_row *row = rows; row->argument; row++)
        if (help_is_for(row, rows, synopsis) &&
            (int)strlen(row->argument) > width)
            width = (int)strlen(row->argument);
    for (const struct help_row *row = rows; row->argument; row++)
        if (help_is_for(row, rows, synopsis))
            printf("  %-*s  %s\n", width, row->argument,
                   chinese ? row->chinese : row->english);
}

#endif
