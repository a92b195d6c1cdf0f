/* SPDX-License-Identifier: Apache-2.0 */
/* Batches of the erasure log as bytes, and the walk through a whole log. */
#include "batch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gatehouse/base/file.h"
#include "gatehouse/erasure/log.h"
#include "merkle.h"

static const char magic[8] = { 'G', 'H', 'E', 'R', 'A', 'S', 'E', '1' };

/* A place in bytes that moves on with every field. */
struct out {
	uint8_t *at;
};

struct in {
	const uint8_t *at;
};

static void put(struct out *out, const void *bytes, size_t length)
{
	memcpy(out->at, bytes, length);
	out->at += length;
}

static void put_number(struct out *out, uint64_t number, size_t length)
{
	for (size_t i = 0; i < length; i++)
		*out->at++ = (uint8_t)(number >> (8 * (length - 1 - i)));
}

static void get(struct in *in, void *bytes, size_t length)
{
	memcpy(bytes, in->at, length);
	in->at += length;
}

static uint64_t get_number(struct in *in, size_t length)
{
	uint64_t number = 0;

	for (size_t i = 0; i < length; i++)
		number = number << 8 | *in->at++;
	return number;
}

void header_encode(const struct gh_erasure_header *header, uint8_t bytes[GH_ERASURE_HEADER_BYTES])
{
	struct out out = { bytes };

	put(&out, magic, sizeof(magic));
	put(&out, header->chain.bytes, sizeof(header->chain.bytes));
	put_number(&out, header->number, 8);
	put(&out, header->previous.bytes, sizeof(header->previous.bytes));
	put(&out, header->lane, sizeof(header->lane));
	put_number(&out, header->generation, 8);
	put_number(&out, header->first_serial, 8);
	put_number(&out, header->count, 4);
	put_number(&out, (uint64_t)header->time_ms, 8);
	put_number(&out, header->quality, 1);
	put_number(&out, header->strength, 1);
	put_number(&out, 0, 2);
	put(&out, header->root.bytes, sizeof(header->root.bytes));
	put(&out, header->public_key, sizeof(header->public_key));
	put(&out, header->signature, sizeof(header->signature));
}

/* Only what could have been written: a text with its NUL and nothing behind, words that exist. */
static bool header_fits(const struct gh_erasure_header *header, uint64_t reserved)
{
	size_t length = strnlen(header->lane, sizeof(header->lane));

	if (length == sizeof(header->lane) || reserved != 0)
		return false;
	for (size_t i = 0; i < sizeof(header->lane); i++) {
		unsigned char c = (unsigned char)header->lane[i];

		if (i < length ? c < 0x20 || c > 0x7e : c != 0)
			return false;
	}
	return header->number > 0 && header->first_serial > 0 && header->count > 0 &&
		header->count <= GH_ERASURE_BATCH_MAX && header->first_serial <= UINT64_MAX / 2 &&
		header->quality <= GH_CLOCK_SYNCED &&
		header->strength <= GH_PROVIDER_DISK_OPENS_NEVER;
}

enum gh_status header_decode(
	struct gh_view bytes, struct gh_erasure_header *header, struct gh_error *error)
{
	struct in in = { bytes.data };
	char found[sizeof(magic)];
	uint64_t reserved;

	memset(header, 0, sizeof(*header));
	if (bytes.length_bytes != GH_ERASURE_HEADER_BYTES)
		return gh_error_set(error, GH_MALFORMED, "a header of %zu bytes, not %d",
			bytes.length_bytes, GH_ERASURE_HEADER_BYTES);
	get(&in, found, sizeof(found));
	get(&in, header->chain.bytes, sizeof(header->chain.bytes));
	header->number = get_number(&in, 8);
	get(&in, header->previous.bytes, sizeof(header->previous.bytes));
	get(&in, header->lane, sizeof(header->lane));
	header->generation = get_number(&in, 8);
	header->first_serial = get_number(&in, 8);
	header->count = (uint32_t)get_number(&in, 4);
	header->time_ms = (int64_t)get_number(&in, 8);
	header->quality = (enum gh_clock_quality)get_number(&in, 1);
	header->strength = (enum gh_provider_strength)get_number(&in, 1);
	reserved = get_number(&in, 2);
	get(&in, header->root.bytes, sizeof(header->root.bytes));
	get(&in, header->public_key, sizeof(header->public_key));
	get(&in, header->signature, sizeof(header->signature));
	if (memcmp(found, magic, sizeof(magic)) != 0)
		return gh_error_set(error, GH_MALFORMED, "no header of an erasure log");
	if (!header_fits(header, reserved))
		return gh_error_set(error, GH_MALFORMED, "a header with values that none has");
	return GH_OK;
}

void entry_encode(const struct gh_erasing *row, uint8_t bytes[GH_ERASURE_ENTRY_BYTES])
{
	struct out out = { bytes };

	put_number(&out, row->serial, 8);
	put(&out, row->id.bytes, sizeof(row->id.bytes));
	put_number(&out, row->what, 1);
	put_number(&out, row->why, 1);
	put_number(&out, row->quality, 1);
	put_number(&out, 0, 5);
	put_number(&out, (uint64_t)row->captured_ms, 8);
	put_number(&out, (uint64_t)row->limit_ms, 8);
	put_number(&out, (uint64_t)row->deleted_ms, 8);
	put_number(&out, (uint64_t)row->clock_step_ms, 8);
}

enum gh_status entry_decode(struct gh_view bytes, struct gh_erasing *row, struct gh_error *error)
{
	struct in in = { bytes.data };
	uint64_t reserved;

	memset(row, 0, sizeof(*row));
	if (bytes.length_bytes != GH_ERASURE_ENTRY_BYTES)
		return gh_error_set(error, GH_MALFORMED, "an entry of %zu bytes, not %d",
			bytes.length_bytes, GH_ERASURE_ENTRY_BYTES);
	row->serial = get_number(&in, 8);
	get(&in, row->id.bytes, sizeof(row->id.bytes));
	row->what = (enum gh_erased_what)get_number(&in, 1);
	row->why = (enum gh_erased_why)get_number(&in, 1);
	row->quality = (enum gh_clock_quality)get_number(&in, 1);
	reserved = get_number(&in, 5);
	row->captured_ms = (int64_t)get_number(&in, 8);
	row->limit_ms = (int64_t)get_number(&in, 8);
	row->deleted_ms = (int64_t)get_number(&in, 8);
	row->clock_step_ms = (int64_t)get_number(&in, 8);
	if (reserved != 0 || row->serial == 0 || row->what >= GH_ERASED_WHAT_COUNT ||
		row->why >= GH_ERASED_WHY_COUNT || row->quality > GH_CLOCK_SYNCED)
		return gh_error_set(error, GH_MALFORMED, "an entry with values that none has");
	return GH_OK;
}

void receipt_encode(const struct gh_erasure_receipt *receipt, uint8_t bytes[RECEIPT_BYTES])
{
	struct out out = { bytes };

	put(&out, receipt->chain.bytes, sizeof(receipt->chain.bytes));
	put_number(&out, receipt->number, 8);
	put(&out, receipt->hash.bytes, sizeof(receipt->hash.bytes));
	put_number(&out, (uint64_t)receipt->time_ms, 8);
	put(&out, receipt->public_key, sizeof(receipt->public_key));
	put(&out, receipt->signature, sizeof(receipt->signature));
}

void receipt_decode(const uint8_t bytes[RECEIPT_BYTES], struct gh_erasure_receipt *receipt)
{
	struct in in = { bytes };

	get(&in, receipt->chain.bytes, sizeof(receipt->chain.bytes));
	receipt->number = get_number(&in, 8);
	get(&in, receipt->hash.bytes, sizeof(receipt->hash.bytes));
	receipt->time_ms = (int64_t)get_number(&in, 8);
	get(&in, receipt->public_key, sizeof(receipt->public_key));
	get(&in, receipt->signature, sizeof(receipt->signature));
}

void gh_erasure_witness_message(
	const struct gh_erasure_receipt *receipt, uint8_t message[GH_ERASURE_WITNESS_BYTES])
{
	static const char line[32] = "gatehouse erasure witness 1\n";
	struct out out = { message };

	put(&out, line, sizeof(line));
	put(&out, receipt->chain.bytes, sizeof(receipt->chain.bytes));
	put_number(&out, receipt->number, 8);
	put(&out, receipt->hash.bytes, sizeof(receipt->hash.bytes));
	put_number(&out, (uint64_t)receipt->time_ms, 8);
}

/* What all batches of a chain have in common, and what counts on from one to the next. */
static bool follows(const struct chain *chain, const struct gh_erasure_header *header)
{
	const struct gh_erasure_header *last = &chain->last;

	if (last->number == 0)
		return true;
	return header->number == last->number + 1 && gh_id_equal(&header->chain, &last->chain) &&
		header->first_serial == last->first_serial + last->count &&
		header->generation >= last->generation &&
		memcmp(header->lane, last->lane, sizeof(header->lane)) == 0 &&
		memcmp(header->public_key, last->public_key, sizeof(header->public_key)) == 0;
}

enum gh_status chain_go_on(struct chain *chain, const struct gh_erasure_header *header,
	struct gh_view bytes, struct gh_error *error)
{
	enum gh_status status;

	if (!follows(chain, header))
		return gh_error_set(error, GH_INTEGRITY,
			"batch %llu does not go on from batch %llu",
			(unsigned long long)header->number, (unsigned long long)chain->last.number);
	if (chain->last.number > 0 && !gh_sha256_equal(&header->previous, &chain->hash))
		return gh_error_set(error, GH_INTEGRITY, "batch %llu names another one before it",
			(unsigned long long)header->number);
	status = gh_sha256_of(bytes, &chain->hash, error);
	if (status == GH_OK)
		chain->last = *header;
	return status;
}

/* A log begins with the first batch of its chain; a proof may begin later. */
static enum gh_status check_first(const struct gh_erasure_header *header, struct gh_error *error)
{
	struct gh_sha256 none = { { 0 } };

	if (header->number == 1 && gh_sha256_equal(&header->previous, &none))
		return GH_OK;
	return gh_error_set(error, GH_INTEGRITY, "the log does not begin with its first batch");
}

static enum gh_status check_entries(
	const struct gh_erasure_header *header, struct gh_view entries, struct gh_error *error)
{
	struct gh_sha256 root;
	enum gh_status status = merkle_root(entries, GH_ERASURE_ENTRY_BYTES, &root, error);

	if (status != GH_OK)
		return status;
	if (!gh_sha256_equal(&root, &header->root))
		return gh_error_set(error, GH_INTEGRITY, "batch %llu: its entries were altered",
			(unsigned long long)header->number);
	for (uint32_t i = 0; i < header->count; i++) {
		struct gh_erasing row;

		status = entry_decode((struct gh_view){ entries.data + i * GH_ERASURE_ENTRY_BYTES,
					      GH_ERASURE_ENTRY_BYTES },
			&row, error);
		if (status == GH_OK && row.serial != header->first_serial + i)
			status = gh_error_set(error, GH_INTEGRITY, "an entry out of its order");
		if (status != GH_OK)
			return status;
	}
	return GH_OK;
}

static enum gh_status read_at(
	int descriptor, uint64_t offset, uint8_t *bytes, size_t length, struct gh_error *error)
{
	while (length > 0) {
		ssize_t got = pread(descriptor, bytes, length, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return gh_error_errno(error, errno, "reading the erasure log");
		if (got == 0)
			return gh_error_set(error, GH_IO, "the erasure log became shorter");
		bytes += got;
		offset += (uint64_t)got;
		length -= (size_t)got;
	}
	return GH_OK;
}

static enum gh_status check_batch(
	struct walk *walk, const struct batch *batch, struct chain *next, struct gh_error *error)
{
	const struct gh_erasure_header *header = &batch->header;
	struct gh_view signed_bytes = { batch->header_bytes.data, HEADER_SIGNED_BYTES };
	enum gh_status status = GH_OK;

	if (walk->chain.last.number == 0)
		status = check_first(header, error);
	if (status == GH_OK)
		status = chain_go_on(next, header, batch->header_bytes, error);
	if (status == GH_OK)
		status = check_entries(header, batch->entries, error);
	if (status == GH_OK && walk->public_key &&
		memcmp(walk->public_key, header->public_key, GH_PUBLIC_KEY_BYTES) != 0)
		return gh_error_set(error, GH_INTEGRITY, "signed by another key");
	if (status == GH_OK && walk->public_key)
		status = gh_signature_verify(
			walk->public_key, signed_bytes, header->signature, error);
	return status;
}

/* The batch at the end so far, if it is whole; tail_bytes says how much there is when it is not. */
static enum gh_status walk_batch(int descriptor, struct walk *walk, uint64_t left_bytes,
	struct gh_bytes *buffer, struct gh_error *error)
{
	struct batch batch;
	struct chain next = walk->chain;
	size_t length = GH_ERASURE_HEADER_BYTES;
	enum gh_status status = gh_bytes_reserve(buffer, length, error);

	walk->tail_bytes = left_bytes;
	if (status != GH_OK || left_bytes < length)
		return status;
	status = read_at(descriptor, walk->end_bytes, buffer->data, length, error);
	if (status == GH_OK)
		status = header_decode(
			(struct gh_view){ buffer->data, length }, &batch.header, error);
	if (status != GH_OK)
		return status;
	length += (size_t)batch.header.count * GH_ERASURE_ENTRY_BYTES;
	if (left_bytes < length)
		return GH_OK;
	status = gh_bytes_reserve(buffer, length, error);
	if (status == GH_OK)
		status = read_at(descriptor, walk->end_bytes, buffer->data, length, error);
	batch.header_bytes = (struct gh_view){ buffer->data, GH_ERASURE_HEADER_BYTES };
	batch.entries = (struct gh_view){ buffer->data + GH_ERASURE_HEADER_BYTES,
		length - GH_ERASURE_HEADER_BYTES };
	if (status == GH_OK)
		status = check_batch(walk, &batch, &next, error);
	if (status == GH_OK && walk->call)
		status = walk->call(walk->ctx, &batch, error);
	if (status != GH_OK)
		return status;
	walk->chain = next;
	walk->end_bytes += length;
	walk->tail_bytes = 0;
	return GH_OK;
}

enum gh_status walk_log(int descriptor, struct walk *walk, struct gh_error *error)
{
	struct gh_bytes buffer = GH_BYTES_EMPTY;
	enum gh_status status = GH_OK;
	struct stat file;

	if (fstat(descriptor, &file) != 0)
		return gh_error_errno(error, errno, "looking at the erasure log");
	while (status == GH_OK && walk->tail_bytes == 0 && walk->end_bytes < (uint64_t)file.st_size)
		status = walk_batch(
			descriptor, walk, (uint64_t)file.st_size - walk->end_bytes, &buffer, error);
	gh_bytes_finish(&buffer);
	return status;
}

enum gh_status walk_folder(const char *folder, struct walk *walk, struct gh_error *error)
{
	char path[PATH_MAX];
	enum gh_status status =
		gh_path_join(folder, GH_ERASURE_LOG_FILE, path, sizeof(path), error);
	int descriptor;

	if (status != GH_OK)
		return status;
	descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (descriptor < 0)
		return gh_error_errno(error, errno, "%s", path);
	status = walk_log(descriptor, walk, error);
	close(descriptor);
	if (status != GH_OK)
		gh_error_wrap(error, "%s", path);
	return status;
}
