/*
 * tcp/httpd/target.c -- from the path of a URL to a path under the root.
 *
 *     /                 .                  of ROOT
 *     /docs//a%20b/     docs/a b           and it has to be a directory
 *     /cgi-bin/x/y      cgi-bin/x/y        to be run
 *     /.git/config      404
 *     /docs/../../etc   404
 *
 * No file name contains a slash, so %2F names nothing. And no name that begins
 * with a dot is served, which settles "." and ".." as well. Whether the path
 * leads out of the root by a symbolic link is a question to the kernel: see
 * open.c.
 *
 * Read:    RFC 3986, section 2
 */
#include "target.h"

#include <stdio.h>

// Decode %XX in place of the next character; advances *i over it. -1 if there
// are no two hexadecimal digits.
static int decode_character(struct text path, size_t *i)
{
    if (path.at[*i] != '%')
        return (unsigned char)path.at[(*i)++];
    if (path.length - *i < 3)
        return -1;
    int high = hex_value(path.at[*i + 1]), low = hex_value(path.at[*i + 2]);
    *i += 3;
    return high == -1 || low == -1 ? -1 : high * 16 + low;
}

int target_decode(struct target *t, struct text path)
{
    size_t length = 0;
    bool at_start = true; // of a name
    int refusal = 0;

    // Step 7: decode it, and refuse what no file may be called
    t->slash = true;
    for (size_t i = 0; i < path.length;) {
        bool encoded = path.at[i] == '%';
        int c = decode_character(path, &i);
        if (c <= 0)
            return 400;
        if (c == '/' && !encoded) {
            at_start = t->slash = true; // and "//" is "/"
            continue;
        }
        if (c == '/' || (c == '.' && at_start))
            refusal = 404;
        if (length + 2 >= sizeof t->path)
            return 404; // no file has a path that long
        if (at_start && length > 0)
            t->path[length++] = '/';
        t->path[length++] = (char)c;
        at_start = t->slash = false;
    }
    if (length == 0)
        t->path[length++] = '.';
    t->path[length] = '\0';
    t->script = is_script(t->path);
    return refusal;
}

bool target_encode(char *url, size_t size, const char *path)
{
    size_t length = 0;

    // One slash first, and nothing after it that a browser takes for another:
    // "//elsewhere" and "/\elsewhere" are not paths but hosts.
    url[length++] = '/';
    if (strcmp(path, ".") == 0)
        path = "";
    for (; *path; path++) {
        if (length + 4 > size)
            return false;
        if (is_letter(*path) || is_digit(*path) || strchr("-._~/", *path))
            url[length++] = *path;
        else
            length += (size_t)snprintf(url + length, 4, "%%%02X",
                                       (unsigned char)*path);
    }
    url[length] = '\0';
    return true;
}

bool is_public(const char *path)
{
    return path[0] != '.' && !strstr(path, "/.");
}

bool is_script(const char *path)
{
    return strncmp(path, "cgi-bin", 7) == 0 &&
           (path[7] == '\0' || path[7] == '/');
}
