/*
 * tests/test_address.c -- what common/address.h promises.
 */
#include "unit.h"

#include <unistd.h>

#include "../common/address.h"

// What is found for a numeric host and service, written out; or the error.
static const char *found(const char *host, const char *service, int flags)
{
    static struct address_text text;
    struct sockaddr_storage address = {0};
    struct addrinfo *list;

    int error = address_find(host, service, SOCK_DGRAM, flags, &list);
    if (error != 0)
        return gai_strerror(error);
    assert_int_equal(list->ai_socktype, SOCK_DGRAM);
    assert_null(list->ai_next);
    memcpy(&address, list->ai_addr, list->ai_addrlen);
    freeaddrinfo(list);
    text = address_text(&address);
    return text.text;
}

static void what_is_found_reads_as_it_was_written(void **state)
{
    (void)state;

    assert_string_equal(found("127.0.0.1", "9400", 0), "127.0.0.1:9400");
    assert_string_equal(found("::1", "9400", 0), "[::1]:9400");
    assert_string_equal(found("fe80::1%lo", "1", 0), "[fe80::1%lo]:1");
    assert_string_equal(found("::ffff:192.0.2.255", "65535", 0),
                        "[::ffff:192.0.2.255]:65535");
}

static void a_service_has_a_number(void **state)
{
    (void)state;

    if (access("/etc/services", R_OK) == -1)
        skip_test("it runs where netbase is installed");
    assert_string_equal(found("127.0.0.1", "domain", 0), "127.0.0.1:53");
}

static void port_0_is_for_those_who_bind(void **state)
{
    (void)state;

    assert_string_equal(found("::", "0", AI_PASSIVE), "[::]:0");
    assert_string_equal(found("::", "0", 0), gai_strerror(EAI_SERVICE));
}

static void what_is_no_port_is_refused(void **state)
{
    (void)state;
    const char *refused[] = {"", "65536", "99999999999", "-1", "80x", "nosuch"};

    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_string_equal(found("127.0.0.1", refused[i], AI_PASSIVE),
                            gai_strerror(EAI_SERVICE));
}

static void what_is_no_host_is_refused(void **state)
{
    (void)state;

    assert_string_equal(found("no host", "9400", 0), gai_strerror(EAI_NONAME));
    assert_string_equal(found("", "9400", 0), gai_strerror(EAI_NONAME));
}

static void a_socket_says_where_it_is(void **state)
{
    (void)state;
    int sock = socket(AF_INET, SOCK_DGRAM, 0);

    assert_string_equal(address_bound(sock).text, "0.0.0.0:0");
    close(sock);
}

static void another_family_has_no_text(void **state)
{
    (void)state;
    struct sockaddr_storage address = {.ss_family = AF_UNIX};

    assert_string_equal(address_text(&address).text, "?");
}

static void the_longest_address_fits(void **state)
{
    (void)state;
    struct sockaddr_storage address = {0};
    struct sockaddr_in6 *longest = (struct sockaddr_in6 *)&address;

    longest->sin6_family = AF_INET6;
    longest->sin6_port = 0xffff;
    memset(&longest->sin6_addr, 0xee, sizeof longest->sin6_addr);
    assert_string_equal(address_text(&address).text,
                        "[eeee:eeee:eeee:eeee:eeee:eeee:eeee:eeee]:65535");

    // Link-local, on an interface that is not there: a number for its name.
    longest->sin6_addr.s6_addr[0] = 0xfe;
    longest->sin6_addr.s6_addr[1] = 0x80;
    longest->sin6_scope_id = 4294967295;
    assert_string_equal(
        address_text(&address).text,
        "[fe80:eeee:eeee:eeee:eeee:eeee:eeee:eeee%4294967295]:65535");
}

// The address as recvfrom would leave it; what lies behind it is random.
static struct sockaddr_storage stored(const void *address, size_t size)
{
    struct sockaddr_storage storage;

    memset(&storage, (int)(random() & 0xff), sizeof storage);
    memcpy(&storage, address, size);
    return storage;
}

static bool same_v6(const struct sockaddr_in6 *a, const struct sockaddr_in6 *b)
{
    struct sockaddr_storage x = stored(a, sizeof *a), y = stored(b, sizeof *b);
    return address_same(&x, &y);
}

static bool same_v4(const struct sockaddr_in *a, const struct sockaddr_in *b)
{
    struct sockaddr_storage x = stored(a, sizeof *a), y = stored(b, sizeof *b);
    return address_same(&x, &y);
}

static void v6_addresses_are_the_same_by_host_scope_and_port(void **state)
{
    (void)state;
    const struct sockaddr_in6 here = {.sin6_family = AF_INET6, .sin6_port = 7};
    struct sockaddr_in6 other;

    other = here, other.sin6_flowinfo = 1;
    assert_true(same_v6(&here, &other));
    other = here, other.sin6_port = 8;
    assert_false(same_v6(&here, &other));
    other = here, other.sin6_scope_id = 1;
    assert_false(same_v6(&here, &other));
    other = here, other.sin6_addr.s6_addr[15] = 1;
    assert_false(same_v6(&here, &other));
}

static void v4_addresses_are_the_same_by_host_and_port(void **state)
{
    (void)state;
    const struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = 7};
    struct sockaddr_in other;

    other = here, other.sin_zero[7] = 1;
    assert_true(same_v4(&here, &other));
    other = here, other.sin_port = 8;
    assert_false(same_v4(&here, &other));
    other = here, other.sin_addr.s_addr = 1;
    assert_false(same_v4(&here, &other));
}

static void the_two_families_are_never_the_same(void **state)
{
    (void)state;
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    struct sockaddr_storage a = stored(&v4, sizeof v4);
    struct sockaddr_storage b = stored(&v6, sizeof v6);

    assert_false(address_same(&a, &b));
    assert_false(address_same(&b, &a));
}

static void a_number_that_is_no_port_is_told_from_a_name(void **state)
{
    (void)state;
    assert_true(is_port("0"));
    assert_true(is_port("65535"));
    assert_true(is_port("http"));
    assert_false(is_port("65536"));
    assert_false(is_port("99999999999999999999"));
    assert_false(is_port(""));
}

static void what_to_do_is_said_where_one_can_do_something(void **state)
{
    (void)state;
    assert_non_null(strstr(bind_advice(EADDRINUSE), "another port"));
    assert_non_null(strstr(bind_advice(EADDRNOTAVAIL), "no such address"));
    assert_string_equal(bind_advice(EBADF), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_found_reads_as_it_was_written),
        cmocka_unit_test(a_service_has_a_number),
        cmocka_unit_test(port_0_is_for_those_who_bind),
        cmocka_unit_test(what_is_no_port_is_refused),
        cmocka_unit_test(what_is_no_host_is_refused),
        cmocka_unit_test(a_socket_says_where_it_is),
        cmocka_unit_test(another_family_has_no_text),
        cmocka_unit_test(the_longest_address_fits),
        cmocka_unit_test(v6_addresses_are_the_same_by_host_scope_and_port),
        cmocka_unit_test(v4_addresses_are_the_same_by_host_and_port),
        cmocka_unit_test(the_two_families_are_never_the_same),
        cmocka_unit_test(a_number_that_is_no_port_is_told_from_a_name),
        cmocka_unit_test(what_to_do_is_said_where_one_can_do_something),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
