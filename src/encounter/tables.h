/* SPDX-License-Identifier: Apache-2.0 */
/* The tables behind record and addendum: their fields and the rules between fields. */
#ifndef GATEHOUSE_SRC_ENCOUNTER_TABLES_H
#define GATEHOUSE_SRC_ENCOUNTER_TABLES_H

#include "fields.h"
#include "gatehouse/encounter/encounter.h"
#include "gatehouse/encounter/heartbeat.h"

/* A record with what its JSON says in other words than the struct. */
struct gh_encounter_wire {
	uint32_t format;
	bool test;
	bool has_document;
	struct gh_encounter encounter;
};

/* The same for an addendum. */
struct gh_addendum_wire {
	uint32_t format;
	bool has_disposition;
	bool has_clock;
	bool has_erasure;
	struct gh_addendum addendum;
};

/* A heartbeat has no rules between its fields. */
struct gh_heartbeat_wire {
	uint32_t format;
	struct gh_heartbeat heartbeat;
};

extern const struct gh_field_table gh_heartbeat_table;

/* A rule between fields. keeps() gets the wire struct. */
struct gh_rule {
	const char *name;
	const char *pointer;
	const char *text;
	bool (*keeps)(const void *wire);
};

extern const struct gh_field_table gh_encounter_table;
extern const struct gh_rule gh_encounter_rules[];
extern const size_t gh_encounter_rule_count;

extern const struct gh_field_table gh_addendum_table;
extern const struct gh_rule gh_addendum_rules[];
extern const size_t gh_addendum_rule_count;

/* The first rule that does not hold, or NULL. */
const struct gh_rule *gh_rules_broken(const struct gh_rule *rules, size_t count, const void *wire);

/* Words as the field tables want them. */
extern const struct gh_field_words gh_words_clock_quality;
extern const struct gh_field_words gh_words_capture;
extern const struct gh_field_words gh_words_reason;
extern const struct gh_field_words gh_words_comparison;
extern const struct gh_field_words gh_words_outcome;
extern const struct gh_field_words gh_words_decision;
extern const struct gh_field_words gh_words_referral;
extern const struct gh_field_words gh_words_disposition;
extern const struct gh_field_words gh_words_addendum_kind;
extern const struct gh_field_words gh_words_retention;
extern const struct gh_field_words gh_words_purpose;
extern const struct gh_field_words gh_words_mode;
extern const struct gh_field_words gh_words_direction;
extern const struct gh_field_words gh_words_traffic;
extern const struct gh_field_words gh_words_suspicion;

/* Sets of characters, and the entries of a table. */
#define GH_SET_PRINTABLE " -~"
#define GH_SET_NAME "0-9A-Za-z._:/+-"
#define GH_SET_WORD "0-9a-z_"
#define GH_SET_TAG "0-9A-Za-z-"

#define GH_FIELD_AT(type, member) \
	.offset = offsetof(type, member), .size = sizeof(((type *)0)->member)
#define GH_COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
