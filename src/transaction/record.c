/* SPDX-License-Identifier: Apache-2.0 */
/* From a passage to its encounter record, its addenda and its line in the view. */
#include <string.h>

#include "gatehouse/encounter/retention.h"
#include "inside.h"

static int64_t real_ms(const struct gh_lane *lane)
{
	return lane->options.clock->real_ms(lane->options.clock);
}

static struct gh_encounter_measure measure_of(const struct gh_measure *measure)
{
	struct gh_encounter_measure to = { GH_NOT_ASSESSED, GH_NOT_ASSESSED,
		GH_SUSPICION_NOT_ASSESSED };

	if (!measure->assessed)
		return to;
	to.native = (double)measure->native;
	if (measure->component != GH_COMPONENT_NOT_ASSESSED)
		to.component = measure->component;
	to.suspected = (enum gh_suspicion)measure->suspicion;
	return to;
}

static void fill_quality(struct gh_encounter_quality *to, const struct gh_sample *sample)
{
	const struct gh_quality *q = &sample->quality;

	*to = (struct gh_encounter_quality){
		.utility_permille = sample->utility_permille,
		.eye_distance_px = (double)q->eye_distance_px,
		.yaw_degrees = (double)q->yaw_degrees,
		.pitch_degrees = (double)q->pitch_degrees,
		.roll_degrees = (double)q->roll_degrees,
		.sharpness_permille = (double)q->sharpness_permille,
		.luminance_permille = (double)q->luminance_permille,
		.clipped_permille = (double)q->clipped_permille,
		.eyes_open_permille = q->eyes_open_permille < 0.0f ? GH_NOT_ASSESSED
								   : (double)q->eyes_open_permille,
		.faces_in_zone = q->faces_in_zone,
		.faces_in_frame = q->faces_in_frame,
	};
	for (size_t i = 0; i < GH_MEASURE_COUNT; i++)
		to->measures[i] = measure_of(&q->measures.list[i]);
}

static void clear_quality(struct gh_encounter_quality *to)
{
	*to = (struct gh_encounter_quality){
		.utility_permille = GH_NOT_ASSESSED,
		.eye_distance_px = GH_NOT_ASSESSED,
		.yaw_degrees = GH_NOT_ASSESSED,
		.pitch_degrees = GH_NOT_ASSESSED,
		.roll_degrees = GH_NOT_ASSESSED,
		.sharpness_permille = GH_NOT_ASSESSED,
		.luminance_permille = GH_NOT_ASSESSED,
		.clipped_permille = GH_NOT_ASSESSED,
		.eyes_open_permille = GH_NOT_ASSESSED,
		.faces_in_zone = GH_NOT_ASSESSED,
		.faces_in_frame = GH_NOT_ASSESSED,
	};
	for (size_t i = 0; i < GH_MEASURE_COUNT; i++)
		to->measures[i] = (struct gh_encounter_measure){ GH_NOT_ASSESSED, GH_NOT_ASSESSED,
			GH_SUSPICION_NOT_ASSESSED };
}

static void fill_candidate(struct gh_encounter_comparison *to, const struct gh_search *search,
	const struct gh_calibration *calibration)
{
	float score;

	if (search->count == 0 || search->templates == 0)
		return;
	score = search->candidates[0].score;
	to->score = (double)score;
	to->fmr = search->candidates[0].fmr;
	if (search->count > 1)
		to->margin = (double)(score - search->candidates[1].score);
	if (calibration == NULL)
		return;
	calibration = gh_calibration_averaged(calibration, to->frames_averaged);
	to->fmr = gh_calibration_fmr(calibration, score, NULL);
	to->log_likelihood_ratio = gh_calibration_llr(calibration, score);
}

static void fill_calibration(
	struct gh_encounter_comparison *to, const struct gh_calibration *calibration)
{
	const struct gh_calibration_facts *facts;

	if (calibration == NULL)
		return;
	facts = gh_calibration_facts(calibration);
	gh_text_copy(to->calibration, sizeof(to->calibration), facts->data_set);
	to->calibration_research_only = facts->research_only;
}

static void fill_comparison(struct gh_lane *lane, struct gh_encounter_comparison *to)
{
	const struct passage *p = &lane->passage;
	const struct gh_threshold *threshold = &p->search.threshold;

	*to = (struct gh_encounter_comparison){
		.kind = p->evidence.kind,
		.outcome = p->verdict.outcome,
		.score = GH_NOT_ASSESSED,
		.threshold = GH_NOT_ASSESSED,
		.fmr = GH_NOT_ASSESSED,
		.fpir_predicted = GH_NOT_ASSESSED,
		.margin = GH_NOT_ASSESSED,
		.log_likelihood_ratio = GH_NOT_ASSESSED,
	};
	if (p->evidence.kind == GH_COMPARISON_NONE)
		return;
	to->frames_averaged = p->sample->frames_averaged;
	fill_calibration(to, lane->options.calibration);
	if (p->search_status != GH_OK)
		return;
	to->threshold = (double)threshold->score;
	to->fpir_predicted = threshold->fpir_predicted;
	to->threshold_extrapolated = threshold->extrapolated;
	to->gallery_persons = p->search.persons;
	to->gallery_templates = p->search.templates;
	to->gallery_complete = p->search.complete;
	fill_candidate(to, &p->search, lane->options.calibration);
}

/* Whom the record is about: matched in the gallery, or claimed at the lane. */
static const struct gh_candidate *person_of(const struct passage *p)
{
	bool found = p->search_status == GH_OK && p->search.count > 0;

	if (!found)
		return NULL;
	if (p->claimed || p->verdict.outcome == GH_OUTCOME_MATCH)
		return &p->search.candidates[0];
	return NULL;
}

static void fill_person(struct gh_encounter *to, const struct gh_candidate *candidate)
{
	to->has_voyage = true;
	to->voyage = candidate->voyage;
	to->voyage_version = candidate->voyage_version;
	memcpy(to->carrier, candidate->carrier, sizeof(to->carrier));
	memcpy(to->voyage_number, candidate->voyage_number, sizeof(to->voyage_number));
	to->has_person = true;
	to->person = candidate->person.id;
	to->document_number = candidate->person.document.number;
	memcpy(to->document_issuer, candidate->person.document.issuer, sizeof(to->document_issuer));
	memcpy(to->document_type, candidate->person.document.type, sizeof(to->document_type));
}

/* A claim that nobody on the manifest answers to is kept as it was made. */
static void fill_claim(struct gh_encounter *to, const struct passage *p)
{
	to->document_number = p->claim;
	memcpy(to->document_issuer, p->claim_issuer, sizeof(to->document_issuer));
}

static void fill_retention(struct gh_lane *lane, const struct gh_candidate *candidate)
{
	struct passage *p = &lane->passage;
	struct gh_retention_facts facts = {
		.identified = p->verdict.outcome == GH_OUTCOME_MATCH,
		.opted_out = p->encounter.capture == GH_CAPTURE_OPTED_OUT,
	};

	if (candidate) {
		memcpy(facts.nationality, candidate->person.nationality, sizeof(facts.nationality));
		facts.exempt = gh_retention_exempt(
			lane->options.exempt_documents, candidate->person.document.type);
	}
	p->encounter.retention = gh_retention_classify(&facts);
	p->encounter.destroy_by_ms = gh_retention_destroy_by(
		p->encounter.retention, p->encounter.event_ms, lane->options.retention_other_hours);
}

static void fill_photo(struct gh_encounter *to, const struct gh_sample *sample)
{
	if (sample->photo_length_bytes == 0)
		return;
	to->has_photo = true;
	to->photo_bytes = (uint32_t)sample->photo_length_bytes;
	memcpy(to->photo_sha256, sample->photo_sha256, sizeof(to->photo_sha256));
}

static uint32_t since_ms(uint64_t now_us, uint64_t start_us)
{
	if (start_us == 0 || now_us < start_us)
		return 0;
	return (uint32_t)((now_us - start_us) / 1000);
}

static void fill_event(struct gh_lane *lane, struct gh_encounter *to)
{
	struct passage *p = &lane->passage;
	uint64_t now_us = gh_lane_now_us(lane);

	to->lane = lane->options.identity;
	to->event_ms = real_ms(lane);
	p->clock_base_ms = to->event_ms - (int64_t)(now_us / 1000);
	to->clock_quality = lane->options.clock->quality(lane->options.clock);
	if (p->notice_shown)
		memcpy(to->notice_hash, lane->options.notice_hash, sizeof(to->notice_hash));
	to->waiting_ms = since_ms(now_us, p->arrived_us);
	if (to->capture != GH_CAPTURE_OPTED_OUT)
		to->answer_ms = since_ms(now_us, p->stand_here_us);
	to->passages_checked =
		lane->hands.passages_age_ms(lane->hands.ctx) <= lane->options.passages_fresh_ms;
}

static void fill_decision(struct gh_encounter *to, const struct passage *p)
{
	if (to->capture == GH_CAPTURE_NOT_CAPTURED)
		to->reason = p->reason;
	to->decision = p->verdict.decision;
	to->referral_count = p->verdict.referral_count;
	memcpy(to->referrals, p->verdict.referrals, sizeof(to->referrals));
	to->attack_score = to->attack_limit = GH_NOT_ASSESSED;
	to->morph_score = GH_NOT_ASSESSED;
}

static void fill_attack(struct gh_encounter *to, const struct gh_attack *attack)
{
	if (!attack->assessed)
		return;
	to->attack_score = (double)attack->score;
	to->attack_limit = (double)attack->limit;
	to->attack_simulated_only = attack->simulated_only;
}

/*
 * The indicator presumes that the live person is in the portrait: of a search it is asked only
 * where the best candidate may be him. It is written down and has no say.
 */
static void fill_morph(const struct gh_lane *lane, struct gh_encounter *to)
{
	const struct gh_encounter_comparison *comparison = &to->comparison;
	bool claimed = comparison->kind == GH_COMPARISON_ONE_TO_ONE;

	if (lane->options.morph == NULL || comparison->score <= GH_NOT_ASSESSED)
		return;
	if (!claimed && comparison->outcome == GH_OUTCOME_NO_MATCH)
		return;
	to->morph_score = (double)gh_morph_indicator(lane->options.morph, (float)comparison->score);
}

void gh_lane_fill_record(struct gh_lane *lane)
{
	struct passage *p = &lane->passage;
	struct gh_encounter *record = &p->encounter;
	const struct gh_candidate *candidate = person_of(p);

	fill_event(lane, record);
	fill_decision(record, p);
	fill_comparison(lane, &record->comparison);
	clear_quality(&record->quality);
	if (p->sample) {
		fill_quality(&record->quality, p->sample);
		fill_photo(record, p->sample);
		fill_attack(record, &p->sample->attack);
		fill_morph(lane, record);
	}
	if (candidate)
		fill_person(record, candidate);
	else if (p->claimed)
		fill_claim(record, p);
	fill_retention(lane, candidate);
}

enum gh_status gh_lane_put_record(struct gh_lane *lane, struct gh_error *error)
{
	struct passage *p = &lane->passage;
	struct gh_passage pass = { p->encounter.voyage, p->encounter.person };
	bool go = p->verdict.decision == GH_DECISION_GO;
	struct gh_bytes json = GH_BYTES_EMPTY;
	struct gh_awaited_word word = gh_lane_awaited_word(lane);
	bool booth = lane->options.identity.mode == GH_MODE_BOOTH;
	struct gh_outbox_put put;
	enum gh_status status = gh_id_make(&p->encounter.id, error);

	if (status != GH_OK)
		return status;
	status = gh_encounter_encode(&p->encounter, &json, error);
	if (status == GH_OK) {
		put = (struct gh_outbox_put){
			.id = p->encounter.id,
			.json = gh_bytes_view(&json),
			.captured_ms = p->encounter.event_ms,
			.destroy_by_ms = p->encounter.destroy_by_ms,
			.retention = (uint32_t)p->encounter.retention,
			.passage = go ? &pass : NULL,
			/* At a booth the officer's disposition ends it, not a gate. */
			.expects_passage = go && !booth,
			.awaits = go && !booth ? NULL : &word,
			.clock_in_doubt = p->encounter.clock_quality != GH_CLOCK_SYNCED,
			.clock_base_ms = p->clock_base_ms,
		};
		if (p->encounter.has_photo)
			put.photo =
				(struct gh_view){ p->sample->photo, p->sample->photo_length_bytes };
		status = lane->hands.put(lane->hands.ctx, &put, error);
	}
	gh_bytes_finish(&json);
	return status;
}

static enum gh_settles settles(enum gh_addendum_kind kind)
{
	switch (kind) {
	case GH_ADDENDUM_PASSED:
	case GH_ADDENDUM_NOT_PASSED:
	case GH_ADDENDUM_PASSAGE_UNKNOWN:
		return GH_SETTLES_PASSAGE;
	case GH_ADDENDUM_DISPOSITION:
		return GH_SETTLES_WORD;
	case GH_ADDENDUM_CLOCK:
		return GH_SETTLES_CLOCK;
	case GH_ADDENDUM_PHOTO_ERASED:
	case GH_ADDENDUM_COUNT:
		break;
	}
	return GH_SETTLES_NOTHING;
}

enum gh_status gh_lane_put_addendum(
	struct gh_lane *lane, struct gh_addendum *addendum, struct gh_error *error)
{
	struct gh_bytes json = GH_BYTES_EMPTY;
	enum gh_status status =
		gh_addendum_begin(addendum, &lane->options.identity, lane->options.clock, error);

	if (status == GH_OK)
		status = gh_addendum_encode(addendum, &json, error);
	if (status == GH_OK)
		status = lane->hands.put_addendum(lane->hands.ctx, &addendum->id,
			&addendum->encounter, gh_bytes_view(&json), settles(addendum->kind), error);
	gh_bytes_finish(&json);
	return status;
}
