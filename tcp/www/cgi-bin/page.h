/*
 * tcp/www/cgi-bin/page.h -- what the live pages have in common: head and foot,
 * the folder of the suite's programs, and text that others have chosen.
 */
#ifndef TCP_WWW_CGI_BIN_PAGE_H
#define TCP_WWW_CGI_BIN_PAGE_H

#include <ctype.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// Print text so that none of it is taken for HTML.
static inline void print_escaped(const char *text)
{
    for (; *text; text++)
        if (strchr("&<>\"'", *text))
            printf("&#%d;", *text);
        else if ((unsigned char)*text >= 0x80) // UTF-8
            putchar(*text);
        else
            putchar(isprint((unsigned char)*text) ? *text : '?');
}

// The head of the response, and of the page. status: "200 OK".
static inline void page_begin(const char *status, const char *title)
{
    printf("Status: %s\r\n"
           "Content-Type: text/html; charset=utf-8\r\n"
           "Cache-Control: no-store\r\n"
           "Content-Security-Policy: default-src 'none'; style-src 'self';"
           " script-src 'self'; form-action 'self'; frame-ancestors 'none'\r\n"
           "\r\n"
           "<!DOCTYPE html>\n"
           "<html lang=\"en\">\n"
           "<head>\n"
           "<meta charset=\"utf-8\">\n"
           "<meta name=\"viewport\" content=\"width=device-width\">\n"
           "<title>%s &#183; Linux IPC</title>\n"
           "<link rel=\"stylesheet\" href=\"/style.css\">\n"
           "</head>\n"
           "<body class=\"live\">\n"
           "<header class=\"top\">\n"
           "<p class=\"brand\"><a href=\"/\">Linux IPC</a></p>\n"
           "<nav aria-label=\"live pages\"><ul>\n"
           "<li><a href=\"/cgi-bin/ipc\">In the kernel, now</a></li>\n"
           "<li><a href=\"/cgi-bin/run\">Run a lesson</a></li>\n"
           "<li><a href=\"/cgi-bin/trace\">Trace a lesson</a></li>\n"
           "</ul></nav>\n"
           "</header>\n"
           "<main>\n"
           "<h1>%s</h1>\n",
           status, title, title);
}

// Returns the status to end with: 1 if not all of the page could be printed.
static inline int page_end(void)
{
    puts("</main>\n</body>\n</html>");
    return ferror(stdout) || fflush(stdout) == EOF;
}

// Where the programs of the suite are, with a slash at the end. It is known
// from where this one is: BUILD/tcp/www/cgi-bin/NAME, or
// BUILD/site/cgi-bin/NAME. False if it is neither.
static inline bool find_build(char folder[static PATH_MAX])
{
    static const char *const places[] = {"/tcp/www/cgi-bin/", "/site/cgi-bin/"};
    ssize_t n = readlink("/proc/self/exe", folder, PATH_MAX - 1);

    if (n <= 0)
        return false;
    folder[n] = '\0';
    char *slash = strrchr(folder, '/');
    slash[1] = '\0';
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        size_t tail = strlen(places[i]), length = strlen(folder);
        if (length > tail && strcmp(folder + length - tail, places[i]) == 0) {
            folder[length - tail + 1] = '\0';
            return true;
        }
    }
    return false;
}

#endif
