/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ids: their bits, their text form, and a kernel that gives few or no random numbers. */
#include "gatehouse/base/id.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include <cmocka.h>

ssize_t __real_getrandom(void *buffer, size_t length, unsigned flags);
ssize_t __wrap_getrandom(void *buffer, size_t length, unsigned flags);

static enum {
	NORMAL,
	ONE_BYTE,
	INTERRUPTED,
	REFUSED
} kernel;

ssize_t __wrap_getrandom(void *buffer, size_t length, unsigned flags)
{
	switch (kernel) {
	case NORMAL:
		break;
	case ONE_BYTE:
		length = 1;
		break;
	case INTERRUPTED:
		kernel = ONE_BYTE;
		errno = EINTR;
		return -1;
	case REFUSED:
		errno = ENOSYS;
		return -1;
	}
	return __real_getrandom(buffer, length, flags);
}

static int set_up(void **state)
{
	kernel = NORMAL;
	return 0;
}

static void made_ids_are_version_4(void **state)
{
	for (int i = 0; i < 200; i++) {
		struct gh_id id;

		assert_int_equal(gh_id_make(&id, NULL), GH_OK);
		assert_int_equal(id.bytes[6] & 0xF0, 0x40);
		assert_int_equal(id.bytes[8] & 0xC0, 0x80);
		assert_false(gh_id_is_none(&id));
	}
}

/* Every bit that is not fixed is 0 in some id and 1 in another. */
static void every_free_bit_varies(void **state)
{
	uint8_t ever_set[16] = { 0 };
	uint8_t ever_clear[16] = { 0 };

	for (int i = 0; i < 200; i++) {
		struct gh_id id;

		assert_int_equal(gh_id_make(&id, NULL), GH_OK);
		for (size_t j = 0; j < 16; j++) {
			ever_set[j] |= id.bytes[j];
			ever_clear[j] |= (uint8_t)~id.bytes[j];
		}
	}
	for (size_t j = 0; j < 16; j++) {
		assert_int_equal(ever_set[j], j == 6 ? 0x4F : j == 8 ? 0xBF : 0xFF);
		assert_int_equal(ever_clear[j], j == 6 ? 0xBF : j == 8 ? 0x7F : 0xFF);
	}
}

static void text_round_trip(void **state)
{
	static const struct gh_id id = { { 0xf8, 0x1d, 0x4f, 0xae, 0x7d, 0xec, 0x11, 0xd0, 0xa7,
		0x65, 0x00, 0xa0, 0xc9, 0x1e, 0x6b, 0xf6 } };
	char text[GH_ID_TEXT_BYTES];
	struct gh_id back;

	gh_id_format(&id, text);
	assert_string_equal(text, "f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
	assert_int_equal(gh_id_parse(text, &back, NULL), GH_OK);
	assert_true(gh_id_equal(&id, &back));
	assert_int_equal(gh_id_parse("F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6", &back, NULL), GH_OK);
	assert_true(gh_id_equal(&id, &back));
}

static void wrong_texts_give_none(void **state)
{
	static const char *const wrong[] = {
		"",
		"f81d4fae",
		"f81d4fae-7dec-11d0-a765-00a0c91e6bf",
		"f81d4fae-7dec-11d0-a765-00a0c91e6bf60",
		"f81d4fae7-dec-11d0-a765-00a0c91e6bf6",
		"f81d4fae-7dec-11d0-a765-00a0c91e6bg6",
		"f81d4fae-7dec-11d0-a765 00a0c91e6bf6",
		"f81d4fae-7dec-11d0-a765--0a0c91e6bf6",
		"{81d4fae-7dec-11d0-a765-00a0c91e6bf}",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct gh_error error = GH_ERROR_NONE;
		struct gh_id id = { { 1 } };

		assert_int_equal(gh_id_parse(wrong[i], &id, &error), GH_MALFORMED);
		assert_true(gh_id_is_none(&id));
		assert_memory_equal(error.text, "id: ", 4);
	}
}

static void short_answers_are_continued(void **state)
{
	uint8_t bytes[64];
	size_t zeros = 0;

	kernel = INTERRUPTED;
	assert_int_equal(gh_random_fill(bytes, sizeof(bytes), NULL), GH_OK);
	for (size_t i = 0; i < sizeof(bytes); i++)
		zeros += bytes[i] == 0;
	/* 64 random bytes hold 10 zeros once in 10^13 times. */
	assert_true(zeros < 10);
}

static void a_refusal_leaves_none(void **state)
{
	struct gh_error error = GH_ERROR_NONE;
	struct gh_id id = { { 1 } };

	kernel = REFUSED;
	assert_int_equal(gh_id_make(&id, &error), GH_INTERNAL);
	assert_int_equal(error.status, GH_INTERNAL);
	assert_true(gh_id_is_none(&id));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(made_ids_are_version_4, set_up),
		cmocka_unit_test_setup(every_free_bit_varies, set_up),
		cmocka_unit_test_setup(text_round_trip, set_up),
		cmocka_unit_test_setup(wrong_texts_give_none, set_up),
		cmocka_unit_test_setup(short_answers_are_continued, set_up),
		cmocka_unit_test_setup(a_refusal_leaves_none, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
