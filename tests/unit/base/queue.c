/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the queue and the mailbox, alone and between threads. */
#include "gatehouse/base/queue.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "gatehouse/base/clock.h"

static struct gh_queue *make_queue(size_t capacity)
{
	struct gh_queue *queue = NULL;

	assert_int_equal(gh_queue_create(capacity, sizeof(int), &queue, NULL), GH_OK);
	return queue;
}

static void items_come_out_in_order(void **state)
{
	struct gh_queue *queue = make_queue(3);
	int next_in = 0;
	int next_out = 0;

	/* Three in, two out, so that the ring turns. */
	for (int round = 0; round < 10; round++) {
		int item;

		while (gh_queue_push(queue, &next_in) == GH_OK)
			next_in++;
		for (int i = 0; i < 2; i++) {
			assert_int_equal(gh_queue_pop(queue, 0, &item), GH_OK);
			assert_int_equal(item, next_out++);
		}
	}
	assert_int_equal(next_in, next_out + 1);
	gh_queue_destroy(queue);
	gh_queue_destroy(NULL);
}

static void a_full_queue_refuses_and_counts(void **state)
{
	struct gh_queue *queue = make_queue(2);
	int item = 1;

	assert_int_equal(gh_queue_push(queue, &item), GH_OK);
	item = 2;
	assert_int_equal(gh_queue_push(queue, &item), GH_OK);
	item = 3;
	assert_int_equal(gh_queue_push(queue, &item), GH_FULL);
	assert_int_equal(gh_queue_push(queue, &item), GH_FULL);
	assert_int_equal(gh_queue_refused(queue), 2);
	assert_int_equal(gh_queue_pop(queue, 0, &item), GH_OK);
	assert_int_equal(item, 1);
	assert_int_equal(gh_queue_pop(queue, 0, &item), GH_OK);
	assert_int_equal(item, 2);
	assert_int_equal(gh_queue_pop(queue, 0, &item), GH_TIMEOUT);
	gh_queue_destroy(queue);
}

static void a_queue_without_room_takes_nothing(void **state)
{
	struct gh_queue *queue = make_queue(0);
	int item = 1;

	assert_int_equal(gh_queue_push(queue, &item), GH_FULL);
	assert_int_equal(gh_queue_pop(queue, 0, &item), GH_TIMEOUT);
	gh_queue_destroy(queue);
}

static void closing_lets_the_rest_out(void **state)
{
	struct gh_queue *queue = make_queue(2);
	int item = 5;

	assert_int_equal(gh_queue_push(queue, &item), GH_OK);
	gh_queue_close(queue);
	assert_int_equal(gh_queue_push(queue, &item), GH_CANCELLED);
	assert_int_equal(gh_queue_refused(queue), 0);
	item = 0;
	assert_int_equal(gh_queue_pop(queue, 1000, &item), GH_OK);
	assert_int_equal(item, 5);
	assert_int_equal(gh_queue_pop(queue, UINT32_MAX, &item), GH_CANCELLED);
	gh_queue_destroy(queue);
}

/* Not a test of speed: an early end would be wrong, however slow the machine. */
static void waiting_lasts_as_long_as_asked(void **state)
{
	const struct gh_clock *clock = gh_clock_system();
	struct gh_queue *queue = make_queue(1);
	struct gh_mailbox *mailbox = NULL;
	struct gh_frame *frame;
	uint64_t before = clock->monotonic_us(clock);
	int item;

	assert_int_equal(gh_queue_pop(queue, 30, &item), GH_TIMEOUT);
	assert_true(clock->monotonic_us(clock) - before >= 30000);
	assert_int_equal(gh_mailbox_create(&mailbox, NULL), GH_OK);
	before = clock->monotonic_us(clock);
	assert_int_equal(gh_mailbox_take(mailbox, 30, &frame), GH_TIMEOUT);
	assert_null(frame);
	assert_true(clock->monotonic_us(clock) - before >= 30000);
	gh_mailbox_destroy(mailbox);
	gh_queue_destroy(queue);
}

#define ITEMS 5000
#define PRODUCERS 3

struct producer {
	struct gh_queue *queue;
	int first;
};

static void *produce(void *argument)
{
	struct producer *producer = argument;

	for (int i = 0; i < ITEMS; i++) {
		int item = producer->first + i;

		while (gh_queue_push(producer->queue, &item) == GH_FULL)
			sched_yield();
	}
	return NULL;
}

static void nothing_is_lost_between_threads(void **state)
{
	struct gh_queue *queue = make_queue(8);
	struct producer producers[PRODUCERS];
	pthread_t threads[PRODUCERS];
	int next[PRODUCERS] = { 0 };

	for (int i = 0; i < PRODUCERS; i++) {
		producers[i] = (struct producer){ queue, i * ITEMS };
		assert_int_equal(pthread_create(&threads[i], NULL, produce, &producers[i]), 0);
	}
	for (int i = 0; i < PRODUCERS * ITEMS; i++) {
		int item;

		assert_int_equal(gh_queue_pop(queue, 60000, &item), GH_OK);
		assert_int_equal(item % ITEMS, next[item / ITEMS]++);
	}
	for (int i = 0; i < PRODUCERS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	gh_queue_destroy(queue);
}

static void *wait_for_item(void *queue)
{
	int item;

	return gh_queue_pop(queue, 60000, &item) == GH_CANCELLED ? NULL : queue;
}

static void *wait_for_frame(void *mailbox)
{
	struct gh_frame *frame;

	return gh_mailbox_take(mailbox, 60000, &frame) == GH_CANCELLED ? NULL : mailbox;
}

static void closing_wakes_everyone_who_waits(void **state)
{
	struct gh_queue *queue = make_queue(1);
	struct gh_mailbox *mailbox = NULL;
	struct timespec pause = { 0, 20000000 };
	pthread_t threads[4];

	assert_int_equal(gh_mailbox_create(&mailbox, NULL), GH_OK);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(pthread_create(&threads[i], NULL, wait_for_item, queue), 0);
		assert_int_equal(pthread_create(&threads[2 + i], NULL, wait_for_frame, mailbox), 0);
	}
	nanosleep(&pause, NULL);
	gh_queue_close(queue);
	gh_mailbox_close(mailbox);
	for (size_t i = 0; i < 4; i++) {
		void *failure;

		assert_int_equal(pthread_join(threads[i], &failure), 0);
		assert_null(failure);
	}
	gh_mailbox_destroy(mailbox);
	gh_queue_destroy(queue);
}

struct post {
	struct gh_frame_pool *pool;
	struct gh_mailbox *mailbox;
};

static struct post make_post(uint32_t count)
{
	struct post post = { NULL, NULL };

	assert_int_equal(gh_frame_pool_create(count, 16, &post.pool, NULL), GH_OK);
	assert_int_equal(gh_mailbox_create(&post.mailbox, NULL), GH_OK);
	return post;
}

static struct gh_frame *take(struct post post, uint64_t sequence)
{
	uint8_t *memory;
	size_t length;
	struct gh_frame *frame = gh_frame_take(post.pool, &memory, &length);

	if (frame)
		frame->sequence = sequence;
	return frame;
}

/* All frames of the pool are free: nothing leaked. */
static void finish_post(struct post post, uint32_t count)
{
	struct gh_frame *frames[4];

	assert_in_range(count, 1, 4);
	gh_mailbox_destroy(post.mailbox);
	for (uint32_t i = 0; i < count; i++) {
		frames[i] = take(post, 0);
		assert_non_null(frames[i]);
	}
	assert_null(take(post, 0));
	gh_frame_pool_destroy(post.pool);
	for (uint32_t i = 0; i < count; i++)
		gh_frame_unref(frames[i]);
}

static void the_newest_frame_wins(void **state)
{
	struct post post = make_post(3);
	struct gh_frame *frame;

	for (uint64_t i = 1; i <= 10; i++)
		gh_mailbox_put(post.mailbox, take(post, i));
	assert_int_equal(gh_mailbox_dropped(post.mailbox), 9);
	assert_int_equal(gh_mailbox_take(post.mailbox, 0, &frame), GH_OK);
	assert_int_equal(frame->sequence, 10);
	gh_frame_unref(frame);
	assert_int_equal(gh_mailbox_take(post.mailbox, 0, &frame), GH_TIMEOUT);
	assert_null(frame);

	gh_mailbox_put(post.mailbox, take(post, 11));
	gh_mailbox_empty(post.mailbox);
	assert_int_equal(gh_mailbox_dropped(post.mailbox), 9);
	assert_int_equal(gh_mailbox_take(post.mailbox, 0, &frame), GH_TIMEOUT);
	gh_mailbox_put(post.mailbox, take(post, 12));
	finish_post(post, 3);
}

static void a_closed_mailbox_keeps_nothing(void **state)
{
	struct post post = make_post(2);
	struct gh_frame *frame;

	gh_mailbox_put(post.mailbox, take(post, 1));
	gh_mailbox_close(post.mailbox);
	assert_int_equal(gh_mailbox_take(post.mailbox, 1000, &frame), GH_CANCELLED);
	assert_null(frame);
	gh_mailbox_put(post.mailbox, take(post, 2));
	assert_int_equal(gh_mailbox_take(post.mailbox, 0, &frame), GH_CANCELLED);
	assert_int_equal(gh_mailbox_dropped(post.mailbox), 0);
	finish_post(post, 2);
	gh_mailbox_destroy(NULL);
}

#define FRAMES 5000

static void *film(void *argument)
{
	struct post *post = argument;

	for (uint64_t i = 1; i <= FRAMES; i++) {
		struct gh_frame *frame = NULL;

		while (!frame) {
			frame = take(*post, i);
			sched_yield();
		}
		gh_mailbox_put(post->mailbox, frame);
	}
	return NULL;
}

/* Frames taken and frames dropped make all there were, and time never goes back. */
static void every_frame_is_taken_or_counted(void **state)
{
	struct post post = make_post(3);
	uint64_t taken = 0;
	uint64_t last = 0;
	pthread_t camera;

	assert_int_equal(pthread_create(&camera, NULL, film, &post), 0);
	while (last < FRAMES) {
		struct gh_frame *frame;

		assert_int_equal(gh_mailbox_take(post.mailbox, 60000, &frame), GH_OK);
		assert_true(frame->sequence > last);
		last = frame->sequence;
		gh_frame_unref(frame);
		taken++;
	}
	assert_int_equal(pthread_join(camera, NULL), 0);
	assert_int_equal(taken + gh_mailbox_dropped(post.mailbox), FRAMES);
	finish_post(post, 3);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_come_out_in_order),
		cmocka_unit_test(a_full_queue_refuses_and_counts),
		cmocka_unit_test(a_queue_without_room_takes_nothing),
		cmocka_unit_test(closing_lets_the_rest_out),
		cmocka_unit_test(waiting_lasts_as_long_as_asked),
		cmocka_unit_test(nothing_is_lost_between_threads),
		cmocka_unit_test(closing_wakes_everyone_who_waits),
		cmocka_unit_test(the_newest_frame_wins),
		cmocka_unit_test(a_closed_mailbox_keeps_nothing),
		cmocka_unit_test(every_frame_is_taken_or_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
