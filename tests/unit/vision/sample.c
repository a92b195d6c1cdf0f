/* SPDX-License-Identifier: Apache-2.0 */
/* Samples are few, wiped on their way back, and outlive their session. */
#include "sample.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void a_pool_has_three_and_reuses_them_wiped(void **state)
{
	static const struct gh_sample blank;
	struct gh_sample_pool *pool;
	struct gh_sample *samples[SAMPLES];

	assert_int_equal(gh_sample_pool_create(&pool, NULL), GH_OK);
	for (int i = 0; i < SAMPLES; i++) {
		samples[i] = gh_sample_take(pool);
		assert_non_null(samples[i]);
		memset(samples[i], 0x5a, sizeof(*samples[i]));
	}
	assert_null(gh_sample_take(pool));
	gh_sample_release(samples[1]);
	assert_ptr_equal(gh_sample_take(pool), samples[1]);
	assert_memory_equal(samples[1], &blank, sizeof(blank));
	for (int i = 0; i < SAMPLES; i++)
		gh_sample_release(samples[i]);
	gh_sample_release(NULL);
	gh_sample_pool_destroy(pool);
	gh_sample_pool_destroy(NULL);
}

static void a_sample_outlives_its_session(void **state)
{
	struct gh_sample_pool *pool;
	struct gh_sample *sample;

	assert_int_equal(gh_sample_pool_create(&pool, NULL), GH_OK);
	sample = gh_sample_take(pool);
	gh_sample_pool_destroy(pool);
	memset(sample, 1, sizeof(*sample));
	gh_sample_release(sample);
}

static void *release(void *sample)
{
	gh_sample_release(sample);
	return NULL;
}

static void any_thread_may_release(void **state)
{
	struct gh_sample_pool *pool;

	assert_int_equal(gh_sample_pool_create(&pool, NULL), GH_OK);
	for (int round = 0; round < 50; round++) {
		pthread_t threads[SAMPLES];

		for (int i = 0; i < SAMPLES; i++) {
			struct gh_sample *sample = gh_sample_take(pool);

			assert_non_null(sample);
			assert_int_equal(pthread_create(&threads[i], NULL, release, sample), 0);
		}
		for (int i = 0; i < SAMPLES; i++)
			pthread_join(threads[i], NULL);
	}
	gh_sample_pool_destroy(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pool_has_three_and_reuses_them_wiped),
		cmocka_unit_test(a_sample_outlives_its_session),
		cmocka_unit_test(any_thread_may_release),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
