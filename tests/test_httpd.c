/*
 * tests/test_httpd.c -- what the parsers of tcp/httpd/ promise.
 */
#define _GNU_SOURCE // strptime, timegm
#include "unit.h"

#include "../tcp/httpd/body.c"
#include "../tcp/httpd/cgi_response.c"
#include "../tcp/httpd/conditions.c"
#include "../tcp/httpd/date.c"
#include "../tcp/httpd/fields.c"
#include "../tcp/httpd/request.c"
#include "../tcp/httpd/target.c"

#define HOST "Host: here\r\n"

// The status a request is refused with, 0 if it is not, -1 if it is not whole.
static int outcome(struct request *r, const char *bytes)
{
    int refusal;
    size_t length = request_head_length(bytes, strlen(bytes), &refusal);

    if (refusal != 0)
        return refusal;
    return length == 0 ? -1 : request_parse(r, (struct text){bytes, length});
}

struct wanted {
    int status;
    const char *bytes;
};

static void check_all(const struct wanted *cases, size_t count)
{
    struct request r = {0};

    for (size_t i = 0; i < count; i++) {
        int status = outcome(&r, cases[i].bytes);
        if (status != cases[i].status)
            fail_msg("%d instead of %d for\n%s", status, cases[i].status,
                     cases[i].bytes);
    }
}
#define CHECK_ALL(cases) check_all(cases, sizeof(cases) / sizeof *(cases))

static void a_request_is_taken_apart(void **state)
{
    (void)state;
    struct request r = {0};

    assert_int_equal(outcome(&r, "\r\nPOST /a%20b?c=d HTTP/1.1\r\n"
                                 "Host: Example.org:8080\r\n"
                                 "X-Empty:\r\n"
                                 "Accept: \t a, b \t\r\n"
                                 "Content-Length: 0042\r\n\r\n"),
                     0);
    assert_int_equal(r.method, METHOD_POST);
    assert_true(text_is(r.line, "POST /a%20b?c=d HTTP/1.1"));
    assert_true(text_is(r.path, "/a%20b"));
    assert_true(text_is(r.query, "c=d"));
    assert_true(text_is(r.host, "Example.org"));
    assert_true(text_is(fields_find(&r.fields, "ACCEPT"), "a, b"));
    assert_int_equal(fields_find(&r.fields, "x-empty").length, 0);
    assert_null(fields_find(&r.fields, "y").at);
    assert_int_equal(r.body_length, 42);
    assert_true(r.keep_alive);
}

static void a_url_may_be_the_target(void **state)
{
    (void)state;
    struct request r = {0};

    assert_int_equal(
        outcome(&r, "GET HTTP://[::1]:80?x HTTP/1.1\r\n" HOST "\r\n"), 0);
    assert_true(text_is(r.path, "/"));
    assert_true(text_is(r.host, "[::1]"));
    assert_int_equal(outcome(&r, "OPTIONS * HTTP/1.1\r\n" HOST "\r\n"), 0);
    assert_true(r.of_server);
}

static void connections_are_kept_as_the_versions_have_it(void **state)
{
    (void)state;
    struct request r = {0};

    assert_int_equal(
        outcome(&r, "GET / HTTP/1.1\r\n" HOST "Connection: x, Close\r\n\r\n"),
        0);
    assert_false(r.keep_alive);
    assert_int_equal(outcome(&r, "GET / HTTP/1.0\r\n\r\n"), 0);
    assert_false(r.keep_alive);
    assert_int_equal(
        outcome(&r, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"), 0);
    assert_true(r.keep_alive);
}

static void first_lines_are_strict(void **state)
{
    (void)state;
    const struct wanted cases[] = {
        {-1, "GET / HTTP/1.1\r\n"},
        {-1, "GET / HTTP/1.1\r\n" HOST},
        {-1, "\r"},
        {400, "\n"},
        {400, "\x16\x03\x01"}, // TLS
        {400, " GET / HTTP/1.1\r\n" HOST "\r\n"},
        {400, "GET  / HTTP/1.1\r\n" HOST "\r\n"},
        {400, "GET / HTTP/1.1 \r\n" HOST "\r\n"},
        {400, "GET / \r\n\r\n"},
        {400, "GET /\r\n\r\n"},
        {400, "GET\t/\tHTTP/1.1\r\n" HOST "\r\n"},
        {400, "GET / HTTP/1.1\n" HOST "\n"},
        {400, "GET / HTTP/1.1\r\n" HOST "\n"},
        {400, "GET /\r HTTP/1.1\r\n" HOST "\r\n"},
        {400, "GET / http/1.1\r\n" HOST "\r\n"},
        {400, "GET / HTTP/1.10\r\n" HOST "\r\n"},
        {400, "GET / HTTP/11\r\n" HOST "\r\n"},
        {400, "GET a HTTP/1.1\r\n" HOST "\r\n"},
        {400, "GET * HTTP/1.1\r\n" HOST "\r\n"},
        {400, "GET /#x HTTP/1.1\r\n" HOST "\r\n"},
        {400, "GET /\x7f HTTP/1.1\r\n" HOST "\r\n"},
        {400, "GET ftp://here/ HTTP/1.1\r\n" HOST "\r\n"},
        {400, "GET http:///x HTTP/1.1\r\n" HOST "\r\n"},
        {400, "GET http://me@here/ HTTP/1.1\r\n" HOST "\r\n"},
        {400, "G,T / HTTP/1.1\r\n" HOST "\r\n"},
        {501, "BREW / HTTP/1.1\r\n" HOST "\r\n"},
        {501, "get / HTTP/1.1\r\n" HOST "\r\n"},
        {505, "GET / HTTP/2.0\r\n" HOST "\r\n"},
        {505, "GET / HTTP/0.9\r\n" HOST "\r\n"},
        {0, "GET / HTTP/1.9\r\n" HOST "\r\n"},
        {0, "DELETE / HTTP/1.1\r\n" HOST "\r\n"},
    };
    CHECK_ALL(cases);
}

static void fields_are_strict(void **state)
{
    (void)state;
    const struct wanted cases[] = {
        {400, "GET / HTTP/1.1\r\n\r\n"},
        {0, "GET / HTTP/1.0\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\n" HOST HOST "\r\n"},
        {400, "GET / HTTP/1.0\r\n" HOST HOST "\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a,b/\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: \"<b>\r\n\r\n"},
        {0, "GET / HTTP/1.1\r\nHost:\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost : here\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\n Host: here\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\n" HOST "X: y\r\n z\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\n" HOST "X\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\n" HOST ": y\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\n" HOST "X\x01: y\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\n" HOST "X: y\x01\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\n" HOST "X: y\rZ: x\r\n\r\n"},
        {0, "GET / HTTP/1.1\r\n" HOST "X: y\x80z\r\n\r\n"},
        {417, "GET / HTTP/1.1\r\n" HOST "Expect: a-pony\r\n\r\n"},
        {0, "GET / HTTP/1.1\r\n" HOST "Expect: 100-Continue\r\n\r\n"},
    };
    CHECK_ALL(cases);
}

static void where_a_body_ends_has_one_answer(void **state)
{
    (void)state;
#define POST "POST / HTTP/1.1\r\n" HOST
#define LENGTH "Content-Length: "
#define CODING "Transfer-Encoding: "
    const struct wanted cases[] = {
        {0, POST "\r\n"},
        {0, POST LENGTH "5\r\n\r\n"},
        {400, POST LENGTH "5\r\n" LENGTH "5\r\n\r\n"},
        {400, POST LENGTH "5, 5\r\n\r\n"},
        {400, POST LENGTH "+5\r\n\r\n"},
        {400, POST LENGTH "-5\r\n\r\n"},
        {400, POST LENGTH "0x5\r\n\r\n"},
        {400, POST LENGTH "5 5\r\n\r\n"},
        {400, POST LENGTH "\r\n\r\n"},
        {413, POST LENGTH "99999999999999999999999\r\n\r\n"},
        {0, POST CODING "chunked\r\n\r\n"},
        {0, POST CODING "Chunked\r\n\r\n"},
        {0, POST CODING ", chunked\r\n\r\n"},
        {400, POST CODING "chunked\r\n" LENGTH "5\r\n\r\n"},
        {400, POST LENGTH "5\r\n" CODING "chunked\r\n\r\n"},
        {400, POST CODING "chunked\r\n" CODING "chunked\r\n\r\n"},
        {400, POST CODING "chunked, chunked\r\n\r\n"},
        {400, POST CODING "chunked, gzip\r\n\r\n"},
        {400, POST CODING "gzip\r\n\r\n"},
        {400, POST CODING "xchunked\r\n\r\n"},
        {400, POST CODING "\"chunked\"\r\n\r\n"},
        {400, POST CODING "\r\n\r\n"},
        {501, POST CODING "gzip, chunked\r\n\r\n"},
        {400, "POST / HTTP/1.0\r\n" CODING "chunked\r\n\r\n"},
    };
    CHECK_ALL(cases);
}

static void heads_have_a_limit(void **state)
{
    (void)state;
    static char bytes[HEAD_MAX_BYTES + 100];
    int refusal = 0;

    memset(bytes, 'a', sizeof bytes);
    assert_int_equal(request_head_length(bytes, LINE_MAX_BYTES, &refusal), 0);
    assert_int_equal(refusal, 0);
    assert_int_equal(request_head_length(bytes, LINE_MAX_BYTES + 1, &refusal),
                     0);
    assert_int_equal(refusal, 414);

    snprintf(bytes, sizeof bytes, "GET / HTTP/1.1\r\n" HOST);
    request_head_length(bytes, HEAD_MAX_BYTES - 1, &refusal);
    assert_int_equal(refusal, 0);
    request_head_length(bytes, HEAD_MAX_BYTES, &refusal);
    assert_int_equal(refusal, 431);
}

static void fields_have_a_limit(void **state)
{
    (void)state;
    struct fields fields = {0};

    for (int i = 0; i < FIELDS_MAX; i++)
        assert_int_equal(fields_add(&fields, TEXT("X: y")), 0);
    assert_int_equal(fields_add(&fields, TEXT("X: y")), 431);
}

static void paths_are_decoded_once(void **state)
{
    (void)state;
    const struct {
        int status;
        bool slash, script;
        const char *url, *path;
    } cases[] = {
        {0, true, false, "/", "."},
        {0, true, false, "///", "."},
        {0, false, false, "/a/b", "a/b"},
        {0, true, false, "//a///b/", "a/b"},
        {0, false, false, "/a%20b%2b+", "a b++"},
        {0, false, false, "/%2561", "%61"},
        {0, false, false, "/%01\x02", "\x01\x02"},
        {0, false, false, "/a..b/c.", "a..b/c."},
        {0, false, false, "/\xe4\xbd\xa0%E5%A5%BD", "\xe4\xbd\xa0\xe5\xa5\xbd"},
        {0, false, true, "/cgi-bin", "cgi-bin"},
        {0, false, true, "//cgi%2dbin/x", "cgi-bin/x"},
        {0, false, false, "/cgi-bin2", "cgi-bin2"},
        {400, false, false, "/%", ""},
        {400, false, false, "/%4", ""},
        {400, false, false, "/%4g", ""},
        {400, false, false, "/a%00b", ""},
        {404, false, false, "/a%2fb", ""},
        {404, false, false, "/.", ""},
        {404, false, false, "/..", ""},
        {404, false, false, "/a/../b", ""},
        {404, false, false, "/%2e%2E/b", ""},
        {404, false, false, "/a/.b/c", ""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct target t = {0};
        struct text url = {cases[i].url, strlen(cases[i].url)};
        int status = target_decode(&t, url);
        if (status != cases[i].status)
            fail_msg("%d for %s", status, cases[i].url);
        if (status != 0)
            continue;
        assert_string_equal(t.path, cases[i].path);
        assert_int_equal(t.slash, cases[i].slash);
        assert_int_equal(t.script, cases[i].script);
    }
}

static void encoded_paths_stay_on_this_host(void **state)
{
    (void)state;
    char url[64];

    assert_true(target_encode(url, sizeof url, "\\evil.org/a b\"<\n?#%"));
    assert_string_equal(url, "/%5Cevil.org/a%20b%22%3C%0A%3F%23%25");
    assert_false(target_encode(url, 8, "too long"));
}

// The decoded body, and what of the bytes is left over; NULL if it is bad.
static const char *decoded(const char *bytes, char *body)
{
    struct request r = {.chunked = true};
    struct body b = body_of(&r);
    struct text in = {bytes, strlen(bytes)}, data;

    while (in.length > 0 && b.state != BODY_DONE && b.state != BODY_BAD) {
        body_step(&b, &in, &data);
        memcpy(body, data.at, data.length);
        body += data.length;
    }
    *body = '\0';
    return b.state == BODY_DONE ? in.at : b.state == BODY_BAD ? NULL : "more";
}

static void chunks_are_put_together(void **state)
{
    (void)state;
    char body[64] = "";

    const char *rest =
        decoded("5;x=\"y\"\r\nhello\r\n00b \t; q = z \r\n, you there\r\n"
                "0\r\nTrailer: x\r\n\r\nGET",
                body);
    assert_string_equal(body, "hello, you there");
    assert_string_equal(rest, "GET");
    assert_string_equal(decoded("5\r\nhel", body), "more");
}

static void chunks_are_strict(void **state)
{
    (void)state;
    const char *bad[] = {
        "\r\n",
        "g\r\n",
        " 5\r\n",
        "0x5\r\n",
        "+5\r\n",
        "5\nhello",
        "5 \r\nhello",
        "5\rhello",
        "5\r\nhello5",
        "5;a\nb\r\n",
        "5\r\nhello\n0",
        "0\r\n X: y\r\n",
        "0\r\n\n",
        "0\r\nX: y\n\r\n",
        "ffffffffffffffff1\r\n",
        "-1\r\n",
        "5;\x01\r\n",
        "0\r\nX: \x01\r\n",
        "5;\r\n",
        "5;a[=x\r\n",
        "5;a=\"x\r\n",
        "0\r\nno colon\r\n",
        "5;a=\r\n",
    };
    char body[64] = "";

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (decoded(bad[i], body))
            fail_msg("accepted: %s", bad[i]);
}

static bool script_says(struct cgi_response *r, const char *head)
{
    size_t length = cgi_response_head_length(head, strlen(head));
    return length > 0 && cgi_response_parse(r, (struct text){head, length});
}

static void a_script_can_say_three_things(void **state)
{
    (void)state;
    struct cgi_response r = {0};

    assert_true(script_says(&r, "Content-type:text/html\nX: y\n\nbody"));
    assert_int_equal(r.status, 200);
    assert_false(r.has_length);

    assert_true(script_says(&r, "Status: 404 No such\r\nContent-Type: a/b\r\n"
                                "Content-Length: 12\r\n\r\n"));
    assert_int_equal(r.status, 404);
    assert_true(text_is(r.reason, "No such"));
    assert_int_equal(r.length, 12);

    assert_true(script_says(&r, "Location: /there?x\n\n"));
    assert_true(r.local_redirect);
    assert_true(script_says(&r, "Location: http://other/\n\n"));
    assert_false(r.local_redirect);
    assert_int_equal(r.status, 302);
    assert_true(script_says(&r, "Status: 303 See\nLocation: /there\n\n"));
    assert_false(r.local_redirect);
    assert_int_equal(r.status, 303);
}

static void anything_else_from_a_script_is_refused(void **state)
{
    (void)state;
    const char *bad[] = {
        "\n",
        "\r\n",
        "hello\n\n",
        "Content-Type: a/b\n", // the empty line is missing
        "X: y\n\n",
        "Content-Type : a/b\n\n",
        "Content-Type: a/b\n X: y\n\n",
        "Content-Type: a/b\rX: y\n\n",
        "Content-Type: a/b\nContent-Type: a/b\n\n",
        "Content-Type: a/b\nContent-Length: x\n\n",
        "Content-Type: a/b\nContent-Length: 1\nContent-Length: 1\n\n",
        "Content-Type: a/b\nContent-Length: 99999999999999999999\n\n",
        "Content-Type: a/b\nStatus: 99\n\n",
        "Content-Type: a/b\nStatus: 100 Go on\n\n",
        "Content-Type: a/b\nStatus: 600 Odd\n\n",
        "Content-Type: a/b\nStatus: 2000\n\n",
        "Content-Type: a/b\nStatus: OK\n\n",
        "Location:\n\n",
    };
    struct cgi_response r = {0};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (script_says(&r, bad[i]))
            fail_msg("accepted: %s", bad[i]);
}

static void dates_have_three_forms(void **state)
{
    (void)state;
    const char *same[] = {
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
    };
    time_t when = 0;
    char date[DATE_SIZE];

    for (size_t i = 0; i < 3; i++) {
        assert_true(date_read((struct text){same[i], strlen(same[i])}, &when));
        assert_int_equal(when, 784111777);
    }
    date_write(date, when);
    assert_string_equal(date, same[0]);
    assert_false(date_read(TEXT("yesterday"), &when));
    assert_false(date_read(TEXT("Sun, 06 Nov 1994 08:49:37 GMT+1"), &when));
}

// The status for a GET with these fields, of a file of 1000 bytes, tag "a",
// last changed at 784111777.
static int checked(const char *fields, struct range *range)
{
    const struct version v = {"\"a\"", 784111777, 1000};
    char bytes[512];
    struct request r = {0};

    snprintf(bytes, sizeof bytes, "GET / HTTP/1.1\r\n" HOST "%s\r\n", fields);
    assert_int_equal(outcome(&r, bytes), 0);
    return conditions_check(&r, &v, 784111777 + 100, range);
}

static void conditions_come_in_their_order(void **state)
{
    (void)state;
#define SAME "Sun, 06 Nov 1994 08:49:37 GMT\r\n"
#define BEFORE "Sun, 06 Nov 1994 08:49:36 GMT\r\n"
    const struct {
        int status;
        const char *fields;
    } cases[] = {
        {200, ""},
        {304, "If-None-Match: \"a\"\r\n"},
        {304, "If-None-Match: \"x\", W/\"a\"\r\n"},
        {304, "If-None-Match: *\r\n"},
        {200, "If-None-Match: \"b\"\r\n"},
        {304, "If-Modified-Since: " SAME},
        {200, "If-Modified-Since: " BEFORE},
        {200, "If-Modified-Since: never\r\n"},
        {200, "If-None-Match: \"b\"\r\nIf-Modified-Since: " SAME},
        {412, "If-Match: \"b\"\r\n"},
        {412, "If-Match: W/\"a\"\r\n"},
        {200, "If-Match: \"b\", \"a\"\r\n"},
        {200, "If-Match: *\r\n"},
        {412, "If-Unmodified-Since: " BEFORE},
        {200, "If-Unmodified-Since: " SAME},
        {200, "If-Match: \"a\"\r\nIf-Unmodified-Since: " BEFORE},
        {206, "Range: bytes=0-0\r\n"},
        {304, "Range: bytes=0-0\r\nIf-None-Match: \"a\"\r\n"},
        {206, "Range: bytes=0-0\r\nIf-Range: \"a\"\r\n"},
        {200, "Range: bytes=0-0\r\nIf-Range: W/\"a\"\r\n"},
        {200, "Range: bytes=0-0\r\nIf-Range: \"b\"\r\n"},
        {206, "Range: bytes=0-0\r\nIf-Range: " SAME},
        {200, "Range: bytes=0-0\r\nIf-Range: " BEFORE},
    };
    struct range range = {0};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int status = checked(cases[i].fields, &range);
        if (status != cases[i].status)
            fail_msg("%d for %s", status, cases[i].fields);
    }
}

static void ranges_are_single(void **state)
{
    (void)state;
    const struct {
        int status;
        const char *range;
        uint64_t first, length;
    } cases[] = {
        {206, "bytes=0-99", 0, 100},
        {206, "BYTES=10-10", 10, 1},
        {206, "bytes=900-", 900, 100},
        {206, "bytes=900-99999999999999999999999", 900, 100},
        {206, "bytes=-1", 999, 1},
        {206, "bytes=-2000", 0, 1000},
        {416, "bytes=1000-", 0, 1000},
        {416, "bytes=99999999999999999999999-", 0, 1000},
        {416, "bytes=-0", 0, 1000},
        {200, "bytes=5-4", 0, 1000},
        {200, "bytes=0-1,3-4", 0, 1000},
        {200, "bytes=-", 0, 1000},
        {200, "bytes= 0-1", 0, 1000},
        {200, "lines=0-1", 0, 1000},
    };
    struct range range = {0};
    char field[64];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(field, sizeof field, "Range: %s\r\n", cases[i].range);
        int status = checked(field, &range);
        if (status != cases[i].status || range.first != cases[i].first ||
            range.length != cases[i].length)
            fail_msg("%d for %s", status, cases[i].range);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_taken_apart),
        cmocka_unit_test(a_url_may_be_the_target),
        cmocka_unit_test(connections_are_kept_as_the_versions_have_it),
        cmocka_unit_test(first_lines_are_strict),
        cmocka_unit_test(fields_are_strict),
        cmocka_unit_test(where_a_body_ends_has_one_answer),
        cmocka_unit_test(heads_have_a_limit),
        cmocka_unit_test(fields_have_a_limit),
        cmocka_unit_test(paths_are_decoded_once),
        cmocka_unit_test(encoded_paths_stay_on_this_host),
        cmocka_unit_test(chunks_are_put_together),
        cmocka_unit_test(chunks_are_strict),
        cmocka_unit_test(a_script_can_say_three_things),
        cmocka_unit_test(anything_else_from_a_script_is_refused),
        cmocka_unit_test(dates_have_three_forms),
        cmocka_unit_test(conditions_come_in_their_order),
        cmocka_unit_test(ranges_are_single),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
