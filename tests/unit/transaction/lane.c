/* SPDX-License-Identifier: Apache-2.0 */
/* Travellers walk through a lane whose hands are fakes: order, records, devices, time. */
#include "gatehouse/transaction/lane.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../support/transaction/fake_hands.h"

static struct fake_hands *in_capture(enum gh_mode mode)
{
	struct fake_hands *fake = fake_start(mode);

	assert_int_equal(fake_state(fake), GH_STATE_IDLE);
	fake_zone(fake, true);
	if (mode == GH_MODE_BOOTH)
		fake_tell(fake, GH_TRIGGER_START);
	assert_int_equal(fake_state(fake), GH_STATE_CAPTURE);
	assert_int_equal(fake->task, GH_VISION_CAPTURE);
	return fake;
}

static void end(struct fake_hands *fake)
{
	unsigned out = fake->samples_out;

	gh_lane_destroy(fake->lane);
	assert_int_equal(out, 0);
	free(fake);
}

static struct gh_lane_answer last_answer(struct fake_hands *fake)
{
	struct gh_lane_view view;

	gh_lane_view(fake->lane, &view);
	return view.last[0];
}

static void the_record_is_put_before_the_gate_opens(void **unused)
{
	struct fake_hands *fake = in_capture(GH_MODE_EGATE);
	const char *put;
	const char *gate;

	(void)unused;
	fake_give_sample(fake);
	put = strchr(fake->order, 'P');
	gate = strchr(fake->order, 'G');
	assert_true(put && gate && put < gate);
	assert_int_equal(fake_state(fake), GH_STATE_ACT);
	assert_int_equal(fake->page, GH_PAGE_GO);
	assert_int_equal(fake->samples_out, 0);
	assert_int_equal(fake->photo_bytes, 100);
	assert_true(fake->had_passage);
	fake_tell(fake, GH_TRIGGER_GATE_PASSED);
	assert_int_equal(fake->last_addendum.kind, GH_ADDENDUM_PASSED);
	assert_int_equal(fake->settled, GH_SETTLES_PASSAGE);
	assert_false(fake->awaits);
	assert_int_equal(fake_state(fake), GH_STATE_IDLE);
	end(fake);
}

static void the_record_says_what_happened(void **unused)
{
	struct fake_hands *fake = in_capture(GH_MODE_EGATE);

	(void)unused;
	fake_zone(fake, true);
	fake_give_sample(fake);
	assert_int_equal(fake->last.capture, GH_CAPTURE_CAPTURED);
	assert_int_equal(fake->last.decision, GH_DECISION_GO);
	assert_int_equal(fake->last.comparison.kind, GH_COMPARISON_ONE_TO_MANY);
	assert_int_equal(fake->last.comparison.outcome, GH_OUTCOME_MATCH);
	assert_true(fake->last.comparison.score > 0.79);
	assert_int_equal(fake->last.comparison.gallery_persons, 420);
	assert_string_equal(fake->last.notice_hash, FAKE_NOTICE);
	assert_string_equal(fake->last.document_number.text, "L898902C3");
	assert_int_equal(fake->last.retention, GH_RETENTION_OTHER);
	assert_true(fake->last.has_photo);
	assert_true(fake->last.answer_ms > 0);
	assert_true(fake->last.waiting_ms >= fake->last.answer_ms);
	assert_true(last_answer(fake).answer_ms == fake->last.answer_ms);
	end(fake);
}

static void a_stranger_is_referred_and_named_nowhere(void **unused)
{
	struct fake_hands *fake = in_capture(GH_MODE_EGATE);

	(void)unused;
	fake_candidate(fake, 0.1f);
	fake_give_sample(fake);
	assert_int_equal(fake_state(fake), GH_STATE_OFFICER);
	assert_int_equal(fake->page, GH_PAGE_OFFICER);
	assert_int_equal(fake->last.decision, GH_DECISION_REFERRAL);
	assert_int_equal(fake->last.referrals[0], GH_REFERRAL_NOT_FOUND);
	assert_false(fake->last.has_person);
	assert_string_equal(fake->last.document_number.text, "");
	assert_int_equal(fake->last.retention, GH_RETENTION_UNKNOWN);
	assert_false(fake->had_passage);
	assert_null(strchr(fake->order, 'G'));
	fake_zone(fake, false);
	assert_int_equal(fake_state(fake), GH_STATE_IDLE);
	end(fake);
}

static void an_opt_out_leaves_nothing_of_the_person(void **unused)
{
	struct fake_hands *fake = in_capture(GH_MODE_EGATE);
	struct gh_lane_event claim = { .telling = GH_TELL_TRIGGER, .trigger = GH_TRIGGER_CLAIM };

	(void)unused;
	gh_personal_set(&claim.document, gh_view_of_text("L898902C3"));
	assert_int_equal(gh_lane_tell(fake->lane, &claim), GH_OK);
	fake_tell(fake, GH_TRIGGER_OPT_OUT);
	assert_int_equal(fake_state(fake), GH_STATE_OFFICER);
	assert_non_null(strchr(fake->order, 'W'));
	assert_true(strchr(fake->order, 'W') < strchr(fake->order, 'P'));
	assert_int_equal(fake->last.capture, GH_CAPTURE_OPTED_OUT);
	assert_int_equal(fake->last.retention, GH_RETENTION_OPTED_OUT);
	assert_string_equal(fake->last.document_number.text, "");
	assert_false(fake->last.has_photo);
	assert_int_equal(fake->last.comparison.kind, GH_COMPARISON_NONE);
	assert_int_equal(fake->photo_bytes, 0);
	end(fake);
}

static void a_late_sample_of_an_earlier_passage_is_wiped_unseen(void **unused)
{
	struct fake_hands *fake = in_capture(GH_MODE_EGATE);
	uint32_t old = fake->passage;

	(void)unused;
	fake_tell(fake, GH_TRIGGER_OPT_OUT);
	fake->passage = old;
	fake_give_sample(fake);
	assert_int_equal(fake->samples_out, 0);
	assert_int_equal(fake_state(fake), GH_STATE_OFFICER);
	end(fake);
}

/* The lane's own answer to one event, without a thread of its own. */
static enum gh_status ask_result;

static void *ask(void *ctx)
{
	struct fake_hands *fake = ctx;

	ask_result = gh_lane_ask(fake->lane, fake->question, 5000, NULL);
	return NULL;
}

static enum gh_status ask_now(struct fake_hands *fake, const struct gh_lane_event *event)
{
	pthread_t thread;

	fake->question = event;
	assert_int_equal(pthread_create(&thread, NULL, ask, fake), 0);
	gh_lane_turn(fake->lane, 5000);
	assert_int_equal(pthread_join(thread, NULL), 0);
	return ask_result;
}

static void a_claim_is_compared_one_to_one(void **unused)
{
	struct fake_hands *fake = in_capture(GH_MODE_BOOTH);
	struct gh_lane_event claim = {
		.telling = GH_TELL_TRIGGER, .trigger = GH_TRIGGER_CLAIM, .issuer = "UTO"
	};
	struct gh_lane_event word = { .telling = GH_TELL_TRIGGER,
		.trigger = GH_TRIGGER_DISPOSED,
		.disposition = GH_DISPOSITION_PROCEED,
		.role = "officer-7",
		.reason_code = "inspected" };

	(void)unused;
	gh_personal_set(&claim.document, gh_view_of_text("L898902C3"));
	assert_int_equal(gh_lane_tell(fake->lane, &claim), GH_OK);
	fake_settle(fake);
	fake_candidate(fake, 0.1f);
	fake_give_sample(fake);
	assert_string_equal(fake->claim, "L898902C3");
	assert_int_equal(fake->last.comparison.kind, GH_COMPARISON_ONE_TO_ONE);
	assert_int_equal(fake->last.referrals[0], GH_REFERRAL_TRUE_MISMATCH);
	assert_int_equal(ask_now(fake, &word), GH_DENIED);
	word.disposition = GH_DISPOSITION_SECONDARY;
	assert_int_equal(ask_now(fake, &word), GH_OK);
	assert_int_equal(fake->last_addendum.disposition, GH_DISPOSITION_SECONDARY);
	assert_int_equal(fake_state(fake), GH_STATE_IDLE);
	end(fake);
}

/* Without it a restart of the lane would leave the referral to nobody. */
static void what_an_officer_owes_is_put_with_the_record(void **unused)
{
	struct fake_hands *fake = in_capture(GH_MODE_EGATE);
	int64_t now_ms = fake->clock.clock.real_ms(&fake->clock.clock);
	struct gh_lane_event word = { .telling = GH_TELL_TRIGGER,
		.trigger = GH_TRIGGER_DISPOSED,
		.disposition = GH_DISPOSITION_SECONDARY,
		.role = "officer-7",
		.reason_code = "inspected" };

	(void)unused;
	fake_candidate(fake, 0.1f);
	fake_give_sample(fake);
	assert_true(fake->awaits);
	assert_true(fake->awaited.may_proceed);
	assert_int_equal(fake->awaited.until_ms, now_ms + 900000);
	assert_int_equal(ask_now(fake, &word), GH_OK);
	assert_int_equal(fake->settled, GH_SETTLES_WORD);
	end(fake);
}

static void a_bearer_of_an_exempt_document_has_the_short_limit(void **unused)
{
	struct fake_hands *fake = in_capture(GH_MODE_EGATE);

	(void)unused;
	strcpy(fake->search.candidates[0].person.document.type, "PD");
	fake_give_sample(fake);
	assert_int_equal(fake->last.retention, GH_RETENTION_EXEMPT);
	assert_int_equal(fake->last.destroy_by_ms, fake->last.event_ms + 12 * 3600 * 1000);
	end(fake);
}

static void a_gate_that_fails_sends_to_the_officer(void **unused)
{
	struct fake_hands *fake = in_capture(GH_MODE_EGATE);

	(void)unused;
	fake->gate_status = GH_GONE;
	fake_give_sample(fake);
	assert_int_equal(fake_state(fake), GH_STATE_OFFICER);
	assert_int_equal(fake->last_addendum.kind, GH_ADDENDUM_NOT_PASSED);
	assert_int_equal(fake->page, GH_PAGE_OFFICER);
	end(fake);
}

static void a_full_outbox_opens_no_gate_and_makes_the_lane_manual(void **unused)
{
	struct fake_hands *fake = in_capture(GH_MODE_EGATE);
	struct gh_lane_view view;

	(void)unused;
	fake->put_status = GH_FULL;
	fake->full = true;
	fake_give_sample(fake);
	assert_int_equal(fake_state(fake), GH_STATE_MANUAL);
	assert_null(strchr(fake->order, 'G'));
	assert_int_equal(fake->page, GH_PAGE_OFFICER);
	assert_int_equal(fake->samples_out, 0);
	gh_lane_view(fake->lane, &view);
	assert_int_equal(view.counts.record_failures, 1);
	fake->put_status = GH_OK;
	fake->full = false;
	fake_advance(fake, 6000);
	assert_int_equal(fake_state(fake), GH_STATE_IDLE);
	end(fake);
}

static void a_full_outbox_takes_nobody(void **unused)
{
	struct fake_hands *fake = fake_start(GH_MODE_EGATE);

	(void)unused;
	fake->full = true;
	fake_zone(fake, true);
	assert_int_equal(fake_state(fake), GH_STATE_MANUAL);
	assert_int_equal(fake->page, GH_PAGE_CLOSED);
	end(fake);
}

static void without_the_display_nobody_is_photographed(void **unused)
{
	struct fake_hands *fake = fake_start(GH_MODE_EGATE);
	struct gh_lane_view view;

	(void)unused;
	fake->display_mute = true;
	fake_zone(fake, true);
	assert_int_equal(fake_state(fake), GH_STATE_PRESENT);
	assert_int_not_equal(fake->task, GH_VISION_CAPTURE);
	fake_advance(fake, 3100);
	assert_int_equal(fake_state(fake), GH_STATE_MANUAL);
	gh_lane_view(fake->lane, &view);
	assert_true(view.lost_devices >> GH_DEVICE_DISPLAY & 1);
	fake->display_mute = false;
	fake_advance(fake, 5100);
	fake_settle(fake);
	assert_int_equal(fake_state(fake), GH_STATE_IDLE);
	end(fake);
}

static void another_notice_is_no_acknowledgement(void **unused)
{
	struct fake_hands *fake = fake_start(GH_MODE_EGATE);
	struct gh_lane_event wrong = {
		.telling = GH_TELL_TRIGGER, .trigger = GH_TRIGGER_NOTICE_SHOWN, .text = "ffff"
	};

	(void)unused;
	fake->display_mute = true;
	fake_zone(fake, true);
	assert_int_equal(gh_lane_tell(fake->lane, &wrong), GH_OK);
	fake_settle(fake);
	assert_int_equal(fake_state(fake), GH_STATE_PRESENT);
	end(fake);
}

static void a_lost_camera_ends_the_capture_as_its_fault(void **unused)
{
	struct fake_hands *fake = in_capture(GH_MODE_EGATE);

	(void)unused;
	fake_device(fake, GH_TRIGGER_FAULT, GH_DEVICE_CAMERA);
	assert_int_equal(fake->last.capture, GH_CAPTURE_NOT_CAPTURED);
	assert_int_equal(fake->last.reason, GH_REASON_CAMERA_FAULT);
	assert_int_equal(fake_state(fake), GH_STATE_OFFICER);
	fake_zone(fake, false);
	assert_int_equal(fake_state(fake), GH_STATE_MANUAL);
	fake_device(fake, GH_TRIGGER_MENDED, GH_DEVICE_CAMERA);
	assert_int_equal(fake_state(fake), GH_STATE_IDLE);
	end(fake);
}

static void time_warns_before_it_ends(void **unused)
{
	struct fake_hands *fake = in_capture(GH_MODE_EGATE);
	struct gh_lane_event none = { .telling = GH_TELL_TRIGGER,
		.trigger = GH_TRIGGER_NO_SAMPLE,
		.reason = GH_REASON_TOO_FAR };

	(void)unused;
	fake_advance(fake, 12100);
	assert_int_equal(fake->page, GH_PAGE_MORE_TIME);
	fake_tell(fake, GH_TRIGGER_MORE_TIME);
	assert_int_equal(fake->page, GH_PAGE_POSITION);
	fake_advance(fake, 10000);
	assert_int_equal(fake_state(fake), GH_STATE_CAPTURE);
	fake_advance(fake, 10100);
	assert_int_equal(fake->task, GH_VISION_CONCLUDE);
	none.passage = fake->passage;
	assert_int_equal(gh_lane_tell(fake->lane, &none), GH_OK);
	fake_settle(fake);
	assert_int_equal(fake->last.reason, GH_REASON_TOO_FAR);
	assert_int_equal(fake_state(fake), GH_STATE_OFFICER);
	end(fake);
}

static void a_silent_vision_is_a_camera_fault(void **unused)
{
	struct fake_hands *fake = in_capture(GH_MODE_EGATE);

	(void)unused;
	fake_advance(fake, 20100);
	fake_advance(fake, 2100);
	assert_int_equal(fake->last.reason, GH_REASON_CAMERA_FAULT);
	end(fake);
}

static void who_leaves_during_the_capture_has_abandoned_it(void **unused)
{
	struct fake_hands *fake = in_capture(GH_MODE_EGATE);
	struct gh_lane_event none = { .telling = GH_TELL_TRIGGER,
		.trigger = GH_TRIGGER_NO_SAMPLE,
		.reason = GH_REASON_NO_FACE };

	(void)unused;
	fake_zone(fake, false);
	assert_int_equal(fake->task, GH_VISION_CONCLUDE);
	none.passage = fake->passage;
	assert_int_equal(gh_lane_tell(fake->lane, &none), GH_OK);
	fake_settle(fake);
	assert_int_equal(fake->last.reason, GH_REASON_NO_FACE);
	assert_int_equal(fake->last_addendum.disposition, GH_DISPOSITION_ABANDONED);
	assert_int_equal(fake_state(fake), GH_STATE_IDLE);
	end(fake);
}

static void who_leaves_before_the_capture_leaves_no_record(void **unused)
{
	struct fake_hands *fake = fake_start(GH_MODE_EGATE);

	(void)unused;
	fake->display_mute = true;
	fake_zone(fake, true);
	fake_zone(fake, false);
	assert_int_equal(fake_state(fake), GH_STATE_IDLE);
	assert_null(strchr(fake->order, 'P'));
	end(fake);
}

static void the_next_person_is_taken_after_the_one_who_passed(void **unused)
{
	struct fake_hands *fake = in_capture(GH_MODE_EGATE);

	(void)unused;
	fake_give_sample(fake);
	fake_tell(fake, GH_TRIGGER_GATE_PASSED);
	assert_int_equal(fake_state(fake), GH_STATE_IDLE);
	fake_advance(fake, 2100);
	assert_int_equal(fake_state(fake), GH_STATE_CAPTURE);
	end(fake);
}

static void a_second_passage_is_seen(void **unused)
{
	struct fake_hands *fake = in_capture(GH_MODE_EGATE);

	(void)unused;
	fake->passed_before = true;
	fake->passages_age_ms = UINT64_MAX;
	fake_give_sample(fake);
	assert_int_equal(fake->last.referrals[0], GH_REFERRAL_ALREADY_PASSED);
	assert_false(fake->last.passages_checked);
	assert_int_equal(fake_state(fake), GH_STATE_OFFICER);
	end(fake);
}

static void a_disposition_reaches_an_earlier_referral_once(void **unused)
{
	struct fake_hands *fake = in_capture(GH_MODE_EGATE);
	struct gh_lane_event word = { .telling = GH_TELL_TRIGGER,
		.trigger = GH_TRIGGER_DISPOSED,
		.disposition = GH_DISPOSITION_PROCEED,
		.role = "officer-7",
		.reason_code = "inspected" };

	(void)unused;
	fake_candidate(fake, 0.1f);
	fake_give_sample(fake);
	word.record = fake->last.id;
	fake_zone(fake, false);
	assert_int_equal(fake_state(fake), GH_STATE_IDLE);
	assert_int_equal(gh_lane_tell(fake->lane, &word), GH_OK);
	fake_settle(fake);
	assert_int_equal(fake->last_addendum.kind, GH_ADDENDUM_DISPOSITION);
	assert_true(gh_id_equal(&fake->last_addendum.encounter, &word.record));
	assert_int_equal(last_answer(fake).disposition, GH_DISPOSITION_PROCEED);
	fake->length = 0;
	memset(fake->order, 0, sizeof(fake->order));
	assert_int_equal(gh_lane_tell(fake->lane, &word), GH_OK);
	fake_settle(fake);
	assert_null(strchr(fake->order, 'A'));
	end(fake);
}

/* At the desk or gone: nobody knows, so the time alone ends it. */
static void a_referral_that_nobody_takes_up_is_abandoned(void **unused)
{
	struct fake_hands *fake = in_capture(GH_MODE_EGATE);
	struct gh_lane_event late = { .telling = GH_TELL_TRIGGER,
		.trigger = GH_TRIGGER_DISPOSED,
		.disposition = GH_DISPOSITION_PROCEED,
		.role = "officer-7",
		.reason_code = "inspected" };

	(void)unused;
	fake_candidate(fake, 0.1f);
	fake_give_sample(fake);
	fake_zone(fake, false);
	assert_int_equal(fake_state(fake), GH_STATE_IDLE);
	assert_int_equal(last_answer(fake).disposition, GH_DISPOSITION_NONE);
	fake_advance(fake, 890000);
	assert_int_equal(last_answer(fake).disposition, GH_DISPOSITION_NONE);
	fake_advance(fake, 10000);
	assert_int_equal(last_answer(fake).disposition, GH_DISPOSITION_ABANDONED);
	assert_string_equal(fake->last_addendum.reason_code, "not_taken_up");
	late.record = last_answer(fake).record;
	assert_int_equal(ask_now(fake, &late), GH_NOT_FOUND);
	end(fake);
}

static void an_officer_who_does_not_come_is_not_waited_for_for_ever(void **unused)
{
	struct fake_hands *fake = in_capture(GH_MODE_BOOTH);

	(void)unused;
	fake_give_sample(fake);
	assert_int_equal(fake_state(fake), GH_STATE_OFFICER);
	fake_advance(fake, 899000);
	assert_int_equal(fake_state(fake), GH_STATE_OFFICER);
	fake_advance(fake, 2000);
	assert_int_equal(fake_state(fake), GH_STATE_IDLE);
	assert_int_equal(fake->last_addendum.disposition, GH_DISPOSITION_ABANDONED);
	assert_string_equal(fake->last_addendum.reason_code, "not_taken_up");
	end(fake);
}

/* Otherwise each of them would be told as passage_unknown after a restart. */
static void only_a_gate_leaves_a_passage_to_be_told(void **unused)
{
	struct fake_hands *fake = in_capture(GH_MODE_BOOTH);

	(void)unused;
	fake_give_sample(fake);
	assert_int_equal(fake->last.decision, GH_DECISION_GO);
	assert_true(fake->had_passage);
	assert_false(fake->expects_passage);
	end(fake);
	fake = in_capture(GH_MODE_EGATE);
	fake_give_sample(fake);
	assert_true(fake->expects_passage);
	end(fake);
}

/* Seen before the notice was read, handled after: not yet standing here. */
static void the_answers_clock_starts_with_a_frame_of_the_capture(void **unused)
{
	struct fake_hands *fake = in_capture(GH_MODE_BOOTH);
	struct gh_lane_event sight = {
		.telling = GH_TELL_SIGHTING, .occupied = true, .passage = fake->passage
	};

	(void)unused;
	sight.time_us = fake->clock.monotonic_us - 100000;
	assert_int_equal(gh_lane_tell(fake->lane, &sight), GH_OK);
	fake_advance(fake, 300);
	sight.time_us = fake->clock.monotonic_us;
	assert_int_equal(gh_lane_tell(fake->lane, &sight), GH_OK);
	fake_advance(fake, 200);
	fake_give_sample(fake);
	assert_int_equal(fake->last.answer_ms, 200);
	assert_true(fake->last.waiting_ms >= 500);
	end(fake);
}

/* arrive_ms is part of the wait, though only after it the lane believes that somebody is there. */
static void waiting_begins_with_stepping_in(void **unused)
{
	struct fake_hands *fake = fake_start(GH_MODE_EGATE);
	struct gh_lane_event sight = { .telling = GH_TELL_SIGHTING, .occupied = true };

	(void)unused;
	for (int i = 0; i < 3; i++) {
		sight.time_us = fake->clock.monotonic_us;
		assert_int_equal(gh_lane_tell(fake->lane, &sight), GH_OK);
		fake_settle(fake);
		gh_clock_manual_advance(&fake->clock, 60000);
	}
	assert_int_equal(fake_state(fake), GH_STATE_CAPTURE);
	fake_give_sample(fake);
	assert_int_equal(fake->last.waiting_ms, 180);
	end(fake);
}

static void give_sample_of(struct fake_hands *fake, uint32_t track)
{
	struct gh_lane_event event = {
		.telling = GH_TELL_TRIGGER, .trigger = GH_TRIGGER_SAMPLE, .passage = fake->passage
	};

	event.sample = fake_sample(fake);
	event.sample->track = track;
	assert_int_equal(gh_lane_tell(fake->lane, &event), GH_OK);
	fake_settle(fake);
}

/* Sightings of one person, a frame every 50 ms. */
static void stand(struct fake_hands *fake, uint32_t track, int frames)
{
	for (int i = 0; i < frames; i++) {
		struct gh_lane_event sight = { .telling = GH_TELL_SIGHTING,
			.occupied = true,
			.track = track,
			.time_us = fake->clock.monotonic_us,
			.passage = fake->passage };

		assert_int_equal(gh_lane_tell(fake->lane, &sight), GH_OK);
		fake_settle(fake);
		gh_clock_manual_advance(&fake->clock, 50000);
	}
}

/* The notice was read by somebody else. */
static void another_person_before_the_photograph_begins_anew(void **unused)
{
	struct fake_hands *fake = fake_start(GH_MODE_EGATE);
	uint32_t first;

	(void)unused;
	stand(fake, 5, 4);
	assert_int_equal(fake_state(fake), GH_STATE_CAPTURE);
	first = fake->passage;
	/* One frame with another number is a slip of the tracker. */
	stand(fake, 6, 1);
	stand(fake, 5, 4);
	assert_int_equal(fake->passage, first);
	assert_int_equal(fake->last.capture, GH_CAPTURE_NONE);
	end(fake);
}

/* Without a frame in which nobody was there: the first one left, and the second has just come. */
static void who_takes_the_place_ends_one_passage_and_begins_another(void **unused)
{
	struct fake_hands *fake = fake_start(GH_MODE_EGATE);
	uint32_t first;

	(void)unused;
	stand(fake, 5, 4);
	first = fake->passage;
	assert_int_equal(fake_state(fake), GH_STATE_CAPTURE);
	stand(fake, 6, 4);
	/* Vision is asked for what it has of the first one, and has somebody else's. */
	assert_int_equal(fake->task, GH_VISION_CONCLUDE);
	give_sample_of(fake, 6);
	assert_int_equal(fake->last.capture, GH_CAPTURE_NOT_CAPTURED);
	assert_int_equal(fake->last.decision, GH_DECISION_REFERRAL);
	assert_int_equal(fake->samples_out, 0);
	stand(fake, 6, 4);
	assert_int_equal(fake_state(fake), GH_STATE_CAPTURE);
	assert_int_not_equal(fake->passage, first);
	give_sample_of(fake, 6);
	assert_int_equal(fake->last.decision, GH_DECISION_GO);
	end(fake);
}

/* The sample came before the lane had made up its mind about who stands there. */
static void a_sample_of_another_person_is_not_compared(void **unused)
{
	struct fake_hands *fake = fake_start(GH_MODE_EGATE);

	(void)unused;
	stand(fake, 5, 4);
	stand(fake, 6, 1);
	give_sample_of(fake, 6);
	assert_int_equal(fake->last.capture, GH_CAPTURE_NOT_CAPTURED);
	assert_int_equal(fake->samples_out, 0);
	end(fake);
}

static void who_stays_after_the_passage_begins_no_other(void **unused)
{
	struct fake_hands *fake = fake_start(GH_MODE_EGATE);
	uint32_t passage;

	(void)unused;
	stand(fake, 5, 4);
	give_sample_of(fake, 5);
	passage = fake->passage;
	fake_tell(fake, GH_TRIGGER_GATE_TURNED_BACK);
	stand(fake, 5, 8);
	assert_int_equal(fake_state(fake), GH_STATE_IDLE);
	assert_int_equal(fake->passage, passage);
	/* And the next one does, without an empty zone between. */
	stand(fake, 6, 8);
	assert_int_equal(fake_state(fake), GH_STATE_CAPTURE);
	end(fake);
}

static void closing_by_hand_waits_for_the_traveller(void **unused)
{
	struct fake_hands *fake = in_capture(GH_MODE_EGATE);

	(void)unused;
	fake_tell(fake, GH_TRIGGER_CLOSE);
	assert_int_equal(fake_state(fake), GH_STATE_CAPTURE);
	fake_give_sample(fake);
	fake_tell(fake, GH_TRIGGER_GATE_PASSED);
	assert_int_equal(fake_state(fake), GH_STATE_MANUAL);
	fake_tell(fake, GH_TRIGGER_OPEN);
	assert_int_equal(fake_state(fake), GH_STATE_IDLE);
	end(fake);
}

static void *run(void *lane)
{
	gh_lane_run(lane);
	return NULL;
}

static void a_question_is_answered(void **unused)
{
	struct fake_hands *fake = fake_start(GH_MODE_EGATE);
	struct gh_lane_event start = { .telling = GH_TELL_TRIGGER, .trigger = GH_TRIGGER_CLOSE };
	struct gh_lane_event wrong = { .telling = GH_TELL_TRIGGER,
		.trigger = GH_TRIGGER_GATE_PASSED };
	struct gh_error error = GH_ERROR_NONE;
	pthread_t thread;

	(void)unused;
	assert_int_equal(pthread_create(&thread, NULL, run, fake->lane), 0);
	assert_int_equal(gh_lane_ask(fake->lane, &wrong, 2000, &error), GH_WRONG_STATE);
	assert_non_null(strstr(error.text, "idle"));
	assert_int_equal(gh_lane_ask(fake->lane, &start, 2000, &error), GH_OK);
	gh_lane_stop(fake->lane);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(gh_lane_ask(fake->lane, &start, 10, &error), GH_CANCELLED);
	end(fake);
}

static void a_lane_needs_its_settings(void **unused)
{
	struct gh_lane_options options = gh_lane_options_default();
	struct gh_lane_hands hands = { 0 };
	struct gh_error error = GH_ERROR_NONE;
	struct gh_lane *lane;

	(void)unused;
	assert_int_equal(gh_lane_create(&options, &hands, &lane, &error), GH_SETTINGS);
	assert_null(lane);
	gh_lane_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_record_is_put_before_the_gate_opens),
		cmocka_unit_test(the_record_says_what_happened),
		cmocka_unit_test(a_stranger_is_referred_and_named_nowhere),
		cmocka_unit_test(an_opt_out_leaves_nothing_of_the_person),
		cmocka_unit_test(a_late_sample_of_an_earlier_passage_is_wiped_unseen),
		cmocka_unit_test(a_claim_is_compared_one_to_one),
		cmocka_unit_test(what_an_officer_owes_is_put_with_the_record),
		cmocka_unit_test(a_bearer_of_an_exempt_document_has_the_short_limit),
		cmocka_unit_test(a_gate_that_fails_sends_to_the_officer),
		cmocka_unit_test(a_full_outbox_opens_no_gate_and_makes_the_lane_manual),
		cmocka_unit_test(a_full_outbox_takes_nobody),
		cmocka_unit_test(without_the_display_nobody_is_photographed),
		cmocka_unit_test(another_notice_is_no_acknowledgement),
		cmocka_unit_test(a_lost_camera_ends_the_capture_as_its_fault),
		cmocka_unit_test(time_warns_before_it_ends),
		cmocka_unit_test(a_silent_vision_is_a_camera_fault),
		cmocka_unit_test(who_leaves_during_the_capture_has_abandoned_it),
		cmocka_unit_test(who_leaves_before_the_capture_leaves_no_record),
		cmocka_unit_test(the_next_person_is_taken_after_the_one_who_passed),
		cmocka_unit_test(a_second_passage_is_seen),
		cmocka_unit_test(a_disposition_reaches_an_earlier_referral_once),
		cmocka_unit_test(a_referral_that_nobody_takes_up_is_abandoned),
		cmocka_unit_test(an_officer_who_does_not_come_is_not_waited_for_for_ever),
		cmocka_unit_test(only_a_gate_leaves_a_passage_to_be_told),
		cmocka_unit_test(the_answers_clock_starts_with_a_frame_of_the_capture),
		cmocka_unit_test(waiting_begins_with_stepping_in),
		cmocka_unit_test(another_person_before_the_photograph_begins_anew),
		cmocka_unit_test(who_takes_the_place_ends_one_passage_and_begins_another),
		cmocka_unit_test(a_sample_of_another_person_is_not_compared),
		cmocka_unit_test(who_stays_after_the_passage_begins_no_other),
		cmocka_unit_test(closing_by_hand_waits_for_the_traveller),
		cmocka_unit_test(a_question_is_answered),
		cmocka_unit_test(a_lane_needs_its_settings),
	};

	gh_log_set_level(GH_LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
