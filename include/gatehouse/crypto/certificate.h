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
#define GH_ROLE_MONITOR "monitor"

/** Role of the certificate by which the centre signs voyages. */
#define GH_ROLE_SIGNER "signer"

/**
 * What a program needs to know of a certificate. A name or role that is given
 * several times is "" here: nobody may be taken for one of them.
 */
struct gh_certificate {
	struct gh_sha256 fingerprint; /**< SHA-256 of the DER form */
	char name[65];                /**< common name, "" if none */
	char role[65];                /**< organisational unit, "" if none */
	bool demo; /**< names GH_DEMO_ORGANISATION, or is issued by one that does */
	int64_t not_before_ms;
	int64_t not_after_ms;
};

/**
 * Read the first certificate of a PEM file. Nothing is verified.
 *
 * GH_OK, GH_MALFORMED (also for control characters in a name and years before
 * 1970), or the statuses of gh_file_read(). On failure *certificate is all zero.
 * Any thread. Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_certificate_read(
	const char *path, struct gh_certificate *certificate, struct gh_error *error);

/** The same from PEM or DER bytes in memory, of at most 64 KiB. Does not block. */
GH_MUST_USE enum gh_status gh_certificate_parse(
	struct gh_view bytes, struct gh_certificate *certificate, struct gh_error *error);

/**
 * Make or renew the demo's keys in folder (0700): ca.pem and ca.key; central.pem
 * and central.key (server, for localhost, its subdomains, 127.0.0.1 and ::1);
 * signer.pem and signer.key (GH_ROLE_SIGNER); and for each of clients NAME.pem
 * and NAME.key with the role from roles. Keys 0600, certificates 0644; ECDSA
 * P-256, SHA-256, GH_DEMO_DAYS, subject O = GH_DEMO_ORGANISATION, OU = role,
 * CN = NAME ("localhost" for central). The authority is limited to localhost by
 * name constraints and path length 0.
 *
 * A NAME has 1 to 48 of a-z, 0-9 and '-', and is none of "ca", "central", "signer".
 *
 * When all that is asked for is there, of the demo, signed by this authority,
 * with its key and still valid for a day, nothing is written; otherwise all are
 * made anew together, and what trusts the old authority must be restarted.
 *
 * GH_OK; GH_MALFORMED for a name or role; GH_DENIED also when the folder is open
 * to others; GH_IO, GH_FULL, GH_INTERNAL with the story. One caller per folder
 * at a time. Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_demo_certificates_make(const char *folder, const char *const *clients,
	const char *const *roles, size_t count, struct gh_error *error);

/**
 * Whether a private key file (PEM, not encrypted) belongs to a certificate file.
 *
 * GH_OK, GH_INTEGRITY when it does not, GH_DENIED when others than its owner may
 * read or write the key, or the statuses of gh_certificate_read().
 * Any thread. Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_certificate_match_key(
	const char *certificate_path, const char *key_path, struct gh_error *error);

/** The same for a key in memory (PEM, of at most 64 KiB), which nobody else can read. */
GH_MUST_USE enum gh_status gh_certificate_match_pem(
	const char *certificate_path, struct gh_view key_pem, struct gh_error *error);

/** Both in memory: whether the first certificate (PEM or DER) is that of a key (PEM). */
GH_MUST_USE enum gh_status gh_certificate_match(
	struct gh_view certificate, struct gh_view key_pem, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
