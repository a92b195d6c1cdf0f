/* SPDX-License-Identifier: Apache-2.0 */
/* The encounter record and its addenda: values, their JSON, their check. */
#ifndef GATEHOUSE_ENCOUNTER_ENCOUNTER_H
#define GATEHOUSE_ENCOUNTER_ENCOUNTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/base/id.h"
#include "gatehouse/base/measures.h"
#include "gatehouse/base/words.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Versions of the formats; docs/encounter.schema.json and addendum.schema.json
 * say the same. Records of format 1, without the measures of ISO/IEC 29794-5,
 * are still read: lanes keep them until the centre has them.
 */
#define GH_ENCOUNTER_FORMAT 2
#define GH_ADDENDUM_FORMAT 1

/** Largest JSON of a record or addendum. */
#define GH_ENCOUNTER_JSON_BYTES_MAX (64u * 1024u)

/** Reasons of a referral, at most. */
#define GH_REFERRALS_MAX 8

/** Who took the record, with what; the same for all records of a running lane. */
struct gh_encounter_lane {
	char lane[32];   /**< settings: lane.id */
	char device[64]; /**< settings: lane.device_id */
	char port[12];
	enum gh_purpose purpose; /**< demo: the record says test: true */
	enum gh_mode mode;
	enum gh_direction direction;
	enum gh_traffic traffic;
	char firmware[40]; /**< version and build id */
	uint8_t model_chain[32];
	char engine[48];
};

/** The comparison part; kind NONE when nothing was compared. */
struct gh_encounter_comparison {
	enum gh_comparison kind;
	enum gh_outcome outcome;
	double score; /**< of the best candidate; GH_NOT_ASSESSED without one */
	double threshold;
	double fmr;            /**< per comparison at score */
	double fpir_predicted; /**< at threshold, in the gallery searched */
	double margin;         /**< score minus the second candidate's; GH_NOT_ASSESSED */
	uint64_t gallery_persons;
	uint64_t gallery_templates;
	bool gallery_complete;
	bool threshold_extrapolated;
	uint32_t frames_averaged;
	double log_likelihood_ratio; /**< natural, of the score; GH_NOT_ASSESSED without one */
	char calibration[64];        /**< data set the threshold rests on */
	bool calibration_research_only;
};

/** One measure of ISO/IEC 29794-5; a flag has a suspicion instead of a component. */
struct gh_encounter_measure {
	double native;    /**< GH_NOT_ASSESSED where not measured */
	double component; /**< 0 to 100, or GH_NOT_ASSESSED */
	enum gh_suspicion suspected;
};

/** The quality part: the gate's own natives, then the measures of the standard. */
struct gh_encounter_quality {
	double utility_permille;
	double eye_distance_px;
	double yaw_degrees;
	double pitch_degrees;
	double roll_degrees;
	double sharpness_permille;
	double luminance_permille;
	double clipped_permille;
	double eyes_open_permille;
	double faces_in_zone;
	double faces_in_frame;
	struct gh_encounter_measure measures[GH_MEASURE_COUNT];
};

/**
 * One encounter, immutable once put into the outbox. Start with
 * gh_encounter_init(): a zero in a measure would be a measured zero. Personal
 * are person and document; the JSON has them in one object of their own.
 */
struct gh_encounter {
	struct gh_id id;
	struct gh_encounter_lane lane;
	int64_t event_ms; /**< when the person was photographed or answered */
	enum gh_clock_quality clock_quality;
	char notice_hash[65]; /**< "" only when no notice was shown */
	char language[12];    /**< RFC 5646 tag shown, "" unknown */

	enum gh_capture capture;
	enum gh_reason reason;
	enum gh_decision decision;
	enum gh_referral referrals[GH_REFERRALS_MAX];
	size_t referral_count;

	bool has_voyage; /**< known, as soon as there is a match or a claim */
	struct gh_id voyage;
	uint32_t voyage_version;
	char carrier[4];
	char voyage_number[9];

	bool has_person;                    /**< matched, or claimed */
	struct gh_id person;                /**< the manifest's random id */
	struct gh_personal document_number; /**< "" none; without it no issuer or type */
	char document_issuer[4];            /**< ICAO 9303-3 code, "" unknown */
	char document_type[4];

	struct gh_encounter_comparison comparison;
	struct gh_encounter_quality quality;
	double attack_score;        /**< logarithm of the odds of a presentation attack */
	double attack_limit;        /**< scores from here up were referred */
	bool attack_simulated_only; /**< these odds and limits rest on simulations alone */
	double morph_score;         /**< indicator of a morphed portrait (vision/morph.h): logarithm
					of a likelihood ratio; decides nothing */

	bool passages_checked; /**< the centre's list was fresh */
	uint32_t waiting_ms;   /**< from stepping in to the answer */
	uint32_t answer_ms;    /**< stand-here to answer */

	enum gh_retention retention;
	int64_t destroy_by_ms; /**< photograph and personal fields */
	bool has_photo;        /**< only when captured; the picture itself is a blob of its own */
	uint8_t photo_sha256[32];
	uint32_t photo_bytes;
};

/** Empty, with every measure GH_NOT_ASSESSED. Any thread. */
void gh_encounter_init(struct gh_encounter *encounter);

/** Wipe the personal fields: person and document. Any thread. */
void gh_encounter_wipe(struct gh_encounter *encounter);

/**
 * Whether the record keeps the rules: ids and times set; reason exactly when
 * not captured; referrals exactly when the decision is a referral; go only
 * with a match; an opted-out record holds no name, document, score, template
 * or candidate, no voyage and no language either; photo only when captured, and
 * captured only after a notice; destroy_by within the limit of the class. Every
 * rule stands with its name in docs/encounter.schema.json.
 *
 * GH_OK, or GH_WRONG_STATE naming place and rule: an encounter that breaks one
 * is never put. Any thread; does not block.
 */
GH_MUST_USE enum gh_status gh_encounter_consistent(
	const struct gh_encounter *encounter, struct gh_error *error);

/**
 * Append the record's JSON (RFC 8259, one object, keys in the schema's order).
 * GH_OK, or GH_NO_MEMORY, or what gh_encounter_consistent() says. Any thread.
 */
GH_MUST_USE enum gh_status gh_encounter_encode(
	const struct gh_encounter *encounter, struct gh_bytes *json, struct gh_error *error);

/**
 * Read a record's JSON strictly: the schema's rules and the consistency above.
 *
 * GH_OK           *encounter is set; the caller wipes.
 * GH_MALFORMED    not JSON, a key too many or missing, a value out of range:
 *                 the error names the JSON pointer (RFC 6901) and the rule.
 * GH_TOO_LARGE, GH_UNSUPPORTED (a newer format), GH_NO_MEMORY.
 */
GH_MUST_USE enum gh_status gh_encounter_decode(
	struct gh_view json, struct gh_encounter *encounter, struct gh_error *error);

/** What happened afterwards; immutable, with its own id. */
struct gh_addendum {
	struct gh_id id;
	struct gh_id encounter;
	enum gh_addendum_kind kind;
	int64_t event_ms;
	enum gh_clock_quality clock_quality;
	char lane[32];
	bool test;
	enum gh_disposition disposition; /**< kind DISPOSITION only */
	char role[48];                   /**< DISPOSITION: role id of the officer */
	char reason_code[32];            /**< DISPOSITION: chosen, a word, never typed text */
	int64_t clock_offset_ms;         /**< CLOCK: real time was off by this */
	int64_t erased_ms;               /**< PHOTO_ERASED */
};

/**
 * Begin an addendum: a new id, the time now, whose lane it is. kind, encounter
 * and what the kind needs are the caller's. GH_OK, or what gh_id_make() says.
 */
GH_MUST_USE enum gh_status gh_addendum_begin(struct gh_addendum *addendum,
	const struct gh_encounter_lane *lane, const struct gh_clock *clock, struct gh_error *error);

/** As gh_encounter_encode() for an addendum. */
GH_MUST_USE enum gh_status gh_addendum_encode(
	const struct gh_addendum *addendum, struct gh_bytes *json, struct gh_error *error);

/** As gh_encounter_decode() for an addendum. */
GH_MUST_USE enum gh_status gh_addendum_decode(
	struct gh_view json, struct gh_addendum *addendum, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
