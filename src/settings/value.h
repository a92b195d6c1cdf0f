/* SPDX-License-Identifier: Apache-2.0 */
/* The text of one value: into its field, and its range in words. */
#ifndef GATEHOUSE_SRC_SETTINGS_VALUE_H
#define GATEHOUSE_SRC_SETTINGS_VALUE_H

#include "table.h"

/* Bytes of the longest range in words. */
#define GH_RANGE_BYTES 160

/**
 * Parse text as the row wants it and store it. GH_OK, or GH_SETTINGS with a
 * reason that begins with the key, and *settings is as before.
 */
GH_MUST_USE enum gh_status gh_value_parse(const struct gh_row *row, const char *text,
	struct gh_settings *settings, struct gh_error *error);

/** Write the row's range in words. */
void gh_value_range(const struct gh_row *row, char range[GH_RANGE_BYTES]);

#endif
