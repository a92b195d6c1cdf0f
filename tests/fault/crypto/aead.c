/* SPDX-License-Identifier: Apache-2.0 */
/* Sealing without memory or random numbers: nothing half-made comes out. */
#include "gatehouse/crypto/aead.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cmocka.h>

#include "inject.h"

ssize_t __real_getrandom(void *buffer, size_t length, unsigned flags);
ssize_t __wrap_getrandom(void *buffer, size_t length, unsigned flags);

static bool no_random;

ssize_t __wrap_getrandom(void *buffer, size_t length, unsigned flags)
{
	if (no_random) {
		errno = ENOSYS;
		return -1;
	}
	return __real_getrandom(buffer, length, flags);
}

static void sealing_and_opening_without_memory(void **state)
{
	static const struct gh_aead_key key = { { 7 } };
	struct gh_view context = gh_view_of_text("c");

	INJECT_EACH(INJECT_ALLOC, n)
	{
		struct gh_bytes sealed = GH_BYTES_EMPTY;
		struct gh_bytes plain = GH_BYTES_EMPTY;
		enum gh_status status =
			gh_aead_seal(&key, context, gh_view_of_text("text"), &sealed, NULL);

		if (status == GH_OK)
			status = gh_aead_open(&key, context, gh_bytes_view(&sealed), &plain, NULL);
		inject_pause();
		assert_int_equal(status, inject_hit() ? GH_NO_MEMORY : GH_OK);
		assert_int_equal(plain.length_bytes, inject_hit() ? 0 : 4);
		gh_bytes_finish(&sealed);
		gh_bytes_finish(&plain);
	}
}

/* A nonce that is not random would give the key away. */
static void no_random_numbers_no_seal(void **state)
{
	static const struct gh_aead_key key = { { 7 } };
	struct gh_bytes sealed = GH_BYTES_EMPTY;
	struct gh_error error = GH_ERROR_NONE;

	no_random = true;
	assert_int_equal(
		gh_aead_seal(&key, gh_view_of_text("c"), gh_view_of_text("text"), &sealed, &error),
		GH_INTERNAL);
	no_random = false;
	assert_int_equal(error.status, GH_INTERNAL);
	assert_null(sealed.data);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(sealing_and_opening_without_memory),
		cmocka_unit_test(no_random_numbers_no_seal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
