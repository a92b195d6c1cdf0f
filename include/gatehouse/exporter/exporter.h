/* SPDX-License-Identifier: Apache-2.0 */
/* The lane's exporter: answers Prometheus over HTTP, on a thread of its own. */
#ifndef GATEHOUSE_EXPORTER_EXPORTER_H
#define GATEHOUSE_EXPORTER_EXPORTER_H

#include <stdint.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Connections at once; one more is not taken. */
#define GH_EXPORTER_CONNECTIONS_MAX 8

/** From a connection's begin to its end, whatever is sent on it. */
#define GH_EXPORTER_DEADLINE_S 10

/** A text so young is handed out again: scrapes cost the lane at most one a second. */
#define GH_EXPORTER_FRESH_MS 1000

/** Where it listens, and who may ask. Strings are borrowed until the end of open. */
struct gh_exporter_options {
	const char *listen_address; /**< numeric IPv4 */
	uint32_t listen_port;       /**< 0: any that is free */

	/** All "": HTTP, on loopback only. Else TLS 1.3, and the peer shows GH_ROLE_MONITOR. */
	const char *certificate_file; /**< PEM: ours */
	const char *key_file;         /**< PEM: ours; not read where key is given */
	const char *ca_file;          /**< PEM: who signs those who may ask */
	struct gh_view key;           /**< instead of key_file, in memory */

	/**
	 * Append the text format of Prometheus 0.0.4. On the exporter's thread; it
	 * may block for the disk, and only the scrape waits.
	 */
	enum gh_status (*write)(void *ctx, struct gh_bytes *text, struct gh_error *error);
	void *ctx;
	const struct gh_clock *clock;
};

struct gh_exporter;

/**
 * Listen. GET /metrics is answered with the text, another path with 404, another
 * method with 405; each connection is ended after its answer.
 *
 * GH_OK        the caller owns *exporter.
 * GH_SETTINGS  an address that is none; one beyond loopback without certificate,
 *              key and ca; a key that is not the certificate's.
 * GH_BUSY      the port is taken.
 * GH_NOT_FOUND, GH_MALFORMED, GH_DENIED, GH_IO, GH_NO_MEMORY: as named in the
 * error, which says the key of the settings. One in a process that has no other
 * server of libwebsockets. Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_exporter_open(const struct gh_exporter_options *options,
	struct gh_exporter **exporter, struct gh_error *error);

/** The port listened on. */
uint16_t gh_exporter_port(const struct gh_exporter *exporter);

/** Answer until gh_exporter_stop(): the exporter's thread is inside. */
void gh_exporter_run(struct gh_exporter *exporter);

/** End gh_exporter_run(); connections are dropped. Any thread. */
void gh_exporter_stop(struct gh_exporter *exporter);

/** Close and free; not while running. NULL safe. */
void gh_exporter_close(struct gh_exporter *exporter);

#ifdef __cplusplus
}
#endif

#endif
