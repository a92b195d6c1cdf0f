/* SPDX-License-Identifier: Apache-2.0 */
/* The reference central service: what docs/central.openapi.json says, over mutual TLS. */
#ifndef GATEHOUSE_CENTRAL_CENTRAL_H
#define GATEHOUSE_CENTRAL_CENTRAL_H

#include <stdint.h>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/settings/settings.h"

#ifdef __cplusplus
extern "C" {
#endif

struct gh_central;

/**
 * Open the store and listen, by [central] and [keys] of settings.
 *
 * Everybody must show a certificate signed by [central] ca_file, over TLS 1.3;
 * its organisational unit says what it may do (GH_ROLE_LANE, GH_ROLE_OPERATOR,
 * GH_ROLE_MONITOR). Only on enrol_port none is asked for, and nothing is served
 * but enrolment (EST, RFC 7030).
 *
 * GH_OK         the caller owns *central; settings are copied, clock borrowed.
 * GH_SETTINGS   the purpose forbids what was found (gh_purpose_check_central()),
 *               or certificate and key do not belong together.
 * GH_BUSY       the port, or the data directory, is taken.
 * GH_DENIED, GH_INTEGRITY, GH_UNSUPPORTED, GH_NOT_FOUND, GH_FULL, GH_IO,
 * GH_NO_MEMORY: as named in the error.
 * One in a process. Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_central_open(const struct gh_settings *settings,
	const struct gh_clock *clock, struct gh_central **central, struct gh_error *error);

/** The port listened on: that of the settings, or the one the system chose for 0. */
uint16_t gh_central_port(const struct gh_central *central);

/**
 * Serve until gh_central_stop(): the service's thread is inside. What was
 * answered with 200 or 201 is on the disk. After stop, requests under way are
 * finished for up to 5 s. GH_OK, or GH_IO when the event loop failed.
 */
GH_MUST_USE enum gh_status gh_central_serve(struct gh_central *central, struct gh_error *error);

/** End gh_central_serve(). Any thread, and from a signal handler. */
void gh_central_stop(struct gh_central *central);

/** Close and free; not while serving. NULL safe. */
void gh_central_close(struct gh_central *central);

#ifdef __cplusplus
}
#endif

#endif
