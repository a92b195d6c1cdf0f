/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures to templates, by as many threads as there are enrollers. */
#include "enrolling.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gatehouse/base/file.h"

#define PICTURE_BYTES_MAX (16u * 1024u * 1024u)

/* How long the calling thread waits before it tells how far it has come. */
#define PROGRESS_MS 100

struct pool {
	struct gh_enrolling *from;
	pthread_mutex_t mutex;  /* all below */
	pthread_cond_t changed; /* done or running has changed */
	size_t next;
	size_t done;
	size_t running;
	uint32_t known;
	bool stop;
	enum gh_status status;
	struct gh_error error;
};

struct worker {
	struct pool *pool;
	struct gh_enroller *enroller;
	pthread_t thread;
};

/* The picture has its outcome, also where that is a failure to acquire. */
static bool of_the_picture(enum gh_status status)
{
	return status == GH_NO_FACE || status == GH_MALFORMED || status == GH_TRUNCATED ||
		status == GH_TOO_LARGE || status == GH_UNSUPPORTED;
}

static enum gh_status enrol(struct gh_enroller *enroller, struct gh_view bytes,
	struct gh_enrolled *outcome, struct gh_error *error)
{
	struct gh_enrolment enrolment;

	outcome->status = gh_enroller_enrol(enroller, bytes, &enrolment, error);
	if (outcome->status == GH_OK) {
		outcome->faces = enrolment.faces;
		outcome->reference = enrolment.reference;
	}
	gh_wipe(&enrolment, sizeof(enrolment));
	return outcome->status == GH_OK || of_the_picture(outcome->status) ? GH_OK
									   : outcome->status;
}

static enum gh_status look_up(struct worker *worker, struct gh_view bytes,
	struct gh_enrolled *outcome, struct gh_error *error)
{
	struct gh_cache *cache = worker->pool->from->cache;
	struct gh_sha256 picture;
	enum gh_status status;

	if (!cache)
		return enrol(worker->enroller, bytes, outcome, error);
	status = gh_sha256_of(bytes, &picture, error);
	if (status == GH_OK)
		status = gh_cache_find(cache, &picture, outcome, error);
	if (status == GH_OK) {
		pthread_mutex_lock(&worker->pool->mutex);
		worker->pool->known++;
		pthread_mutex_unlock(&worker->pool->mutex);
	}
	if (status != GH_NOT_FOUND)
		return status;
	status = enrol(worker->enroller, bytes, outcome, error);
	return status == GH_OK ? gh_cache_add(cache, &picture, outcome, error) : status;
}

static enum gh_status enrol_picture(struct worker *worker, size_t i, struct gh_error *error)
{
	struct gh_enrolling *from = worker->pool->from;
	const struct gh_index_picture *picture = &from->index->pictures[i];
	struct gh_enrolled *outcome = &from->outcomes[i];
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	enum gh_status status = gh_file_read(picture->file, PICTURE_BYTES_MAX, &bytes, error);

	outcome->status = status;
	if (status == GH_TOO_LARGE)
		return GH_OK;
	if (status == GH_OK)
		status = look_up(worker, gh_bytes_view(&bytes), outcome, error);
	gh_bytes_finish(&bytes);
	if (status != GH_OK)
		gh_error_wrap(error, "%s:%u", from->name, (unsigned)picture->line);
	return status;
}

static void *work(void *argument)
{
	struct worker *worker = argument;
	struct pool *pool = worker->pool;
	struct gh_error error;

	pthread_mutex_lock(&pool->mutex);
	while (!pool->stop && pool->next < pool->from->index->picture_count) {
		size_t i = pool->next++;
		enum gh_status status;

		pthread_mutex_unlock(&pool->mutex);
		status = enrol_picture(worker, i, &error);
		pthread_mutex_lock(&pool->mutex);
		pool->done++;
		if (status != GH_OK && pool->status == GH_OK) {
			pool->status = status;
			pool->error = error;
			pool->stop = true;
		}
	}
	pool->running--;
	pthread_cond_signal(&pool->changed);
	pthread_mutex_unlock(&pool->mutex);
	return NULL;
}

static void wait_a_little(struct pool *pool)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += PROGRESS_MS * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000L;
	}
	pthread_cond_timedwait(&pool->changed, &pool->mutex, &until);
}

/* Tell progress until the last worker has gone. */
static void watch(struct pool *pool)
{
	struct gh_enrolling *from = pool->from;
	bool more = true;

	pthread_mutex_lock(&pool->mutex);
	while (more) {
		size_t done;

		if (pool->running > 0)
			wait_a_little(pool);
		more = pool->running > 0;
		done = pool->done;
		if (pool->stop || !from->progress)
			continue;
		pthread_mutex_unlock(&pool->mutex);
		if (!from->progress(from->ctx, done, from->index->picture_count)) {
			pthread_mutex_lock(&pool->mutex);
			pool->stop = true;
			pool->status =
				gh_error_set(&pool->error, GH_CANCELLED, "stopped on request");
		} else {
			pthread_mutex_lock(&pool->mutex);
		}
	}
	pthread_mutex_unlock(&pool->mutex);
}

/* One worker is enough to go on with. */
static void start(struct pool *pool, struct worker *workers, size_t *started)
{
	for (size_t i = 0; i < pool->from->enroller_count; i++) {
		struct worker *worker = &workers[*started];
		int failed;

		*worker = (struct worker){ .pool = pool, .enroller = pool->from->enrollers[i] };
		pthread_mutex_lock(&pool->mutex);
		failed = pthread_create(&worker->thread, NULL, work, worker);
		pool->running += failed == 0;
		pthread_mutex_unlock(&pool->mutex);
		*started += failed == 0;
	}
}

static void init_pool(struct pool *pool, struct gh_enrolling *from)
{
	pthread_condattr_t attributes;

	memset(pool, 0, sizeof(*pool));
	pool->from = from;
	pthread_mutex_init(&pool->mutex, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&pool->changed, &attributes);
	pthread_condattr_destroy(&attributes);
}

enum gh_status gh_enrolling_run(struct gh_enrolling *enrolling, struct gh_error *error)
{
	struct worker *workers = calloc(enrolling->enroller_count + 1, sizeof(*workers));
	size_t started = 0;
	struct pool pool;

	if (!workers)
		return gh_error_set(error, GH_NO_MEMORY, "threads of the evaluation");
	init_pool(&pool, enrolling);
	start(&pool, workers, &started);
	if (started == 0)
		pool.status = gh_error_set(
			&pool.error, GH_NO_MEMORY, "no thread could be started for enrolling");
	else
		watch(&pool);
	for (size_t i = 0; i < started; i++)
		pthread_join(workers[i].thread, NULL);
	enrolling->known = pool.known;
	if (pool.status != GH_OK && error)
		*error = pool.error;
	pthread_cond_destroy(&pool.changed);
	pthread_mutex_destroy(&pool.mutex);
	free(workers);
	return pool.status;
}
