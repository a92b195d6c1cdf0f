/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of the table up to the photograph, and in and out of service. */
#include "steps.h"

#include <string.h>

#include "inside.h"

/* How often a lane that is idle or manual looks whether that is still right. */
#define LOOK_AGAIN_MS 5000

/* How long vision may take to answer a conclusion. */
#define CONCLUDE_MS 2000

/* Nothing of the last traveller stays, in the lane or in vision. */
static void wipe(struct gh_lane *lane)
{
	gh_lane_set_vision(lane, GH_VISION_WIPE);
	gh_lane_wipe_passage(lane);
	/* Whoever stands there now may have come at any time since. */
	lane->stepped_in_us = 0;
	gh_lane_light(lane, lane->options.lamp_rest_permille);
}

void gh_step_rest(struct gh_lane *lane)
{
	wipe(lane);
	gh_lane_set_vision(lane, GH_VISION_PRESENCE);
	gh_lane_show(lane, GH_PAGE_IDLE);
	gh_lane_set_timer(lane, LOOK_AGAIN_MS);
	if (!gh_lane_ready(lane))
		gh_lane_raise(lane, GH_TRIGGER_FAULT);
}

void gh_step_go_manual(struct gh_lane *lane)
{
	wipe(lane);
	gh_lane_set_vision(lane, GH_VISION_OFF);
	gh_lane_show(lane, GH_PAGE_CLOSED);
	gh_lane_set_timer(lane, LOOK_AGAIN_MS);
	gh_log(GH_LOG_WARNING, "transaction", "manual",
		gh_log_integer("closed_by_hand", lane->closed_by_hand),
		gh_log_integer("outbox_full", lane->outbox_full),
		gh_log_integer("lost_devices", lane->lost_devices));
}

static void leave_manual_if_ready(struct gh_lane *lane)
{
	gh_lane_set_timer(lane, LOOK_AGAIN_MS);
	if (gh_lane_ready(lane))
		gh_lane_raise(lane, GH_TRIGGER_MENDED);
}

void gh_step_reopen(struct gh_lane *lane)
{
	leave_manual_if_ready(lane);
}

void gh_step_stay_closed(struct gh_lane *lane)
{
	gh_lane_show(lane, GH_PAGE_CLOSED);
}

/*
 * A display that fell silent is asked for the notice again: its answer is the
 * only sign that it is back.
 */
static void look_for_display(struct gh_lane *lane)
{
	if (lane->lost_devices & 1u << GH_DEVICE_DISPLAY)
		gh_lane_show(lane, GH_PAGE_NOTICE);
}

void gh_step_look_again(struct gh_lane *lane)
{
	gh_lane_abandon_overdue(lane);
	if (lane->state == GH_STATE_MANUAL) {
		look_for_display(lane);
		leave_manual_if_ready(lane);
		return;
	}
	gh_lane_set_timer(lane, LOOK_AGAIN_MS);
	if (!gh_lane_ready(lane))
		gh_lane_raise(lane, GH_TRIGGER_FAULT);
	else if (lane->next_may_be_here && lane->zone_occupied)
		gh_lane_raise(lane, GH_TRIGGER_OCCUPIED);
	lane->next_may_be_here = false;
}

void gh_step_display_answers(struct gh_lane *lane)
{
	lane->lost_devices &= ~(1u << GH_DEVICE_DISPLAY);
	gh_lane_show(lane, GH_PAGE_CLOSED);
	leave_manual_if_ready(lane);
}

void gh_step_display_is_silent(struct gh_lane *lane)
{
	lane->lost_devices |= 1u << GH_DEVICE_DISPLAY;
	gh_step_go_manual(lane);
}

void gh_step_ask_notice(struct gh_lane *lane)
{
	lane->passage.arrived_us =
		lane->stepped_in_us != 0 ? lane->stepped_in_us : gh_lane_now_us(lane);
	if (!gh_lane_ready(lane)) {
		gh_lane_raise(lane, GH_TRIGGER_FAULT);
		return;
	}
	lane->passage_number++;
	lane->passage.track = lane->standing;
	lane->passage.age_years = -1;
	gh_lane_show(lane, GH_PAGE_NOTICE);
	gh_lane_set_timer(lane, lane->options.notice_timeout_ms);
}

void gh_step_read_notice(struct gh_lane *lane)
{
	lane->passage.notice_shown = true;
	if (lane->options.notice_dwell_ms == 0)
		gh_lane_raise(lane, GH_TRIGGER_CONTINUE);
	else
		gh_lane_set_timer(lane, lane->options.notice_dwell_ms);
}

void gh_step_ask_document(struct gh_lane *lane)
{
	if (!lane->options.reader || lane->passage.claimed)
		gh_lane_raise(lane, GH_TRIGGER_CONTINUE);
	else
		gh_lane_set_timer(lane, lane->options.document_timeout_ms);
}

void gh_step_take_claim(struct gh_lane *lane)
{
	lane->passage.claimed = true;
	lane->passage.claim = lane->event->document;
	memcpy(lane->passage.claim_issuer, lane->event->issuer, sizeof(lane->passage.claim_issuer));
	gh_lane_share_claim(lane);
}

void gh_step_warn(struct gh_lane *lane)
{
	gh_lane_show(lane, GH_PAGE_MORE_TIME);
}

void gh_step_more_time(struct gh_lane *lane)
{
	gh_lane_set_timer(lane, lane->options.more_time_ms);
	gh_lane_show(lane, lane->state == GH_STATE_CAPTURE ? GH_PAGE_POSITION : GH_PAGE_NOTICE);
}

void gh_step_start_capture(struct gh_lane *lane)
{
	gh_lane_set_vision(lane, GH_VISION_CAPTURE);
	if (lane->lamp_permille < lane->options.lamp_start_permille)
		gh_lane_light(lane, lane->options.lamp_start_permille);
	gh_lane_show(lane, GH_PAGE_POSITION);
	gh_lane_set_timer(lane, lane->options.capture_timeout_ms);
}

void gh_step_capture_claimed(struct gh_lane *lane)
{
	gh_step_take_claim(lane);
	gh_step_start_capture(lane);
}

/* The first time vision is asked for its best; if it stays silent, it is a fault. */
void gh_step_conclude(struct gh_lane *lane)
{
	if (lane->passage.concluding) {
		lane->passage.reason = GH_REASON_CAMERA_FAULT;
		gh_lane_raise(lane, GH_TRIGGER_NO_SAMPLE);
		return;
	}
	lane->passage.concluding = true;
	gh_lane_set_vision(lane, GH_VISION_CONCLUDE);
	gh_lane_set_timer(lane, CONCLUDE_MS);
	lane->warned = true;
}

void gh_step_conclude_left(struct gh_lane *lane)
{
	lane->passage.left = true;
	if (!lane->passage.concluding)
		gh_step_conclude(lane);
}

void gh_step_lose_in_capture(struct gh_lane *lane)
{
	if ((lane->lost_devices & 1u << GH_DEVICE_CAMERA) == 0)
		return;
	lane->passage.reason = GH_REASON_CAMERA_FAULT;
	gh_lane_raise(lane, GH_TRIGGER_NO_SAMPLE);
}
