/* SPDX-License-Identifier: Apache-2.0 */
/* The gallery's folder: sealed files of voyages, one key for each, and their erasure. */
#ifndef GALLERY_VAULT_H
#define GALLERY_VAULT_H

#include <pthread.h>

#include "gatehouse/gallery/keys.h"

#include "parts.h"

/*
 * The folder holds, ID being a voyage's id and VERSION a decimal number:
 *
 *   ID.key               the voyage's data key, wrapped by the provider
 *   ID.VERSION.gallery   persons and templates of one version
 *   ID.VERSION.removed   ids that this version took off the list, while an older one serves
 *   ID.erased            the voyage's key is being deleted, and that is not told yet
 *   *.damaged            set aside: could not be read; erased with the voyage, or by age
 *   *.part               left by a write that was cut off
 *
 * A sealed file, all numbers big-endian:
 *
 *   8   "GHGALLRY"
 *   4   format version (1)
 *   4   kind (1 gallery, 2 removed)
 *   16  voyage id
 *   4   voyage version
 *   4   number of parts
 *   32  model chain
 *   then each part: 4 length of the sealed form, the sealed form (gh_aead_seal())
 *
 * Each part is bound to the whole header and its own number, so that none can be left out, moved
 * or taken from another file.
 */
#define GH_VAULT_HEADER_BYTES 72

/* Largest file that is read: 20,000 persons with eight portraits each. */
#define GH_VAULT_BYTES_MAX (400u * 1024u * 1024u)

/* Files in the folder that are looked at. */
#define GH_VAULT_ENTRIES_MAX 1024

/* Keys that are coming to an end now, each on one thread; key files change under the lock. */
struct gh_key_desk {
	pthread_mutex_t lock;
	struct gh_id ending[16];
};

struct gh_vault {
	char folder[1024];
	struct gh_provider *provider;
	struct gh_model_chain chain;
	struct gh_key_desk *keys;
	enum gh_status (*erased)(
		void *ctx, const struct gh_gallery_erased *story, struct gh_error *error);
	void *erased_ctx;
};

enum gh_vault_kind {
	GH_VAULT_KEY,
	GH_VAULT_ERASED,
	GH_VAULT_GALLERY,
	GH_VAULT_REMOVED,
	GH_VAULT_DAMAGED,
	GH_VAULT_PART,
};

/* One file of the folder. */
struct gh_vault_entry {
	enum gh_vault_kind kind;
	struct gh_id voyage;
	uint32_t version; /* 0 where the name has none */
	int64_t modified_ms;
	char name[128];
};

/* Make the folder if it is not there. Statuses of gh_folder_make(), GH_TOO_LARGE. */
GH_MUST_USE enum gh_status gh_vault_init(struct gh_vault *vault, const char *folder,
	struct gh_provider *provider, const struct gh_model_chain *chain, struct gh_error *error);

/*
 * List the vault's own files: *entries is allocated for the caller, newest versions first. Other
 * files are passed over. GH_OK, GH_NO_MEMORY, GH_IO.
 */
GH_MUST_USE enum gh_status gh_vault_list(const struct gh_vault *vault,
	struct gh_vault_entry **entries, size_t *count, struct gh_error *error);

/* Seal and store a table as its voyage's only version; makes the voyage's key if there is none. */
GH_MUST_USE enum gh_status gh_vault_store(const struct gh_vault *vault,
	const struct gh_table *table, int64_t loaded_ms, struct gh_error *error);

/*
 * Store the ids that `version` took off the list. GH_NOT_FOUND: the voyage has no key, so nothing
 * of it is stored that could be loaded without this.
 */
GH_MUST_USE enum gh_status gh_vault_store_removed(const struct gh_vault *vault,
	const struct gh_id *voyage, uint32_t version, struct gh_view ids, struct gh_error *error);

/* Open a gallery file and read all its parts. GH_UNSUPPORTED: of another model chain. */
GH_MUST_USE enum gh_status gh_vault_read(const struct gh_vault *vault,
	const struct gh_vault_entry *entry, struct gh_parts_reader *reader, struct gh_error *error);

/* Read the ids of a removed file, 16 bytes each. */
GH_MUST_USE enum gh_status gh_vault_read_removed(const struct gh_vault *vault,
	const struct gh_vault_entry *entry, struct gh_bytes *ids, struct gh_error *error);

/* Rename an entry to *.damaged. */
void gh_vault_set_aside(const struct gh_vault *vault, const struct gh_vault_entry *entry);

/* Overwrite and unlink one file. */
GH_MUST_USE enum gh_status gh_vault_erase_entry(
	const struct gh_vault *vault, const struct gh_vault_entry *entry, struct gh_error *error);

/*
 * Overwrite and unlink all files of a voyage, its key first: without it the rest is noise. The
 * deletion of the key is told.
 */
GH_MUST_USE enum gh_status gh_vault_erase(const struct gh_vault *vault,
	const struct gh_gallery_erased *story, struct gh_error *error);

#endif
