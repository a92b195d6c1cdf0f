/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates for mutual TLS: the demo's own, and what a program must know of any. */
#ifndef GATEHOUSE_CRYPTO_CERTIFICATE_H
#define GATEHOUSE_CRYPTO_CERTIFICATE_H

#include <stdbool.h>
#include <stdint.h>

#include "gatehouse/base/error.h"
#include "gatehouse/crypto/hash.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The organisation that every demo certificate names in its subject. */
#define GH_DEMO_ORGANISATION "demo, not for service"

/** Days a demo certificate lives. */
#define GH_DEMO_DAYS 7

/** Roles a client certificate can name as its organisational unit (OU). */
#define GH_ROLE_LANE "lane"
#define GH_ROLE_OPERATOR "operator"
#define GH_ROLE_CENTRAL "central"

/** What a program needs to know of a certificate. */
struct gh_certificate {
	struct gh_sha256 fingerprint; /**< SHA-256 of the DER form */
	char name[65];                /**< common name */
	char role[65];                /**< organisational unit, "" if none */
	bool demo;                    /**< names GH_DEMO_ORGANISATION, or is issued by one that does */
	int64_t not_before_ms;
	int64_t not_after_ms;
};

/**
 * Read the first certificate of a PEM file.
 *
 * GH_OK, GH_NOT_FOUND, GH_MALFORMED, GH_IO. Any thread. Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_certificate_read(
	const char *path, struct gh_certificate *certificate, struct gh_error *error);

/** The same from PEM or DER bytes in memory, of at most 64 KiB. */
GH_MUST_USE enum gh_status gh_certificate_parse(
	struct gh_view bytes, struct gh_certificate *certificate, struct gh_error *error);

/**
 * Make or renew the demo's keys in folder (0700, keys 0600): ca.pem, ca.key,
 * central.pem, central.key (server, for localhost and 127.0.0.1 and ::1), and
 * for each name of clients `NAME.pem`, `NAME.key` with role from roles.
 * ECDSA P-256, SHA-256, GH_DEMO_DAYS, subject O = GH_DEMO_ORGANISATION.
 *
 * What is there and still valid for a day is kept. All are renewed together.
 * GH_OK; GH_DENIED, GH_IO, GH_FULL, GH_INTERNAL with the story. Blocks for the
 * disk.
 */
GH_MUST_USE enum gh_status gh_demo_certificates_make(const char *folder,
	const char *const *clients, const char *const *roles, size_t count,
	struct gh_error *error);

/** Whether a private key file matches a certificate file: GH_OK or GH_INTEGRITY. */
GH_MUST_USE enum gh_status gh_certificate_match_key(
	const char *certificate_path, const char *key_path, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
