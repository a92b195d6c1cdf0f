/* SPDX-License-Identifier: Apache-2.0 */
/* The gallery's folder: sealed files of voyages, one key for each, and their erasure. */
#include "vault.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gatehouse/base/file.h"
#include "gatehouse/base/log.h"
#include "gatehouse/crypto/aead.h"

#include "voyage_key.h"
#include "wire.h"

#define MAGIC "GHGALLRY"
#define FORMAT_VERSION 1u
#define REMOVED_BYTES_MAX (GH_VOYAGE_PERSONS_MAX * 16u)
#define SEAL_BYTES (GH_AEAD_NONCE_BYTES + GH_AEAD_TAG_BYTES)

enum {
	KIND_GALLERY = 1,
	KIND_REMOVED = 2,
	PATH_BYTES = 1200,
	ZEROS_BYTES = 65536
};

/* What a file says of itself in the clear; random ids only. */
struct header {
	uint32_t kind;
	struct gh_id voyage;
	uint32_t version;
	uint32_t parts;
	struct gh_model_chain chain;
};

static enum gh_status path_of(const struct gh_vault *vault, const char *name, char path[PATH_BYTES],
	struct gh_error *error)
{
	return gh_path_join(vault->folder, name, path, PATH_BYTES, error);
}

enum gh_status gh_vault_init(struct gh_vault *vault, const char *folder,
	struct gh_provider *provider, const struct gh_model_chain *chain, struct gh_error *error)
{
	int length = snprintf(vault->folder, sizeof(vault->folder), "%s", folder);

	if (length < 0 || (size_t)length >= sizeof(vault->folder))
		return gh_error_set(error, GH_TOO_LARGE, "gallery folder: the path is too long");
	vault->provider = provider;
	vault->chain = *chain;
	return gh_folder_make(folder, error);
}

/* ".VERSION.suffix" behind the id, or false. */
static bool parse_version(const char *text, const char *suffix, uint32_t *version)
{
	char *end;
	unsigned long value;

	if (text[0] != '.' || text[1] < '1' || text[1] > '9')
		return false;
	errno = 0;
	value = strtoul(text + 1, &end, 10);
	if (errno != 0 || value > UINT32_MAX || strcmp(end, suffix) != 0)
		return false;
	*version = (uint32_t)value;
	return true;
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text);

	return length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

/* What kind of file a name means; false: none of ours. */
static bool parse_name(const char *name, struct gh_vault_entry *entry)
{
	char id[GH_ID_TEXT_BYTES];
	const char *rest = name + sizeof(id) - 1;

	*entry = (struct gh_vault_entry){ .kind = GH_VAULT_PART };
	if (strlen(name) >= sizeof(entry->name))
		return false;
	memcpy(entry->name, name, strlen(name) + 1);
	if (ends_with(name, ".part"))
		return true;
	if (strlen(name) < sizeof(id))
		return false;
	memcpy(id, name, sizeof(id) - 1);
	id[sizeof(id) - 1] = '\0';
	if (gh_id_parse(id, &entry->voyage, NULL) != GH_OK)
		return false;
	if (strcmp(rest, ".key") == 0)
		entry->kind = GH_VAULT_KEY;
	else if (strcmp(rest, ".erased") == 0)
		entry->kind = GH_VAULT_ERASED;
	else if (parse_version(rest, ".gallery", &entry->version))
		entry->kind = GH_VAULT_GALLERY;
	else if (parse_version(rest, ".removed", &entry->version))
		entry->kind = GH_VAULT_REMOVED;
	else if (ends_with(rest, ".damaged"))
		entry->kind = GH_VAULT_DAMAGED;
	else
		return false;
	return true;
}

static int newest_first(const void *left, const void *right)
{
	const struct gh_vault_entry *a = left;
	const struct gh_vault_entry *b = right;
	int order = memcmp(a->voyage.bytes, b->voyage.bytes, sizeof(a->voyage.bytes));

	if (order != 0)
		return order;
	return (a->version < b->version) - (a->version > b->version);
}

static void read_folder(DIR *folder, struct gh_vault_entry *entries, size_t *count)
{
	struct dirent *found;

	while (*count < GH_VAULT_ENTRIES_MAX && (found = readdir(folder)) != NULL) {
		struct gh_vault_entry *entry = &entries[*count];
		struct stat file;

		if (!parse_name(found->d_name, entry))
			continue;
		if (fstatat(dirfd(folder), found->d_name, &file, AT_SYMLINK_NOFOLLOW) != 0 ||
			!S_ISREG(file.st_mode))
			continue;
		entry->modified_ms = (int64_t)file.st_mtim.tv_sec * 1000;
		(*count)++;
	}
}

enum gh_status gh_vault_list(const struct gh_vault *vault, struct gh_vault_entry **entries,
	size_t *count, struct gh_error *error)
{
	DIR *folder;

	*count = 0;
	*entries = calloc(GH_VAULT_ENTRIES_MAX, sizeof(**entries));
	if (!*entries)
		return gh_error_set(error, GH_NO_MEMORY, "%s", vault->folder);
	folder = opendir(vault->folder);
	if (!folder) {
		free(*entries);
		*entries = NULL;
		return gh_error_errno(error, errno, "%s", vault->folder);
	}
	read_folder(folder, *entries, count);
	closedir(folder);
	qsort(*entries, *count, sizeof(**entries), newest_first);
	return GH_OK;
}

static void file_name(
	const struct gh_id *voyage, uint32_t version, const char *suffix, char name[128])
{
	char id[GH_ID_TEXT_BYTES];

	gh_id_format(voyage, id);
	snprintf(name, 128, "%s.%" PRIu32 ".%s", id, version, suffix);
}

static void put_header(const struct header *header, uint8_t bytes[GH_VAULT_HEADER_BYTES])
{
	struct gh_wire_out out = { bytes };

	gh_wire_put(&out, MAGIC, 8);
	gh_wire_put_integer(&out, FORMAT_VERSION, 4);
	gh_wire_put_integer(&out, header->kind, 4);
	gh_wire_put(&out, header->voyage.bytes, sizeof(header->voyage.bytes));
	gh_wire_put_integer(&out, header->version, 4);
	gh_wire_put_integer(&out, header->parts, 4);
	gh_wire_put(&out, header->chain.bytes, sizeof(header->chain.bytes));
}

/* What part n is bound to: the header and n. */
static void part_context(
	const uint8_t *header, uint32_t n, uint8_t context[GH_VAULT_HEADER_BYTES + 4])
{
	struct gh_wire_out out = { context };

	gh_wire_put(&out, header, GH_VAULT_HEADER_BYTES);
	gh_wire_put_integer(&out, n, 4);
}

static enum gh_status seal_part(struct gh_bytes *file, const struct gh_aead_key *key, uint32_t n,
	struct gh_view part, struct gh_error *error)
{
	uint8_t context[GH_VAULT_HEADER_BYTES + 4];
	struct gh_bytes sealed = GH_BYTES_EMPTY;
	uint8_t length[4];
	struct gh_wire_out out = { length };
	enum gh_status status;

	part_context(file->data, n, context);
	status = gh_aead_seal(
		key, (struct gh_view){ context, sizeof(context) }, part, &sealed, error);
	if (status == GH_OK) {
		gh_wire_put_integer(&out, sealed.length_bytes, sizeof(length));
		status = gh_bytes_append(file, length, sizeof(length), error);
	}
	if (status == GH_OK)
		status = gh_bytes_append(file, sealed.data, sealed.length_bytes, error);
	gh_bytes_finish(&sealed);
	return status;
}

/* The header, in a buffer with room for the rest: growing it would cost its size once more. */
static enum gh_status begin_file(const struct header *header, size_t plain_bytes_max,
	struct gh_bytes *file, struct gh_error *error)
{
	uint8_t bytes[GH_VAULT_HEADER_BYTES];
	enum gh_status status = gh_bytes_reserve(file,
		sizeof(bytes) + plain_bytes_max + header->parts * (size_t)(SEAL_BYTES + 4), error);

	if (status != GH_OK)
		return status;
	put_header(header, bytes);
	return gh_bytes_append(file, bytes, sizeof(bytes), error);
}

static enum gh_status seal_table(const struct gh_vault *vault, const struct gh_table *table,
	int64_t loaded_ms, const struct gh_aead_key *key, struct gh_bytes *file,
	struct gh_error *error)
{
	struct header header = { KIND_GALLERY, table->voyage.id, table->voyage.version,
		gh_parts_count(table), vault->chain };
	struct gh_bytes part = GH_BYTES_EMPTY;
	enum gh_status status = begin_file(&header, gh_parts_bytes_max(table), file, error);

	for (uint32_t n = 0; status == GH_OK && n < header.parts; n++) {
		status = gh_parts_write(table, loaded_ms, n, &part, error);
		if (status == GH_OK)
			status = seal_part(file, key, n, gh_bytes_view(&part), error);
	}
	gh_bytes_finish(&part);
	return status;
}

/* Erase what a stored version makes superfluous. */
static void erase_older(const struct gh_vault *vault, const struct gh_id *voyage, uint32_t version)
{
	struct gh_vault_entry *entries;
	size_t count;

	if (gh_vault_list(vault, &entries, &count, NULL) != GH_OK)
		return;
	for (size_t i = 0; i < count; i++) {
		bool older = entries[i].version < version ||
			(entries[i].version == version && entries[i].kind == GH_VAULT_REMOVED);
		bool versioned =
			entries[i].kind == GH_VAULT_GALLERY || entries[i].kind == GH_VAULT_REMOVED;

		if (gh_id_equal(&entries[i].voyage, voyage) && versioned && older &&
			gh_vault_erase_entry(vault, &entries[i], NULL) != GH_OK)
			gh_log(GH_LOG_WARNING, "gallery", "older version not erased",
				gh_log_id("voyage", voyage));
	}
	free(entries);
}

enum gh_status gh_vault_store(const struct gh_vault *vault, const struct gh_table *table,
	int64_t loaded_ms, struct gh_error *error)
{
	struct gh_aead_key key;
	struct gh_bytes file = GH_BYTES_EMPTY;
	char name[128];
	char path[PATH_BYTES];
	enum gh_status status;

	file_name(&table->voyage.id, table->voyage.version, "gallery", name);
	status = path_of(vault, name, path, error);
	if (status == GH_OK)
		status = gh_voyage_key_ensure(vault, &table->voyage.id, &key, error);
	if (status != GH_OK)
		return status;
	status = seal_table(vault, table, loaded_ms, &key, &file, error);
	gh_wipe(&key, sizeof(key));
	if (status == GH_OK)
		status = gh_file_replace(path, gh_bytes_view(&file), 0600, error);
	gh_bytes_finish(&file);
	if (status == GH_OK)
		erase_older(vault, &table->voyage.id, table->voyage.version);
	return status;
}

enum gh_status gh_vault_store_removed(const struct gh_vault *vault, const struct gh_id *voyage,
	uint32_t version, struct gh_view ids, struct gh_error *error)
{
	struct header header = { KIND_REMOVED, *voyage, version, 1, vault->chain };
	struct gh_aead_key key;
	struct gh_bytes file = GH_BYTES_EMPTY;
	char name[128];
	char path[PATH_BYTES];
	enum gh_status status;

	file_name(voyage, version, "removed", name);
	status = path_of(vault, name, path, error);
	if (status == GH_OK)
		status = gh_voyage_key_open(vault, voyage, &key, error);
	if (status != GH_OK)
		return status;
	status = begin_file(&header, ids.length_bytes, &file, error);
	if (status == GH_OK)
		status = seal_part(&file, &key, 0, ids, error);
	gh_wipe(&key, sizeof(key));
	if (status == GH_OK)
		status = gh_file_replace(path, gh_bytes_view(&file), 0600, error);
	gh_bytes_finish(&file);
	return status;
}

/* Check the header against the name and read what is left to know. */
static enum gh_status read_header(const struct gh_vault *vault, const struct gh_vault_entry *entry,
	uint32_t kind, struct gh_wire_in *in, struct header *header, struct gh_error *error)
{
	uint8_t magic[8];
	uint64_t format;

	gh_wire_get(in, magic, sizeof(magic));
	format = gh_wire_get_integer(in, 4);
	header->kind = (uint32_t)gh_wire_get_integer(in, 4);
	gh_wire_get(in, header->voyage.bytes, sizeof(header->voyage.bytes));
	header->version = (uint32_t)gh_wire_get_integer(in, 4);
	header->parts = (uint32_t)gh_wire_get_integer(in, 4);
	gh_wire_get(in, header->chain.bytes, sizeof(header->chain.bytes));
	if (in->bad)
		return gh_error_set(error, GH_TRUNCATED, "shorter than its header");
	if (memcmp(magic, MAGIC, sizeof(magic)) != 0)
		return gh_error_set(error, GH_MALFORMED, "not a gallery file");
	if (format != FORMAT_VERSION)
		return gh_error_set(error, GH_UNSUPPORTED, "another version of the format");
	if (header->kind != kind || header->version != entry->version ||
		!gh_id_equal(&header->voyage, &entry->voyage))
		return gh_error_set(error, GH_MALFORMED, "not the file that its name says");
	if (memcmp(header->chain.bytes, vault->chain.bytes, sizeof(header->chain.bytes)) != 0)
		return gh_error_set(
			error, GH_UNSUPPORTED, "its templates are of another model chain");
	return GH_OK;
}

/* Open part after part and hand each to call. */
static enum gh_status open_parts(struct gh_view file, const struct header *header,
	struct gh_wire_in *in, const struct gh_aead_key *key,
	enum gh_status (*call)(void *ctx, struct gh_bytes *plain, struct gh_error *error),
	void *ctx, struct gh_error *error)
{
	struct gh_bytes plain = GH_BYTES_EMPTY;
	enum gh_status status = GH_OK;

	for (uint32_t n = 0; status == GH_OK && n < header->parts; n++) {
		uint8_t context[GH_VAULT_HEADER_BYTES + 4];
		struct gh_view sealed;

		sealed.length_bytes = gh_wire_get_integer(in, 4);
		sealed.data = gh_wire_take(in, sealed.length_bytes);
		if (in->bad) {
			status = gh_error_set(error, GH_TRUNCATED, "part %u ends early", n + 1);
			break;
		}
		part_context(file.data, n, context);
		status = gh_aead_open(
			key, (struct gh_view){ context, sizeof(context) }, sealed, &plain, error);
		if (status == GH_OK)
			status = call(ctx, &plain, error);
	}
	gh_bytes_finish(&plain);
	if (status == GH_OK && in->left_bytes > 0)
		return gh_error_set(error, GH_MALFORMED, "more behind the last part");
	return status;
}

static enum gh_status read_sealed(const struct gh_vault *vault, const struct gh_vault_entry *entry,
	uint32_t kind,
	enum gh_status (*call)(void *ctx, struct gh_bytes *plain, struct gh_error *error),
	void *ctx, struct gh_error *error)
{
	struct gh_bytes file = GH_BYTES_EMPTY;
	struct gh_aead_key key;
	struct gh_wire_in in;
	struct header header;
	char path[PATH_BYTES];
	enum gh_status status;

	status = path_of(vault, entry->name, path, error);
	if (status == GH_OK)
		status = gh_file_read(path, GH_VAULT_BYTES_MAX, &file, error);
	if (status != GH_OK)
		return status;
	in = (struct gh_wire_in){ file.data, file.length_bytes, false };
	status = read_header(vault, entry, kind, &in, &header, error);
	if (status == GH_OK)
		status = gh_voyage_key_open(vault, &entry->voyage, &key, error);
	if (status == GH_OK) {
		status = open_parts(gh_bytes_view(&file), &header, &in, &key, call, ctx, error);
		gh_wipe(&key, sizeof(key));
	}
	gh_bytes_finish(&file);
	if (status != GH_OK)
		gh_error_wrap(error, "%s", path);
	return status;
}

static enum gh_status take_part(void *ctx, struct gh_bytes *plain, struct gh_error *error)
{
	return gh_parts_read(ctx, gh_bytes_view(plain), error);
}

enum gh_status gh_vault_read(const struct gh_vault *vault, const struct gh_vault_entry *entry,
	struct gh_parts_reader *reader, struct gh_error *error)
{
	return read_sealed(vault, entry, KIND_GALLERY, take_part, reader, error);
}

static enum gh_status take_ids(void *ctx, struct gh_bytes *plain, struct gh_error *error)
{
	struct gh_bytes *ids = ctx;

	if (plain->length_bytes % sizeof(struct gh_id) != 0 ||
		plain->length_bytes > REMOVED_BYTES_MAX || ids->length_bytes > 0)
		return gh_error_set(error, GH_MALFORMED, "not a list of ids");
	return gh_bytes_append(ids, plain->data, plain->length_bytes, error);
}

enum gh_status gh_vault_read_removed(const struct gh_vault *vault,
	const struct gh_vault_entry *entry, struct gh_bytes *ids, struct gh_error *error)
{
	gh_bytes_clear(ids);
	return read_sealed(vault, entry, KIND_REMOVED, take_ids, ids, error);
}

void gh_vault_set_aside(const struct gh_vault *vault, const struct gh_vault_entry *entry)
{
	char from[PATH_BYTES];
	char to[PATH_BYTES + 16];

	if (path_of(vault, entry->name, from, NULL) != GH_OK)
		return;
	snprintf(to, sizeof(to), "%s.damaged", from);
	if (rename(from, to) != 0)
		gh_log(GH_LOG_ERROR, "gallery", "damaged file not set aside",
			gh_log_id("voyage", &entry->voyage), gh_log_integer("errno", errno));
}

static bool overwrite(int descriptor, off_t length)
{
	static const uint8_t zeros[ZEROS_BYTES];

	for (off_t at = 0; at < length;) {
		off_t left = length - at;
		ssize_t written = pwrite(descriptor, zeros,
			left < (off_t)sizeof(zeros) ? (size_t)left : sizeof(zeros), at);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return false;
		at += written;
	}
	return fsync(descriptor) == 0;
}

enum gh_status gh_vault_erase_entry(
	const struct gh_vault *vault, const struct gh_vault_entry *entry, struct gh_error *error)
{
	char path[PATH_BYTES];
	struct stat file;
	enum gh_status status = path_of(vault, entry->name, path, error);
	bool overwritten = false;
	int descriptor;

	if (status != GH_OK)
		return status;
	descriptor = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	if (descriptor >= 0) {
		overwritten = fstat(descriptor, &file) == 0 && overwrite(descriptor, file.st_size);
		close(descriptor);
	}
	/* Unlinked in any case: a disk that cannot be written can perhaps still forget a name. */
	if (unlink(path) != 0 && errno != ENOENT)
		return gh_error_errno(error, errno, "%s: not erased", path);
	if (!overwritten && descriptor >= 0)
		return gh_error_set(error, GH_IO, "%s: unlinked, but not overwritten", path);
	return GH_OK;
}

enum gh_status gh_vault_erase(
	const struct gh_vault *vault, const struct gh_gallery_erased *story, struct gh_error *error)
{
	struct gh_vault_entry *entries;
	enum gh_status first = gh_voyage_key_erase(vault, story, error);
	enum gh_status status;
	size_t count;

	status = gh_vault_list(vault, &entries, &count, first == GH_OK ? error : NULL);
	if (status != GH_OK)
		return first == GH_OK ? status : first;
	for (size_t i = 0; i < count; i++) {
		if (!gh_id_equal(&entries[i].voyage, &story->voyage) ||
			entries[i].kind == GH_VAULT_ERASED)
			continue;
		status = gh_vault_erase_entry(vault, &entries[i], first == GH_OK ? error : NULL);
		if (first == GH_OK)
			first = status;
	}
	free(entries);
	return first;
}
