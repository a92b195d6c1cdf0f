/* SPDX-License-Identifier: Apache-2.0 */
/* The log: events with typed fields, none of which can hold a person's data. */
#ifndef GATEHOUSE_BASE_LOG_H
#define GATEHOUSE_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/error.h"
#include "gatehouse/base/id.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Levels, equal to the priorities of syslog (RFC 5424, table 2). */
enum gh_log_level {
	GH_LOG_ERROR = 3,   /**< somebody has to do something */
	GH_LOG_WARNING = 4, /**< it went on, but not as it should */
	GH_LOG_NOTICE = 5,  /**< rare and of interest: start, stop, a device that came back */
	GH_LOG_INFO = 6,    /**< what the lane does, passage by passage */
	GH_LOG_DEBUG = 7,   /**< what developers want to know */
};

/** What a field holds. There is deliberately no kind for free text. */
enum gh_log_kind {
	GH_LOG_KIND_INTEGER, /**< value.integer */
	GH_LOG_KIND_REAL,    /**< value.real */
	GH_LOG_KIND_WORD,    /**< value.word, of our own vocabulary */
	GH_LOG_KIND_ID,      /**< value.id, by value */
	GH_LOG_KIND_ERROR,   /**< value.error, borrowed */
	GH_LOG_KIND_PLACE,   /**< value.word, quoted and cleaned */
};

/** A word of the program's own: only gh_word() and the name tables make it. */
struct gh_word {
	const char *literal;
};

/** A word from a string literal; anything else does not compile. */
#define GH_WORD(literal_text) ((struct gh_word){ "" literal_text "" })

/** One field of an event. Made by the functions below, never by hand. */
struct gh_log_field {
	const char *key;
	enum gh_log_kind kind;
	union {
		int64_t integer;
		double real;
		const char *word;
		struct gh_id id;
		const struct gh_error *error;
	} value;
};

/** An integer; the key carries the unit, as in "wait_ms". */
struct gh_log_field gh_log_integer(const char *key, int64_t value);

/** A real number, written with six significant digits. */
struct gh_log_field gh_log_real(const char *key, double value);

/** A word of the program's own vocabulary. */
struct gh_log_field gh_log_word(const char *key, struct gh_word word);

/** The name of a status. */
struct gh_log_field gh_log_status(const char *key, enum gh_status status);

/** A random id of a record, an addendum, a bundle or a voyage's version. */
struct gh_log_field gh_log_id(const char *key, const struct gh_id *id);

/** A story; error texts hold no personal data by rule. The pointer is borrowed. */
struct gh_log_field gh_log_error(const struct gh_error *error);

/**
 * A place of the installation: a device address, a settings file, a socket.
 * Never the path of a portrait, a manifest or anything named after a person.
 * Control characters are written as '?'.
 */
struct gh_log_field gh_log_place(const char *key, const char *place);

/**
 * Write one event, one line, to standard error:
 * `<6>outbox put bytes=38211 record=…`. The <n> is written only when the
 * service manager reads it (JOURNAL_STREAM names the descriptor). A line ends
 * with " ..." when a field did not fit in 2 kB.
 *
 * room and event are literals. Any thread; lines never mix. Blocks no longer
 * than one write(2). Events above the set level cost one comparison.
 */
void gh_log_write(enum gh_log_level level, struct gh_word room, struct gh_word event,
	const struct gh_log_field *fields, size_t count);

/** `gh_log(GH_LOG_INFO, "outbox", "put", gh_log_integer("bytes", n));` */
#define gh_log(level, room, event, ...) \
	gh_log_write((level), GH_WORD(room), GH_WORD(event), \
		(const struct gh_log_field[]){ __VA_ARGS__ }, \
		sizeof((const struct gh_log_field[]){ __VA_ARGS__ }) / \
			sizeof(struct gh_log_field))

/** The same for an event without fields. */
#define gh_log_bare(level, room, event) \
	gh_log_write((level), GH_WORD(room), GH_WORD(event), NULL, 0)

/** Set the highest level that is written. Before threads start. */
void gh_log_set_level(enum gh_log_level level);

/** Send the lines to another descriptor (tests). Before threads start. */
void gh_log_set_descriptor(int descriptor);

#ifdef __cplusplus
}
#endif

#endif
