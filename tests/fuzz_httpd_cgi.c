/*
 * tests/fuzz_httpd_cgi.c -- give the parser of a script's answer anything.
 *
 *     clang -g -O1 -fsanitize=fuzzer,address,undefined \
 *         -o build/fuzz_httpd_cgi tests/fuzz_httpd_cgi.c
 *     build/fuzz_httpd_cgi -max_total_time=3600
 */
#include "../tcp/httpd/cgi_response.c"
#include "../tcp/httpd/fields.c"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct cgi_response r;

    // In memory of exactly its size, so that a byte too far is seen.
    char *bytes = malloc(size + 1);
    must(bytes != NULL);
    memcpy(bytes, data, size);

    size_t length = cgi_response_head_length(bytes, size);
    must(length <= size);
    if (length > 0 && cgi_response_parse(&r, (struct text){bytes, length})) {
        must(r.status >= 200 && r.status <= 599);
        must(!r.local_redirect ||
             (r.location.length > 0 && r.location.at[0] == '/'));
        must(r.location.length < length);
        // Nothing of it can become a line of its own in our answer.
        for (size_t i = 0; i < r.fields.count; i++) {
            struct text value = r.fields.list[i].value;
            must(is_token(r.fields.list[i].name));
            for (size_t k = 0; k < value.length; k++)
                must(value.at[k] != '\r' && value.at[k] != '\n' &&
                     value.at[k] != '\0');
        }
        for (size_t k = 0; k < r.reason.length; k++)
            must(r.reason.at[k] != '\r' && r.reason.at[k] != '\n');
    }
    free(bytes);
    return 0;
}
