/* SPDX-License-Identifier: Apache-2.0 */
/* The enrolment thread: turns portraits into templates while the lane works. */
#include <errno.h>
#include <sys/resource.h>
#include <time.h>

#include "daemon.h"

/* Below every other thread, so that a new voyage never slows a traveller. */
#define NICENESS 10

#define LOOK_EVERY_S 10

void enrol_wake(struct daemon *daemon)
{
	pthread_mutex_lock(&daemon->enrol_lock);
	daemon->enrol_work = true;
	pthread_cond_signal(&daemon->enrol_wanted);
	pthread_mutex_unlock(&daemon->enrol_lock);
}

static void sleep_until_wanted(struct daemon *daemon)
{
	struct timespec until;
	int waited = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += LOOK_EVERY_S;
	pthread_mutex_lock(&daemon->enrol_lock);
	while (!daemon->enrol_work && !atomic_load(&daemon->stopping) && waited != ETIMEDOUT)
		waited = pthread_cond_timedwait(&daemon->enrol_wanted, &daemon->enrol_lock, &until);
	daemon->enrol_work = false;
	pthread_mutex_unlock(&daemon->enrol_lock);
}

static void enrol_all(struct daemon *daemon)
{
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status = GH_OK;

	while (status != GH_NOT_FOUND && !atomic_load(&daemon->stopping)) {
		status = gh_gallery_enrol_next(daemon->stores.gallery, daemon->enroller, &error);
		if (status != GH_OK && status != GH_NOT_FOUND)
			gh_log(GH_LOG_WARNING, "daemon", "enrol", gh_log_error(&error));
	}
}

void *enrol_main(void *ctx)
{
	struct daemon *daemon = ctx;

	if (setpriority(PRIO_PROCESS, 0, NICENESS) != 0)
		gh_log(GH_LOG_NOTICE, "daemon", "niceness", gh_log_integer("errno", errno));
	while (!atomic_load(&daemon->stopping)) {
		enrol_all(daemon);
		sleep_until_wanted(daemon);
	}
	return NULL;
}
