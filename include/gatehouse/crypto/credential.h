/* SPDX-License-Identifier: Apache-2.0 */
/* A lane's certificate and key on its disk, and the next pair beside them until it is good. */
#ifndef GATEHOUSE_CRYPTO_CREDENTIAL_H
#define GATEHOUSE_CRYPTO_CREDENTIAL_H

#include <stdint.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"
#include "gatehouse/crypto/certificate.h"
#include "gatehouse/crypto/certs_only.h"
#include "gatehouse/crypto/provider.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Where a pair lies. Beside certificate_file may lie certificate_file.next, and
 * beside the key its next: the secret NAME-next for "provider:NAME", the file
 * PATH.next for a path. The way of a renewal, each step durable before the next:
 *
 *   begin   the next key is made
 *   keep    the next certificate is written; its key is the next key
 *   adopt   the next certificate replaces certificate_file; from here on the
 *           next key is the one that fits it
 *           the next key replaces the key; what is called next is removed
 *
 * The living pair is certificate_file and whichever of the two keys is its own,
 * so that a power cut at any place leaves one: the old up to the replacement of
 * certificate_file, the new from there on. One caller per place at a time, but
 * gh_credential_read() may be called beside it.
 */
struct gh_credential {
	struct gh_provider *provider; /**< borrowed; NULL where key is a path */
	const char *certificate_file;
	const char *key;  /**< "provider:NAME" or a path; NAME has 27 characters at most */
	const char *name; /**< whose certificate it is: its common name */
};

/**
 * Read the living pair.
 *
 * GH_OK          *certificate (PEM, with its chain) and *key (PEM) are replaced; the
 *                caller finishes, and so wipes them.
 * GH_NOT_FOUND   there is no certificate, or no key.
 * GH_INTEGRITY   neither key is the certificate's.
 * GH_DENIED      others than its owner may read a key's file.
 * GH_MALFORMED, GH_SETTINGS (a name that is too long), GH_IO, GH_NO_MEMORY.
 * On failure both are empty. Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_credential_read(const struct gh_credential *place,
	struct gh_bytes *certificate, struct gh_bytes *key, struct gh_error *error);

/**
 * Finish what a power cut has left of gh_credential_adopt(). Where there is
 * nothing to finish, or no certificate yet, it does nothing. Statuses as read,
 * but GH_OK for GH_NOT_FOUND and GH_INTEGRITY, which read tells.
 */
GH_MUST_USE enum gh_status gh_credential_settle(
	const struct gh_credential *place, struct gh_error *error);

/**
 * A request for the next certificate: by the next key, which is made and kept
 * if there is none. The same key serves until the pair is adopted or dropped, so
 * that whoever lost an answer is known again.
 *
 * GH_OK and *csr (DER) is replaced; the caller finishes it. GH_SETTINGS,
 * GH_MALFORMED (name), GH_IO, GH_FULL, GH_NO_MEMORY, GH_INTERNAL. Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_credential_begin(
	const struct gh_credential *place, struct gh_bytes *csr, struct gh_error *error);

/**
 * Keep a certificate (DER) beside the living one, with those of above behind it
 * that it needs.
 *
 * GH_OK.
 * GH_INTEGRITY  it is not for the next key.
 * GH_REFUSED    it names another, or another role than GH_ROLE_LANE, or is not
 *               valid at now_ms.
 * GH_MALFORMED, GH_NOT_FOUND (no next key), GH_IO, GH_FULL, GH_NO_MEMORY. Blocks
 * for the disk.
 */
GH_MUST_USE enum gh_status gh_credential_keep(const struct gh_credential *place, struct gh_view der,
	const struct gh_certs *above, int64_t now_ms, struct gh_error *error);

/**
 * Read the next pair, where there is one that fits and is valid at now_ms.
 * GH_OK as gh_credential_read(); GH_NOT_FOUND: there is none. Others as read.
 */
GH_MUST_USE enum gh_status gh_credential_next(const struct gh_credential *place, int64_t now_ms,
	struct gh_bytes *certificate, struct gh_bytes *key, struct gh_error *error);

/**
 * Make the next pair the living one. GH_OK; GH_NOT_FOUND: there is none; GH_IO,
 * GH_FULL, GH_NO_MEMORY: one of the two is living, and it may be called again.
 * Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_credential_adopt(
	const struct gh_credential *place, int64_t now_ms, struct gh_error *error);

/** Forget the next pair, its key overwritten, unless it is the living one. Statuses as adopt. */
GH_MUST_USE enum gh_status gh_credential_drop(
	const struct gh_credential *place, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
