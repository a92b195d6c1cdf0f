/* SPDX-License-Identifier: Apache-2.0 */
/* The injection of failures itself: what fails, when, with which errno, and what is let through. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "inject.h"

/* Out of the optimiser's sight, which may leave out a pair of malloc and free. */
static bool allocates(void)
{
	void *volatile block = malloc(16);
	bool got = block != NULL;

	free(block);
	return got;
}

static void fails_the_nth_call_only(void **state)
{
	inject_arm(INJECT_ALLOC, 3);
	assert_true(allocates());
	assert_true(allocates());
	assert_false(inject_hit());
	assert_false(allocates());
	assert_int_equal(errno, ENOMEM);
	assert_true(allocates());
	assert_int_equal(inject_count(INJECT_ALLOC), 4);
	assert_true(inject_disarm());
}

static void fails_from_the_nth_call_on(void **state)
{
	inject_arm_from(INJECT_ALLOC, 2);
	assert_true(allocates());
	assert_false(allocates());
	assert_false(allocates());
	inject_pause();
	assert_true(allocates());
	assert_int_equal(inject_count(INJECT_ALLOC), 3);
}

static void fails_every_kind_of_allocation(void **state)
{
	void *aligned = NULL;

	inject_arm_from(INJECT_ALLOC, 1);
	void *volatile zeroed = calloc(2, 8);
	void *volatile grown = realloc(NULL, 1024);
	char *volatile copy = strdup("specimen");
	char *volatile part = strndup("specimen", 3);
	int status = posix_memalign(&aligned, 64, 64);
	void *volatile fitted = aligned_alloc(64, 64);
	inject_pause();
	assert_null(zeroed);
	assert_null(grown);
	assert_null(copy);
	assert_null(part);
	assert_int_equal(status, ENOMEM);
	assert_null(fitted);
	assert_int_equal(inject_count(INJECT_ALLOC), 6);
}

static void fails_one_point_and_leaves_the_others(void **state)
{
	char path[] = "/tmp/gatehouse-inject-XXXXXX";
	int file = mkstemp(path);

	assert_true(file >= 0);
	inject_arm(INJECT_SYNC, 1);
	assert_true(allocates());
	assert_int_equal(write(file, "abcd", 4), 4);
	assert_int_equal(fsync(file), -1);
	assert_int_equal(errno, EIO);
	assert_true(inject_disarm());

	inject_arm(INJECT_WRITE, 1);
	inject_errno(EDQUOT);
	assert_int_equal(write(file, "efgh", 4), -1);
	assert_int_equal(errno, EDQUOT);
	inject_arm(INJECT_WRITE, 1);
	assert_int_equal(ftruncate(file, 0), -1);
	assert_int_equal(errno, ENOSPC);

	inject_arm(INJECT_SHORT, 1);
	assert_int_equal(write(file, "efgh", 4), 2);
	assert_int_equal(write(file, "gh", 2), 2);

	inject_arm(INJECT_RENAME, 1);
	assert_int_equal(rename(path, path), -1);
	assert_int_equal(errno, EACCES);
	inject_arm(INJECT_OPEN, 1);
	assert_int_equal(open(path, O_RDONLY), -1);
	assert_int_equal(errno, EMFILE);
	assert_null(fopen("/dev/null/none", "r"));
	inject_arm(INJECT_READ, 1);
	char bytes[16];
	assert_int_equal(pread(file, bytes, sizeof(bytes), 0), -1);
	assert_int_equal(errno, EIO);
	assert_int_equal(pread(file, bytes, sizeof(bytes), 0), 8);
	assert_memory_equal(bytes, "abcdefgh", 8);
	inject_pause();
	close(file);
	unlink(path);
}

static void *nothing(void *argument)
{
	return argument;
}

static void fails_to_start_a_thread(void **state)
{
	pthread_t thread;

	inject_arm(INJECT_THREAD, 1);
	assert_int_equal(pthread_create(&thread, NULL, nothing, NULL), EAGAIN);
	assert_int_equal(pthread_create(&thread, NULL, nothing, NULL), 0);
	inject_pause();
	assert_int_equal(pthread_join(thread, NULL), 0);
}

static void rounds_end_after_the_first_without_a_failure(void **state)
{
	unsigned long failed = 0;
	unsigned long passed = 0;

	INJECT_EACH(INJECT_ALLOC, n)
	{
		bool got = allocates() && allocates() && allocates();
		inject_pause();
		assert_int_equal(got, !inject_hit());
		failed += inject_hit();
		passed += !inject_hit();
	}
	assert_int_equal(failed, 3);
	assert_int_equal(passed, 1);
	assert_true(allocates());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fails_the_nth_call_only),
		cmocka_unit_test(fails_from_the_nth_call_on),
		cmocka_unit_test(fails_every_kind_of_allocation),
		cmocka_unit_test(fails_one_point_and_leaves_the_others),
		cmocka_unit_test(fails_to_start_a_thread),
		cmocka_unit_test(rounds_end_after_the_first_without_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
