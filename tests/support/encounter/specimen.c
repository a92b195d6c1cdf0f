/* SPDX-License-Identifier: Apache-2.0 */
/* Specimen records from a seed. */
#include "support/encounter/specimen.h"

#include <stdio.h>
#include <string.h>

#include "gatehouse/encounter/retention.h"

static uint64_t state;

/* splitmix64: every seed gives another run. */
static uint64_t draw(void)
{
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static double draw_between(double low, double high)
{
	return low + (high - low) * ((double)(draw() >> 11) / 9007199254740992.0);
}

static bool draw_bool(void)
{
	return draw() & 1;
}

static void draw_bytes(uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		bytes[i] = (uint8_t)draw();
	bytes[0] |= 1;
}

static void lane(struct gh_encounter_lane *l)
{
	snprintf(l->lane, sizeof(l->lane), "lane-%u", (unsigned)(draw() % 40));
	strcpy(l->device, "GH-0001 specimen");
	strcpy(l->port, "UTZZZ");
	strcpy(l->firmware, "0.1.0+specimen");
	strcpy(l->engine, "onnxruntime 1.17");
	l->purpose = draw_bool() ? GH_PURPOSE_DEMO : GH_PURPOSE_SERVICE;
	l->mode = draw_bool() ? GH_MODE_EGATE : GH_MODE_BOOTH;
	l->direction = draw_bool() ? GH_DIRECTION_ENTRY : GH_DIRECTION_EXIT;
	l->traffic = draw_bool() ? GH_TRAFFIC_AIR : GH_TRAFFIC_SEA;
	draw_bytes(l->model_chain, sizeof(l->model_chain));
}

static void refer(struct gh_encounter *e, enum gh_referral referral)
{
	e->decision = GH_DECISION_REFERRAL;
	e->referrals[e->referral_count++] = referral;
}

/* Some measures are assessed, some are not; flags have no component. */
static void measured(struct gh_encounter_quality *q)
{
	for (int i = 0; i < GH_MEASURE_COUNT; i++) {
		enum gh_origin origin = gh_measure_facts((enum gh_measure_name)i)->origin;

		if (origin == GH_ORIGIN_ABSENT || draw() % 4 == 0)
			continue;
		q->measures[i].native = draw_between(-5, 500);
		if (origin == GH_ORIGIN_FLAG)
			q->measures[i].suspected = draw_bool() ? GH_SUSPICION_YES : GH_SUSPICION_NO;
		else
			q->measures[i].component = (double)(draw() % 101);
	}
}

static void captured(struct gh_encounter *e)
{
	struct gh_encounter_quality *q = &e->quality;

	e->capture = GH_CAPTURE_CAPTURED;
	e->has_photo = true;
	draw_bytes(e->photo_sha256, sizeof(e->photo_sha256));
	e->photo_bytes = (uint32_t)(draw() % 100000 + 1);
	q->utility_permille = draw_between(0, 1000);
	q->eye_distance_px = draw_between(20, 300);
	q->yaw_degrees = draw_between(-90, 90);
	q->pitch_degrees = draw_between(-90, 90);
	q->sharpness_permille = draw_between(0, 1000);
	q->faces_in_zone = 1;
	measured(q);
	q->faces_in_frame = (double)(draw() % 4 + 1);
	e->comparison.frames_averaged = (uint32_t)(draw() % 5 + 1);
}

static void voyage(struct gh_encounter *e)
{
	e->has_voyage = true;
	draw_bytes(e->voyage.bytes, sizeof(e->voyage.bytes));
	e->voyage_version = (uint32_t)(draw() % 9 + 1);
	strcpy(e->carrier, "ZZ");
	snprintf(e->voyage_number, sizeof(e->voyage_number), "%u", (unsigned)(draw() % 9999));
}

static void person(struct gh_encounter *e)
{
	e->has_person = true;
	draw_bytes(e->person.bytes, sizeof(e->person.bytes));
	snprintf(e->document_number.text, sizeof(e->document_number.text), "L%08u",
		(unsigned)(draw() % 100000000));
	strcpy(e->document_issuer, "UTO");
	strcpy(e->document_type, draw_bool() ? "P" : "");
}

static void compared(struct gh_encounter *e, enum gh_comparison kind, enum gh_outcome outcome)
{
	struct gh_encounter_comparison *c = &e->comparison;

	c->kind = kind;
	c->outcome = outcome;
	c->threshold = draw_between(0.3, 0.5);
	c->score = outcome == GH_OUTCOME_MATCH ? draw_between(0.5, 1) : draw_between(-0.2, 0.3);
	c->margin = draw_between(0, 0.5);
	c->fmr = draw_between(0, 1e-4);
	c->fpir_predicted = draw_between(0, 0.003);
	c->gallery_persons = draw() % 42000;
	c->gallery_templates = c->gallery_persons * 3;
	c->gallery_complete = draw_bool();
	c->threshold_extrapolated = draw_bool();
	if (kind == GH_COMPARISON_ONE_TO_ONE || outcome != GH_OUTCOME_NO_MATCH)
		e->morph_score = 2.0 - 4.0 * c->score;
	strcpy(c->calibration, "specimen pairs");
	c->calibration_research_only = true;
}

static void fill(enum specimen sort, struct gh_encounter *e)
{
	switch (sort) {
	case SPECIMEN_MATCH:
		captured(e);
		voyage(e);
		person(e);
		compared(e, GH_COMPARISON_ONE_TO_MANY, GH_OUTCOME_MATCH);
		e->decision = GH_DECISION_GO;
		break;
	case SPECIMEN_NOT_FOUND:
		captured(e);
		compared(e, GH_COMPARISON_ONE_TO_MANY, GH_OUTCOME_NO_MATCH);
		refer(e, GH_REFERRAL_NOT_FOUND);
		break;
	case SPECIMEN_MISMATCH:
		captured(e);
		voyage(e);
		person(e);
		compared(e, GH_COMPARISON_ONE_TO_ONE, GH_OUTCOME_NO_MATCH);
		refer(e, GH_REFERRAL_TRUE_MISMATCH);
		break;
	case SPECIMEN_CANNOT_TELL:
		captured(e);
		compared(e, GH_COMPARISON_ONE_TO_MANY, GH_OUTCOME_CANNOT_TELL);
		refer(e, GH_REFERRAL_CANNOT_TELL);
		refer(e, GH_REFERRAL_LOOK_ALIKE);
		break;
	case SPECIMEN_NOT_CAPTURED:
		e->capture = GH_CAPTURE_NOT_CAPTURED;
		e->reason = (enum gh_reason)(draw() % (GH_REASON_COUNT - 1) + 1);
		refer(e, GH_REFERRAL_NOT_CAPTURED);
		break;
	case SPECIMEN_OPTED_OUT:
		e->capture = GH_CAPTURE_OPTED_OUT;
		refer(e, GH_REFERRAL_OPTED_OUT);
		break;
	case SPECIMEN_GALLERY_NOT_READY:
	case SPECIMEN_COUNT:
		refer(e, GH_REFERRAL_GALLERY_NOT_READY);
		break;
	}
}

void specimen_encounter_of(enum specimen sort, uint64_t seed, struct gh_encounter *e)
{
	struct gh_retention_facts facts = { .exempt = false };

	state = seed;
	gh_encounter_init(e);
	draw_bytes(e->id.bytes, sizeof(e->id.bytes));
	lane(&e->lane);
	e->event_ms = INT64_C(1790000000000) + (int64_t)(draw() % 1000000000);
	e->clock_quality = (enum gh_clock_quality)(draw() % 3);
	memset(e->notice_hash, 'a', sizeof(e->notice_hash) - 1);
	strcpy(e->language, sort == SPECIMEN_OPTED_OUT ? "" : "en-US");
	fill(sort, e);
	e->passages_checked = draw_bool();
	e->waiting_ms = (uint32_t)draw();
	e->answer_ms = (uint32_t)(draw() % 10000);
	facts.identified = sort == SPECIMEN_MATCH;
	facts.opted_out = sort == SPECIMEN_OPTED_OUT;
	strcpy(facts.nationality, draw_bool() ? "USA" : "UTO");
	e->retention = gh_retention_classify(&facts);
	e->destroy_by_ms = gh_retention_destroy_by(e->retention, e->event_ms, 96);
}

void specimen_encounter(uint64_t seed, struct gh_encounter *encounter)
{
	specimen_encounter_of((enum specimen)(seed % SPECIMEN_COUNT), seed, encounter);
}

void specimen_addendum(uint64_t seed, struct gh_addendum *a)
{
	state = seed;
	memset(a, 0, sizeof(*a));
	draw_bytes(a->id.bytes, sizeof(a->id.bytes));
	draw_bytes(a->encounter.bytes, sizeof(a->encounter.bytes));
	a->kind = (enum gh_addendum_kind)(seed % GH_ADDENDUM_COUNT);
	a->event_ms = INT64_C(1790000000000) + (int64_t)(draw() % 1000000000);
	a->clock_quality = (enum gh_clock_quality)(draw() % 3);
	strcpy(a->lane, "lane-1");
	a->test = draw_bool();
	if (a->kind == GH_ADDENDUM_DISPOSITION) {
		a->disposition = (enum gh_disposition)(draw() % (GH_DISPOSITION_COUNT - 1) + 1);
		strcpy(a->role, "officer-17");
		strcpy(a->reason_code, "document_inspected");
	}
	if (a->kind == GH_ADDENDUM_CLOCK)
		a->clock_offset_ms = (int64_t)(draw() % 2000000) - 1000000;
	if (a->kind == GH_ADDENDUM_PHOTO_ERASED)
		a->erased_ms = a->event_ms;
}

void specimen_heartbeat(uint64_t seed, struct gh_heartbeat *heartbeat)
{
	state = seed ^ UINT64_C(0x6865617274);
	memset(heartbeat, 0, sizeof(*heartbeat));
	draw_bytes(heartbeat->boot.bytes, sizeof(heartbeat->boot.bytes));
	heartbeat->number = 1 + draw() % 100000;
	snprintf(heartbeat->lane, sizeof(heartbeat->lane), "lane-%u", (unsigned)(draw() % 40));
	strcpy(heartbeat->firmware, "0.1.0+specimen");
	strcpy(heartbeat->state, draw_bool() ? "idle" : "manual");
	heartbeat->test = draw_bool();
	heartbeat->sent_ms = 1790000000000 + (int64_t)(draw() % 1000000000);
	heartbeat->clock_quality = (enum gh_clock_quality)(draw() % 3);
	heartbeat->interval_ms = 1000 + (uint32_t)(draw() % 100000);
	heartbeat->uptime_s = draw() % 10000000;
	heartbeat->mode = draw_bool() ? GH_MODE_EGATE : GH_MODE_BOOTH;
	heartbeat->closed = draw_bool();
	heartbeat->captured = draw() % 100000;
	for (int i = GH_REASON_NONE + 1; i < GH_REASON_COUNT; i++)
		heartbeat->not_captured[i] = draw() % 1000;
	heartbeat->opted_out = draw() % 1000;
	heartbeat->waiting = draw() % 1000;
	heartbeat->quarantined = draw() % 3;
	heartbeat->oldest_ms = draw() % 1000000;
	heartbeat->writable = draw_bool();
	heartbeat->disk_free_permille = (uint32_t)(draw() % 1001);
	heartbeat->resident_bytes = draw() % 1000000000;
	heartbeat->has_certificate = draw_bool();
	if (heartbeat->has_certificate)
		heartbeat->certificate_end_ms = 1790000000000 + (int64_t)(draw() % 100000000000);
	heartbeat->warnings = (uint32_t)(draw() % 4);
	for (size_t i = 0; i < GH_HEARTBEAT_DEVICES; i++) {
		struct gh_heartbeat_device *device = &heartbeat->devices[i];

		device->set = draw_bool();
		if (!device->set)
			continue;
		device->up = draw_bool();
		snprintf(device->driver, sizeof(device->driver), "%s/virtual",
			gh_heartbeat_device_class(i));
		strcpy(device->state, device->up ? "open" : "lost");
	}
}
