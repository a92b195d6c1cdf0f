/* SPDX-License-Identifier: Apache-2.0 */
/* A driver's own settings, `key=value,...`, and numbers in the commands it rehearses. */
#ifndef GATEHOUSE_DEVICE_OPTIONS_H
#define GATEHOUSE_DEVICE_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Options one driver can have. */
#define GH_OPTIONS_MAX 32

/**
 * One option a driver knows.
 *
 * With words (NULL-terminated) *value becomes the index of the word given;
 * without, a decimal number from minimum to maximum. The caller sets *value to
 * the default beforehand.
 */
struct gh_option {
	const char *key;
	const char *const *words;
	uint32_t minimum;
	uint32_t maximum;
	uint32_t *value;
};

/** The words of a switch: index 0 is "no", 1 is "yes". */
extern const char *const gh_option_switch[];

/**
 * Read text as `key=value,...` into the values. Empty text sets nothing. There
 * is no quoting and no white space; at most GH_OPTIONS_MAX options.
 *
 * GH_OK, or GH_SETTINGS for an unknown key (the error lists those known), one
 * given twice, a value out of range or a text of another form; values may then
 * be set in part. Any thread; does not allocate.
 */
GH_MUST_USE enum gh_status gh_options_parse(
	const char *text, const struct gh_option *options, size_t count, struct gh_error *error);

/**
 * Read a decimal number without sign, space or anything after it.
 * GH_OK, or GH_MALFORMED and *value is untouched. Any thread.
 */
GH_MUST_USE enum gh_status gh_number_parse(const char *text, uint32_t minimum, uint32_t maximum,
	uint32_t *value, struct gh_error *error);

/**
 * Whether a rehearsed command is `verb` or `verb REST`; returns REST ("" when
 * there is none), or NULL for another verb. Any thread.
 */
const char *gh_command_rest(const char *command, const char *verb);

#ifdef __cplusplus
}
#endif

#endif
