/* SPDX-License-Identifier: Apache-2.0 */
/* Heartbeats, beside whatever else is under way: a long download must not make a lane silent. */
#include <string.h>

#include "gatehouse/base/log.h"
#include "inside.h"

static uint64_t after_ms(const struct gh_uplink *uplink, uint32_t ms)
{
	return uplink_now_us(uplink) + (uint64_t)ms * 1000;
}

bool pulse_is_busy(const struct gh_uplink *uplink)
{
	return uplink->pulse.transfer.easy != NULL;
}

uint64_t pulse_due_us(const struct gh_uplink *uplink)
{
	return uplink->pulse.interval_ms == 0 || pulse_is_busy(uplink) ? UINT64_MAX
								       : uplink->pulse.due_us;
}

void pulse_give_up(struct gh_uplink *uplink)
{
	struct pulse *pulse = &uplink->pulse;

	if (pulse->transfer.easy)
		curl_multi_remove_handle(uplink->multi, pulse->transfer.easy);
	transfer_end(&pulse->transfer);
	gh_bytes_finish(&pulse->body);
}

static enum gh_status begin(struct gh_uplink *uplink, struct gh_error *error)
{
	struct pulse *pulse = &uplink->pulse;
	struct ask ask = { .method = "PUT",
		.path = pulse->path,
		.content_type = "application/json",
		.answer_max_bytes = ANSWER_DELIVERY_BYTES_MAX };
	enum gh_status status =
		uplink->source.heartbeat(uplink->source.ctx, pulse->path, &pulse->body, error);

	ask.body = gh_bytes_view(&pulse->body);
	if (status == GH_OK)
		status = transfer_begin(&pulse->transfer, &uplink->link, &ask, error);
	if (status != GH_OK)
		return status;
	pulse->transfer.began = uplink->pauses;
	return curl_multi_add_handle(uplink->multi, pulse->transfer.easy) == CURLM_OK
		? GH_OK
		: gh_error_set(error, GH_NO_MEMORY, "uplink: curl");
}

void pulse_start(struct gh_uplink *uplink)
{
	struct gh_error error = GH_ERROR_NONE;

	if (uplink_now_us(uplink) < pulse_due_us(uplink))
		return;
	uplink->pulse.due_us = after_ms(uplink, uplink->pulse.interval_ms);
	if (begin(uplink, &error) == GH_OK)
		return;
	gh_log(GH_LOG_ERROR, "uplink", "no_heartbeat", gh_log_error(&error));
	pulse_give_up(uplink);
}

/* Said once, until the centre takes one again: an older centre answers 404 each time. */
static void note(struct pulse *pulse, const struct gh_judgement *judgement)
{
	bool taken = judgement->verdict == GH_VERDICT_DELIVERED;

	if (!taken && !judgement->centre_wide && !pulse->refused)
		gh_log(GH_LOG_WARNING, "uplink", "heartbeat_refused",
			gh_log_word("reason", judgement->reason));
	if (taken || !judgement->centre_wide)
		pulse->refused = !taken;
}

void pulse_finish(struct gh_uplink *uplink, CURLcode code)
{
	struct pulse *pulse = &uplink->pulse;
	struct gh_judgement judgement = gh_verdict_of(
		transfer_result(&pulse->transfer, code), transfer_http_status(&pulse->transfer));

	uplink_pace(uplink, &judgement, pulse->transfer.began,
		answer_retry_after(
			pulse->transfer.retry_after, uplink->clock->real_ms(uplink->clock)));
	note(pulse, &judgement);
	if (!uplink->doubted && transfer_broke_off(&pulse->transfer, code))
		uplink_doubt(uplink);
	pulse_give_up(uplink);
}
