/* SPDX-License-Identifier: Apache-2.0 */
/* Voyage bundles: opening with every check, and writing aside. */
#include "gatehouse/manifest/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gatehouse/crypto/cms.h"
#include "voyage_json.h"
#include "writer.h"

enum {
	FORMAT = 2,
	STEP_BYTES = 64 * 1024
};

static const char magic[8] = { 'G', 'H', 'V', 'O', 'Y', 'A', 'G', 'E' };

struct header {
	uint32_t json_bytes;
	uint64_t portrait_bytes;
	uint32_t signature_bytes;
	struct gh_sha256 hash;
};

struct gh_bundle {
	int descriptor;
	struct header header;
	struct gh_voyage voyage;
	const struct gh_person **by_id;
};

static uint64_t get(const uint8_t *bytes, size_t count)
{
	uint64_t value = 0;

	for (size_t i = 0; i < count; i++)
		value = value << 8 | bytes[i];
	return value;
}

static void put(uint8_t *bytes, size_t count, uint64_t value)
{
	while (count-- > 0) {
		bytes[count] = (uint8_t)value;
		value >>= 8;
	}
}

static void write_header(const struct header *header, uint8_t bytes[GH_BUNDLE_HEADER_BYTES])
{
	memset(bytes, 0, GH_BUNDLE_HEADER_BYTES);
	memcpy(bytes, magic, sizeof(magic));
	put(bytes + 8, 4, FORMAT);
	put(bytes + 12, 4, header->json_bytes);
	put(bytes + 16, 8, header->portrait_bytes);
	put(bytes + 24, 4, header->signature_bytes);
	memcpy(bytes + 32, header->hash.bytes, sizeof(header->hash.bytes));
}

static enum gh_status read_header(
	const uint8_t bytes[GH_BUNDLE_HEADER_BYTES], struct header *header, struct gh_error *error)
{
	if (memcmp(bytes, magic, sizeof(magic)) != 0)
		return gh_error_set(error, GH_MALFORMED, "not a voyage bundle");
	if (get(bytes + 8, 4) != FORMAT)
		return gh_error_set(error, GH_UNSUPPORTED, "bundle of another format version");
	if (get(bytes + 28, 4) != 0)
		return gh_error_set(error, GH_MALFORMED, "header: bytes 28 to 31 are not zero");
	header->json_bytes = (uint32_t)get(bytes + 12, 4);
	header->portrait_bytes = get(bytes + 16, 8);
	header->signature_bytes = (uint32_t)get(bytes + 24, 4);
	memcpy(header->hash.bytes, bytes + 32, sizeof(header->hash.bytes));
	if (header->json_bytes > GH_VOYAGE_JSON_BYTES_MAX ||
		header->portrait_bytes > GH_BUNDLE_BYTES_MAX ||
		header->signature_bytes > GH_CMS_BYTES_MAX)
		return gh_error_set(error, GH_TOO_LARGE, "header: a part beyond its limit");
	return GH_OK;
}

/* Where the signature begins. */
static uint64_t end_of_content(const struct header *header)
{
	return GH_BUNDLE_HEADER_BYTES + header->json_bytes + header->portrait_bytes;
}

static enum gh_status check_size(
	int descriptor, const struct header *header, struct gh_error *error)
{
	uint64_t expected = end_of_content(header) + header->signature_bytes;
	struct stat found;

	if (fstat(descriptor, &found) != 0)
		return gh_error_errno(error, errno, "stat");
	if ((uint64_t)found.st_size < expected)
		return gh_error_set(error, GH_TRUNCATED, "%lld bytes of %llu",
			(long long)found.st_size, (unsigned long long)expected);
	if ((uint64_t)found.st_size > expected)
		return gh_error_set(error, GH_MALFORMED, "bytes behind the end at %llu",
			(unsigned long long)expected);
	return GH_OK;
}

/* Hash a part of a file, and pass it on to out if there is one. */
static enum gh_status stream(int descriptor, uint64_t offset, uint64_t length,
	struct gh_sha256_run *run, struct gh_writer *out, struct gh_error *error)
{
	uint8_t *step = malloc(STEP_BYTES);
	enum gh_status status = GH_OK;

	if (!step)
		return gh_error_set(error, GH_NO_MEMORY, "buffer of %d bytes", STEP_BYTES);
	while (length > 0 && status == GH_OK) {
		size_t take = length < STEP_BYTES ? (size_t)length : STEP_BYTES;
		struct gh_view view = { step, take };

		status = gh_read_at(descriptor, offset, step, take, error);
		if (status == GH_OK)
			status = gh_sha256_add(run, view, error);
		if (status == GH_OK && out)
			status = gh_writer_append(out, view, error);
		offset += take;
		length -= take;
	}
	gh_wipe(step, STEP_BYTES);
	free(step);
	return status;
}

/* Read JSON, and hash it and all that follows. */
static enum gh_status read_parts(
	struct gh_bundle *bundle, struct gh_bytes *json, struct gh_error *error)
{
	const struct header *header = &bundle->header;
	struct gh_sha256_run *run;
	struct gh_sha256 hash;
	enum gh_status status = gh_bytes_reserve(json, (size_t)header->json_bytes + 1, error);

	if (status == GH_OK)
		status = gh_read_at(bundle->descriptor, GH_BUNDLE_HEADER_BYTES, json->data,
			header->json_bytes, error);
	if (status != GH_OK)
		return status;
	json->length_bytes = header->json_bytes;
	status = gh_sha256_begin(&run, error);
	if (status != GH_OK)
		return status;
	status = gh_sha256_add(run, gh_bytes_view(json), error);
	if (status == GH_OK)
		status = stream(bundle->descriptor, GH_BUNDLE_HEADER_BYTES + header->json_bytes,
			header->portrait_bytes, run, NULL, error);
	if (status != GH_OK) {
		gh_sha256_drop(run);
		return status;
	}
	status = gh_sha256_end(run, &hash, error);
	if (status == GH_OK && !gh_sha256_equal(&hash, &header->hash))
		return gh_error_set(error, GH_INTEGRITY, "the hash of the content is another one");
	return status;
}

/* Portraits stand in the order of the rows without a gap: nothing overlaps, nothing is hidden. */
static enum gh_status check_places(
	const struct gh_voyage *voyage, uint64_t portrait_bytes, struct gh_error *error)
{
	uint64_t end = 0;

	for (size_t i = 0; i < voyage->person_count; i++) {
		const struct gh_person *person = &voyage->persons[i];

		for (uint32_t k = 0; k < person->portrait_count; k++) {
			const struct gh_portrait_place *place = &person->portraits[k];

			if (place->offset_bytes != end ||
				place->length_bytes > portrait_bytes - end)
				return gh_error_set(error, GH_MALFORMED,
					"row %zu: portrait %u is not in its place", i + 1,
					(unsigned)k);
			end += place->length_bytes;
		}
	}
	if (end != portrait_bytes)
		return gh_error_set(error, GH_MALFORMED, "bytes that belong to no portrait");
	return GH_OK;
}

static int by_id(const void *left, const void *right)
{
	const struct gh_person *a = *(const struct gh_person *const *)left;
	const struct gh_person *b = *(const struct gh_person *const *)right;

	return memcmp(a->id.bytes, b->id.bytes, sizeof(a->id.bytes));
}

static enum gh_status index_ids(struct gh_bundle *bundle, struct gh_error *error)
{
	size_t count = bundle->voyage.person_count;

	bundle->by_id = calloc(count + 1, sizeof(struct gh_person *));
	if (!bundle->by_id)
		return gh_error_set(error, GH_NO_MEMORY, "index of %zu persons", count);
	for (size_t i = 0; i < count; i++)
		bundle->by_id[i] = &bundle->voyage.persons[i];
	qsort(bundle->by_id, count, sizeof(struct gh_person *), by_id);
	return GH_OK;
}

static enum gh_status read_bundle(struct gh_bundle *bundle, struct gh_error *error)
{
	uint8_t bytes[GH_BUNDLE_HEADER_BYTES];
	struct gh_bytes json = GH_BYTES_EMPTY;
	enum gh_status status = gh_read_at(bundle->descriptor, 0, bytes, sizeof(bytes), error);

	if (status == GH_OK)
		status = read_header(bytes, &bundle->header, error);
	if (status == GH_OK)
		status = check_size(bundle->descriptor, &bundle->header, error);
	if (status == GH_OK)
		status = read_parts(bundle, &json, error);
	if (status == GH_OK)
		status = gh_voyage_decode(gh_bytes_view(&json), &bundle->voyage, error);
	gh_bytes_finish(&json);
	if (status == GH_OK)
		status = check_places(&bundle->voyage, bundle->header.portrait_bytes, error);
	if (status == GH_OK)
		status = index_ids(bundle, error);
	return status;
}

static enum gh_status open_file(
	const char *path, int access, int *descriptor, struct gh_error *error)
{
	struct stat found;

	*descriptor = open(path, access | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (*descriptor < 0)
		return gh_error_errno(error, errno, "open");
	if (fstat(*descriptor, &found) != 0)
		return gh_error_errno(error, errno, "stat");
	if (!S_ISREG(found.st_mode))
		return gh_error_set(error, GH_UNSUPPORTED, "not a regular file");
	return GH_OK;
}

enum gh_status gh_bundle_open(const char *path, struct gh_bundle **bundle, struct gh_error *error)
{
	struct gh_bundle *opened = calloc(1, sizeof(*opened));
	enum gh_status status;

	*bundle = NULL;
	if (!opened)
		return gh_error_set(error, GH_NO_MEMORY, "bundle");
	status = open_file(path, O_RDONLY, &opened->descriptor, error);
	if (status == GH_OK)
		status = read_bundle(opened, error);
	if (status != GH_OK) {
		gh_error_wrap(error, "%s", path);
		gh_bundle_close(opened);
		return status;
	}
	*bundle = opened;
	return GH_OK;
}

void gh_bundle_close(struct gh_bundle *bundle)
{
	if (!bundle)
		return;
	if (bundle->descriptor >= 0)
		close(bundle->descriptor);
	gh_voyage_finish(&bundle->voyage);
	free(bundle->by_id);
	free(bundle);
}

const struct gh_voyage *gh_bundle_voyage(const struct gh_bundle *bundle)
{
	return &bundle->voyage;
}

void gh_bundle_hash(const struct gh_bundle *bundle, struct gh_sha256 *hash)
{
	*hash = bundle->header.hash;
}

static const struct gh_person *find_id(
	const struct gh_bundle *bundle, const struct gh_person *person)
{
	const struct gh_person *const *found = bsearch(&person, bundle->by_id,
		bundle->voyage.person_count, sizeof(struct gh_person *), by_id);

	return found ? *found : NULL;
}

/* The file was whole when it was opened; what is read now is looked at again. */
static enum gh_status check_picture(const struct gh_bytes *picture,
	const struct gh_portrait_place *place, struct gh_error *error)
{
	struct gh_sha256 hash;
	enum gh_status status = gh_sha256_of(gh_bytes_view(picture), &hash, error);

	if (status == GH_OK && !gh_sha256_equal(&hash, &place->hash))
		return gh_error_set(
			error, GH_INTEGRITY, "a portrait that is not the one the voyage names");
	return status;
}

enum gh_status gh_bundle_portrait(struct gh_bundle *bundle, const struct gh_person *person,
	uint32_t index, struct gh_bytes *picture, struct gh_error *error)
{
	const struct gh_person *own = find_id(bundle, person);
	const struct gh_portrait_place *place;
	enum gh_status status;

	gh_bytes_clear(picture);
	if (!own || index >= own->portrait_count)
		return gh_error_set(error, GH_NOT_FOUND, "row %u has no portrait %u",
			(unsigned)person->row, (unsigned)index);
	place = &own->portraits[index];
	status = gh_bytes_reserve(picture, place->length_bytes, error);
	if (status != GH_OK)
		return status;
	status = gh_read_at(bundle->descriptor,
		GH_BUNDLE_HEADER_BYTES + bundle->header.json_bytes + place->offset_bytes,
		picture->data, place->length_bytes, error);
	if (status != GH_OK)
		return status;
	picture->length_bytes = place->length_bytes;
	status = check_picture(picture, place, error);
	if (status != GH_OK)
		gh_bytes_clear(picture);
	return status;
}

static enum gh_status portrait_of_bundle(void *ctx, const struct gh_person *person, uint32_t index,
	struct gh_bytes *picture, struct gh_error *error)
{
	return gh_bundle_portrait(ctx, person, index, picture, error);
}

struct gh_bundle_source gh_bundle_as_source(struct gh_bundle *bundle)
{
	return (struct gh_bundle_source){ bundle, portrait_of_bundle };
}

/* --- the signature --- */

static enum gh_status check_role(const struct gh_certificate *signer, struct gh_error *error)
{
	if (strcmp(signer->role, GH_ROLE_SIGNER) == 0)
		return GH_OK;
	return gh_error_set(error, GH_DENIED, "signed by '%.64s', whose role is '%.64s', not '%s'",
		signer->name, signer->role, GH_ROLE_SIGNER);
}

static void signed_bytes(const struct header *header, uint8_t bytes[GH_BUNDLE_HEADER_BYTES])
{
	struct header without = *header;

	without.signature_bytes = 0;
	write_header(&without, bytes);
}

enum gh_status gh_bundle_check_signature(
	const struct gh_bundle *bundle, const char *ca_path, int64_t now_ms, struct gh_error *error)
{
	const struct header *header = &bundle->header;
	uint8_t bytes[GH_BUNDLE_HEADER_BYTES];
	struct gh_certificate signer;
	uint8_t *cms;
	enum gh_status status;

	if (header->signature_bytes == 0)
		return gh_error_set(error, GH_DENIED, "the bundle is not signed");
	cms = malloc(header->signature_bytes);
	if (!cms)
		return gh_error_set(error, GH_NO_MEMORY, "signature");
	signed_bytes(header, bytes);
	status = gh_read_at(
		bundle->descriptor, end_of_content(header), cms, header->signature_bytes, error);
	if (status == GH_OK)
		status = gh_cms_verify((struct gh_view){ cms, header->signature_bytes },
			(struct gh_view){ bytes, sizeof(bytes) }, ca_path, now_ms, &signer, error);
	if (status == GH_OK)
		status = check_role(&signer, error);
	free(cms);
	return status;
}

/*
 * Behind the content first, its length into the header last: until then the
 * file has bytes behind its end, and nobody opens it.
 */
static enum gh_status put_signature(
	int descriptor, struct header *header, struct gh_view cms, struct gh_error *error)
{
	uint8_t bytes[GH_BUNDLE_HEADER_BYTES];
	enum gh_status status;

	header->signature_bytes = (uint32_t)cms.length_bytes;
	write_header(header, bytes);
	if (ftruncate(descriptor, (off_t)end_of_content(header)) != 0)
		return gh_error_errno(error, errno, "ftruncate");
	status = gh_write_at(descriptor, end_of_content(header), cms, error);
	if (status == GH_OK)
		status =
			gh_write_at(descriptor, 0, (struct gh_view){ bytes, sizeof(bytes) }, error);
	if (status == GH_OK && fsync(descriptor) != 0)
		status = gh_error_errno(error, errno, "fsync");
	return status;
}

static enum gh_status sign_open(
	int descriptor, const char *certificate_path, const char *key_path, struct gh_error *error)
{
	uint8_t bytes[GH_BUNDLE_HEADER_BYTES];
	struct gh_bytes cms = GH_BYTES_EMPTY;
	struct gh_certificate signer;
	struct header header;
	enum gh_status status = gh_certificate_read(certificate_path, &signer, error);

	if (status == GH_OK)
		status = check_role(&signer, error);
	if (status == GH_OK)
		status = gh_read_at(descriptor, 0, bytes, sizeof(bytes), error);
	if (status == GH_OK)
		status = read_header(bytes, &header, error);
	if (status == GH_OK)
		status = check_size(descriptor, &header, error);
	if (status != GH_OK)
		return status;
	signed_bytes(&header, bytes);
	status = gh_cms_sign(
		certificate_path, key_path, (struct gh_view){ bytes, sizeof(bytes) }, &cms, error);
	if (status == GH_OK)
		status = put_signature(descriptor, &header, gh_bytes_view(&cms), error);
	gh_bytes_finish(&cms);
	return status;
}

enum gh_status gh_bundle_sign(const char *path, const char *certificate_path, const char *key_path,
	struct gh_error *error)
{
	int descriptor;
	enum gh_status status = open_file(path, O_RDWR, &descriptor, error);

	if (status == GH_OK)
		status = sign_open(descriptor, certificate_path, key_path, error);
	if (status != GH_OK)
		gh_error_wrap(error, "%s", path);
	if (descriptor >= 0)
		close(descriptor);
	return status;
}

/* --- writing --- */

static enum gh_status spool_one(struct gh_writer *spool, struct gh_portrait_place *place,
	const struct gh_bytes *picture, uint64_t *end, struct gh_error *error)
{
	enum gh_status status;

	if (picture->length_bytes == 0)
		return gh_error_set(error, GH_MALFORMED, "an empty picture");
	if (picture->length_bytes > UINT32_MAX ||
		picture->length_bytes > GH_BUNDLE_BYTES_MAX - *end)
		return gh_error_set(error, GH_TOO_LARGE, "more portraits than a bundle holds");
	place->offset_bytes = *end;
	place->length_bytes = (uint32_t)picture->length_bytes;
	*end += picture->length_bytes;
	status = gh_sha256_of(gh_bytes_view(picture), &place->hash, error);
	if (status == GH_OK)
		status = gh_writer_append(spool, gh_bytes_view(picture), error);
	return status;
}

static enum gh_status spool_person(struct gh_writer *spool, struct gh_person *person,
	const struct gh_bundle_source *source, uint64_t *end, struct gh_error *error)
{
	enum gh_status status = GH_OK;

	if (person->portrait_count > GH_PERSON_PORTRAITS_MAX)
		return gh_error_set(error, GH_TOO_LARGE, "row %u: more than %d portraits",
			(unsigned)person->row, GH_PERSON_PORTRAITS_MAX);
	for (uint32_t i = 0; i < person->portrait_count && status == GH_OK; i++) {
		struct gh_bytes picture = GH_BYTES_EMPTY;

		status = source->portrait(source->ctx, person, i, &picture, error);
		if (status == GH_OK)
			status = spool_one(spool, &person->portraits[i], &picture, end, error);
		gh_bytes_finish(&picture);
		if (status != GH_OK)
			gh_error_wrap(
				error, "row %u: portrait %u", (unsigned)person->row, (unsigned)i);
	}
	return status;
}

/* The portraits first, into a file of their own: their places stand in the JSON before them. */
static enum gh_status spool_portraits(struct gh_writer *spool, struct gh_voyage *voyage,
	const struct gh_bundle_source *source, uint64_t *end, struct gh_error *error)
{
	enum gh_status status = GH_OK;

	*end = 0;
	if (voyage->person_count > GH_VOYAGE_PERSONS_MAX)
		return gh_error_set(
			error, GH_TOO_LARGE, "more than %d persons", GH_VOYAGE_PERSONS_MAX);
	for (size_t i = 0; i < voyage->person_count && status == GH_OK; i++)
		status = spool_person(spool, &voyage->persons[i], source, end, error);
	return status;
}

static enum gh_status write_content(struct gh_writer *out, const struct gh_writer *spool,
	struct gh_view json, struct header *header, struct gh_error *error)
{
	struct gh_sha256_run *run;
	enum gh_status status = gh_sha256_begin(&run, error);

	if (status != GH_OK)
		return status;
	status = gh_sha256_add(run, json, error);
	if (status == GH_OK)
		status = gh_writer_append(out, json, error);
	if (status == GH_OK)
		status = stream(spool->descriptor, 0, header->portrait_bytes, run, out, error);
	if (status != GH_OK) {
		gh_sha256_drop(run);
		return status;
	}
	return gh_sha256_end(run, &header->hash, error);
}

static enum gh_status write_out(struct gh_writer *out, const struct gh_writer *spool,
	const struct gh_voyage *voyage, struct header *header, struct gh_error *error)
{
	uint8_t bytes[GH_BUNDLE_HEADER_BYTES] = { 0 };
	struct gh_view head = { bytes, sizeof(bytes) };
	struct gh_bytes json = GH_BYTES_EMPTY;
	enum gh_status status = gh_voyage_encode(voyage, &json, error);

	if (status == GH_OK && json.length_bytes > GH_VOYAGE_JSON_BYTES_MAX)
		status = gh_error_set(
			error, GH_TOO_LARGE, "JSON part of %zu bytes", json.length_bytes);
	header->json_bytes = (uint32_t)json.length_bytes;
	if (status == GH_OK)
		status = gh_writer_append(out, head, error);
	if (status == GH_OK)
		status = write_content(out, spool, gh_bytes_view(&json), header, error);
	gh_bytes_finish(&json);
	if (status != GH_OK)
		return status;
	write_header(header, bytes);
	return gh_write_at(out->descriptor, 0, head, error);
}

enum gh_status gh_bundle_write(const char *path, struct gh_voyage *voyage,
	const struct gh_bundle_source *source, struct gh_error *error)
{
	struct header header = { .json_bytes = 0 };
	struct gh_writer spool;
	struct gh_writer out = { .descriptor = -1 };
	enum gh_status status = gh_writer_begin(&spool, path, error);

	if (status == GH_OK)
		status = spool_portraits(&spool, voyage, source, &header.portrait_bytes, error);
	if (status == GH_OK)
		status = gh_writer_begin(&out, path, error);
	if (status == GH_OK)
		status = write_out(&out, &spool, voyage, &header, error);
	if (status == GH_OK)
		status = gh_writer_commit(&out, path, 0600, error);
	gh_writer_abort(&out);
	gh_writer_abort(&spool);
	if (status != GH_OK)
		gh_error_wrap(error, "%s", path);
	return status;
}
