/* SPDX-License-Identifier: Apache-2.0 */
/* The bounded queue and the mailbox: one mutex and one monotonic condition each. */
#include "gatehouse/base/queue.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gatehouse/base/bytes.h"

struct signal {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
};

struct gh_queue {
	struct signal signal;
	atomic_uint_least64_t refused;
	size_t capacity;
	size_t item_bytes;
	size_t first;
	size_t count;
	bool closed;
	uint8_t *items;
};

struct gh_mailbox {
	struct signal signal;
	atomic_uint_least64_t dropped;
	struct gh_frame *frame;
	bool closed;
};

static enum gh_status signal_init(struct signal *signal, struct gh_error *error)
{
	pthread_condattr_t attributes;
	int failure;

	failure = pthread_condattr_init(&attributes);
	if (failure)
		goto nothing;
	failure = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	if (!failure)
		failure = pthread_cond_init(&signal->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	if (failure)
		goto nothing;
	failure = pthread_mutex_init(&signal->mutex, NULL);
	if (failure)
		goto changed;
	return GH_OK;

changed:
	pthread_cond_destroy(&signal->changed);
nothing:
	return gh_error_set(error, GH_NO_MEMORY, "lock of a queue: error %d", failure);
}

static void signal_finish(struct signal *signal)
{
	pthread_mutex_destroy(&signal->mutex);
	pthread_cond_destroy(&signal->changed);
}

static struct timespec deadline_after(uint32_t timeout_ms)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += (time_t)(timeout_ms / 1000);
	at.tv_nsec += (long)(timeout_ms % 1000) * 1000000L;
	if (at.tv_nsec >= 1000000000L) {
		at.tv_sec++;
		at.tv_nsec -= 1000000000L;
	}
	return at;
}

/* Wait for a change with the lock held; false once the deadline has passed. */
static bool wait_until(struct signal *signal, const struct timespec *deadline)
{
	return pthread_cond_timedwait(&signal->changed, &signal->mutex, deadline) != ETIMEDOUT;
}

enum gh_status gh_queue_create(
	size_t capacity, size_t item_bytes, struct gh_queue **queue, struct gh_error *error)
{
	struct gh_queue *made;

	*queue = NULL;
	if (item_bytes > 0 && capacity > SIZE_MAX / item_bytes)
		return gh_error_set(error, GH_NO_MEMORY, "queue beyond the address space");
	made = calloc(1, sizeof(*made));
	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "queue");
	made->items = calloc(capacity, item_bytes);
	if (!made->items && capacity > 0 && item_bytes > 0) {
		gh_error_set(error, GH_NO_MEMORY, "queue of %zu items of %zu bytes", capacity,
			item_bytes);
		goto queue;
	}
	if (signal_init(&made->signal, error) != GH_OK)
		goto items;
	made->capacity = capacity;
	made->item_bytes = item_bytes;
	*queue = made;
	return GH_OK;

items:
	free(made->items);
queue:
	free(made);
	return GH_NO_MEMORY;
}

void gh_queue_destroy(struct gh_queue *queue)
{
	if (!queue)
		return;
	gh_wipe(queue->items, queue->capacity * queue->item_bytes);
	signal_finish(&queue->signal);
	free(queue->items);
	free(queue);
}

static enum gh_status push_locked(struct gh_queue *queue, const void *item)
{
	size_t place;

	if (queue->closed)
		return GH_CANCELLED;
	if (queue->count == queue->capacity) {
		atomic_fetch_add(&queue->refused, 1);
		return GH_FULL;
	}
	place = (queue->first + queue->count) % queue->capacity;
	memcpy(queue->items + place * queue->item_bytes, item, queue->item_bytes);
	queue->count++;
	pthread_cond_signal(&queue->signal.changed);
	return GH_OK;
}

enum gh_status gh_queue_push(struct gh_queue *queue, const void *item)
{
	enum gh_status status;

	pthread_mutex_lock(&queue->signal.mutex);
	status = push_locked(queue, item);
	pthread_mutex_unlock(&queue->signal.mutex);
	return status;
}

static enum gh_status pop_locked(struct gh_queue *queue, void *item)
{
	uint8_t *place = queue->items + queue->first * queue->item_bytes;

	if (queue->count == 0)
		return queue->closed ? GH_CANCELLED : GH_TIMEOUT;
	memcpy(item, place, queue->item_bytes);
	gh_wipe(place, queue->item_bytes);
	queue->first = (queue->first + 1) % queue->capacity;
	queue->count--;
	return GH_OK;
}

enum gh_status gh_queue_pop(struct gh_queue *queue, uint32_t timeout_ms, void *item)
{
	struct timespec deadline = deadline_after(timeout_ms);
	enum gh_status status;

	pthread_mutex_lock(&queue->signal.mutex);
	while (queue->count == 0 && !queue->closed && timeout_ms > 0)
		if (!wait_until(&queue->signal, &deadline))
			break;
	status = pop_locked(queue, item);
	pthread_mutex_unlock(&queue->signal.mutex);
	return status;
}

void gh_queue_close(struct gh_queue *queue)
{
	pthread_mutex_lock(&queue->signal.mutex);
	queue->closed = true;
	pthread_cond_broadcast(&queue->signal.changed);
	pthread_mutex_unlock(&queue->signal.mutex);
}

uint64_t gh_queue_refused(const struct gh_queue *queue)
{
	return atomic_load(&queue->refused);
}

enum gh_status gh_mailbox_create(struct gh_mailbox **mailbox, struct gh_error *error)
{
	struct gh_mailbox *made = calloc(1, sizeof(*made));

	*mailbox = NULL;
	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "mailbox");
	if (signal_init(&made->signal, error) != GH_OK) {
		free(made);
		return GH_NO_MEMORY;
	}
	*mailbox = made;
	return GH_OK;
}

void gh_mailbox_destroy(struct gh_mailbox *mailbox)
{
	if (!mailbox)
		return;
	gh_frame_unref(mailbox->frame);
	signal_finish(&mailbox->signal);
	free(mailbox);
}

/*
 * Put frame in the place of what is inside and return that: the caller drops
 * it outside the lock, as a driver's release() may run then.
 */
static struct gh_frame *swap(struct gh_mailbox *mailbox, struct gh_frame *frame, bool close)
{
	struct gh_frame *before;

	pthread_mutex_lock(&mailbox->signal.mutex);
	mailbox->closed = mailbox->closed || close;
	if (frame && mailbox->closed) {
		before = frame;
	} else {
		before = mailbox->frame;
		mailbox->frame = frame;
		if (frame && before)
			atomic_fetch_add(&mailbox->dropped, 1);
	}
	if (frame || close)
		pthread_cond_broadcast(&mailbox->signal.changed);
	pthread_mutex_unlock(&mailbox->signal.mutex);
	return before;
}

void gh_mailbox_put(struct gh_mailbox *mailbox, struct gh_frame *frame)
{
	gh_frame_unref(swap(mailbox, frame, false));
}

enum gh_status gh_mailbox_take(
	struct gh_mailbox *mailbox, uint32_t timeout_ms, struct gh_frame **frame)
{
	struct timespec deadline = deadline_after(timeout_ms);
	enum gh_status status = GH_OK;

	pthread_mutex_lock(&mailbox->signal.mutex);
	while (!mailbox->frame && !mailbox->closed && timeout_ms > 0)
		if (!wait_until(&mailbox->signal, &deadline))
			break;
	if (!mailbox->frame)
		status = mailbox->closed ? GH_CANCELLED : GH_TIMEOUT;
	*frame = mailbox->frame;
	mailbox->frame = NULL;
	pthread_mutex_unlock(&mailbox->signal.mutex);
	return status;
}

void gh_mailbox_empty(struct gh_mailbox *mailbox)
{
	gh_frame_unref(swap(mailbox, NULL, false));
}

void gh_mailbox_close(struct gh_mailbox *mailbox)
{
	gh_frame_unref(swap(mailbox, NULL, true));
}

uint64_t gh_mailbox_dropped(const struct gh_mailbox *mailbox)
{
	return atomic_load(&mailbox->dropped);
}
