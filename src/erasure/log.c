/* SPDX-License-Identifier: Apache-2.0 */
/* The erasure log's life: opened and checked, appended to, its head countersigned. */
#include "gatehouse/erasure/log.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "batch.h"
#include "gatehouse/base/file.h"
#include "gatehouse/base/log.h"
#include "merkle.h"
#include "receipts.h"

struct gh_erasure_log {
	pthread_mutex_t lock;
	char folder[PATH_MAX];
	char lane[GH_ERASURE_LANE_BYTES];
	struct gh_provider *provider;
	const struct gh_clock *clock;
	int descriptor;
	struct chain chain;
	uint64_t end_bytes;
	uint64_t witnessed;
};

static enum gh_status open_file(struct gh_erasure_log *log, struct gh_error *error)
{
	char path[PATH_MAX];
	enum gh_status status =
		gh_path_join(log->folder, GH_ERASURE_LOG_FILE, path, sizeof(path), error);

	if (status != GH_OK)
		return status;
	log->descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (log->descriptor >= 0)
		return GH_OK;
	if (errno == ENOENT)
		log->descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (log->descriptor < 0)
		return gh_error_errno(error, errno, "%s", path);
	return gh_folder_sync(log->folder, error);
}

/* The newest signature covers all before it, by the chain of hashes. */
static enum gh_status check_signature(struct gh_erasure_log *log, struct gh_error *error)
{
	const struct gh_erasure_header *last = &log->chain.last;
	uint8_t bytes[GH_ERASURE_HEADER_BYTES];
	uint8_t public_key[GH_PUBLIC_KEY_BYTES];

	if (last->number == 0)
		return GH_OK;
	gh_provider_public_key(log->provider, public_key);
	if (memcmp(public_key, last->public_key, sizeof(public_key)) != 0)
		return gh_error_set(
			error, GH_INTEGRITY, "the erasure log is signed by another key");
	if (strcmp(last->lane, log->lane) != 0)
		return gh_error_set(error, GH_INTEGRITY, "the erasure log is another lane's");
	header_encode(last, bytes);
	return gh_signature_verify(
		public_key, (struct gh_view){ bytes, HEADER_SIGNED_BYTES }, last->signature, error);
}

static enum gh_status cut_tail(
	struct gh_erasure_log *log, uint64_t tail_bytes, struct gh_error *error)
{
	if (ftruncate(log->descriptor, (off_t)log->end_bytes) != 0)
		return gh_error_errno(error, errno, "cutting the erasure log's tail off");
	if (fsync(log->descriptor) != 0)
		return gh_error_errno(error, errno, "fsync of the erasure log");
	gh_log(GH_LOG_WARNING, "erasure", "tail_cut",
		gh_log_integer("batches", (int64_t)log->chain.last.number),
		gh_log_integer("bytes", (int64_t)tail_bytes));
	return GH_OK;
}

static uint64_t size_of(int descriptor)
{
	struct stat file;

	return fstat(descriptor, &file) == 0 ? (uint64_t)file.st_size : 0;
}

/*
 * A write that a power cut stopped is a batch too short, or one whose blocks did not arrive: the
 * one behind the last confirmed, and nothing behind it was ever relied on. All else is damage.
 */
static enum gh_status judge(struct gh_erasure_log *log, const struct walk *walk,
	enum gh_status walked, uint64_t confirmed, struct gh_error *error)
{
	uint64_t behind = size_of(log->descriptor) - walk->end_bytes;
	bool unconfirmed = confirmed > 0 && walk->chain.last.number == confirmed;
	bool wrong = walked == GH_INTEGRITY || walked == GH_MALFORMED;

	if (walked != GH_OK && !(wrong && unconfirmed))
		return walked;
	if (walk->chain.last.number < confirmed)
		return gh_error_set(error, GH_TRUNCATED,
			"the erasure log has %llu batches, and had %llu",
			(unsigned long long)walk->chain.last.number, (unsigned long long)confirmed);
	gh_error_clear(error);
	log->chain = walk->chain;
	log->end_bytes = walk->end_bytes;
	walked = check_signature(log, error);
	return walked == GH_OK && behind > 0 ? cut_tail(log, behind, error) : walked;
}

static enum gh_status read_all(
	struct gh_erasure_log *log, uint64_t confirmed, struct gh_error *error)
{
	struct walk walk = { .public_key = NULL };
	enum gh_status status = walk_log(log->descriptor, &walk, error);

	status = judge(log, &walk, status, confirmed, error);
	if (status == GH_OK)
		status = receipts_newest(
			log->folder, &log->chain.last.chain, &log->witnessed, error);
	return status;
}

static enum gh_status set_options(struct gh_erasure_log *log,
	const struct gh_erasure_log_options *options, struct gh_error *error)
{
	if (!gh_text_copy(log->folder, sizeof(log->folder), options->folder))
		return gh_error_set(error, GH_TOO_LARGE, "the folder's name is too long");
	gh_text_copy(log->lane, sizeof(log->lane), options->lane);
	log->provider = options->provider;
	log->clock = options->clock;
	return GH_OK;
}

enum gh_status gh_erasure_log_open(const struct gh_erasure_log_options *options,
	struct gh_erasure_log **log, struct gh_error *error)
{
	struct gh_erasure_log *made = calloc(1, sizeof(*made));
	enum gh_status status;

	*log = NULL;
	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "erasure log");
	made->descriptor = -1;
	pthread_mutex_init(&made->lock, NULL);
	status = set_options(made, options, error);
	if (status == GH_OK)
		status = open_file(made, error);
	if (status == GH_OK)
		status = read_all(made, options->confirmed, error);
	if (status != GH_OK) {
		gh_erasure_log_close(made);
		gh_error_wrap(error, "erasure log");
		return status;
	}
	*log = made;
	return GH_OK;
}

void gh_erasure_log_close(struct gh_erasure_log *log)
{
	if (!log)
		return;
	if (log->descriptor >= 0)
		close(log->descriptor);
	pthread_mutex_destroy(&log->lock);
	free(log);
}

static enum gh_status rename_aside(
	const char *folder, const char *name, int64_t now_ms, struct gh_error *error)
{
	char from[PATH_MAX];
	char to[PATH_MAX + 40];
	enum gh_status status = gh_path_join(folder, name, from, sizeof(from), error);

	if (status != GH_OK)
		return status;
	snprintf(to, sizeof(to), "%s.damaged.%lld", from, (long long)now_ms);
	if (rename(from, to) != 0 && errno != ENOENT)
		return gh_error_errno(error, errno, "setting %s aside", from);
	return GH_OK;
}

enum gh_status gh_erasure_log_set_aside(const char *folder, int64_t now_ms, struct gh_error *error)
{
	enum gh_status status = rename_aside(folder, GH_ERASURE_LOG_FILE, now_ms, error);

	if (status == GH_OK)
		status = rename_aside(folder, GH_ERASURE_RECEIPTS_FILE, now_ms, error);
	return status == GH_OK ? gh_folder_sync(folder, error) : status;
}

/* Everything but root and signature. */
static enum gh_status begin_header(struct gh_erasure_log *log, const struct gh_erasing *rows,
	size_t count, uint64_t generation, struct gh_erasure_header *header, struct gh_error *error)
{
	const struct gh_erasure_header *last = &log->chain.last;
	enum gh_status status = GH_OK;

	*header = (struct gh_erasure_header){
		.chain = last->chain,
		.number = last->number + 1,
		.previous = log->chain.hash,
		.generation = generation,
		.first_serial = rows[0].serial,
		.count = (uint32_t)count,
		.time_ms = log->clock->real_ms(log->clock),
		.quality = log->clock->quality(log->clock),
		.strength = gh_provider_strength(log->provider),
	};
	memcpy(header->lane, log->lane, sizeof(header->lane));
	gh_provider_public_key(log->provider, header->public_key);
	if (last->number == 0) {
		memset(&header->previous, 0, sizeof(header->previous));
		status = gh_id_make(&header->chain, error);
	}
	return status;
}

static enum gh_status encode_entries(
	const struct gh_erasing *rows, size_t count, struct gh_bytes *bytes, struct gh_error *error)
{
	size_t length = GH_ERASURE_HEADER_BYTES + count * GH_ERASURE_ENTRY_BYTES;
	enum gh_status status = gh_bytes_reserve(bytes, length, error);

	if (status != GH_OK)
		return status;
	for (size_t i = 0; i < count; i++) {
		if (rows[i].serial != rows[0].serial + i)
			return gh_error_set(error, GH_WRONG_STATE,
				"serial %llu where %llu should be",
				(unsigned long long)rows[i].serial,
				(unsigned long long)(rows[0].serial + i));
		entry_encode(&rows[i],
			bytes->data + GH_ERASURE_HEADER_BYTES + i * GH_ERASURE_ENTRY_BYTES);
	}
	bytes->length_bytes = length;
	return GH_OK;
}

static enum gh_status seal_header(struct gh_erasure_log *log, struct gh_erasure_header *header,
	struct gh_bytes *bytes, struct gh_error *error)
{
	struct gh_view entries = { bytes->data + GH_ERASURE_HEADER_BYTES,
		bytes->length_bytes - GH_ERASURE_HEADER_BYTES };
	enum gh_status status = merkle_root(entries, GH_ERASURE_ENTRY_BYTES, &header->root, error);

	if (status != GH_OK)
		return status;
	header_encode(header, bytes->data);
	status = gh_provider_sign(log->provider,
		(struct gh_view){ bytes->data, HEADER_SIGNED_BYTES }, header->signature, error);
	header_encode(header, bytes->data);
	return status;
}

static enum gh_status write_at_end(
	struct gh_erasure_log *log, struct gh_view bytes, struct gh_error *error)
{
	uint64_t offset = log->end_bytes;

	while (bytes.length_bytes > 0) {
		ssize_t done =
			pwrite(log->descriptor, bytes.data, bytes.length_bytes, (off_t)offset);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return gh_error_errno(error, errno, "writing the erasure log");
		bytes.data += done;
		bytes.length_bytes -= (size_t)done;
		offset += (uint64_t)done;
	}
	if (fsync(log->descriptor) != 0)
		return gh_error_errno(error, errno, "fsync of the erasure log");
	return GH_OK;
}

/* What is behind end_bytes counts for nothing: the next batch is written over it. */
static enum gh_status write_batch(struct gh_erasure_log *log,
	const struct gh_erasure_header *header, const struct gh_bytes *bytes,
	struct gh_error *error)
{
	struct chain next = log->chain;
	struct gh_view header_bytes = { bytes->data, GH_ERASURE_HEADER_BYTES };
	enum gh_status status = chain_go_on(&next, header, header_bytes, error);

	if (status == GH_INTEGRITY)
		return gh_error_set(error, GH_WRONG_STATE, "a batch that does not go on");
	if (status == GH_OK)
		status = write_at_end(log, gh_bytes_view(bytes), error);
	if (status != GH_OK) {
		if (ftruncate(log->descriptor, (off_t)log->end_bytes) != 0)
			gh_log(GH_LOG_WARNING, "erasure", "tail_left",
				gh_log_integer("errno", errno));
		return status;
	}
	log->chain = next;
	log->end_bytes += bytes->length_bytes;
	return GH_OK;
}

enum gh_status gh_erasure_log_append(struct gh_erasure_log *log, const struct gh_erasing *rows,
	size_t count, uint64_t generation, struct gh_error *error)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	struct gh_erasure_header header;
	enum gh_status status;

	assert(count > 0 && count <= GH_ERASURE_BATCH_MAX);
	pthread_mutex_lock(&log->lock);
	status = begin_header(log, rows, count, generation, &header, error);
	if (status == GH_OK)
		status = encode_entries(rows, count, &bytes, error);
	if (status == GH_OK)
		status = seal_header(log, &header, &bytes, error);
	if (status == GH_OK)
		status = write_batch(log, &header, &bytes, error);
	pthread_mutex_unlock(&log->lock);
	gh_bytes_finish(&bytes);
	return status;
}

void gh_erasure_log_head(struct gh_erasure_log *log, struct gh_erasure_head *head)
{
	const struct gh_erasure_header *last = &log->chain.last;

	memset(head, 0, sizeof(*head));
	pthread_mutex_lock(&log->lock);
	head->chain = last->chain;
	gh_text_copy(head->lane, sizeof(head->lane), log->lane);
	head->number = last->number;
	head->time_ms = last->time_ms;
	head->witnessed = log->witnessed;
	if (last->number > 0) {
		head->last_serial = last->first_serial + last->count - 1;
		head->hash = log->chain.hash;
	}
	pthread_mutex_unlock(&log->lock);
}

/* The header of an older batch, looked up by its number. */
struct lookup {
	uint64_t number;
	bool found;
	struct gh_sha256 hash;
};

static enum gh_status look(void *ctx, const struct batch *batch, struct gh_error *error)
{
	struct lookup *lookup = ctx;

	if (batch->header.number != lookup->number)
		return GH_OK;
	lookup->found = true;
	return gh_sha256_of(batch->header_bytes, &lookup->hash, error);
}

static enum gh_status check_receipt(struct gh_erasure_log *log,
	const struct gh_erasure_receipt *receipt, struct gh_error *error)
{
	struct lookup lookup = { .number = receipt->number, .hash = log->chain.hash };
	struct walk walk = { .call = look, .ctx = &lookup };
	enum gh_status status = receipt_verify(receipt, error);

	if (status == GH_OK && receipt->number != log->chain.last.number)
		status = walk_log(log->descriptor, &walk, error);
	else
		lookup.found = true;
	if (status != GH_OK)
		return status;
	if (!lookup.found || !gh_id_equal(&receipt->chain, &log->chain.last.chain) ||
		!gh_sha256_equal(&receipt->hash, &lookup.hash))
		return gh_error_set(error, GH_CONFLICT,
			"the centre countersigned another batch %llu than stands in the log",
			(unsigned long long)receipt->number);
	return GH_OK;
}

enum gh_status gh_erasure_log_receive(struct gh_erasure_log *log,
	const struct gh_erasure_receipt *receipt, struct gh_error *error)
{
	enum gh_status status;

	pthread_mutex_lock(&log->lock);
	status = check_receipt(log, receipt, error);
	if (status == GH_OK && receipt->number > log->witnessed) {
		status = receipts_add(log->folder, receipt, error);
		if (status == GH_OK)
			log->witnessed = receipt->number;
	}
	pthread_mutex_unlock(&log->lock);
	return status;
}

static enum gh_status sum_up(void *ctx, const struct batch *batch, struct gh_error *error)
{
	struct gh_erasure_summary *summary = ctx;

	if (summary->first_time_ms == 0)
		summary->first_time_ms = batch->header.time_ms;
	summary->entries += batch->header.count;
	for (uint32_t i = 0; i < batch->header.count; i++) {
		struct gh_erasing row;
		struct gh_view bytes = { batch->entries.data + i * GH_ERASURE_ENTRY_BYTES,
			GH_ERASURE_ENTRY_BYTES };
		enum gh_status status = entry_decode(bytes, &row, error);
		int64_t late_ms = batch->header.time_ms - row.limit_ms;

		if (status != GH_OK)
			return status;
		summary->stepped += row.clock_step_ms != 0;
		if (row.limit_ms == 0 || late_ms <= 0)
			continue;
		summary->late++;
		if (summary->late_max_ms < late_ms)
			summary->late_max_ms = late_ms;
	}
	return GH_OK;
}

enum gh_status gh_erasure_log_check(const char *path, const uint8_t public_key[GH_PUBLIC_KEY_BYTES],
	struct gh_erasure_summary *summary, struct gh_error *error)
{
	struct walk walk = { .public_key = public_key, .call = sum_up, .ctx = summary };
	int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	enum gh_status status;

	memset(summary, 0, sizeof(*summary));
	if (descriptor < 0)
		return gh_error_errno(error, errno, "%s", path);
	status = walk_log(descriptor, &walk, error);
	close(descriptor);
	if (status != GH_OK) {
		gh_error_wrap(error, "%s: behind batch %llu", path,
			(unsigned long long)walk.chain.last.number);
		return status;
	}
	summary->newest = walk.chain.last;
	summary->tail_bytes = walk.tail_bytes;
	if (summary->newest.number == 0)
		return gh_error_set(error, GH_NOT_FOUND, "%s: the log is empty", path);
	return GH_OK;
}

enum gh_status gh_erasure_log_newest(
	const char *folder, struct gh_erasure_header *header, struct gh_error *error)
{
	struct walk walk = { .public_key = NULL };
	enum gh_status status = walk_folder(folder, &walk, error);

	*header = walk.chain.last;
	if (status == GH_OK && header->number == 0)
		return gh_error_set(error, GH_NOT_FOUND, "%s/%s: nothing is logged yet", folder,
			GH_ERASURE_LOG_FILE);
	return status;
}
