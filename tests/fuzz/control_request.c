/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a request line: one line of JSON comes back, and the lane keeps its invariants. */
#include "gatehouse/control/control.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "requests.h"
#include "support/transaction/fake_hands.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static struct fake_hands *fake;
static struct gh_control_hands hands;
static struct request_scene scene = { .hands = &hands };

static void fill_health(void *ctx, struct gh_health *health)
{
	(void)ctx;
	gh_lane_view(fake->lane, &health->lane);
}

static enum gh_status more(void *ctx, const char *command, const char *const *arguments,
	size_t count, struct gh_bytes *answer, struct gh_error *error)
{
	(void)ctx;
	for (size_t i = 0; i < count; i++)
		if (strlen(arguments[i]) > GH_CONTROL_REQUEST_BYTES_MAX)
			abort();
	if (strcmp(command, "voyages") != 0)
		return gh_error_set(error, GH_UNSUPPORTED, "no command of that name");
	return gh_bytes_print(answer, error, "%zu", count);
}

static void *run_lane(void *lane)
{
	gh_lane_run(lane);
	return NULL;
}

/* The lane's assertions are what watches over its side. */
static void start(void)
{
	pthread_t thread;

	gh_log_set_level(GH_LOG_ERROR);
	fake = fake_start(GH_MODE_BOOTH);
	hands = (struct gh_control_hands){
		.lane = fake->lane, .health = fill_health, .more = more
	};
	scene.clock = gh_clock_system();
	scene.audit = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (scene.audit < 0 || pthread_create(&thread, NULL, run_lane, fake->lane) != 0)
		abort();
	pthread_detach(thread);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const struct peer peer = { 1, 0, 0 };
	struct gh_bytes answer = GH_BYTES_EMPTY;

	if (!fake)
		start();
	if (size > GH_CONTROL_REQUEST_BYTES_MAX || memchr(bytes, '\n', size))
		return 0;
	requests_serve(&scene, &peer, (struct gh_view){ bytes, size }, &answer);
	if (answer.length_bytes < 10 ||
		memchr(answer.data, '\n', answer.length_bytes) !=
			answer.data + answer.length_bytes - 1 ||
		memcmp(answer.data, "{\"ok\":", 6) != 0)
		abort();
	gh_bytes_finish(&answer);
	return 0;
}
