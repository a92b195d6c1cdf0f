/* SPDX-License-Identifier: Apache-2.0 */
/* The lane's ears: events by its queue, questions with an answer, and the view. */
#include "gatehouse/transaction/commands.h"

#include <errno.h>
#include <time.h>

#include "inside.h"

enum gh_status gh_lane_tell(struct gh_lane *lane, const struct gh_lane_event *event)
{
	struct telling telling = { .event = *event };
	enum gh_status status = gh_queue_push(lane->queue, &telling);

	gh_wipe(&telling, sizeof(telling));
	return status;
}

static struct timespec monotonic_after(uint32_t timeout_ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += timeout_ms / 1000;
	until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	return until;
}

static void add_asker(struct gh_lane *lane, struct asker *asker)
{
	pthread_mutex_lock(&lane->lock);
	asker->next = lane->askers;
	lane->askers = asker;
	pthread_mutex_unlock(&lane->lock);
}

static void remove_asker(struct gh_lane *lane, const struct asker *asker)
{
	struct asker **link = &lane->askers;

	pthread_mutex_lock(&lane->lock);
	while (*link != asker)
		link = &(*link)->next;
	*link = asker->next;
	pthread_mutex_unlock(&lane->lock);
}

static enum gh_status wait_for_answer(struct gh_lane *lane, const struct asker *asker,
	uint32_t timeout_ms, struct gh_error *error)
{
	struct timespec until = monotonic_after(timeout_ms);
	enum gh_status status = GH_TIMEOUT;
	int waited = 0;

	pthread_mutex_lock(&lane->lock);
	while (!asker->answered && waited != ETIMEDOUT)
		waited = pthread_cond_timedwait(&lane->answered, &lane->lock, &until);
	if (asker->answered)
		status = asker->status;
	if (status != GH_OK)
		gh_error_set(error, status, "lane in state %s: %s", gh_state_name(lane->view.state),
			gh_status_text(status));
	pthread_mutex_unlock(&lane->lock);
	return status;
}

enum gh_status gh_lane_ask(struct gh_lane *lane, const struct gh_lane_event *event,
	uint32_t timeout_ms, struct gh_error *error)
{
	struct telling telling = { .event = *event };
	struct asker asker = { .answered = false };
	enum gh_status status;

	telling.question = atomic_fetch_add(&lane->questions, 1) + 1;
	asker.question = telling.question;
	add_asker(lane, &asker);
	status = gh_queue_push(lane->queue, &telling);
	gh_wipe(&telling.event, sizeof(telling.event));
	if (status == GH_OK)
		status = wait_for_answer(lane, &asker, timeout_ms, error);
	else
		gh_error_set(
			error, status, "the lane takes nothing more: %s", gh_status_text(status));
	remove_asker(lane, &asker);
	return status;
}

enum gh_status gh_lane_ping(struct gh_lane *lane, uint32_t timeout_ms)
{
	struct gh_lane_event event = { .telling = GH_TELL_PING };

	return gh_lane_ask(lane, &event, timeout_ms, NULL);
}

void gh_lane_view(struct gh_lane *lane, struct gh_lane_view *view)
{
	int64_t now_us = (int64_t)gh_lane_now_us(lane);

	pthread_mutex_lock(&lane->lock);
	*view = lane->view;
	for (uint32_t i = 0; i < view->open_referrals; i++)
		view->open[i].age_s = (uint64_t)(now_us - lane->view_since_us[i]) / 1000000;
	pthread_mutex_unlock(&lane->lock);
}
