/* SPDX-License-Identifier: Apache-2.0 */
/* Hands of a lane that remember what they were asked, and fail when told to. */
#ifndef GATEHOUSE_TESTS_TRANSACTION_FAKE_HANDS_H
#define GATEHOUSE_TESTS_TRANSACTION_FAKE_HANDS_H

#include <stdlib.h>
#include <string.h>

#include "gatehouse/transaction/lane.h"

#define FAKE_LOG 256
#define FAKE_NOTICE "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* What happened, in order: letters say what. */
struct fake_hands {
	char order[FAKE_LOG]; /* P put, A addendum, G gate open, C gate close, W wipe */
	size_t length;
	enum gh_vision_task task;
	uint32_t passage;
	enum gh_page page;
	char coaching[32];
	uint32_t lamp_permille;
	unsigned lamp_set; /* how often */
	bool display_mute;
	enum gh_status put_status;
	enum gh_status gate_status;
	enum gh_status search_status;
	struct gh_search search; /* what the gallery answers */
	bool passed_before;
	bool full;
	uint64_t passages_age_ms;
	char claim[128];
	struct gh_encounter last;
	struct gh_addendum last_addendum;
	size_t photo_bytes;
	bool had_passage;
	bool expects_passage;
	enum gh_settles settled;
	bool awaits;
	struct gh_awaited_word awaited;
	unsigned samples_out;
	struct gh_clock_manual clock;
	struct gh_lane *lane;
	const struct gh_lane_event *question;
};

static inline void fake_note(struct fake_hands *fake, char what)
{
	if (fake->length + 1 < FAKE_LOG)
		fake->order[fake->length++] = what;
}

static inline void fake_vision(void *ctx, enum gh_vision_task task, uint32_t passage)
{
	struct fake_hands *fake = ctx;

	if (task == GH_VISION_WIPE)
		fake_note(fake, 'W');
	fake->task = task;
	fake->passage = passage;
}

static inline enum gh_status fake_display(struct fake_hands *fake, const struct gh_action *action)
{
	struct gh_lane_event event = { .telling = GH_TELL_TRIGGER,
		.trigger = GH_TRIGGER_NOTICE_SHOWN };

	fake->page = action->page;
	memcpy(fake->coaching, action->coaching, sizeof(fake->coaching));
	if (action->page != GH_PAGE_NOTICE || fake->display_mute)
		return GH_OK;
	memcpy(event.text, action->notice_hash, sizeof(event.text));
	return gh_lane_tell(fake->lane, &event);
}

static inline enum gh_status fake_act(void *ctx, enum gh_device_class device_class,
	const struct gh_action *action, struct gh_error *error)
{
	struct fake_hands *fake = ctx;

	if (device_class == GH_DEVICE_DISPLAY)
		return fake_display(fake, action);
	if (device_class == GH_DEVICE_LIGHT) {
		fake->lamp_permille = action->level_permille;
		fake->lamp_set++;
		return GH_OK;
	}
	if (device_class != GH_DEVICE_GATE)
		return GH_NOT_FOUND;
	fake_note(fake, action->kind == GH_ACTION_GATE_OPEN ? 'G' : 'C');
	return fake->gate_status == GH_OK ? GH_OK
					  : gh_error_set(error, fake->gate_status, "fake gate");
}

static inline void fake_release(void *ctx, struct gh_sample *sample)
{
	struct fake_hands *fake = ctx;

	fake->samples_out--;
	gh_wipe(sample, sizeof(*sample));
	free(sample);
}

static inline enum gh_status fake_search(void *ctx, const struct gh_template *probe,
	struct gh_search *search, struct gh_error *error)
{
	struct fake_hands *fake = ctx;

	(void)probe;
	*search = fake->search;
	return fake->search_status == GH_OK
		? GH_OK
		: gh_error_set(error, fake->search_status, "fake gallery");
}

static inline enum gh_status fake_verify(void *ctx, const char *number, const char *issuer,
	const struct gh_template *probe, struct gh_search *search, struct gh_error *error)
{
	struct fake_hands *fake = ctx;

	(void)issuer;
	strncpy(fake->claim, number, sizeof(fake->claim) - 1);
	return fake_search(ctx, probe, search, error);
}

static inline enum gh_status fake_put(
	void *ctx, const struct gh_outbox_put *put, struct gh_error *error)
{
	struct fake_hands *fake = ctx;

	if (fake->put_status != GH_OK)
		return gh_error_set(error, fake->put_status, "fake outbox");
	fake_note(fake, 'P');
	fake->photo_bytes = put->photo.length_bytes;
	fake->had_passage = put->passage != NULL;
	fake->expects_passage = put->expects_passage;
	fake->awaits = put->awaits != NULL;
	if (put->awaits)
		fake->awaited = *put->awaits;
	return gh_encounter_decode(put->json, &fake->last, error);
}

static inline enum gh_status fake_put_addendum(void *ctx, const struct gh_id *id,
	const struct gh_id *encounter, struct gh_view json, enum gh_settles settles,
	struct gh_error *error)
{
	struct fake_hands *fake = ctx;

	(void)id;
	(void)encounter;
	fake_note(fake, 'A');
	fake->settled = settles;
	return gh_addendum_decode(json, &fake->last_addendum, error);
}

static inline enum gh_status fake_await(void *ctx, const struct gh_id *encounter,
	const struct gh_awaited_word *awaits, struct gh_error *error)
{
	struct fake_hands *fake = ctx;

	(void)encounter;
	(void)error;
	fake->awaits = true;
	fake->awaited = *awaits;
	return GH_OK;
}

static inline enum gh_status fake_passed(
	void *ctx, const struct gh_passage *passage, bool *passed, struct gh_error *error)
{
	(void)passage;
	(void)error;
	*passed = ((struct fake_hands *)ctx)->passed_before;
	return GH_OK;
}

static inline bool fake_outbox_ready(void *ctx)
{
	return !((struct fake_hands *)ctx)->full;
}

static inline uint64_t fake_passages_age_ms(void *ctx)
{
	return ((struct fake_hands *)ctx)->passages_age_ms;
}

static inline struct gh_lane_hands fake_hands_of(struct fake_hands *fake)
{
	return (struct gh_lane_hands){
		.ctx = fake,
		.vision = fake_vision,
		.act = fake_act,
		.release = fake_release,
		.search = fake_search,
		.verify = fake_verify,
		.put = fake_put,
		.put_addendum = fake_put_addendum,
		.await = fake_await,
		.passed = fake_passed,
		.outbox_ready = fake_outbox_ready,
		.passages_age_ms = fake_passages_age_ms,
	};
}

/* A candidate of specimen data, at a score. */
static inline void fake_candidate(struct fake_hands *fake, float score)
{
	struct gh_candidate *candidate = &fake->search.candidates[0];

	fake->search.count = 1;
	fake->search.persons = 420;
	fake->search.templates = 420;
	fake->search.complete = true;
	fake->search.threshold = (struct gh_threshold){
		.score = 0.5f, .fmr = 7.2e-6, .fpir_predicted = 0.003, .comparisons = 420
	};
	candidate->score = score;
	candidate->fmr = 1e-6;
	candidate->reference_age_years = -1;
	memset(candidate->voyage.bytes, 7, sizeof(candidate->voyage.bytes));
	memset(candidate->person.id.bytes, 9, sizeof(candidate->person.id.bytes));
	candidate->voyage_version = 1;
	strcpy(candidate->carrier, "XX");
	strcpy(candidate->voyage_number, "420");
	strcpy(candidate->person.document.number.text, "L898902C3");
	strcpy(candidate->person.document.issuer, "UTO");
	strcpy(candidate->person.document.type, "P");
	strcpy(candidate->person.nationality, "UTO");
	strcpy(candidate->person.birth, "19740812");
}

static inline struct gh_sample *fake_sample(struct fake_hands *fake)
{
	struct gh_sample *sample = calloc(1, sizeof(*sample));

	if (!sample)
		abort();
	sample->frames_averaged = 2;
	sample->quality.eye_distance_px = 120.0f;
	sample->quality.faces_in_frame = 1;
	sample->quality.faces_in_zone = 1;
	sample->photo_length_bytes = 100;
	memset(sample->photo, 0xd8, 100);
	memset(sample->photo_sha256, 0x5a, sizeof(sample->photo_sha256));
	fake->samples_out++;
	return sample;
}

static inline struct gh_lane_options fake_options(struct fake_hands *fake, enum gh_mode mode)
{
	struct gh_lane_options options = gh_lane_options_default();

	strcpy(options.identity.lane, "lane-1");
	strcpy(options.identity.device, "specimen-1");
	strcpy(options.identity.port, "UTO01");
	strcpy(options.identity.firmware, "0.1.0");
	strcpy(options.identity.engine, "onnxruntime 1.28.0");
	options.identity.mode = mode;
	options.identity.direction = GH_DIRECTION_EXIT;
	memcpy(options.notice_hash, FAKE_NOTICE, sizeof(options.notice_hash));
	options.notice_dwell_ms = 0;
	strcpy(options.exempt_documents, "PO PD");
	options.clock = &fake->clock.clock;
	return options;
}

/* Tell the lane and let it work until it has nothing more to do. */
static inline void fake_settle(struct fake_hands *fake)
{
	for (int i = 0; i < 8; i++)
		gh_lane_turn(fake->lane, 0);
}

static inline void fake_tell(struct fake_hands *fake, enum gh_trigger trigger)
{
	struct gh_lane_event event = { .telling = GH_TELL_TRIGGER, .trigger = trigger };

	if (gh_lane_tell(fake->lane, &event) != GH_OK)
		abort();
	fake_settle(fake);
}

static inline void fake_device(
	struct fake_hands *fake, enum gh_trigger trigger, enum gh_device_class device_class)
{
	struct gh_lane_event event = {
		.telling = GH_TELL_TRIGGER, .trigger = trigger, .device = device_class
	};

	if (gh_lane_tell(fake->lane, &event) != GH_OK)
		abort();
	fake_settle(fake);
}

/* Sightings over long enough a time that they count. */
static inline void fake_zone(struct fake_hands *fake, bool occupied)
{
	for (int i = 0; i < 4; i++) {
		struct gh_lane_event event = { .telling = GH_TELL_SIGHTING,
			.occupied = occupied,
			.time_us = fake->clock.monotonic_us,
			.passage = fake->passage };

		if (gh_lane_tell(fake->lane, &event) != GH_OK)
			abort();
		fake_settle(fake);
		gh_clock_manual_advance(&fake->clock, 400000);
	}
}

static inline void fake_give_sample(struct fake_hands *fake)
{
	struct gh_lane_event event = {
		.telling = GH_TELL_TRIGGER, .trigger = GH_TRIGGER_SAMPLE, .passage = fake->passage
	};

	event.sample = fake_sample(fake);
	if (gh_lane_tell(fake->lane, &event) != GH_OK)
		abort();
	fake_settle(fake);
}

static inline void fake_advance(struct fake_hands *fake, uint32_t step_ms)
{
	gh_clock_manual_advance(&fake->clock, (uint64_t)step_ms * 1000);
	fake_settle(fake);
}

static inline enum gh_state fake_state(struct fake_hands *fake)
{
	struct gh_lane_view view;

	gh_lane_view(fake->lane, &view);
	return view.state;
}

/* A lane with all its devices, idle; with a morph indicator where there are parameters. */
static inline struct fake_hands *fake_start_with_morph(
	enum gh_mode mode, const struct gh_morph_parameters *morph)
{
	struct fake_hands *fake = calloc(1, sizeof(*fake));
	struct gh_lane_options options;
	struct gh_lane_hands hands;

	if (!fake)
		abort();
	gh_clock_manual_init(&fake->clock, 1000000, 1790000000000);
	fake_candidate(fake, 0.8f);
	options = fake_options(fake, mode);
	options.morph = morph;
	hands = fake_hands_of(fake);
	if (gh_lane_create(&options, &hands, &fake->lane, NULL) != GH_OK)
		abort();
	fake_device(fake, GH_TRIGGER_MENDED, GH_DEVICE_CAMERA);
	fake_device(fake, GH_TRIGGER_MENDED, GH_DEVICE_DISPLAY);
	fake_device(fake, GH_TRIGGER_MENDED, GH_DEVICE_GATE);
	return fake;
}

static inline struct fake_hands *fake_start(enum gh_mode mode)
{
	return fake_start_with_morph(mode, NULL);
}

static inline void fake_stop(struct fake_hands *fake)
{
	gh_lane_destroy(fake->lane);
	free(fake);
}

#endif
