/* What every unit test includes: cmocka, and the headers that it needs before it. */
#ifndef TESTS_UNIT_TESTING_H
#define TESTS_UNIT_TESTING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/base/rc.h"

#define assert_ok(call)     assert_int_equal((call), RC_OK)
#define assert_rc(call, rc) assert_int_equal((call), (rc))

#endif
