/* SPDX-License-Identifier: Apache-2.0 */
/* Key providers: who holds the master key under which data keys are wrapped. */
#ifndef GATEHOUSE_CRYPTO_PROVIDER_H
#define GATEHOUSE_CRYPTO_PROVIDER_H

#include <stdbool.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"
#include "gatehouse/crypto/aead.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A provider keeps a master key and an Ed25519 signing key (RFC 8032), and lets
 * neither out. Kinds are rows of a table in provider.c:
 *
 *   file           keys in files of mode 0600 in a folder of mode 0700; for
 *                  development: whoever copies the disk has the keys
 *   systemd-creds  the same, encrypted by the service manager: by its host key,
 *                  which is a file too, by the TPM, or by both
 *   tpm2           sealed by a TPM 2.0 to PCRs; the master lives in one NV index
 *
 * Masters have generations 1, 2, ... A wrapped key names the generation it is
 * under. Erasure is final when a generation is destroyed:
 *
 *   begin_change   generation n + 1 is made, durable; wrap() uses it from now
 *                  on, unwrap() opens what is under n and n + 1
 *   rewrap         by their owners, each live data key, from n to n + 1
 *   finish_change  n is destroyed: what is still under n never opens again
 *
 * A change that a crash cut off is found by gh_provider_changing() after the
 * next open, and goes on from there; its steps may be repeated. Owners see to
 * it that a key wrapped before begin_change and stored after their pass of
 * rewrap does not exist: wrap and store are one step against that pass.
 */
struct gh_provider;

/** What an erasure by this provider withstands, weakest first. */
enum gh_provider_strength {
	GH_PROVIDER_DISK_OPENS,       /**< a copy of the disk, taken before, opens all */
	GH_PROVIDER_DISK_OPENS_HERE,  /**< such a copy opens on this machine only */
	GH_PROVIDER_DISK_OPENS_NEVER, /**< such a copy opens nowhere */
};

/** Longest name of a kept secret, its final NUL included: a-z, 0-9 and '-'. */
#define GH_PROVIDER_SECRET_NAME_BYTES 33

/** Largest secret kept by name. */
#define GH_PROVIDER_SECRET_BYTES_MAX (64u * 1024u)

/** What opens a provider. What is zero or NULL is as said; texts are borrowed for the call. */
struct gh_provider_options {
	const char *kind;        /**< a name of the table above */
	const char *folder;      /**< 0700; made if there is none */
	bool shared;             /**< with other programs that say so; no change of masters */
	const char *systemd_key; /**< host, tpm2, host+tpm2; NULL, "": host+tpm2 */
	const char *tpm2_tcti;   /**< how the TPM is reached; NULL, "": device:/dev/tpmrm0 */
	const char *tpm2_pcrs;   /**< SHA-256, 0 to 23, as "4+7"; NULL, "": 7 (secure boot) */
	const char *tpm2_index;  /**< 0x01800000 to 0x01bfffff; NULL, "": 0x0181a7e0 */
};

/**
 * Open a provider; the first opening makes the keys.
 *
 * GH_OK           the caller owns *provider.
 * GH_UNSUPPORTED  no such kind (the error lists those there are), or what the
 *                 kind needs is not on this machine (no TPM, no systemd-creds).
 * GH_DENIED       the folder or a key file is open to others; the TPM's PCRs are
 *                 not as they were, the TPM is another, the index is taken.
 * GH_BUSY         another program has the folder; the TPM is locked out.
 * GH_GONE         the folder is a copy from before a master was destroyed.
 * GH_OFFLINE      the TPM left in the middle.
 * GH_SETTINGS     tpm2_pcrs or tpm2_index is none.
 * GH_MALFORMED, GH_INTEGRITY, GH_IO, GH_FULL, GH_NO_MEMORY: as named in the error.
 * A provider may be used from any thread, also by several at once. Keys lie in
 * locked memory that a core dump leaves out. Blocks for the disk and, kinds
 * tpm2 and systemd-creds, for the TPM: some seconds, at worst 30.
 */
GH_MUST_USE enum gh_status gh_provider_open_with(const struct gh_provider_options *options,
	struct gh_provider **provider, struct gh_error *error);

/** The same with kind and folder alone. */
GH_MUST_USE enum gh_status gh_provider_open(const char *kind, const char *folder,
	struct gh_provider **provider, struct gh_error *error);

/** Wipe the keys in memory and free. NULL safe. */
void gh_provider_close(struct gh_provider *provider);

/**
 * Whether it may be used when the lane's purpose is service: not where a copy of
 * the disk opens all.
 */
bool gh_provider_for_service(const struct gh_provider *provider);

/** What its erasures withstand. Does not block. */
enum gh_provider_strength gh_provider_strength(const struct gh_provider *provider);

/** The generation that wrap() uses. Waits for nothing but a moment's lock. */
uint64_t gh_provider_generation(struct gh_provider *provider);

/** Whether a change was begun and not finished. As gh_provider_generation(). */
bool gh_provider_changing(struct gh_provider *provider);

/**
 * The generation that a wrapped key names, without looking whether it is one;
 * 0 when it cannot be. Keys of the time before generations (60 bytes, no
 * generation in them) are under generation 1. Does not block.
 */
uint64_t gh_provider_wrapped_generation(struct gh_view wrapped);

/**
 * Make the next generation. GH_OK, or GH_EXISTS: a change is under way, and
 * goes on with its generation. GH_UNSUPPORTED: the keys are shared. GH_IO,
 * GH_FULL, GH_INTERNAL: nothing changed.
 * Blocks for the disk or the TPM.
 */
GH_MUST_USE enum gh_status gh_provider_begin_change(
	struct gh_provider *provider, struct gh_error *error);

/**
 * Destroy the generation before: overwritten, and known to be so, before this
 * returns. Secrets kept by name are wrapped anew first.
 *
 * GH_OK, GH_WRONG_STATE (no change under way), GH_IO, GH_FULL, GH_INTERNAL: the
 * change is still under way. Blocks for the disk or the TPM.
 */
GH_MUST_USE enum gh_status gh_provider_finish_change(
	struct gh_provider *provider, struct gh_error *error);

/**
 * Wrap a data key under the newest master, bound to context (such as a record's
 * id). *wrapped is replaced; the caller finishes it. Statuses of gh_aead_seal().
 */
GH_MUST_USE enum gh_status gh_provider_wrap(struct gh_provider *provider, struct gh_view context,
	const struct gh_aead_key *key, struct gh_bytes *wrapped, struct gh_error *error);

/**
 * Unwrap a data key; the caller wipes *key. Statuses of gh_aead_open();
 * GH_GONE: it is under a generation that is destroyed.
 */
GH_MUST_USE enum gh_status gh_provider_unwrap(struct gh_provider *provider, struct gh_view context,
	struct gh_view wrapped, struct gh_aead_key *key, struct gh_error *error);

/**
 * Wrap anew what is wrapped, under the newest generation; what is under it
 * already is copied. *rewrapped is replaced; the caller finishes it. Statuses of
 * wrap and unwrap.
 */
GH_MUST_USE enum gh_status gh_provider_rewrap(struct gh_provider *provider, struct gh_view context,
	struct gh_view wrapped, struct gh_bytes *rewrapped, struct gh_error *error);

/**
 * Keep a secret, such as a TLS private key, under a name; one of that name is
 * replaced, durably. GH_OK, GH_MALFORMED (name), GH_TOO_LARGE, GH_IO, GH_FULL.
 * Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_provider_keep_secret(struct gh_provider *provider, const char *name,
	struct gh_view secret, struct gh_error *error);

/**
 * Read a kept secret; the caller finishes, and so wipes, *secret. GH_OK,
 * GH_NOT_FOUND, GH_INTEGRITY, GH_MALFORMED, GH_IO. Blocks for the disk.
 */
GH_MUST_USE enum gh_status gh_provider_read_secret(struct gh_provider *provider, const char *name,
	struct gh_bytes *secret, struct gh_error *error);

/** Remove a kept secret, overwritten; one that is not there is fine. Statuses as keep. */
GH_MUST_USE enum gh_status gh_provider_drop_secret(
	struct gh_provider *provider, const char *name, struct gh_error *error);

/**
 * Call for the name of each kept secret, in no order. What call returns other
 * than GH_OK ends it and is returned; call may not use the provider.
 */
GH_MUST_USE enum gh_status gh_provider_each_secret(struct gh_provider *provider,
	enum gh_status (*call)(void *ctx, const char *name, struct gh_error *error), void *ctx,
	struct gh_error *error);

/**
 * Where a setting names a file or, as "provider:NAME", a kept secret: NAME within
 * setting, or NULL when it is a file. Any thread.
 */
const char *gh_provider_secret_name(const char *setting);

#define GH_SIGNATURE_BYTES 64
#define GH_PUBLIC_KEY_BYTES 32

/** Sign message with the provider's Ed25519 key. GH_OK or GH_INTERNAL. */
GH_MUST_USE enum gh_status gh_provider_sign(struct gh_provider *provider, struct gh_view message,
	uint8_t signature[GH_SIGNATURE_BYTES], struct gh_error *error);

/** The public half of the signing key. */
void gh_provider_public_key(
	const struct gh_provider *provider, uint8_t public_key[GH_PUBLIC_KEY_BYTES]);

/** Check a signature by a public key. GH_OK or GH_INTEGRITY. Any thread. */
GH_MUST_USE enum gh_status gh_signature_verify(const uint8_t public_key[GH_PUBLIC_KEY_BYTES],
	struct gh_view message, const uint8_t signature[GH_SIGNATURE_BYTES],
	struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
