/* SPDX-License-Identifier: Apache-2.0 */
/* JSON values that several reports of this room are made of. */
#ifndef GATEHOUSE_SRC_HEALTH_VALUES_H
#define GATEHOUSE_SRC_HEALTH_VALUES_H

#include <jansson.h>

#include "gatehouse/health/health.h"

/*
 * Add to a list or object, which takes the item over. Once anything could not be made the whole is
 * NULL: a report is told whole or not at all.
 */
void gh_health_add(json_t **list, json_t *item);
void gh_health_set(json_t **object, const char *key, json_t *item);

/* An id as text; null for none. */
json_t *gh_health_id(const struct gh_id *id);

/* A time in RFC 3339; null for 0. */
json_t *gh_health_time(int64_t real_ms);

/* The devices of a snapshot. */
json_t *gh_health_devices(const struct gh_health *health);

/* Append the text of a value and release it; NULL is GH_NO_MEMORY. */
GH_MUST_USE enum gh_status gh_health_append(
	struct gh_bytes *json, json_t *value, struct gh_error *error);

#endif
