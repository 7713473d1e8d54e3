/*
 * tests/test_compat_fallback.c -- the same where the system has none of it.
 */
#ifndef COMPAT_FALLBACK
#define COMPAT_FALLBACK
#endif
#include "test_compat.c"
