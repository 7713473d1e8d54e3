/*
 * common/printable.h -- text from another program, before a terminal or a log
 * gets it: there, a line break begins a new line, and an escape is a command.
 */
#ifndef COMMON_PRINTABLE_H
#define COMMON_PRINTABLE_H

// Put ? for every control character in the string. UTF-8 stays.
static inline char *printable(char *text)
{
    for (char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == '\177')
            *c = '?';
    return text;
}

#endif
