/* SPDX-License-Identifier: Apache-2.0 */
/* What a purpose forbids: the rules by which a program refuses to start. */
#ifndef GATEHOUSE_SETTINGS_PURPOSE_H
#define GATEHOUSE_SETTINGS_PURPOSE_H

#include <stdbool.h>

#include "gatehouse/base/error.h"
#include "gatehouse/settings/settings.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * What the program found out at start and the settings cannot know. All false
 * is a lane in service with nothing of the demo about it.
 */
struct gh_purpose_facts {
	bool virtual_driver;       /**< a device is served by a replay or virtual driver */
	bool real_gate;            /**< the gate's driver is not virtual */
	bool demo_certificate;     /**< struct gh_certificate says demo, of either side */
	bool unfit_keys;           /**< not gh_provider_for_service() */
	bool key_in_file;          /**< the uplink's, or issuer's, key is not the provider's */
	bool test_voyage;          /**< a voyage loaded or offered is marked test */
	bool research_calibration; /**< the calibration is marked research-only */
	bool test_urls;            /**< test-only state URLs are switched on */
	bool chip_reader;          /**< a document reader that reads chips is there */
};

/**
 * Whether a lane may start (and go on, when a voyage comes in) with these.
 *
 * purpose = service forbids: virtual_driver, demo_certificate, unfit_keys,
 * key_in_file, test_voyage, research_calibration, test_urls, [lane] rehearsal = yes and
 * [gallery] demo_padding above 0. purpose = demo forbids real_gate: the demo
 * never moves a real gate. traffic = land needs chip_reader, for either
 * purpose: without a manifest only the portrait in the chip can be compared.
 *
 * GH_OK, or GH_SETTINGS and the error lists every rule that is broken, joined
 * by "; ". Any thread.
 */
GH_MUST_USE enum gh_status gh_purpose_check_lane(const struct gh_settings *settings,
	const struct gh_purpose_facts *facts, struct gh_error *error);

/**
 * The same for the central service by [central] purpose: service forbids
 * demo_certificate, test_voyage and key_in_file, and needs registered_only.
 * Statuses as gh_purpose_check_lane().
 */
GH_MUST_USE enum gh_status gh_purpose_check_central(const struct gh_settings *settings,
	const struct gh_purpose_facts *facts, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
