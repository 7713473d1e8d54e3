/*
 * tests/fuzz_httpd_request.c -- give the parsers of a request anything.
 *
 *     clang -g -O1 -fsanitize=fuzzer,address,undefined \
 *         -o build/fuzz_httpd_request tests/fuzz_httpd_request.c
 *     build/fuzz_httpd_request -max_total_time=3600
 *
 * Beyond not crashing: what is believed of a request must hold.
 */
#define _GNU_SOURCE // strptime, timegm
#include "../tcp/httpd/body.c"
#include "../tcp/httpd/conditions.c"
#include "../tcp/httpd/date.c"
#include "../tcp/httpd/fields.c"
#include "../tcp/httpd/request.c"
#include "../tcp/httpd/target.c"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

// A text of the request lies in its head, and has no line end in it.
static void must_be_in(struct text t, struct text head)
{
    if (!t.at || t.length == 0)
        return;
    must(t.at >= head.at && t.at + t.length <= head.at + head.length);
    must(!memchr(t.at, '\r', t.length) && !memchr(t.at, '\n', t.length) &&
         !memchr(t.at, '\0', t.length));
}

static void check_target(struct text path)
{
    static char url[3 * TARGET_SIZE + 8];
    static struct target t, again;

    if (target_decode(&t, path) != 0)
        return;
    must(strlen(t.path) < sizeof t.path && t.path[0] != '/');
    must(strcmp(t.path, ".") == 0 || is_public(t.path));
    must(!strstr(t.path, "//") && !strstr(t.path, "/.."));
    // What is redirected to is the same again, and never another host.
    must(target_encode(url, sizeof url, t.path));
    must(url[0] == '/' && url[1] != '/' && !strpbrk(url, "\\\r\n\"<> "));
    must(target_decode(&again, (struct text){url, strlen(url)}) == 0);
    must(strcmp(t.path, again.path) == 0);
}

// The body ends at the same byte, however the stream was cut.
static void check_body(const struct request *r, struct text rest)
{
    struct body whole = body_of(r), bytewise = whole;
    struct text in = rest, data;
    size_t used = 0;

    while (in.length > 0 && whole.state != BODY_DONE && whole.state != BODY_BAD)
        body_step(&whole, &in, &data);
    while (used < rest.length && bytewise.state != BODY_DONE &&
           bytewise.state != BODY_BAD) {
        struct text one = {rest.at + used, 1};
        while (one.length > 0 && bytewise.state != BODY_BAD)
            body_step(&bytewise, &one, &data);
        used++;
    }
    must(whole.state == bytewise.state && whole.length == bytewise.length);
    if (whole.state == BODY_DONE)
        must(used == rest.length - in.length);
    if (whole.state == BODY_DONE && !r->chunked)
        must(whole.length == r->body_length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct request r;
    static const struct version v = {"\"1-2-3\"", 784111777, 1000};
    struct range range;
    int refusal;

    // In memory of exactly its size, so that a byte too far is seen.
    char *bytes = malloc(size + 1);
    must(bytes != NULL);
    memcpy(bytes, data, size);

    size_t length = request_head_length(bytes, size, &refusal);
    must(length <= size && length <= HEAD_MAX_BYTES);
    if (length > 0 && refusal == 0) {
        struct text head = {bytes, length};
        if (request_parse(&r, head) == 0) {
            must_be_in(r.line, head);
            if (!text_is(r.path, "/")) // which "http://host" stands for
                must_be_in(r.path, head);
            must_be_in(r.query, head);
            must_be_in(r.host, head);
            for (size_t i = 0; i < r.fields.count; i++) {
                must_be_in(r.fields.list[i].name, head);
                must_be_in(r.fields.list[i].value, head);
            }
            must(!(r.chunked && r.has_length));
            if (!r.of_server)
                check_target(r.path);
            check_body(&r, text_after((struct text){bytes, size}, length));
            int status = conditions_check(&r, &v, 1000000000, &range);
            must(range.first + range.length <= v.size || status == 416);
        }
    }
    free(bytes);
    return 0;
}
