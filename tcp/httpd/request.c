/*
 * tcp/httpd/request.c -- take the head of a request apart.
 *
 * Shows:   A parser as a pure function over a buffer: it reads nothing, keeps
 *          nothing, allocates nothing, and so can be given anything: by a unit
 *          test, or by a fuzzer.
 *
 *          It is strict wherever two programs in a row could disagree about
 *          where a request ends. A client that makes a proxy see one request
 *          and the server behind it two has "smuggled" the second one.
 *
 * Read:    RFC 9112 (HTTP/1.1), RFC 9110 (what the words mean)
 */
#include "request.h"

size_t request_head_length(const char *bytes, size_t count, int *refusal)
{
    const char *end = bytes + count;
    const char *line = bytes;

    *refusal = 0;
    // One empty line before a request is passed over: RFC 9112, section 2.2.
    if (count >= 2 && memcmp(bytes, "\r\n", 2) == 0)
        line += 2;
    else if (count > 0 && bytes[0] != '\r' &&
             !is_token((struct text){bytes, 1}))
        *refusal = 400; // TLS, for example

    for (const char *first = line; line < end;) {
        const char *feed = memchr(line, '\n', (size_t)(end - line));
        if (!feed) {
            if (line == first && end - first > LINE_MAX_BYTES)
                *refusal = 414;
            break;
        }
        // "\n" alone ends the head, too. It will be refused; but at once,
        // rather than when the time is over.
        if (feed == line || (feed == line + 1 && *line == '\r')) {
            if (feed >= bytes + HEAD_MAX_BYTES)
                break;
            return (size_t)(feed + 1 - bytes);
        }
        line = feed + 1;
    }
    if (*refusal == 0 && count >= HEAD_MAX_BYTES)
        *refusal = 431;
    return 0;
}

// Cut a line off the head, without its end, which has to be CR LF. Some take a
// CR alone for a line end, and some a LF alone: we take neither.
static bool cut_line(struct text *head, struct text *line)
{
    if (!text_cut(head, '\n', line) || line->length == 0 ||
        line->at[line->length - 1] != '\r')
        return false;
    line->length--;
    return line->length == 0 || !memchr(line->at, '\r', line->length);
}

static int parse_method(struct request *r, struct text name)
{
    static const char *const names[] = {
        [METHOD_GET] = "GET",
        [METHOD_HEAD] = "HEAD",
        [METHOD_POST] = "POST",
        [METHOD_OPTIONS] = "OPTIONS",
    };
    static const char *const others[] = {"PUT", "DELETE", "PATCH", "TRACE",
                                         "CONNECT"};

    for (enum method m = METHOD_GET; m <= METHOD_OPTIONS; m++)
        if (text_is(name, names[m])) {
            r->method = m;
            return 0;
        }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (text_is(name, others[i])) {
            r->method = METHOD_OTHER;
            return 0;
        }
    return is_token(name) ? 501 : 400;
}

// "HTTP/1.1": the digits, and nothing else.
static int parse_version(struct request *r, struct text version)
{
    if (version.length != 8 || !text_starts(version, "HTTP/") ||
        !is_digit(version.at[5]) || version.at[6] != '.' ||
        !is_digit(version.at[7]))
        return 400;
    r->minor = version.at[7] - '0';
    return version.at[5] == '1' ? 0 : 505;
}

// A name, an IPv4 address or an IPv6 address in brackets; then perhaps a port.
static int parse_host(struct request *r, struct text authority)
{
    size_t i = 0;

    if (authority.length > 0 && authority.at[0] == '[') {
        for (i = 1; i < authority.length && authority.at[i] != ']'; i++)
            if (hex_value(authority.at[i]) == -1 && authority.at[i] != ':' &&
                authority.at[i] != '.')
                return 400;
        if (i == authority.length)
            return 400;
        i++;
    } else {
        for (; i < authority.length && authority.at[i] != ':'; i++)
            if (!is_letter(authority.at[i]) && !is_digit(authority.at[i]) &&
                (authority.at[i] == '\0' ||
                 !strchr("-._~%!$&'()*+,;=", authority.at[i])))
                return 400;
    }
    r->host = (struct text){authority.at, i};

    if (i < authority.length && authority.at[i++] != ':')
        return 400;
    for (; i < authority.length; i++)
        if (!is_digit(authority.at[i]))
            return 400;
    return 0;
}

// Usually a path; but "http://host/path" is the same, and has to be understood:
// RFC 9112, section 3.2.
static int parse_target(struct request *r, struct text target)
{
    for (size_t i = 0; i < target.length; i++) {
        unsigned char c = (unsigned char)target.at[i];
        if (c <= ' ' || c == 0x7f || c == '#')
            return 400;
    }
    if (text_is(target, "*")) {
        r->of_server = true;
        return r->method == METHOD_OPTIONS ? 0 : 400;
    }
    if (target.length >= 7 && strncasecmp(target.at, "http://", 7) == 0) {
        struct text authority = text_after(target, 7);
        size_t end = 0;
        while (end < authority.length && authority.at[end] != '/' &&
               authority.at[end] != '?')
            end++;
        target = text_after(authority, end);
        authority.length = end;
        int refusal = end == 0 ? 400 : parse_host(r, authority);
        if (refusal != 0)
            return refusal;
        r->authority = authority;
        if (target.length == 0 || target.at[0] == '?') {
            r->path = TEXT("/");
            if (target.length > 0)
                r->query = text_after(target, 1);
            return 0;
        }
    }
    if (target.length == 0 || target.at[0] != '/')
        return 400;
    if (!text_cut(&target, '?', &r->path))
        target.at = NULL;
    r->query = target;
    return 0;
}

static int parse_first_line(struct request *r)
{
    struct text rest = r->line, method, target;

    // Step 6: take the first line apart
    if (r->line.length > LINE_MAX_BYTES)
        return 414;
    // Exactly one space each. What is left over must be the version.
    if (!text_cut(&rest, ' ', &method) || !text_cut(&rest, ' ', &target))
        return 400;
    int refusal = parse_version(r, rest);
    if (refusal == 0)
        refusal = parse_method(r, method);
    if (refusal == 0)
        refusal = parse_target(r, target);
    return refusal;
}

// The first line names the host if it is "http://host/path"; but an HTTP/1.1
// client has to send the field as well, once.
static int check_host(struct request *r)
{
    size_t count = fields_count(&r->fields, "Host");
    struct text from_target = r->host;

    if (count > 1 || (count == 0 && r->minor > 0))
        return 400;
    int refusal =
        count == 1 ? parse_host(r, fields_find(&r->fields, "Host")) : 0;
    if (from_target.length > 0)
        r->host = from_target;
    return refusal;
}

static int parse_body_length(struct request *r, struct text value)
{
    r->has_length = true;
    if (!text_cut_number(&value, &r->body_length) || value.length > 0)
        return 400;
    return r->body_length == UINT64_MAX ? 413 : 0;
}

// Where the body ends: RFC 9112, section 6. There must be one answer only.
static int parse_body_framing(struct request *r)
{
    size_t lengths = fields_count(&r->fields, "Content-Length");

    if (fields_count(&r->fields, "Transfer-Encoding") > 0) {
        struct elements loop = {0};
        struct text coding = {NULL, 0};
        size_t chunked = 0, codings = 0;

        while (
            fields_element(&r->fields, "Transfer-Encoding", &loop, &coding)) {
            codings++;
            if (text_is_any_case(coding, "chunked"))
                chunked++;
        }
        if (lengths > 0 || r->minor == 0 || chunked != 1 ||
            !text_is_any_case(coding, "chunked"))
            return 400;
        r->chunked = true;
        return codings == 1 ? 0 : 501; // gzip, say, before it
    }
    if (lengths > 1)
        return 400;
    return lengths == 0 ? 0
                        : parse_body_length(
                              r, fields_find(&r->fields, "Content-Length"));
}

static int parse_expectation(struct request *r)
{
    struct elements loop = {0};
    struct text expected;

    while (fields_element(&r->fields, "Expect", &loop, &expected)) {
        if (!text_is_any_case(expected, "100-continue"))
            return 417;
        r->expects_100 = r->minor > 0;
    }
    return 0;
}

void request_clear(struct request *r)
{
    // Not "= {0}": there is no need to clear all of the list of fields.
    r->line = r->path = r->query = (struct text){NULL, 0};
    r->host = r->authority = TEXT("");
    r->method = METHOD_OTHER;
    r->minor = 1;
    r->fields.count = 0;
    r->of_server = r->keep_alive = r->expects_100 = false;
    r->chunked = r->has_length = false;
    r->body_length = 0;
}

int request_parse(struct request *r, struct text head)
{
    request_clear(r);
    if (text_starts(head, "\r\n"))
        head = text_after(head, 2);
    if (!cut_line(&head, &r->line))
        return 400;
    int refusal = parse_first_line(r);
    if (refusal != 0)
        return refusal;

    for (;;) {
        struct text line;
        if (!cut_line(&head, &line))
            return 400;
        if (line.length == 0)
            break;
        refusal = fields_add(&r->fields, line);
        if (refusal != 0)
            return refusal;
    }
    refusal = check_host(r);
    if (refusal == 0)
        refusal = parse_body_framing(r);
    if (refusal == 0)
        refusal = parse_expectation(r);

    if (r->minor > 0)
        r->keep_alive = !fields_list_has(&r->fields, "Connection", "close");
    else
        r->keep_alive = fields_list_has(&r->fields, "Connection", "keep-alive");
    return refusal;
}
