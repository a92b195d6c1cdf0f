/* SPDX-License-Identifier: Apache-2.0 */
/* The uplink's loop: take, send, judge, pause. */
#include "gatehouse/uplink/uplink.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gatehouse/base/log.h"
#include "inside.h"
#include "way.h"

/* Longest sleep: stop is seen sooner by a wake-up, a clock that was moved at latest then. */
#define SLEEP_MAX_MS 1000

uint64_t uplink_now_us(const struct gh_uplink *uplink)
{
	return uplink->clock->monotonic_us(uplink->clock);
}

uint32_t uplink_random(void)
{
	uint32_t random = 0;

	/* Without random numbers the jitter is the least, which is still a wait. */
	if (gh_random_fill(&random, sizeof(random), NULL) != GH_OK)
		random = 0;
	return random;
}

uint64_t gh_uplink_backoff_ms(uint32_t attempts, uint32_t first_ms, uint32_t max_ms,
	uint32_t retry_after_s, uint32_t random)
{
	uint64_t whole_ms = first_ms;
	uint64_t wait_ms;
	uint64_t least_ms = (uint64_t)retry_after_s * 1000;

	for (uint32_t i = 0; i < attempts && whole_ms < max_ms; i++)
		whole_ms *= 2;
	if (whole_ms > max_ms)
		whole_ms = max_ms;
	wait_ms = whole_ms / 2 + (whole_ms - whole_ms / 2) * random / UINT32_MAX;
	return wait_ms > least_ms ? wait_ms : least_ms;
}

void uplink_doubt(struct gh_uplink *uplink)
{
	uplink->doubted = true;
	uplink->listens_due = true;
}

/* Said once, however often it is tried again: it stands until the centre is reached. */
static void note_alarm(struct gh_uplink *uplink, const struct gh_judgement *judgement)
{
	bool raised = judgement->centre_wide && judgement->verdict == GH_VERDICT_ALARM;
	struct gh_word reason = raised ? judgement->reason : GH_WORD("");
	struct gh_word before;

	if (judgement->centre_wide && !raised)
		return;
	pthread_mutex_lock(&uplink->lock);
	before = uplink->state.alarm;
	uplink->state.alarm = reason;
	pthread_mutex_unlock(&uplink->lock);
	if (strcmp(before.literal, reason.literal) == 0)
		return;
	if (raised)
		gh_log(GH_LOG_ERROR, "uplink", "alarm", gh_log_word("reason", reason));
	else
		gh_log(GH_LOG_NOTICE, "uplink", "alarm_over", gh_log_word("reason", before));
}

void uplink_pace(struct gh_uplink *uplink, const struct gh_judgement *judgement, uint32_t began,
	uint32_t retry_after_s)
{
	uint64_t pause_ms = 0;
	uint64_t least_us;

	/* What began before the last pause tells nothing new: one outage counts once. */
	if (began != uplink->pauses) {
		least_us = uplink_now_us(uplink) + (uint64_t)retry_after_s * 1000000;
		if (judgement->centre_wide && least_us > uplink->pause_until_us)
			uplink->pause_until_us = least_us;
		return;
	}
	if (judgement->centre_wide) {
		pause_ms = gh_uplink_backoff_ms(uplink->failures, uplink->backoff_first_ms,
			uplink->backoff_max_ms, retry_after_s, uplink_random());
		if (uplink->failures < UINT32_MAX)
			uplink->failures++;
		uplink->pauses++;
		uplink->pause_until_us = uplink_now_us(uplink) + pause_ms * 1000;
	} else {
		uplink->failures = 0;
		uplink->pause_until_us = 0;
	}
	note_alarm(uplink, judgement);
	pthread_mutex_lock(&uplink->lock);
	uplink->state.online = !judgement->centre_wide;
	uplink->state.backoff_ms = (uint32_t)(pause_ms < UINT32_MAX ? pause_ms : UINT32_MAX);
	uplink->state.last_reason = judgement->reason;
	if (!judgement->centre_wide)
		uplink->state.last_success_ms = uplink->clock->real_ms(uplink->clock);
	pthread_mutex_unlock(&uplink->lock);
}

void uplink_count(struct gh_uplink *uplink, enum gh_verdict verdict)
{
	pthread_mutex_lock(&uplink->lock);
	switch (verdict) {
	case GH_VERDICT_DELIVERED:
		uplink->state.delivered++;
		break;
	case GH_VERDICT_LATER:
		uplink->state.later++;
		break;
	case GH_VERDICT_QUARANTINE:
		uplink->state.quarantined++;
		break;
	case GH_VERDICT_ALARM:
		uplink->state.alarms++;
		break;
	}
	pthread_mutex_unlock(&uplink->lock);
}

/* The verdict goes to the source, and the slot is free. */
static void settle(struct gh_uplink *uplink, struct slot *slot,
	const struct gh_judgement *judgement, uint64_t delay_ms, const char *detail)
{
	uplink_count(uplink, judgement->verdict);
	gh_log(GH_LOG_INFO, "uplink", "attempt", gh_log_id("record", &slot->delivery.id),
		gh_log_word("reason", judgement->reason),
		gh_log_integer("delay_ms", (int64_t)delay_ms));
	uplink->source.verdict(uplink->source.ctx, &slot->delivery, judgement, delay_ms, detail);
	transfer_end(&slot->transfer);
	gh_bytes_finish(&slot->delivery.body);
	memset(slot, 0, sizeof(*slot));
}

/* How long this very item waits; nothing when all wait anyway. */
static uint64_t delay_of(struct gh_uplink *uplink, const struct slot *slot,
	const struct gh_judgement *judgement, uint32_t retry_after_s)
{
	if (judgement->centre_wide ||
		(judgement->verdict != GH_VERDICT_LATER && judgement->verdict != GH_VERDICT_ALARM))
		return 0;
	return gh_uplink_backoff_ms(slot->delivery.attempts, uplink->backoff_first_ms,
		uplink->backoff_max_ms, retry_after_s, uplink_random());
}

/* Delivered is what the centre's digest and receipt bear out. The first good key is the one. */
static struct gh_judgement judge_receipt(
	struct gh_uplink *uplink, struct slot *slot, struct gh_judgement delivered)
{
	struct gh_delivery *delivery = &slot->delivery;
	struct gh_expected expected = {
		.id = delivery->id,
		.kind = delivery->kind,
		.hash = slot->hash,
		.receipts = uplink->receipts,
		.key_known = uplink->receipts_key_known,
	};
	struct gh_judgement judgement;

	memcpy(expected.public_key, uplink->receipts_key, sizeof(expected.public_key));
	judgement = gh_verdict_of_receipt(&expected, gh_bytes_view(&slot->transfer.answer),
		&delivery->receipt, &delivery->has_receipt);
	if (delivery->has_receipt && !uplink->receipts_key_known) {
		memcpy(uplink->receipts_key, delivery->receipt.public_key,
			sizeof(uplink->receipts_key));
		uplink->receipts_key_known = true;
		gh_log_bare(GH_LOG_NOTICE, "uplink", "receipts_key_learnt");
	}
	return judgement.verdict == GH_VERDICT_DELIVERED ? delivered : judgement;
}

static void finish_delivery(struct gh_uplink *uplink, struct slot *slot, CURLcode code)
{
	struct transfer *transfer = &slot->transfer;
	struct gh_judgement judgement = way_judge(transfer, code);
	uint32_t retry_after_s =
		answer_retry_after(transfer->retry_after, uplink->clock->real_ms(uplink->clock));
	char word[64];

	if (code == CURLE_OK)
		judgement = gh_verdict_of_answer(code, transfer_http_status(transfer),
			&slot->delivery.id, gh_bytes_view(&transfer->answer));
	if (transfer->too_large)
		judgement = (struct gh_judgement){ GH_VERDICT_ALARM, GH_WORD("answer_too_large"),
			false };
	if (judgement.verdict == GH_VERDICT_DELIVERED)
		judgement = judge_receipt(uplink, slot, judgement);
	if (judgement.verdict == GH_VERDICT_DELIVERED)
		uplink->doubted = false;
	else if (!uplink->doubted && transfer_broke_off(transfer, code))
		uplink_doubt(uplink);
	curl_multi_remove_handle(uplink->multi, transfer->easy);
	answer_error_code(gh_bytes_view(&transfer->answer), word, sizeof(word));
	uplink_pace(uplink, &judgement, transfer->began, retry_after_s);
	settle(uplink, slot, &judgement, delay_of(uplink, slot, &judgement, retry_after_s), word);
}

/* GH_OK: one was begun. GH_NOT_FOUND: nothing is due before *due_in_ms. */
static enum gh_status begin_delivery(
	struct gh_uplink *uplink, struct slot *slot, uint64_t *due_in_ms)
{
	struct gh_judgement no_memory = { GH_VERDICT_LATER, GH_WORD("no_memory"), true };
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status =
		uplink->source.take(uplink->source.ctx, &slot->delivery, due_in_ms, &error);

	if (status != GH_OK) {
		/* A disk that is gone would fill the log, which is on it perhaps. */
		if (status != GH_NOT_FOUND && !uplink->take_failed)
			gh_log(GH_LOG_ERROR, "uplink", "nothing_taken", gh_log_error(&error));
		uplink->take_failed = status != GH_NOT_FOUND;
		memset(&slot->delivery, 0, sizeof(slot->delivery));
		return status;
	}
	uplink->take_failed = false;
	slot->used = true;
	if (slot_begin(uplink, slot, &error) == GH_OK)
		return GH_OK;
	uplink_pace(uplink, &no_memory, uplink->pauses, 0);
	settle(uplink, slot, &no_memory, 0, "");
	return GH_NO_MEMORY;
}

/* As many at once as are allowed now. Returns when, in ms, there may be more. */
static uint64_t begin_deliveries(struct gh_uplink *uplink)
{
	size_t allowed = uplink->failures > 0 ? 1 : uplink->in_flight;
	size_t used = 0;
	uint64_t due_in_ms = UINT64_MAX;

	for (size_t i = 0; i < DELIVERIES_MAX; i++)
		used += uplink->slots[i].used;
	for (size_t i = 0; i < DELIVERIES_MAX && used < allowed; i++) {
		enum gh_status status;

		if (uplink->slots[i].used)
			continue;
		status = begin_delivery(uplink, &uplink->slots[i], &due_in_ms);
		/* A source that cannot give now is asked again soon, but not in a circle. */
		if (status == GH_NOT_FOUND)
			return due_in_ms;
		if (status != GH_OK)
			return SLEEP_MAX_MS;
		used++;
	}
	return UINT64_MAX;
}

static struct slot *slot_of(struct gh_uplink *uplink, const CURL *easy)
{
	for (size_t i = 0; i < DELIVERIES_MAX; i++) {
		if (uplink->slots[i].used && uplink->slots[i].transfer.easy == easy)
			return &uplink->slots[i];
	}
	return NULL;
}

/* Whether one has ended. */
static bool finish_transfers(struct gh_uplink *uplink)
{
	const CURLMsg *message;
	bool ended = false;
	int left;

	while ((message = curl_multi_info_read(uplink->multi, &left))) {
		CURLcode code = message->data.result;
		CURL *easy = message->easy_handle;
		struct slot *slot;

		if (message->msg != CURLMSG_DONE)
			continue;
		ended = true;
		slot = slot_of(uplink, easy);
		if (slot && !slot_goes_on(uplink, slot, &code))
			finish_delivery(uplink, slot, code);
		else if (!slot && uplink->errand.transfer.easy == easy)
			errand_finish(uplink, code);
		else if (uplink->pulse.transfer.easy == easy)
			pulse_finish(uplink, code);
	}
	return ended;
}

static bool is_busy(const struct gh_uplink *uplink)
{
	bool busy = uplink->errand.kind != ERRAND_NONE || pulse_is_busy(uplink);

	for (size_t i = 0; i < DELIVERIES_MAX; i++)
		busy = busy || uplink->slots[i].used;
	return busy;
}

/*
 * What is under way refers to the old ones; connections made with them are not used again. Whatever
 * was wrong before, it is tried again at once.
 */
static void take_next(struct gh_uplink *uplink)
{
	pthread_mutex_lock(&uplink->lock);
	gh_bytes_finish(&uplink->link.certificate);
	gh_bytes_finish(&uplink->link.key);
	uplink->link.certificate = uplink->next_certificate;
	uplink->link.key = uplink->next_key;
	uplink->next_certificate = (struct gh_bytes)GH_BYTES_EMPTY;
	uplink->next_key = (struct gh_bytes)GH_BYTES_EMPTY;
	uplink->taken_number = uplink->next_number;
	uplink->pause_until_us = 0;
	uplink->list_due_us = 0;
	atomic_store(&uplink->next_waits, false);
	pthread_cond_broadcast(&uplink->taken);
	pthread_mutex_unlock(&uplink->lock);
}

/* While the centre is away one attempt at a time is made, of whatever kind. */
static uint64_t begin_work(struct gh_uplink *uplink)
{
	uint64_t now_us = uplink_now_us(uplink);
	uint64_t wait_ms, due_us;

	if (atomic_load(&uplink->next_waits)) {
		if (is_busy(uplink))
			return UINT64_MAX;
		take_next(uplink);
	}
	if (now_us < uplink->pause_until_us)
		return (uplink->pause_until_us - now_us) / 1000 + 1;
	if (uplink->failures > 0 && is_busy(uplink))
		return UINT64_MAX;
	errand_start(uplink);
	if (uplink->failures > 0 && is_busy(uplink))
		return UINT64_MAX;
	pulse_start(uplink);
	if (uplink->failures > 0 && is_busy(uplink))
		return UINT64_MAX;
	wait_ms = begin_deliveries(uplink);
	due_us = errand_due_us(uplink);
	if (pulse_due_us(uplink) < due_us)
		due_us = pulse_due_us(uplink);
	if (due_us == UINT64_MAX)
		return wait_ms;
	now_us = uplink_now_us(uplink);
	due_us = due_us > now_us ? (due_us - now_us) / 1000 + 1 : 0;
	return due_us < wait_ms ? due_us : wait_ms;
}

/* All under way get the same share of what the way may carry, whenever one comes or goes. */
static void share_out(struct gh_uplink *uplink)
{
	const struct way *way = &uplink->link.way;
	CURL *under_way[DELIVERIES_MAX + 1];
	size_t count = 0;

	if (way->send_bytes_per_s == 0 && way->receive_bytes_per_s == 0)
		return;
	for (size_t i = 0; i < DELIVERIES_MAX; i++) {
		if (uplink->slots[i].used)
			under_way[count++] = uplink->slots[i].transfer.easy;
	}
	if (uplink->errand.transfer.easy)
		under_way[count++] = uplink->errand.transfer.easy;
	for (size_t i = 0; i < count; i++)
		way_share(under_way[i], way, count);
}

static void step(struct gh_uplink *uplink)
{
	uint64_t wait_ms = begin_work(uplink);
	int running;

	share_out(uplink);
	curl_multi_perform(uplink->multi, &running);
	/* What has just ended makes room at once. */
	if (finish_transfers(uplink) || atomic_load(&uplink->stop))
		return;
	if (wait_ms > SLEEP_MAX_MS)
		wait_ms = SLEEP_MAX_MS;
	curl_multi_poll(uplink->multi, NULL, 0, (int)wait_ms, NULL);
}

/* What is under way was perhaps received: it goes out again, and the centre knows it. */
static void give_up_all(struct gh_uplink *uplink)
{
	struct gh_judgement stopped = { GH_VERDICT_LATER, GH_WORD("stopped"), false };

	for (size_t i = 0; i < DELIVERIES_MAX; i++) {
		struct slot *slot = &uplink->slots[i];

		if (!slot->used)
			continue;
		curl_multi_remove_handle(uplink->multi, slot->transfer.easy);
		settle(uplink, slot, &stopped, 0, "");
	}
	if (uplink->errand.kind != ERRAND_NONE)
		errand_give_up(uplink);
	pulse_give_up(uplink);
}

enum gh_status gh_uplink_run(struct gh_uplink *uplink, struct gh_error *error)
{
	sigset_t signals;

	pipe_hold(&signals);
	while (!atomic_load(&uplink->stop))
		step(uplink);
	give_up_all(uplink);
	pipe_release(&signals);
	return gh_error_set(error, GH_CANCELLED, "the uplink was stopped");
}

void gh_uplink_stop(struct gh_uplink *uplink)
{
	pthread_mutex_lock(&uplink->lock);
	atomic_store(&uplink->stop, true);
	pthread_cond_broadcast(&uplink->taken);
	pthread_mutex_unlock(&uplink->lock);
	curl_multi_wakeup(uplink->multi);
}

void gh_uplink_wake(struct gh_uplink *uplink)
{
	curl_multi_wakeup(uplink->multi);
}

/* With the lock held; whether the pair that is the newest now was taken in time. */
static bool wait_taken(struct gh_uplink *uplink, uint32_t timeout_ms)
{
	uint64_t number = uplink->next_number;
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += timeout_ms / 1000;
	end.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
	if (end.tv_nsec >= 1000000000) {
		end.tv_sec++;
		end.tv_nsec -= 1000000000;
	}
	while (uplink->taken_number < number && !atomic_load(&uplink->stop))
		if (pthread_cond_timedwait(&uplink->taken, &uplink->lock, &end) != 0)
			break;
	return uplink->taken_number >= number;
}

enum gh_status gh_uplink_use(struct gh_uplink *uplink, struct gh_view certificate,
	struct gh_view key, uint32_t timeout_ms, struct gh_error *error)
{
	struct gh_bytes copies[2] = { GH_BYTES_EMPTY, GH_BYTES_EMPTY };
	enum gh_status status =
		gh_bytes_append(&copies[0], certificate.data, certificate.length_bytes, error);
	bool taken;

	if (status == GH_OK)
		status = gh_bytes_append(&copies[1], key.data, key.length_bytes, error);
	if (status != GH_OK) {
		gh_bytes_finish(&copies[0]);
		return status;
	}
	pthread_mutex_lock(&uplink->lock);
	gh_bytes_finish(&uplink->next_certificate);
	gh_bytes_finish(&uplink->next_key);
	uplink->next_certificate = copies[0];
	uplink->next_key = copies[1];
	uplink->next_number++;
	atomic_store(&uplink->next_waits, true);
	curl_multi_wakeup(uplink->multi);
	taken = wait_taken(uplink, timeout_ms);
	pthread_mutex_unlock(&uplink->lock);
	return taken ? GH_OK : gh_error_set(error, GH_TIMEOUT, "the uplink is busy");
}

void gh_uplink_note_certificate(
	struct gh_uplink *uplink, const struct gh_uplink_certificate *certificate)
{
	pthread_mutex_lock(&uplink->lock);
	uplink->state.certificate = *certificate;
	pthread_mutex_unlock(&uplink->lock);
}

struct gh_uplink_state gh_uplink_state(const struct gh_uplink *uplink)
{
	struct gh_uplink *locked = (struct gh_uplink *)(uintptr_t)uplink;
	struct gh_uplink_state state;

	pthread_mutex_lock(&locked->lock);
	state = locked->state;
	pthread_mutex_unlock(&locked->lock);
	return state;
}

static void make_condition(pthread_cond_t *condition)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(condition, &attributes);
	pthread_condattr_destroy(&attributes);
}

enum gh_status gh_uplink_create(const struct gh_uplink_options *options,
	const struct gh_uplink_source *source, struct gh_uplink **uplink, struct gh_error *error)
{
	struct gh_uplink *made = calloc(1, sizeof(*made));
	enum gh_status status;

	*uplink = NULL;
	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "uplink");
	pthread_mutex_init(&made->lock, NULL);
	make_condition(&made->taken);
	made->source = *source;
	made->backoff_first_ms = options->backoff_first_ms;
	made->backoff_max_ms = options->backoff_max_ms;
	made->voyages_interval_ms = options->voyages_interval_ms;
	made->passages_interval_ms = options->passages_interval_ms;
	made->pulse.interval_ms = source->heartbeat ? options->heartbeat_interval_ms : 0;
	made->in_flight =
		options->requests_in_flight ? options->requests_in_flight : DELIVERIES_USUAL;
	if (made->in_flight > DELIVERIES_MAX)
		made->in_flight = DELIVERIES_MAX;
	made->photo_piece_bytes = options->photo_piece_bytes;
	made->receipts = options->receipts;
	made->receipts_key_known = options->receipts_key_known;
	memcpy(made->receipts_key, options->receipts_key, sizeof(made->receipts_key));
	made->clock = options->clock;
	made->state.last_reason = GH_WORD("none");
	made->state.alarm = GH_WORD("");
	made->state.certificate.state = GH_WORD("");
	status = link_set(&made->link, options, error);
	if (status == GH_OK && !made->link.download_folder[0])
		status = gh_error_set(error, GH_SETTINGS, "uplink: download_folder is not set");
	if (status == GH_OK && transfer_ready())
		made->multi = curl_multi_init();
	if (made->multi)
		curl_multi_setopt(
			made->multi, CURLMOPT_MAX_CONCURRENT_STREAMS, (long)made->in_flight + 1);
	if (status == GH_OK && !made->multi)
		status = gh_error_set(error, GH_NO_MEMORY, "uplink: curl");
	if (status != GH_OK) {
		gh_uplink_destroy(made);
		return status;
	}
	*uplink = made;
	return GH_OK;
}

void gh_uplink_destroy(struct gh_uplink *uplink)
{
	if (!uplink)
		return;
	curl_multi_cleanup(uplink->multi);
	link_finish(&uplink->link);
	gh_bytes_finish(&uplink->next_certificate);
	gh_bytes_finish(&uplink->next_key);
	free(uplink->voyages);
	pthread_cond_destroy(&uplink->taken);
	pthread_mutex_destroy(&uplink->lock);
	free(uplink);
}
