/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key provider "tpm2": the master is in one NV index of a TPM, and nowhere else.
 *
 * The next master waits in a file, sealed under the one in the TPM. Finishing a
 * change is one write of the index: the next master takes the place of the one
 * before, and with that the file, and every copy of it, is noise.
 */
#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/id.h"
#include "gatehouse/crypto/hash.h"
#include "locked.h"
#include "provider_kind.h"
#include "tpm.h"

#define DEFAULT_TCTI "device:/dev/tpmrm0"
#define DEFAULT_PCRS "7"
#define DEFAULT_INDEX "0x0181a7e0"

/* The part of the handles that is the owner's. */
#define INDEX_FIRST 0x01800000u
#define INDEX_LAST 0x01bfffffu

/* Password of the index, and the name of the TPM's storage key. */
#define BINDING_FILE "tpm2.binding"
#define BINDING_BYTES (GH_TPM_AUTH_BYTES + GH_TPM_NAME_BYTES)

#define NEXT_FILE "next.master"
#define NEXT_BYTES_MAX 256

/* In the index: MAGIC, 8 bytes of generation, the master, and 8 of a SHA-256 over all that. */
#define MAGIC "GHM1"
#define GENERATION_AT 4
#define MASTER_AT 12
#define CHECK_AT 44
#define CHECK_BYTES 8
#define CONTENT_BYTES (CHECK_AT + CHECK_BYTES)

/* In locked memory. */
struct secret {
	uint8_t binding[BINDING_BYTES];
	uint8_t content[CONTENT_BYTES];
};

struct own {
	const struct gh_key_folder *folder;
	struct gh_tpm_place place;
	char *tcti;
	struct secret *secret;
};

static void close_own(void *state)
{
	struct own *own = state;

	gh_locked_destroy(own->secret, sizeof(*own->secret));
	free(own->tcti);
	free(own);
}

static const char *given(const char *text, const char *otherwise)
{
	return text && text[0] ? text : otherwise;
}

/* Numbers with '+' between them. */
static enum gh_status parse_pcrs(const char *text, uint32_t *mask, struct gh_error *error)
{
	const char *at = text;

	*mask = 0;
	do {
		char *end;
		unsigned long pcr = strtoul(at, &end, 10);

		if (*at < '0' || *at > '9' || pcr > 23 || (*end != '+' && *end != '\0'))
			return gh_error_set(error, GH_SETTINGS,
				"tpm2_pcrs '%.40s': PCRs 0 to 23 with '+' between them", text);
		*mask |= 1u << pcr;
		at = *end == '+' ? end + 1 : NULL;
	} while (at);
	return GH_OK;
}

static enum gh_status parse_index(const char *text, uint32_t *index, struct gh_error *error)
{
	char *end;
	unsigned long number = strtoul(text, &end, 16);

	if (*text != '0' || *end != '\0' || number < INDEX_FIRST || number > INDEX_LAST)
		return gh_error_set(error, GH_SETTINGS, "tpm2_index '%.40s': 0x%08x to 0x%08x",
			text, INDEX_FIRST, INDEX_LAST);
	*index = (uint32_t)number;
	return GH_OK;
}

static enum gh_status open_own(const struct gh_provider_options *options,
	const struct gh_key_folder *folder, void **state, struct gh_error *error)
{
	struct own *own = calloc(1, sizeof(*own));
	enum gh_status status;

	if (!own)
		return gh_error_set(error, GH_NO_MEMORY, "keys");
	*state = own;
	own->tcti = strdup(given(options->tpm2_tcti, DEFAULT_TCTI));
	if (!own->tcti)
		return gh_error_set(error, GH_NO_MEMORY, "keys");
	own->folder = folder;
	own->place.tcti = own->tcti;
	status = parse_pcrs(given(options->tpm2_pcrs, DEFAULT_PCRS), &own->place.pcr_mask, error);
	if (status == GH_OK)
		status = parse_index(
			given(options->tpm2_index, DEFAULT_INDEX), &own->place.index, error);
	if (status == GH_OK)
		status = gh_locked_create(sizeof(*own->secret), (void **)&own->secret, error);
	return status;
}

static enum gh_status check_of(
	const uint8_t content[CONTENT_BYTES], struct gh_sha256 *hash, struct gh_error *error)
{
	return gh_sha256_of((struct gh_view){ content, CHECK_AT }, hash, error);
}

static enum gh_status write_index(struct own *own, struct gh_tpm *tpm,
	const struct gh_masters *masters, struct gh_error *error)
{
	uint8_t *content = own->secret->content;
	struct gh_sha256 hash;
	enum gh_status status;

	memcpy(content, MAGIC, GENERATION_AT);
	for (int i = 0; i < 8; i++)
		content[GENERATION_AT + i] = (uint8_t)(masters->generation >> (56 - 8 * i));
	memcpy(content + MASTER_AT, masters->newest.bytes, GH_AEAD_KEY_BYTES);
	status = check_of(content, &hash, error);
	if (status == GH_OK) {
		memcpy(content + CHECK_AT, hash.bytes, CHECK_BYTES);
		status = gh_tpm_write(tpm, own->secret->binding, content, CONTENT_BYTES, error);
	}
	gh_wipe(content, CONTENT_BYTES);
	return status;
}

static enum gh_status parse_content(
	const uint8_t content[CONTENT_BYTES], struct gh_masters *masters, struct gh_error *error)
{
	struct gh_sha256 hash;
	enum gh_status status = check_of(content, &hash, error);

	if (status != GH_OK)
		return status;
	if (memcmp(content, MAGIC, GENERATION_AT) != 0 ||
		memcmp(content + CHECK_AT, hash.bytes, CHECK_BYTES) != 0)
		return gh_error_set(error, GH_INTEGRITY, "the TPM's index holds no master");
	masters->generation = 0;
	for (int i = 0; i < 8; i++)
		masters->generation = masters->generation << 8 | content[GENERATION_AT + i];
	memcpy(masters->newest.bytes, content + MASTER_AT, GH_AEAD_KEY_BYTES);
	if (!gh_masters_sound(masters))
		return gh_error_set(error, GH_INTEGRITY, "the TPM's index holds no master");
	return GH_OK;
}

static enum gh_status read_index(
	struct own *own, struct gh_tpm *tpm, struct gh_masters *masters, struct gh_error *error)
{
	uint8_t *content = own->secret->content;
	enum gh_status status =
		gh_tpm_read(tpm, own->secret->binding, content, CONTENT_BYTES, error);

	if (status == GH_OK)
		status = parse_content(content, masters, error);
	gh_wipe(content, CONTENT_BYTES);
	return status;
}

static enum gh_status make_binding(
	struct own *own, struct gh_tpm *tpm, enum gh_tpm_index found, struct gh_error *error)
{
	uint8_t *binding = own->secret->binding;
	enum gh_status status;

	if (found != GH_TPM_INDEX_NONE)
		return gh_error_set(error, GH_DENIED,
			"TPM index 0x%08x is of keys that are not in %s: put that folder back, or "
			"give them up for ever by tpm2_nvundefine 0x%08x",
			own->place.index, own->folder->path, own->place.index);
	status = gh_random_fill(binding, GH_TPM_AUTH_BYTES, error);
	if (status != GH_OK)
		return status;
	memcpy(binding + GH_TPM_AUTH_BYTES, gh_tpm_storage_name(tpm), GH_TPM_NAME_BYTES);
	return gh_key_file_write(
		own->folder, BINDING_FILE, (struct gh_view){ binding, BINDING_BYTES }, error);
}

/*
 * The name is compared before the password is used: a session salted to a key
 * that somebody put in the TPM's place would tell that somebody all.
 */
static enum gh_status find_binding(
	struct own *own, struct gh_tpm *tpm, enum gh_tpm_index found, struct gh_error *error)
{
	uint8_t *binding = own->secret->binding;
	struct gh_bytes file = GH_BYTES_EMPTY;
	enum gh_status status =
		gh_key_file_read(own->folder, BINDING_FILE, BINDING_BYTES, &file, error);

	if (status == GH_NOT_FOUND) {
		gh_error_clear(error);
		return make_binding(own, tpm, found, error);
	}
	if (status == GH_OK && file.length_bytes != BINDING_BYTES)
		status = gh_error_set(error, GH_MALFORMED, "%s/%s: %zu bytes", own->folder->path,
			BINDING_FILE, file.length_bytes);
	if (status == GH_OK)
		memcpy(binding, file.data, BINDING_BYTES);
	if (status == GH_OK &&
		memcmp(binding + GH_TPM_AUTH_BYTES, gh_tpm_storage_name(tpm), GH_TPM_NAME_BYTES) !=
			0)
		status = gh_error_set(error, GH_DENIED,
			"%s: made with another TPM, or with this one before it was cleared",
			own->folder->path);
	gh_bytes_finish(&file);
	return status;
}

static enum gh_status make_first(struct own *own, struct gh_tpm *tpm, enum gh_tpm_index found,
	struct gh_masters *masters, struct gh_error *error)
{
	enum gh_status status = GH_OK;

	if (gh_key_file_exists(own->folder, GH_SIGNING_SECRET_FILE))
		return gh_error_set(error, GH_DENIED,
			"TPM index 0x%08x is gone, and with it all that %s was for: empty the "
			"folder to begin with new keys",
			own->place.index, own->folder->path);
	if (found == GH_TPM_INDEX_NONE)
		status = gh_tpm_define(tpm, CONTENT_BYTES, own->secret->binding, error);
	if (status == GH_OK)
		status =
			gh_random_fill(masters->newest.bytes, sizeof(masters->newest.bytes), error);
	masters->generation = 1;
	return status == GH_OK ? write_index(own, tpm, masters, error) : status;
}

/* The next master, if a change is under way; what is left of an ended one goes. */
static enum gh_status load_next(struct own *own, struct gh_masters *masters, struct gh_error *error)
{
	struct gh_bytes sealed = GH_BYTES_EMPTY;
	struct gh_bytes plain = GH_BYTES_EMPTY;
	enum gh_status status =
		gh_key_file_read(own->folder, NEXT_FILE, NEXT_BYTES_MAX, &sealed, error);

	if (status == GH_OK)
		status = gh_masters_open(masters, GH_SEALED_MASTER, gh_view_of_text(NEXT_FILE),
			gh_bytes_view(&sealed), &plain, error);
	gh_bytes_finish(&sealed);
	if (status == GH_NOT_FOUND || status == GH_GONE) {
		gh_error_clear(error);
		return status == GH_GONE ? gh_key_file_destroy(own->folder, NEXT_FILE, error)
					 : GH_OK;
	}
	if (status == GH_OK && plain.length_bytes != GH_AEAD_KEY_BYTES)
		status = gh_error_set(error, GH_INTEGRITY, "no master");
	if (status != GH_OK) {
		gh_error_wrap(error, "%s/%s", own->folder->path, NEXT_FILE);
	} else {
		masters->before = masters->newest;
		memcpy(masters->newest.bytes, plain.data, GH_AEAD_KEY_BYTES);
		masters->generation++;
		masters->changing = true;
	}
	gh_bytes_finish(&plain);
	return status;
}

static enum gh_status load(void *state, struct gh_masters *masters, struct gh_error *error)
{
	struct own *own = state;
	enum gh_tpm_index found = GH_TPM_INDEX_NONE;
	struct gh_tpm *tpm;
	enum gh_status status = gh_tpm_open(&own->place, &tpm, error);

	if (status == GH_OK)
		status = gh_tpm_look(tpm, CONTENT_BYTES, &found, error);
	if (status == GH_OK)
		status = find_binding(own, tpm, found, error);
	if (status == GH_OK)
		status = found == GH_TPM_INDEX_WRITTEN
			? read_index(own, tpm, masters, error)
			: make_first(own, tpm, found, masters, error);
	gh_tpm_close(tpm);
	return status == GH_OK ? load_next(own, masters, error) : status;
}

static enum gh_status begin(void *state, const struct gh_masters *after, struct gh_error *error)
{
	struct own *own = state;
	struct gh_bytes sealed = GH_BYTES_EMPTY;
	struct gh_view next = { after->newest.bytes, sizeof(after->newest.bytes) };
	enum gh_status status = gh_master_seal(&after->before, after->generation - 1,
		GH_SEALED_MASTER, gh_view_of_text(NEXT_FILE), next, &sealed, error);

	if (status == GH_OK)
		status = gh_key_file_write(own->folder, NEXT_FILE, gh_bytes_view(&sealed), error);
	gh_bytes_finish(&sealed);
	return status;
}

static enum gh_status finish(void *state, const struct gh_masters *now, struct gh_error *error)
{
	struct own *own = state;
	struct gh_tpm *tpm;
	enum gh_status status = gh_tpm_open(&own->place, &tpm, error);

	/* It was there when the provider was opened. */
	if (status == GH_UNSUPPORTED)
		status = gh_error_set(error, GH_OFFLINE, "the TPM no longer answers");
	if (status == GH_OK &&
		memcmp(own->secret->binding + GH_TPM_AUTH_BYTES, gh_tpm_storage_name(tpm),
			GH_TPM_NAME_BYTES) != 0)
		status = gh_error_set(error, GH_DENIED, "another TPM than at the start");
	if (status == GH_OK)
		status = write_index(own, tpm, now, error);
	gh_tpm_close(tpm);
	/* Its master is gone: whether the file goes too is a matter of tidiness. */
	if (status == GH_OK)
		(void)!gh_key_file_destroy(own->folder, NEXT_FILE, NULL);
	return status;
}

static enum gh_provider_strength strength(const void *own)
{
	(void)own;
	return GH_PROVIDER_DISK_OPENS_NEVER;
}

const struct gh_provider_kind gh_provider_kind_tpm2 = {
	.name = "tpm2",
	.strength = strength,
	.open = open_own,
	.close = close_own,
	.load = load,
	.begin = begin,
	.finish = finish,
};
