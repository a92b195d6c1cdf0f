/* SPDX-License-Identifier: Apache-2.0 */
/* Retention classes: how long a photograph and personal fields may be kept. */
#ifndef GATEHOUSE_ENCOUNTER_RETENTION_H
#define GATEHOUSE_ENCOUNTER_RETENTION_H

#include <stdbool.h>
#include <stdint.h>

#include "gatehouse/base/words.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Hours for the classes with a fixed limit (90 FR 48604; CBP's published 12 h). */
#define GH_RETENTION_LIMITED_HOURS 12

/** Most that the setting for other travellers may be. */
#define GH_RETENTION_OTHER_HOURS_MAX 336

/** Facts the class rests on: document and manifest, never the face. */
struct gh_retention_facts {
	bool identified;     /**< a match, or inspected by an officer */
	char nationality[4]; /**< ICAO 9303-3 code of document or manifest, "" unknown */
	bool exempt;         /**< biometrically exempt by document type */
	bool opted_out;
};

/**
 * Whether a document type is one of `types`: codes with spaces between, as in
 * the setting. A type of one letter in the list covers that letter alone, not
 * those that begin with it. "" is never exempt. Any thread.
 */
bool gh_retention_exempt(const char *types, const char *document_type);

/**
 * The class of a record. Unidentified people, and those of unknown
 * nationality, get UNKNOWN, which has the short limit. Any thread.
 */
enum gh_retention gh_retention_classify(const struct gh_retention_facts *facts);

/**
 * When the photograph must be gone: captured_ms plus the class's hours
 * (US_CITIZEN, EXEMPT, UNKNOWN: 12; OTHER: other_hours, at most 336;
 * OPTED_OUT: at once). UTC milliseconds.
 */
int64_t gh_retention_destroy_by(
	enum gh_retention retention, int64_t captured_ms, uint32_t other_hours);

#ifdef __cplusplus
}
#endif

#endif
