/* SPDX-License-Identifier: Apache-2.0 */
/* The encounter record: its fields, the rules between them, its JSON. */
#include "gatehouse/encounter/encounter.h"

#include <string.h>

#include "gatehouse/encounter/retention.h"
#include "tables.h"

#define AT(member) GH_FIELD_AT(struct gh_encounter_wire, encounter.member)
#define PART(array) .fields = (array), .field_count = GH_COUNT_OF(array)

/* clang-format off */
#define CONSTANT(key_, text) {.key = (key_), .kind = GH_FIELD_CONST, .set = (text)}
#define LATER(key_) {.key = (key_), .kind = GH_FIELD_LATER}
#define TEXT(key_, member, set_) {.key = (key_), .kind = GH_FIELD_TEXT, AT(member), .set = (set_)}
#define TEXT_OR_NULL(key_, member, set_) \
	{.key = (key_), .kind = GH_FIELD_TEXT, .nullable = true, AT(member), .set = (set_)}
#define BOOL(key_, member) {.key = (key_), .kind = GH_FIELD_BOOL, AT(member)}
#define COUNT32(key_, member, min_, max_) \
	{.key = (key_), .kind = GH_FIELD_COUNT32, AT(member), .min = (min_), .max = (max_)}
#define COUNT64(key_, member, min_, max_) \
	{.key = (key_), .kind = GH_FIELD_COUNT64, AT(member), .min = (min_), .max = (max_)}
#define NUMBER(key_, member, min_, max_) \
	{.key = (key_), .kind = GH_FIELD_NUMBER, AT(member), .min = (min_), .max = (max_)}
#define ID(key_, member) {.key = (key_), .kind = GH_FIELD_ID, AT(member)}
#define TIME(key_, member) {.key = (key_), .kind = GH_FIELD_TIME, AT(member)}
#define HEX_OR_NULL(key_, member) \
	{.key = (key_), .kind = GH_FIELD_HEX, .nullable = true, AT(member)}
#define WORD(key_, member, type) \
	{.key = (key_), .kind = GH_FIELD_WORD, AT(member), .words = &gh_words_##type}
#define GROUP(key_, array) {.key = (key_), .kind = GH_FIELD_GROUP, PART(array)}
#define GROUP_OR_NULL(key_, flag, array) \
	{.key = (key_), .kind = GH_FIELD_GROUP, .nullable = true, \
		.flag_offset = offsetof(struct gh_encounter_wire, flag), PART(array)}

static const struct gh_field lane_fields[] = {
	TEXT("id", lane.lane, GH_SET_PRINTABLE),
	TEXT("device", lane.device, GH_SET_PRINTABLE),
	TEXT("port", lane.port, GH_SET_PRINTABLE),
	WORD("purpose", lane.purpose, purpose),
	WORD("mode", lane.mode, mode),
	WORD("direction", lane.direction, direction),
	WORD("traffic", lane.traffic, traffic),
	TEXT("firmware", lane.firmware, GH_SET_PRINTABLE),
	HEX_OR_NULL("model_chain", lane.model_chain),
	TEXT_OR_NULL("engine", lane.engine, GH_SET_PRINTABLE),
};

static const struct gh_field time_fields[] = {
	TIME("event", event_ms),
	WORD("clock_quality", clock_quality, clock_quality),
};

static const struct gh_field notice_fields[] = {
	TEXT_OR_NULL("hash", notice_hash, "0-9a-f"),
	TEXT_OR_NULL("language", language, GH_SET_TAG),
};

static const struct gh_field capture_fields[] = {
	WORD("outcome", capture, capture),
	WORD("reason", reason, reason),
};

static const struct gh_field decision_fields[] = {
	WORD("outcome", decision, decision),
	{.key = "referrals", .kind = GH_FIELD_WORDS, AT(referrals), .words = &gh_words_referral,
		.count_offset = offsetof(struct gh_encounter_wire, encounter.referral_count)},
};

static const struct gh_field voyage_fields[] = {
	ID("id", voyage),
	COUNT32("version", voyage_version, 1, UINT32_MAX),
	TEXT_OR_NULL("carrier", carrier, GH_SET_PRINTABLE),
	TEXT_OR_NULL("number", voyage_number, GH_SET_PRINTABLE),
};

static const struct gh_field person_fields[] = {
	ID("id", person),
};

static const struct gh_field document_fields[] = {
	{.key = "number", .kind = GH_FIELD_PERSONAL, AT(document_number)},
	TEXT_OR_NULL("issuer", document_issuer, GH_SET_PRINTABLE),
	TEXT_OR_NULL("type", document_type, GH_SET_PRINTABLE),
};

static const struct gh_field personal_fields[] = {
	GROUP_OR_NULL("person", encounter.has_person, person_fields),
	GROUP_OR_NULL("document", has_document, document_fields),
};

static const struct gh_field comparison_fields[] = {
	WORD("kind", comparison.kind, comparison),
	WORD("outcome", comparison.outcome, outcome),
	NUMBER("score", comparison.score, -1000, 1000),
	NUMBER("threshold", comparison.threshold, -1000, 1000),
	NUMBER("margin", comparison.margin, -1000, 1000),
	NUMBER("fmr", comparison.fmr, 0, 1),
	NUMBER("fpir_predicted", comparison.fpir_predicted, 0, 1),
	NUMBER("log_likelihood_ratio", comparison.log_likelihood_ratio, -1e6, 1e6),
	COUNT64("gallery_persons", comparison.gallery_persons, 0, 1e12),
	COUNT64("gallery_templates", comparison.gallery_templates, 0, 1e12),
	BOOL("gallery_complete", comparison.gallery_complete),
	BOOL("threshold_extrapolated", comparison.threshold_extrapolated),
	COUNT32("frames_averaged", comparison.frames_averaged, 0, 1e6),
	TEXT_OR_NULL("calibration", comparison.calibration, GH_SET_PRINTABLE),
	BOOL("calibration_research_only", comparison.calibration_research_only),
};

/* Shares come from single precision: one that rounds past its end must not cost a record. */
#define SHARE_MAX 1001

/* A measure by its word: the id it has in the standard, then what was found. */
#define FOUND(name, member) quality.measures[GH_MEASURE_##name].member
#define MEASURED(name, id) CONSTANT("qaa_id", #id), NUMBER("native", FOUND(name, native), -1e6, 1e6)
#define FIELDS_STANDARD(name, id) \
	MEASURED(name, id), NUMBER("component", FOUND(name, component), 0, 100)
#define FIELDS_OWN(name, id) FIELDS_STANDARD(name, id)
#define FIELDS_ABSENT(name, id) FIELDS_STANDARD(name, id)
#define FIELDS_FLAG(name, id) \
	MEASURED(name, id), WORD("suspected", FOUND(name, suspected), suspicion)
#define MEASURE_FIELDS(name, id, word, unit, origin, better) \
	static const struct gh_field name##_fields[] = { FIELDS_##origin(name, id) };
#define MEASURE_ROW(name, id, word, unit, origin, better) GROUP(word, name##_fields),

GH_MEASURE_LIST(MEASURE_FIELDS)

#define NATIVES \
	NUMBER("utility_permille", quality.utility_permille, 0, SHARE_MAX), \
	NUMBER("eye_distance_px", quality.eye_distance_px, 0, 1e6), \
	NUMBER("yaw_degrees", quality.yaw_degrees, -180, 180), \
	NUMBER("pitch_degrees", quality.pitch_degrees, -180, 180), \
	NUMBER("roll_degrees", quality.roll_degrees, -180, 180), \
	NUMBER("sharpness_permille", quality.sharpness_permille, 0, 1e9), \
	NUMBER("luminance_permille", quality.luminance_permille, 0, SHARE_MAX), \
	NUMBER("clipped_permille", quality.clipped_permille, 0, SHARE_MAX), \
	NUMBER("eyes_open_permille", quality.eyes_open_permille, 0, 1e6), \
	NUMBER("faces_in_zone", quality.faces_in_zone, 0, 1e6), \
	NUMBER("faces_in_frame", quality.faces_in_frame, 0, 1e6)

static const struct gh_field measure_fields[] = {
	GH_MEASURE_LIST(MEASURE_ROW)
};

static const struct gh_field quality_fields[] = {
	NATIVES,
	GROUP("measures", measure_fields),
};

/* In format 1 the measures stood by name only. */
static const struct gh_field quality_fields_1[] = {
	NATIVES,
	LATER("unified_quality"),
	LATER("background_uniformity"),
	LATER("illumination_uniformity"),
	LATER("luminance_variance"),
	LATER("dynamic_range"),
	LATER("natural_colour"),
	LATER("compression_artefacts"),
	LATER("mouth_closed"),
	LATER("eyes_visible"),
	LATER("mouth_occlusion"),
	LATER("face_occlusion"),
	LATER("expression_neutrality"),
	LATER("head_covering"),
};

static const struct gh_field attack_fields_1[] = {
	NUMBER("score", attack_score, -1000, 1000),
};

static const struct gh_field attack_fields[] = {
	NUMBER("score", attack_score, -1000, 1000),
	NUMBER("limit", attack_limit, -1000, 1000),
	BOOL("simulated_only", attack_simulated_only),
};

static const struct gh_field morph_fields[] = {
	NUMBER("score", morph_score, -1000, 1000),
};

static const struct gh_field passage_fields[] = {
	BOOL("list_checked", passages_checked),
	COUNT32("waiting_ms", waiting_ms, 0, UINT32_MAX),
	COUNT32("answer_ms", answer_ms, 0, UINT32_MAX),
};

static const struct gh_field retention_fields[] = {
	WORD("class", retention, retention),
	TIME("destroy_by", destroy_by_ms),
};

static const struct gh_field photo_fields[] = {
	{.key = "sha256", .kind = GH_FIELD_HEX, AT(photo_sha256)},
	COUNT32("bytes", photo_bytes, 1, UINT32_MAX),
};

/* A group that changes gets its old fields here, under the number of the last format they had. */
#define RECORD(format_, quality, attack) \
	{.key = "format", .kind = GH_FIELD_COUNT32, \
		GH_FIELD_AT(struct gh_encounter_wire, format), .min = (format_), \
		.max = (format_)}, \
	CONSTANT("record", "encounter"), \
	ID("id", id), \
	{.key = "test", .kind = GH_FIELD_BOOL, GH_FIELD_AT(struct gh_encounter_wire, test)}, \
	GROUP("lane", lane_fields), \
	GROUP("time", time_fields), \
	GROUP("notice", notice_fields), \
	GROUP("capture", capture_fields), \
	GROUP("decision", decision_fields), \
	GROUP_OR_NULL("voyage", encounter.has_voyage, voyage_fields), \
	GROUP("personal", personal_fields), \
	GROUP("comparison", comparison_fields), \
	GROUP("quality", quality), \
	GROUP("presentation_attack", attack), \
	GROUP("morph", morph_fields), \
	GROUP("passage", passage_fields), \
	GROUP("retention", retention_fields), \
	GROUP_OR_NULL("photo", encounter.has_photo, photo_fields)

static const struct gh_field record_fields[] = { RECORD(
	GH_ENCOUNTER_FORMAT, quality_fields, attack_fields) };
static const struct gh_field record_fields_1[] = { RECORD(1, quality_fields_1, attack_fields_1) };
/* clang-format on */

const struct gh_field_table gh_encounter_table = { record_fields, GH_COUNT_OF(record_fields),
	sizeof(struct gh_encounter_wire) };
static const struct gh_field_table table_1 = { record_fields_1, GH_COUNT_OF(record_fields_1),
	sizeof(struct gh_encounter_wire) };

/* --- the rules between fields --- */

static const struct gh_encounter *record(const void *wire)
{
	return &((const struct gh_encounter_wire *)wire)->encounter;
}

static bool assessed(double value)
{
	return value > GH_NOT_ASSESSED || value < GH_NOT_ASSESSED;
}

static bool refers(const struct gh_encounter *e, enum gh_referral referral)
{
	for (size_t i = 0; i < e->referral_count; i++)
		if (e->referrals[i] == referral)
			return true;
	return false;
}

static bool keeps_test(const void *wire)
{
	return ((const struct gh_encounter_wire *)wire)->test ==
		(record(wire)->lane.purpose == GH_PURPOSE_DEMO);
}

static bool keeps_notice_hash(const void *wire)
{
	size_t length = strlen(record(wire)->notice_hash);

	return length == 0 || length == 64;
}

static bool keeps_notice(const void *wire)
{
	return record(wire)->capture != GH_CAPTURE_CAPTURED || record(wire)->notice_hash[0];
}

static bool keeps_reason(const void *wire)
{
	const struct gh_encounter *e = record(wire);

	return (e->reason != GH_REASON_NONE) == (e->capture == GH_CAPTURE_NOT_CAPTURED);
}

static bool keeps_referrals(const void *wire)
{
	const struct gh_encounter *e = record(wire);

	return (e->referral_count > 0) == (e->decision == GH_DECISION_REFERRAL);
}

static bool keeps_go(const void *wire)
{
	const struct gh_encounter *e = record(wire);

	return e->decision != GH_DECISION_GO || e->comparison.outcome == GH_OUTCOME_MATCH;
}

static bool keeps_compared(const void *wire)
{
	const struct gh_encounter *e = record(wire);

	return e->comparison.kind == GH_COMPARISON_NONE ||
		(e->capture == GH_CAPTURE_CAPTURED && e->lane.engine[0]);
}

static bool keeps_outcome(const void *wire)
{
	const struct gh_encounter_comparison *c = &record(wire)->comparison;

	return (c->kind == GH_COMPARISON_NONE) == (c->outcome == GH_OUTCOME_NONE);
}

static bool keeps_no_score(const void *wire)
{
	const struct gh_encounter_comparison *c = &record(wire)->comparison;

	return c->kind != GH_COMPARISON_NONE ||
		!(assessed(c->score) || assessed(c->margin) || assessed(c->fmr) ||
			assessed(c->log_likelihood_ratio) || c->frames_averaged > 0);
}

static bool keeps_match_score(const void *wire)
{
	const struct gh_encounter_comparison *c = &record(wire)->comparison;

	return c->outcome != GH_OUTCOME_MATCH || (assessed(c->score) && assessed(c->threshold));
}

static bool keeps_threshold(const void *wire)
{
	const struct gh_encounter_comparison *c = &record(wire)->comparison;

	return c->outcome != GH_OUTCOME_MATCH || c->score >= c->threshold;
}

static bool keeps_not_found(const void *wire)
{
	const struct gh_encounter *e = record(wire);

	return !refers(e, GH_REFERRAL_NOT_FOUND) ||
		(e->comparison.kind == GH_COMPARISON_ONE_TO_MANY &&
			e->comparison.outcome != GH_OUTCOME_MATCH);
}

static bool keeps_mismatch(const void *wire)
{
	const struct gh_encounter *e = record(wire);

	return !refers(e, GH_REFERRAL_TRUE_MISMATCH) ||
		(e->comparison.kind == GH_COMPARISON_ONE_TO_ONE &&
			e->comparison.outcome == GH_OUTCOME_NO_MATCH);
}

static bool keeps_not_captured(const void *wire)
{
	const struct gh_encounter *e = record(wire);

	return !refers(e, GH_REFERRAL_NOT_CAPTURED) || e->capture == GH_CAPTURE_NOT_CAPTURED;
}

static bool keeps_person(const void *wire)
{
	return !record(wire)->has_person || record(wire)->has_voyage;
}

static bool keeps_document(const void *wire)
{
	const struct gh_encounter *e = record(wire);

	return ((const struct gh_encounter_wire *)wire)->has_document ||
		!(e->document_issuer[0] || e->document_type[0]);
}

static bool keeps_photo(const void *wire)
{
	return !record(wire)->has_photo || record(wire)->capture == GH_CAPTURE_CAPTURED;
}

static bool keeps_opt_out(const void *wire)
{
	const struct gh_encounter *e = record(wire);
	bool opted_out = e->capture == GH_CAPTURE_OPTED_OUT;

	return refers(e, GH_REFERRAL_OPTED_OUT) == opted_out &&
		(e->retention == GH_RETENTION_OPTED_OUT) == opted_out;
}

static bool keeps_nothing_of_person(const void *wire)
{
	const struct gh_encounter *e = record(wire);

	return e->capture != GH_CAPTURE_OPTED_OUT ||
		!(e->has_voyage || e->has_person || e->document_number.text[0] || e->language[0]);
}

static bool measured(const struct gh_encounter_quality *q)
{
	for (size_t i = 0; i < GH_MEASURE_COUNT; i++)
		if (assessed(q->measures[i].native) || assessed(q->measures[i].component) ||
			q->measures[i].suspected != GH_SUSPICION_NOT_ASSESSED)
			return true;
	return false;
}

static bool keeps_nothing_of_face(const void *wire)
{
	const struct gh_encounter *e = record(wire);
	const struct gh_encounter_quality *q = &e->quality;

	return e->capture != GH_CAPTURE_OPTED_OUT ||
		!(assessed(q->utility_permille) || assessed(q->eye_distance_px) ||
			assessed(q->yaw_degrees) || assessed(q->pitch_degrees) ||
			assessed(q->roll_degrees) || assessed(q->sharpness_permille) ||
			assessed(q->luminance_permille) || assessed(q->clipped_permille) ||
			assessed(q->eyes_open_permille) || assessed(q->faces_in_zone) ||
			assessed(q->faces_in_frame) || measured(q) || assessed(e->attack_score) ||
			assessed(e->attack_limit) || assessed(e->morph_score));
}

static bool keeps_unidentified(const void *wire)
{
	const struct gh_encounter *e = record(wire);

	return e->lane.mode != GH_MODE_EGATE || e->comparison.outcome == GH_OUTCOME_MATCH ||
		e->retention == GH_RETENTION_UNKNOWN || e->retention == GH_RETENTION_OPTED_OUT;
}

/* The indicator is about a portrait that may be the person's: without one it has no meaning. */
static bool keeps_morph(const void *wire)
{
	const struct gh_encounter *e = record(wire);
	const struct gh_encounter_comparison *c = &e->comparison;

	return !assessed(e->morph_score) ||
		(assessed(c->score) &&
			(c->kind == GH_COMPARISON_ONE_TO_ONE || c->outcome != GH_OUTCOME_NO_MATCH));
}

static bool keeps_destroy_by(const void *wire)
{
	const struct gh_encounter *e = record(wire);

	return e->destroy_by_ms <=
		gh_retention_destroy_by(e->retention, e->event_ms, GH_RETENTION_OTHER_HOURS_MAX);
}

/* clang-format off */
const struct gh_rule gh_encounter_rules[] = {
	{ "test", "/test", "true exactly when the purpose is demo", keeps_test },
	{ "notice_hash", "/notice/hash", "64 digits", keeps_notice_hash },
	{ "notice", "/notice/hash", "nobody is captured without a notice", keeps_notice },
	{ "reason", "/capture/reason", "there is one exactly when not captured", keeps_reason },
	{ "referrals", "/decision/referrals", "there are some exactly when referred",
		keeps_referrals },
	{ "go", "/decision/outcome", "go only with a match", keeps_go },
	{ "compared", "/comparison/kind", "compared only when captured, by a named engine",
		keeps_compared },
	{ "outcome", "/comparison/outcome", "there is one exactly when compared", keeps_outcome },
	{ "no_score", "/comparison", "no score where nothing was compared", keeps_no_score },
	{ "match_score", "/comparison", "a match has score and threshold", keeps_match_score },
	{ "threshold", "/comparison/score", "a match is not below the threshold", keeps_threshold },
	{ "not_found", "/decision/referrals", "not_found only of one_to_many without a match",
		keeps_not_found },
	{ "true_mismatch", "/decision/referrals", "true_mismatch only of one_to_one no_match",
		keeps_mismatch },
	{ "not_captured", "/decision/referrals", "not_captured only when so", keeps_not_captured },
	{ "person", "/personal/person", "a person only of a voyage", keeps_person },
	{ "document", "/personal/document", "no issuer or type without a number", keeps_document },
	{ "morph", "/morph/score", "only of a candidate whose portrait may be the person's",
		keeps_morph },
	{ "photo", "/photo", "a photograph only when captured", keeps_photo },
	{ "opted_out", "/capture/outcome", "capture, referral and class all say it, or none",
		keeps_opt_out },
	{ "opted_out_person", "/personal", "nothing about a person who opted out",
		keeps_nothing_of_person },
	{ "opted_out_face", "/quality", "nothing measured of a person who opted out",
		keeps_nothing_of_face },
	{ "unidentified", "/retention/class", "unknown at an e-gate without a match",
		keeps_unidentified },
	{ "destroy_by", "/retention/destroy_by", "within the limit of the class",
		keeps_destroy_by },
};
/* clang-format on */
const size_t gh_encounter_rule_count = GH_COUNT_OF(gh_encounter_rules);

/* --- the record's functions --- */

static void clear_measures(struct gh_encounter_quality *quality)
{
	for (size_t i = 0; i < GH_MEASURE_COUNT; i++) {
		quality->measures[i].native = quality->measures[i].component = GH_NOT_ASSESSED;
		quality->measures[i].suspected = GH_SUSPICION_NOT_ASSESSED;
	}
}

void gh_encounter_init(struct gh_encounter *encounter)
{
	struct gh_encounter_comparison *c = &encounter->comparison;
	struct gh_encounter_quality *q = &encounter->quality;

	memset(encounter, 0, sizeof(*encounter));
	c->score = c->threshold = c->margin = GH_NOT_ASSESSED;
	c->fmr = c->fpir_predicted = c->log_likelihood_ratio = GH_NOT_ASSESSED;
	q->utility_permille = q->eye_distance_px = GH_NOT_ASSESSED;
	q->yaw_degrees = q->pitch_degrees = q->roll_degrees = GH_NOT_ASSESSED;
	q->sharpness_permille = q->luminance_permille = q->clipped_permille = GH_NOT_ASSESSED;
	q->eyes_open_permille = q->faces_in_zone = q->faces_in_frame = GH_NOT_ASSESSED;
	clear_measures(q);
	encounter->attack_score = encounter->attack_limit = GH_NOT_ASSESSED;
	encounter->morph_score = GH_NOT_ASSESSED;
}

void gh_encounter_wipe(struct gh_encounter *encounter)
{
	gh_wipe(&encounter->document_number, sizeof(encounter->document_number));
	gh_wipe(encounter->document_issuer, sizeof(encounter->document_issuer));
	gh_wipe(encounter->document_type, sizeof(encounter->document_type));
	gh_wipe(&encounter->person, sizeof(encounter->person));
	encounter->has_person = false;
}

static void to_wire(const struct gh_encounter *encounter, struct gh_encounter_wire *wire)
{
	wire->format = GH_ENCOUNTER_FORMAT;
	wire->test = encounter->lane.purpose == GH_PURPOSE_DEMO;
	wire->has_document = encounter->document_number.text[0] != '\0';
	wire->encounter = *encounter;
}

static enum gh_status check(
	const struct gh_encounter_wire *wire, enum gh_status status, struct gh_error *error)
{
	struct gh_field_fault fault;
	const struct gh_rule *rule;

	if (!gh_fields_check(&gh_encounter_table, wire, &fault))
		return gh_error_set(error, status, "%s: %s", fault.pointer, fault.rule);
	rule = gh_rules_broken(gh_encounter_rules, gh_encounter_rule_count, wire);
	if (rule)
		return gh_error_set(
			error, status, "%s: %s (rule %s)", rule->pointer, rule->text, rule->name);
	return GH_OK;
}

enum gh_status gh_encounter_consistent(const struct gh_encounter *encounter, struct gh_error *error)
{
	struct gh_encounter_wire wire;
	enum gh_status status;

	to_wire(encounter, &wire);
	status = check(&wire, GH_WRONG_STATE, error);
	gh_wipe(&wire, sizeof(wire));
	return status;
}

enum gh_status gh_encounter_encode(
	const struct gh_encounter *encounter, struct gh_bytes *json, struct gh_error *error)
{
	struct gh_encounter_wire wire;
	enum gh_status status;

	to_wire(encounter, &wire);
	status = check(&wire, GH_WRONG_STATE, error);
	if (status == GH_OK)
		status = gh_fields_encode(&gh_encounter_table, &wire, json, error);
	gh_wipe(&wire, sizeof(wire));
	return status;
}

/* A flag has no component in the JSON: what is read leaves zero there. */
static void clear_components(struct gh_encounter_quality *quality)
{
	for (unsigned i = 0; i < GH_MEASURE_COUNT; i++)
		if (gh_measure_facts((enum gh_measure_name)i)->origin == GH_ORIGIN_FLAG)
			quality->measures[i].component = GH_NOT_ASSESSED;
}

static enum gh_status decode_1(
	struct gh_view json, struct gh_encounter_wire *wire, struct gh_error *error)
{
	enum gh_status status = gh_fields_decode(&table_1, json, wire, error);

	if (status == GH_OK) {
		wire->format = GH_ENCOUNTER_FORMAT;
		clear_measures(&wire->encounter.quality);
	}
	return status;
}

enum gh_status gh_encounter_decode(
	struct gh_view json, struct gh_encounter *encounter, struct gh_error *error)
{
	struct gh_encounter_wire wire;
	enum gh_status status;

	gh_encounter_init(encounter);
	status = gh_fields_decode(&gh_encounter_table, json, &wire, error);
	clear_components(&wire.encounter.quality);
	if (status == GH_UNSUPPORTED) {
		gh_error_clear(error);
		status = decode_1(json, &wire, error);
	}
	if (status == GH_OK)
		status = check(&wire, GH_MALFORMED, error);
	if (status == GH_OK)
		*encounter = wire.encounter;
	gh_wipe(&wire, sizeof(wire));
	return status;
}
