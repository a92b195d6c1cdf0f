/* SPDX-License-Identifier: Apache-2.0 */
/* A voyage and the persons on its manifest. */
#ifndef GATEHOUSE_MANIFEST_VOYAGE_H
#define GATEHOUSE_MANIFEST_VOYAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"
#include "gatehouse/base/id.h"
#include "gatehouse/crypto/hash.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Persons on one voyage, and portraits of one person, at most. */
#define GH_VOYAGE_PERSONS_MAX 20000
#define GH_PERSON_PORTRAITS_MAX 8

/** Where a person stands on the carrier's list. */
enum gh_boarding {
	GH_BOARDING_LISTED,
	GH_BOARDING_ON_BOARD,
	GH_BOARDING_NOT_ON_BOARD,
	GH_BOARDING_REMOVED, /**< taken off the list; stays as a row, never matched */
};

/** "listed", "on_board", "not_on_board", "removed"; "unknown" outside the list. Any thread. */
const char *gh_boarding_name(enum gh_boarding boarding);

/** Whether the person travels or works on board (PAXLST NAD 3035). */
enum gh_person_kind {
	GH_PERSON_PASSENGER,
	GH_PERSON_CREW,
	GH_PERSON_TRANSIT,
};

/** "passenger", "crew", "transit"; "unknown" outside the list. Any thread. */
const char *gh_person_kind_name(enum gh_person_kind kind);

/** A travel document as the manifest has it. */
struct gh_travel_document {
	char type[4];              /**< PAXLST code, as "P" */
	char issuer[4];            /**< ICAO 9303-3 code, as "UTO"; "" unknown */
	struct gh_personal number; /**< upper case, no spaces or fillers */
	char expiry[9];            /**< CCYYMMDD, "" unknown */
};

/** A stored portrait inside the bundle. */
struct gh_portrait_place {
	uint64_t offset_bytes;
	uint32_t length_bytes;
	struct gh_sha256 hash; /**< of the picture */
	char taken[9];         /**< CCYYMMDD, "" unknown */
};

/**
 * One person of one voyage. The id is random, made at the first import and
 * kept by later versions; it says nothing outside this voyage. Everything else
 * is personal.
 */
struct gh_person {
	struct gh_id id;
	uint32_t row; /**< from 1, for error texts and reports */
	enum gh_person_kind kind;
	enum gh_boarding boarding;
	struct gh_personal surname;
	struct gh_personal given_names;
	char sex;            /**< 'M', 'F', 'X'; ' ' unknown */
	char birth[9];       /**< CCYYMMDD, "" unknown */
	char nationality[4]; /**< "" unknown */
	struct gh_travel_document document;
	struct gh_personal locator;   /**< RFF AVF */
	struct gh_personal reference; /**< RFF ABO, unique passenger reference */
	uint32_t portrait_count;
	struct gh_portrait_place portraits[GH_PERSON_PORTRAITS_MAX];
};

/** The last message that was applied; later ones must not be older. "" and 0: none yet. */
struct gh_voyage_message {
	char revision[9];
	int64_t sent_ms;
	struct gh_personal reference;
};

/** A voyage of one version. Owns persons; zero-initialised is empty and valid. */
struct gh_voyage {
	struct gh_id id;
	uint32_t version; /**< from 1, grows with each publication */
	bool test;        /**< a test voyage: a lane in service refuses it */
	char carrier[4];
	char number[9]; /**< flight, ship or train number */
	char from[6];   /**< IATA code or UN/LOCODE */
	char to[6];
	int64_t departure_ms;   /**< UTC; 0 unknown */
	int64_t arrival_ms;     /**< UTC; 0 unknown */
	int64_t passage_end_ms; /**< last scheduled passage; 0: departure */
	struct gh_voyage_message passenger_message;
	struct gh_voyage_message crew_message;
	struct gh_person *persons;
	size_t person_count;
};

/** Wipe and free the persons; the voyage is empty again. NULL safe. */
void gh_voyage_finish(struct gh_voyage *voyage);

/**
 * Copy a voyage with its persons.
 *
 * GH_OK         *copy is the caller's, to be finished; what it held before is not.
 * GH_NO_MEMORY  *copy is empty.
 * Any thread.
 */
GH_MUST_USE enum gh_status gh_voyage_copy(
	const struct gh_voyage *voyage, struct gh_voyage *copy, struct gh_error *error);

/**
 * Find the persons whose document has this number, and issuer if given.
 *
 * Returns how many (0, 1, or more: then the claim is not enough), *person is
 * the first, NULL when none. Both are compared after dropping spaces, '<' and
 * case; an issuer unknown to the manifest fits any. Removed persons are passed
 * over. issuer may be NULL. Any thread; looks at every person.
 */
size_t gh_voyage_find_document(const struct gh_voyage *voyage, const char *number,
	const char *issuer, const struct gh_person **person);

/** Full years of age at a UTC time, or -1 when the birth date is unknown or later. Any thread. */
int gh_person_age(const struct gh_person *person, int64_t at_ms);

#ifdef __cplusplus
}
#endif

#endif
