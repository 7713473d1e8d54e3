/*
 * tests/unit.h -- what every unit test includes: cmocka(3), and what it wants
 * to have been included before it.
 */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

// Skip this test; tests/one.sh puts REASON, what would run it, behind its name.
static inline void skip_test(const char *reason)
{
    print_message("# skip %s\n", reason);
    skip();
}

#endif
