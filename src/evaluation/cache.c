/* SPDX-License-Identifier: Apache-2.0 */
/* Templates of pictures enrolled before, in a file: what a run that was stopped goes on from. */
#include "cache.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char magic[16] = "gh templates 1\n";

/* A head is magic and chain; a record is picture, status, faces, values and check. */
enum {
	CHAIN_AT = sizeof(magic),
	HEAD_BYTES = CHAIN_AT + sizeof(struct gh_model_chain),
	STATUS_AT = GH_SHA256_BYTES,
	STATUS_BYTES = 16,
	FACES_AT = STATUS_AT + STATUS_BYTES,
	VALUES_AT = FACES_AT + 4,
	CHECK_AT = VALUES_AT + 4 * GH_TEMPLATE_VALUES,
	CHECK_BYTES = 8,
	RECORD_BYTES = CHECK_AT + CHECK_BYTES
};
_Static_assert(HEAD_BYTES == 48 && RECORD_BYTES == 2108, "the file's sizes are fixed");

/* Where a picture's record lies; place 0: none. */
struct slot {
	struct gh_sha256 picture;
	size_t place; /* counted from 1 */
};

struct gh_cache {
	char *path;
	int descriptor;
	pthread_mutex_t mutex; /* all below */
	struct slot *slots;    /* open addressing */
	size_t slot_count;     /* a power of two */
	size_t count;
};

/* What may stand in a record: outcomes of a picture, not of the machine. */
static const enum gh_status known[] = { GH_OK, GH_NO_FACE, GH_MALFORMED, GH_TRUNCATED, GH_TOO_LARGE,
	GH_UNSUPPORTED };

static void put_u32(uint8_t *to, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		to[i] = (uint8_t)(value >> (8 * i));
}

static uint32_t get_u32(const uint8_t *from)
{
	return (uint32_t)from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 |
		(uint32_t)from[3] << 24;
}

static enum gh_status write_all(struct gh_cache *cache, const uint8_t *bytes, size_t length,
	off_t at, struct gh_error *error)
{
	while (length > 0) {
		ssize_t written = pwrite(cache->descriptor, bytes, length, at);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return gh_error_errno(error, errno, "%s", cache->path);
		bytes += written;
		at += written;
		length -= (size_t)written;
	}
	return GH_OK;
}

/* *length is what there was. */
static enum gh_status read_all(
	struct gh_cache *cache, uint8_t *bytes, size_t *length, off_t at, struct gh_error *error)
{
	size_t wanted = *length;

	*length = 0;
	while (*length < wanted) {
		ssize_t got = pread(
			cache->descriptor, bytes + *length, wanted - *length, at + (off_t)*length);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return gh_error_errno(error, errno, "%s", cache->path);
		if (got == 0)
			break;
		*length += (size_t)got;
	}
	return GH_OK;
}

static off_t place_of(size_t number)
{
	return (off_t)HEAD_BYTES + (off_t)number * RECORD_BYTES;
}

static enum gh_status check_sum(
	const uint8_t record[RECORD_BYTES], struct gh_sha256 *sum, struct gh_error *error)
{
	return gh_sha256_of((struct gh_view){ record, CHECK_AT }, sum, error);
}

static bool read_status(const uint8_t *text, enum gh_status *status)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		char name[STATUS_BYTES] = "";

		gh_text_copy(name, sizeof(name), gh_status_name(known[i]));
		*status = known[i];
		if (memcmp(text, name, sizeof(name)) == 0)
			return true;
	}
	return false;
}

static bool read_template(const uint8_t *bytes, struct gh_template *read)
{
	double square = 0.0;

	for (size_t i = 0; i < GH_TEMPLATE_VALUES; i++) {
		uint32_t bits = get_u32(bytes + 4 * i);

		memcpy(&read->values[i], &bits, sizeof(bits));
		square += (double)read->values[i] * (double)read->values[i];
	}
	return fabs(square - 1.0) < 1e-3;
}

/* False: the record is damaged. */
static bool decode(const uint8_t record[RECORD_BYTES], struct gh_enrolled *outcome)
{
	struct gh_sha256 sum;

	if (check_sum(record, &sum, NULL) != GH_OK ||
		memcmp(sum.bytes, record + CHECK_AT, CHECK_BYTES) != 0)
		return false;
	if (!read_status(record + STATUS_AT, &outcome->status))
		return false;
	outcome->faces = get_u32(record + FACES_AT);
	return read_template(record + VALUES_AT, &outcome->reference) || outcome->status != GH_OK;
}

static enum gh_status encode(const struct gh_sha256 *picture, const struct gh_enrolled *outcome,
	uint8_t record[RECORD_BYTES], struct gh_error *error)
{
	struct gh_sha256 sum;
	enum gh_status status;

	memset(record, 0, RECORD_BYTES);
	memcpy(record, picture->bytes, sizeof(picture->bytes));
	gh_text_copy((char *)record + STATUS_AT, STATUS_BYTES, gh_status_name(outcome->status));
	if (outcome->status == GH_OK) {
		put_u32(record + FACES_AT, outcome->faces);
		for (size_t i = 0; i < GH_TEMPLATE_VALUES; i++) {
			uint32_t bits;

			memcpy(&bits, &outcome->reference.values[i], sizeof(bits));
			put_u32(record + VALUES_AT + 4 * i, bits);
		}
	}
	status = check_sum(record, &sum, error);
	if (status == GH_OK)
		memcpy(record + CHECK_AT, sum.bytes, CHECK_BYTES);
	return status;
}

/* The slot of a picture, or the free one where it would be. */
static struct slot *slot_of(struct gh_cache *cache, const struct gh_sha256 *picture)
{
	size_t at;

	memcpy(&at, picture->bytes, sizeof(at));
	for (at &= cache->slot_count - 1;; at = (at + 1) & (cache->slot_count - 1)) {
		struct slot *slot = &cache->slots[at];

		if (slot->place == 0 || memcmp(&slot->picture, picture, sizeof(slot->picture)) == 0)
			return slot;
	}
}

static enum gh_status grow(struct gh_cache *cache, struct gh_error *error)
{
	size_t old_count = cache->slot_count;
	struct slot *old = cache->slots;
	struct slot *slots;

	if (cache->count + 1 < old_count / 2)
		return GH_OK;
	slots = calloc(old_count > 0 ? 2 * old_count : 1024, sizeof(*slots));
	if (!slots)
		return gh_error_set(error, GH_NO_MEMORY, "%s", cache->path);
	cache->slots = slots;
	cache->slot_count = old_count > 0 ? 2 * old_count : 1024;
	for (size_t i = 0; i < old_count; i++)
		if (old[i].place > 0)
			*slot_of(cache, &old[i].picture) = old[i];
	free(old);
	return GH_OK;
}

static enum gh_status note(
	struct gh_cache *cache, const struct gh_sha256 *picture, struct gh_error *error)
{
	enum gh_status status = grow(cache, error);

	if (status == GH_OK)
		*slot_of(cache, picture) = (struct slot){ *picture, ++cache->count };
	return status;
}

/* Note every good record; what follows the last one is cut off. */
static enum gh_status read_records(struct gh_cache *cache, struct gh_error *error)
{
	uint8_t record[RECORD_BYTES];
	struct gh_enrolled outcome;
	enum gh_status status = GH_OK;

	while (status == GH_OK) {
		size_t length = sizeof(record);
		struct gh_sha256 picture;

		status = read_all(cache, record, &length, place_of(cache->count), error);
		if (status != GH_OK || length < sizeof(record) || !decode(record, &outcome))
			break;
		memcpy(picture.bytes, record, sizeof(picture.bytes));
		status = note(cache, &picture, error);
	}
	gh_wipe(record, sizeof(record));
	gh_wipe(&outcome, sizeof(outcome));
	if (status == GH_OK && ftruncate(cache->descriptor, place_of(cache->count)) != 0)
		status = gh_error_errno(error, errno, "%s", cache->path);
	return status;
}

/* Write the head of a new file, or see that it is ours. */
static enum gh_status take_head(
	struct gh_cache *cache, const struct gh_model_chain *chain, struct gh_error *error)
{
	uint8_t wanted[HEAD_BYTES];
	uint8_t found[HEAD_BYTES];
	size_t length = sizeof(found);
	enum gh_status status = read_all(cache, found, &length, 0, error);

	memcpy(wanted, magic, sizeof(magic));
	memcpy(wanted + CHAIN_AT, chain, sizeof(*chain));
	if (status != GH_OK)
		return status;
	/* Also a file that a run was stopped in before its head was whole. */
	if (length < sizeof(found) && memcmp(found, wanted, length) == 0)
		return write_all(cache, wanted, sizeof(wanted), 0, error);
	if (length < sizeof(found) || memcmp(found, magic, sizeof(magic)) != 0)
		return gh_error_set(
			error, GH_MALFORMED, "%s: not a file of templates", cache->path);
	if (memcmp(found, wanted, sizeof(wanted)) != 0)
		return gh_error_set(error, GH_CONFLICT,
			"%s: templates of another chain of models; name another file", cache->path);
	return GH_OK;
}

static enum gh_status take_file(struct gh_cache *cache, const char *path,
	const struct gh_model_chain *chain, struct gh_error *error)
{
	struct stat about;
	enum gh_status status;

	cache->path = strdup(path);
	if (!cache->path)
		return gh_error_set(error, GH_NO_MEMORY, "%s", path);
	cache->descriptor =
		open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (cache->descriptor < 0 || fstat(cache->descriptor, &about) != 0)
		return gh_error_errno(error, errno, "%s", path);
	if (!S_ISREG(about.st_mode))
		return gh_error_set(error, GH_MALFORMED, "%s: not a file", path);
	if (flock(cache->descriptor, LOCK_EX | LOCK_NB) != 0)
		return errno == EWOULDBLOCK
			? gh_error_set(error, GH_BUSY, "%s: another run has it", path)
			: gh_error_errno(error, errno, "%s", path);
	status = take_head(cache, chain, error);
	if (status == GH_OK && fchmod(cache->descriptor, 0600) != 0)
		status = gh_error_errno(error, errno, "%s", path);
	return status;
}

enum gh_status gh_cache_open(const char *path, const struct gh_model_chain *chain,
	struct gh_cache **cache, struct gh_error *error)
{
	struct gh_cache *made = calloc(1, sizeof(*made));
	enum gh_status status;

	*cache = NULL;
	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "%s", path);
	made->descriptor = -1;
	pthread_mutex_init(&made->mutex, NULL);
	status = take_file(made, path, chain, error);
	if (status == GH_OK)
		status = grow(made, error);
	if (status == GH_OK)
		status = read_records(made, error);
	if (status != GH_OK) {
		gh_cache_close(made);
		return status;
	}
	*cache = made;
	return GH_OK;
}

void gh_cache_close(struct gh_cache *cache)
{
	if (!cache)
		return;
	if (cache->descriptor >= 0) {
		/* What is lost by a failure here is enrolled again. */
		(void)fdatasync(cache->descriptor);
		close(cache->descriptor);
	}
	pthread_mutex_destroy(&cache->mutex);
	free(cache->slots);
	free(cache->path);
	free(cache);
}

size_t gh_cache_count(const struct gh_cache *cache)
{
	return cache->count;
}

enum gh_status gh_cache_find(struct gh_cache *cache, const struct gh_sha256 *picture,
	struct gh_enrolled *outcome, struct gh_error *error)
{
	uint8_t record[RECORD_BYTES];
	size_t length = sizeof(record);
	enum gh_status status;
	size_t place;

	pthread_mutex_lock(&cache->mutex);
	place = slot_of(cache, picture)->place;
	pthread_mutex_unlock(&cache->mutex);
	if (place == 0)
		return gh_error_set(error, GH_NOT_FOUND, "%s: not that picture", cache->path);
	status = read_all(cache, record, &length, place_of(place - 1), error);
	if (status == GH_OK && (length < sizeof(record) || !decode(record, outcome)))
		status = gh_error_set(error, GH_IO, "%s: changed while it was in use", cache->path);
	gh_wipe(record, sizeof(record));
	return status;
}

enum gh_status gh_cache_add(struct gh_cache *cache, const struct gh_sha256 *picture,
	const struct gh_enrolled *outcome, struct gh_error *error)
{
	uint8_t record[RECORD_BYTES];
	enum gh_status status = encode(picture, outcome, record, error);

	if (status != GH_OK)
		return status;
	pthread_mutex_lock(&cache->mutex);
	/* Two files may hold the same picture. */
	if (slot_of(cache, picture)->place == 0) {
		status = write_all(cache, record, sizeof(record), place_of(cache->count), error);
		if (status == GH_OK)
			status = note(cache, picture, error);
	}
	pthread_mutex_unlock(&cache->mutex);
	gh_wipe(record, sizeof(record));
	return status;
}
