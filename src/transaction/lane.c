/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the machine: takes what the lane is told, finds its row, runs its step. */
#include "gatehouse/transaction/lane.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "inside.h"

#define QUEUE_CAPACITY 128

/* The longest a turn sleeps when no timer runs. */
#define TURN_MAX_MS 500

struct gh_lane_options gh_lane_options_default(void)
{
	return (struct gh_lane_options){
		.gate = true,
		.arrive_ms = 100,
		.leave_ms = 1000,
		.notice_timeout_ms = 3000,
		.notice_dwell_ms = 3000,
		.document_timeout_ms = 20000,
		.capture_timeout_ms = 20000,
		.warning_before_ms = 8000,
		.more_time_ms = 20000,
		.gate_timeout_ms = 15000,
		.officer_timeout_ms = 900000,
		.passages_fresh_ms = 5000,
		.lamp_rest_permille = 0,
		.lamp_start_permille = 600,
		.retention_other_hours = 96,
		.fpir_target = 0.003,
		.fmr_claim = 0.0005,
	};
}

uint64_t gh_lane_now_us(const struct gh_lane *lane)
{
	return lane->options.clock->monotonic_us(lane->options.clock);
}

void gh_lane_raise(struct gh_lane *lane, enum gh_trigger trigger)
{
	assert(lane->raised_count < RAISED_MAX);
	lane->raised[lane->raised_count++] = trigger;
}

void gh_lane_set_timer(struct gh_lane *lane, uint32_t after_ms)
{
	lane->end_at_us = gh_lane_now_us(lane) + (uint64_t)after_ms * 1000;
	lane->warned = false;
}

/* Devices without which nobody can be processed. */
static uint32_t needed_devices(const struct gh_lane *lane)
{
	uint32_t needed = 1u << GH_DEVICE_CAMERA | 1u << GH_DEVICE_DISPLAY;

	if (lane->options.gate)
		needed |= 1u << GH_DEVICE_GATE;
	return needed;
}

bool gh_lane_ready(struct gh_lane *lane)
{
	lane->outbox_full = !lane->hands.outbox_ready(lane->hands.ctx);
	return !lane->closed_by_hand && !lane->outbox_full &&
		(lane->lost_devices & needed_devices(lane)) == 0;
}

void gh_lane_set_vision(struct gh_lane *lane, enum gh_vision_task task)
{
	lane->vision = task;
	lane->hands.vision(lane->hands.ctx, task, lane->passage_number);
}

void gh_lane_release(struct gh_lane *lane, struct gh_sample *sample)
{
	if (sample)
		lane->hands.release(lane->hands.ctx, sample);
}

void gh_lane_show(struct gh_lane *lane, enum gh_page page)
{
	struct gh_action action = { .kind = GH_ACTION_DISPLAY_SHOW, .page = page };
	struct gh_error error = GH_ERROR_NONE;

	lane->page = page;
	lane->page_coaching = lane->coaching;
	if (page == GH_PAGE_POSITION && lane->coaching != GH_INSTRUCTION_NONE)
		gh_text_copy(action.coaching, sizeof(action.coaching),
			gh_instruction_name(lane->coaching));
	if (page == GH_PAGE_NOTICE)
		memcpy(action.notice_hash, lane->options.notice_hash, sizeof(action.notice_hash));
	if (lane->hands.act(lane->hands.ctx, GH_DEVICE_DISPLAY, &action, &error) != GH_OK)
		gh_log(GH_LOG_WARNING, "transaction", "show", gh_log_error(&error));
}

void gh_lane_light(struct gh_lane *lane, uint32_t level_permille)
{
	struct gh_action action = { .kind = GH_ACTION_LIGHT_SET, .level_permille = level_permille };
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status = lane->hands.act(lane->hands.ctx, GH_DEVICE_LIGHT, &action, &error);

	lane->lamp_permille = level_permille;
	if (status != GH_OK && status != GH_NOT_FOUND)
		gh_log(GH_LOG_WARNING, "transaction", "light", gh_log_error(&error));
}

void gh_lane_wipe_passage(struct gh_lane *lane)
{
	gh_lane_release(lane, lane->passage.sample);
	gh_wipe(&lane->passage, sizeof(lane->passage));
	gh_lane_share_claim(lane);
	lane->coaching = GH_INSTRUCTION_NONE;
}

/* What each state guarantees; see the list in machine.h. */
static bool consistent(const struct gh_lane *lane)
{
	const struct passage *p = &lane->passage;

	switch (lane->state) {
	case GH_STATE_MANUAL:
	case GH_STATE_IDLE:
		return p->sample == NULL && !p->claimed && !p->recorded && p->arrived_us == 0;
	case GH_STATE_PRESENT:
		return p->sample == NULL && !p->notice_shown && !p->recorded;
	case GH_STATE_NOTICE:
	case GH_STATE_DOCUMENT:
	case GH_STATE_CAPTURE:
		return p->sample == NULL && p->notice_shown && !p->recorded;
	case GH_STATE_COMPARE:
	case GH_STATE_DECIDE:
		return p->sample != NULL && p->notice_shown && !p->recorded;
	case GH_STATE_RECORD:
		return p->encounter.capture != GH_CAPTURE_NONE &&
			p->verdict.decision != GH_DECISION_NONE;
	case GH_STATE_ACT:
		return p->recorded && p->sample == NULL && p->verdict.decision == GH_DECISION_GO;
	case GH_STATE_OFFICER:
		return p->recorded && p->sample == NULL;
	default:
		return false;
	}
}

static void refuse(struct gh_lane *lane, enum gh_trigger trigger)
{
	lane->answer = GH_WRONG_STATE;
	pthread_mutex_lock(&lane->lock);
	lane->view.counts.refused_triggers++;
	pthread_mutex_unlock(&lane->lock);
	gh_log(GH_LOG_NOTICE, "transaction", "refused",
		gh_log_word("state", gh_state_word(lane->state)),
		gh_log_word("trigger", gh_trigger_word(trigger)));
}

static void enter(struct gh_lane *lane, const struct gh_edge *edge)
{
	if (edge->to != lane->state) {
		gh_log(GH_LOG_DEBUG, "transaction", "state",
			gh_log_word("from", gh_state_word(edge->from)),
			gh_log_word("on", gh_trigger_word(edge->on)),
			gh_log_word("to", gh_state_word(edge->to)));
		lane->state_since_us = gh_lane_now_us(lane);
		lane->end_at_us = 0;
	}
	lane->state = edge->to;
	if (edge->run)
		edge->run(lane);
}

static enum gh_trigger take_raised(struct gh_lane *lane)
{
	enum gh_trigger first = lane->raised[0];

	lane->raised_count--;
	memmove(lane->raised, lane->raised + 1, lane->raised_count * sizeof(*lane->raised));
	return first;
}

/* One trigger, and those its step raises. */
static void step(struct gh_lane *lane, enum gh_trigger trigger)
{
	gh_lane_raise(lane, trigger);
	while (lane->raised_count > 0) {
		enum gh_trigger next = take_raised(lane);
		const struct gh_edge *edge =
			gh_machine_edge(lane->state, next, lane->options.identity.mode);

		assert(consistent(lane));
		if (edge)
			enter(lane, edge);
		else
			refuse(lane, next);
		assert(consistent(lane));
	}
}

/* The lamp follows vision from who may be coming to his photograph; then it is at rest. */
static void follow_lamp(struct gh_lane *lane, const struct gh_lane_event *event)
{
	bool follows = lane->state >= GH_STATE_IDLE && lane->state <= GH_STATE_CAPTURE;

	/* What was seen before the state changed wishes for somebody who may be gone. */
	if (!event->lamp || !follows || event->time_us < lane->state_since_us)
		return;
	if (event->lamp_permille != lane->lamp_permille && event->lamp_permille <= 1000)
		gh_lane_light(lane, event->lamp_permille);
}

/* Whether another person than the one before has stood there for long enough to count. */
static bool another(struct gh_lane *lane, const struct gh_lane_event *event)
{
	if (!event->occupied || event->track == 0 || event->track == lane->standing) {
		lane->other = event->occupied ? 0 : lane->other;
		return false;
	}
	if (lane->standing == 0) {
		lane->standing = event->track;
		return false;
	}
	if (lane->other != event->track) {
		lane->other = event->track;
		lane->other_since_us = event->time_us;
	}
	return event->time_us - lane->other_since_us >= (uint64_t)lane->options.arrive_ms * 1000;
}

/* However quickly one person takes the other's place, it is a leaving and a coming. */
static void replace(struct gh_lane *lane, const struct gh_lane_event *event)
{
	lane->standing = event->track;
	lane->other = 0;
	lane->zone_changed_us = 0;
	step(lane, GH_TRIGGER_VACANT);
	lane->stepped_in_us = lane->other_since_us;
	lane->newcomer = true;
}

/* Who came before the last passage was over is seen as soon as the lane is idle. */
static void admit(struct gh_lane *lane)
{
	if (!lane->newcomer || !lane->zone_occupied || lane->state != GH_STATE_IDLE)
		return;
	lane->newcomer = false;
	step(lane, GH_TRIGGER_OCCUPIED);
}

/* Sightings become OCCUPIED and VACANT when they last long enough. */
static void sight(struct gh_lane *lane, const struct gh_lane_event *event)
{
	uint32_t needed_ms = event->occupied ? lane->options.arrive_ms : lane->options.leave_ms;

	if (lane->state == GH_STATE_CAPTURE && event->occupied &&
		lane->passage.stand_here_us == 0 && event->passage == lane->passage_number &&
		event->time_us >= lane->state_since_us)
		lane->passage.stand_here_us = event->time_us;
	if (lane->state == GH_STATE_CAPTURE && event->passage == lane->passage_number)
		lane->coaching = event->instruction;
	follow_lamp(lane, event);
	if (another(lane, event) && lane->zone_occupied)
		replace(lane, event);
	if (event->occupied == lane->zone_occupied) {
		lane->zone_changed_us = 0;
		admit(lane);
		return;
	}
	if (lane->zone_changed_us == 0)
		lane->zone_changed_us = event->time_us;
	if (event->time_us - lane->zone_changed_us < (uint64_t)needed_ms * 1000)
		return;
	lane->zone_occupied = event->occupied;
	lane->standing = event->occupied ? event->track : 0;
	lane->other = 0;
	lane->newcomer = false;
	lane->stepped_in_us = event->occupied ? lane->zone_changed_us : 0;
	lane->zone_changed_us = 0;
	step(lane, event->occupied ? GH_TRIGGER_OCCUPIED : GH_TRIGGER_VACANT);
}

/* The coaching word changed while the traveller is being photographed. */
static void coach(struct gh_lane *lane)
{
	if (lane->state == GH_STATE_CAPTURE && lane->page == GH_PAGE_POSITION &&
		lane->coaching != lane->page_coaching)
		gh_lane_show(lane, GH_PAGE_POSITION);
}

/* Vision's answers for a passage that is over: the sample goes back, wiped. */
static bool stale(struct gh_lane *lane, const struct gh_lane_event *event)
{
	bool from_vision =
		event->trigger == GH_TRIGGER_SAMPLE || event->trigger == GH_TRIGGER_NO_SAMPLE;

	if (!from_vision)
		return false;
	if (lane->state == GH_STATE_CAPTURE && event->passage == lane->passage_number)
		return false;
	gh_lane_release(lane, event->sample);
	return true;
}

/* A sample of somebody who took the traveller's place is nobody's in this passage. */
static bool of_another(struct gh_lane *lane, const struct gh_lane_event *event)
{
	if (event->trigger != GH_TRIGGER_SAMPLE || lane->options.identity.mode != GH_MODE_EGATE ||
		event->sample->track == 0 || lane->passage.track == 0 ||
		event->sample->track == lane->passage.track)
		return false;
	gh_lane_release(lane, event->sample);
	lane->passage.left = true;
	lane->passage.reason = GH_REASON_NO_FACE;
	step(lane, GH_TRIGGER_NO_SAMPLE);
	return true;
}

static void update_devices(struct gh_lane *lane, const struct gh_lane_event *event)
{
	uint32_t bit = 1u << event->device;

	if (event->trigger == GH_TRIGGER_FAULT)
		lane->lost_devices |= bit;
	else
		lane->lost_devices &= ~bit;
	/* A lamp that was away does not know what it was told. */
	if (event->trigger == GH_TRIGGER_MENDED && event->device == GH_DEVICE_LIGHT)
		gh_lane_light(lane, lane->lamp_permille);
	gh_log(GH_LOG_NOTICE, "transaction", "device",
		gh_log_word("class", (struct gh_word){ gh_device_class_name(event->device) }),
		gh_log_word("what", gh_trigger_word(event->trigger)));
}

static struct gh_id record_in_hand(const struct gh_lane *lane)
{
	bool in_hand = lane->state == GH_STATE_ACT || lane->state == GH_STATE_OFFICER;

	return in_hand ? lane->passage.encounter.id : (struct gh_id){ { 0 } };
}

/* The officer's word may be on the referral in hand, or on an earlier one. */
static bool dispose(struct gh_lane *lane, const struct gh_lane_event *event)
{
	struct gh_id in_hand = record_in_hand(lane);
	struct gh_id record = gh_id_is_none(&event->record) ? in_hand : event->record;

	lane->answer = gh_lane_dispose(lane, &record, event);
	return lane->answer == GH_OK && lane->state == GH_STATE_OFFICER &&
		gh_id_equal(&record, &in_hand);
}

/* Whether the trigger goes to the table after the lane's own bookkeeping. */
static bool prepare(struct gh_lane *lane, const struct gh_lane_event *event)
{
	switch (event->trigger) {
	case GH_TRIGGER_FAULT:
		update_devices(lane, event);
		return (1u << event->device & needed_devices(lane)) != 0;
	case GH_TRIGGER_MENDED:
		update_devices(lane, event);
		return gh_lane_ready(lane);
	case GH_TRIGGER_CLOSE:
		lane->closed_by_hand = true;
		return true;
	case GH_TRIGGER_OPEN:
		lane->closed_by_hand = false;
		return true;
	case GH_TRIGGER_DISPOSED:
		return dispose(lane, event);
	case GH_TRIGGER_NOTICE_SHOWN:
		return strcmp(event->text, lane->options.notice_hash) == 0;
	default:
		return !stale(lane, event) && !of_another(lane, event);
	}
}

static void answer(struct gh_lane *lane, uint64_t question)
{
	if (question == 0)
		return;
	pthread_mutex_lock(&lane->lock);
	for (struct asker *asker = lane->askers; asker; asker = asker->next)
		if (asker->question == question) {
			asker->status = lane->answer;
			asker->answered = true;
		}
	pthread_cond_broadcast(&lane->answered);
	pthread_mutex_unlock(&lane->lock);
}

static void publish(struct gh_lane *lane)
{
	pthread_mutex_lock(&lane->lock);
	lane->view.state = lane->state;
	lane->view.state_since_us = lane->state_since_us;
	lane->view.closed_by_hand = lane->closed_by_hand;
	lane->view.outbox_full = lane->outbox_full;
	lane->view.zone_occupied = lane->zone_occupied;
	lane->view.lost_devices = lane->lost_devices;
	lane->view.coaching = lane->coaching;
	lane->view.lamp_permille = lane->lamp_permille;
	lane->view.record_in_hand = record_in_hand(lane);
	gh_lane_publish_referrals(lane);
	pthread_mutex_unlock(&lane->lock);
}

static void handle(struct gh_lane *lane, const struct telling *telling)
{
	const struct gh_lane_event *event = &telling->event;

	lane->event = event;
	lane->answer = GH_OK;
	if (event->telling == GH_TELL_SIGHTING)
		sight(lane, event);
	else if (event->telling == GH_TELL_TRIGGER && prepare(lane, event))
		step(lane, event->trigger);
	coach(lane);
	lane->event = NULL;
	publish(lane);
	answer(lane, telling->question);
}

static uint64_t warn_at_us(const struct gh_lane *lane)
{
	uint64_t before_us = (uint64_t)lane->options.warning_before_ms * 1000;

	if (gh_machine_edge(lane->state, GH_TRIGGER_WARN, lane->options.identity.mode) == NULL)
		return UINT64_MAX;
	return lane->warned || lane->end_at_us < before_us ? UINT64_MAX
							   : lane->end_at_us - before_us;
}

static void run_timers(struct gh_lane *lane)
{
	uint64_t now_us = gh_lane_now_us(lane);

	if (lane->end_at_us == 0)
		return;
	if (now_us >= lane->end_at_us) {
		lane->end_at_us = 0;
		step(lane, GH_TRIGGER_TIMEOUT);
	} else if (now_us >= warn_at_us(lane)) {
		lane->warned = true;
		step(lane, GH_TRIGGER_WARN);
	} else {
		return;
	}
	publish(lane);
}

static uint32_t sleep_ms(const struct gh_lane *lane, uint32_t timeout_ms)
{
	uint64_t now_us = gh_lane_now_us(lane);
	uint64_t next_us = lane->end_at_us;

	if (next_us == 0)
		return timeout_ms;
	if (warn_at_us(lane) < next_us)
		next_us = warn_at_us(lane);
	if (next_us <= now_us)
		return 0;
	next_us = (next_us - now_us + 999) / 1000;
	return next_us < timeout_ms ? (uint32_t)next_us : timeout_ms;
}

void gh_lane_turn(struct gh_lane *lane, uint32_t timeout_ms)
{
	struct telling telling;

	if (gh_queue_pop(lane->queue, sleep_ms(lane, timeout_ms), &telling) == GH_OK) {
		handle(lane, &telling);
		gh_wipe(&telling, sizeof(telling));
	}
	run_timers(lane);
}

void gh_lane_run(struct gh_lane *lane)
{
	while (!atomic_load(&lane->stopping))
		gh_lane_turn(lane, TURN_MAX_MS);
	gh_lane_set_vision(lane, GH_VISION_OFF);
}

void gh_lane_stop(struct gh_lane *lane)
{
	atomic_store(&lane->stopping, true);
	gh_queue_close(lane->queue);
}

static enum gh_status check_options(const struct gh_lane_options *options, struct gh_error *error)
{
	if (options->clock == NULL || strlen(options->notice_hash) != 64)
		return gh_error_set(error, GH_SETTINGS, "a lane needs a clock and a notice");
	if (options->identity.lane[0] == '\0')
		return gh_error_set(error, GH_SETTINGS, "a lane needs an id");
	return GH_OK;
}

static void init_wait(struct gh_lane *lane)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&lane->answered, &attributes);
	pthread_condattr_destroy(&attributes);
	pthread_mutex_init(&lane->lock, NULL);
}

enum gh_status gh_lane_create(const struct gh_lane_options *options,
	const struct gh_lane_hands *hands, struct gh_lane **lane, struct gh_error *error)
{
	enum gh_status status = check_options(options, error);
	struct gh_lane *made;

	*lane = NULL;
	if (status != GH_OK)
		return status;
	made = calloc(1, sizeof(*made));
	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "no memory for a lane");
	status = gh_queue_create(QUEUE_CAPACITY, sizeof(struct telling), &made->queue, error);
	if (status != GH_OK) {
		free(made);
		return status;
	}
	init_wait(made);
	made->options = *options;
	made->hands = *hands;
	made->state = GH_STATE_MANUAL;
	made->lost_devices = needed_devices(made);
	made->view.mode = options->identity.mode;
	made->view.purpose = options->identity.purpose;
	publish(made);
	*lane = made;
	return GH_OK;
}

/* Samples still on their way to the lane go back, wiped. */
static void drain(struct gh_lane *lane)
{
	struct telling telling;

	gh_queue_close(lane->queue);
	while (gh_queue_pop(lane->queue, 0, &telling) == GH_OK)
		gh_lane_release(lane, telling.event.sample);
	gh_wipe(&telling, sizeof(telling));
}

void gh_lane_destroy(struct gh_lane *lane)
{
	if (!lane)
		return;
	drain(lane);
	gh_lane_wipe_passage(lane);
	gh_queue_destroy(lane->queue);
	pthread_cond_destroy(&lane->answered);
	pthread_mutex_destroy(&lane->lock);
	gh_wipe(lane, sizeof(*lane));
	free(lane);
}
