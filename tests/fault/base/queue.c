/* SPDX-License-Identifier: Apache-2.0 */
/* Queue and mailbox without memory or locks, and that they take none once they are made. */
#include "gatehouse/base/queue.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "inject.h"

int __real_pthread_cond_init(pthread_cond_t *cond, const pthread_condattr_t *attributes);
int __wrap_pthread_cond_init(pthread_cond_t *cond, const pthread_condattr_t *attributes);
int __real_pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes);
int __wrap_pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes);

static int cond_failure;
static int mutex_failure;

int __wrap_pthread_cond_init(pthread_cond_t *cond, const pthread_condattr_t *attributes)
{
	return cond_failure ? cond_failure : __real_pthread_cond_init(cond, attributes);
}

int __wrap_pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes)
{
	return mutex_failure ? mutex_failure : __real_pthread_mutex_init(mutex, attributes);
}

static void a_queue_is_made_whole_or_not_at_all(void **state)
{
	INJECT_EACH(INJECT_ALLOC, n)
	{
		struct gh_queue *queue;
		struct gh_error error = GH_ERROR_NONE;
		enum gh_status status = gh_queue_create(4, 100, &queue, &error);

		inject_pause();
		assert_int_equal(status, inject_hit() ? GH_NO_MEMORY : GH_OK);
		assert_int_equal(queue == NULL, inject_hit());
		assert_int_equal(error.status, inject_hit() ? GH_NO_MEMORY : GH_OK);
		gh_queue_destroy(queue);
	}
}

static void a_mailbox_is_made_whole_or_not_at_all(void **state)
{
	INJECT_EACH(INJECT_ALLOC, n)
	{
		struct gh_mailbox *mailbox;
		enum gh_status status = gh_mailbox_create(&mailbox, NULL);

		inject_pause();
		assert_int_equal(status, inject_hit() ? GH_NO_MEMORY : GH_OK);
		assert_int_equal(mailbox == NULL, inject_hit());
		gh_mailbox_destroy(mailbox);
	}
}

static void refuse_both(void)
{
	struct gh_error error = GH_ERROR_NONE;
	struct gh_queue *queue;
	struct gh_mailbox *mailbox;

	assert_int_equal(gh_queue_create(4, 100, &queue, &error), GH_NO_MEMORY);
	assert_null(queue);
	assert_int_equal(error.status, GH_NO_MEMORY);
	assert_int_equal(gh_mailbox_create(&mailbox, NULL), GH_NO_MEMORY);
	assert_null(mailbox);
}

static void locks_can_be_refused_too(void **state)
{
	cond_failure = ENOMEM;
	refuse_both();
	cond_failure = 0;
	mutex_failure = EAGAIN;
	refuse_both();
	mutex_failure = 0;
}

static void impossible_sizes_are_refused(void **state)
{
	struct gh_queue *queue;

	assert_int_equal(gh_queue_create(SIZE_MAX / 8, 16, &queue, NULL), GH_NO_MEMORY);
	assert_null(queue);
}

static void handing_over_allocates_nothing(void **state)
{
	struct gh_queue *queue;
	int item = 7;

	assert_int_equal(gh_queue_create(4, sizeof(item), &queue, NULL), GH_OK);
	inject_arm_from(INJECT_ALLOC, 1);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(gh_queue_push(queue, &item), GH_OK);
		assert_int_equal(gh_queue_pop(queue, 0, &item), GH_OK);
	}
	inject_pause();
	assert_int_equal(inject_count(INJECT_ALLOC), 0);
	gh_queue_destroy(queue);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_queue_is_made_whole_or_not_at_all),
		cmocka_unit_test(a_mailbox_is_made_whole_or_not_at_all),
		cmocka_unit_test(locks_can_be_refused_too),
		cmocka_unit_test(impossible_sizes_are_refused),
		cmocka_unit_test(handing_over_allocates_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
