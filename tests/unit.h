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

#endif
