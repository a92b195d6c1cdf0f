/* SPDX-License-Identifier: Apache-2.0 */
/* The centre's receipts beside the log. */
#include "receipts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gatehouse/base/file.h"

/* A receipt an hour for more than ten years. */
#define RECEIPTS_BYTES_MAX (100000u * RECEIPT_BYTES)

enum gh_status receipt_verify(const struct gh_erasure_receipt *receipt, struct gh_error *error)
{
	uint8_t message[GH_ERASURE_WITNESS_BYTES];

	gh_erasure_witness_message(receipt, message);
	return gh_signature_verify(receipt->public_key,
		(struct gh_view){ message, sizeof(message) }, receipt->signature, error);
}

/* A receipt cut short by a lost power is written over: where whole ones end, the next begins. */
static enum gh_status write_receipt(
	int descriptor, const uint8_t bytes[RECEIPT_BYTES], struct gh_error *error)
{
	struct stat file;
	off_t end;

	if (fstat(descriptor, &file) != 0)
		return gh_error_errno(error, errno, "looking at the receipts");
	end = file.st_size - file.st_size % RECEIPT_BYTES;
	ssize_t done = pwrite(descriptor, bytes, RECEIPT_BYTES, end);

	if (done != RECEIPT_BYTES) {
		int failure = done < 0 ? errno : ENOSPC;

		if (ftruncate(descriptor, end) != 0)
			failure = errno;
		return gh_error_errno(error, failure, "writing a receipt");
	}
	if (fsync(descriptor) != 0)
		return gh_error_errno(error, errno, "fsync of the receipts");
	return GH_OK;
}

enum gh_status receipts_add(
	const char *folder, const struct gh_erasure_receipt *receipt, struct gh_error *error)
{
	uint8_t bytes[RECEIPT_BYTES];
	char path[PATH_MAX];
	enum gh_status status =
		gh_path_join(folder, GH_ERASURE_RECEIPTS_FILE, path, sizeof(path), error);
	int descriptor;

	if (status != GH_OK)
		return status;
	descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (descriptor < 0)
		return gh_error_errno(error, errno, "%s", path);
	receipt_encode(receipt, bytes);
	status = write_receipt(descriptor, bytes, error);
	close(descriptor);
	return status;
}

/* All receipts there are; none is no failure. */
static enum gh_status read_all(const char *folder, struct gh_bytes *bytes, struct gh_error *error)
{
	char path[PATH_MAX];
	enum gh_status status =
		gh_path_join(folder, GH_ERASURE_RECEIPTS_FILE, path, sizeof(path), error);

	if (status == GH_OK)
		status = gh_file_read(path, RECEIPTS_BYTES_MAX, bytes, error);
	if (status == GH_NOT_FOUND)
		gh_error_clear(error);
	return status == GH_NOT_FOUND ? GH_OK : status;
}

enum gh_status receipts_newest(
	const char *folder, const struct gh_id *chain, uint64_t *number, struct gh_error *error)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	enum gh_status status = read_all(folder, &bytes, error);

	*number = 0;
	for (size_t at = 0; at + RECEIPT_BYTES <= bytes.length_bytes; at += RECEIPT_BYTES) {
		struct gh_erasure_receipt receipt;

		receipt_decode(bytes.data + at, &receipt);
		if (gh_id_equal(&receipt.chain, chain) && receipt.number > *number)
			*number = receipt.number;
	}
	gh_bytes_finish(&bytes);
	return status;
}

enum gh_status receipts_find(const char *folder, const struct gh_id *chain, uint64_t number,
	struct gh_erasure_receipt *receipt, struct gh_error *error)
{
	struct gh_bytes bytes = GH_BYTES_EMPTY;
	enum gh_status status = read_all(folder, &bytes, error);
	bool found = false;

	for (size_t at = 0; at + RECEIPT_BYTES <= bytes.length_bytes; at += RECEIPT_BYTES) {
		struct gh_erasure_receipt next;

		receipt_decode(bytes.data + at, &next);
		if (!gh_id_equal(&next.chain, chain) || next.number < number ||
			(found && next.number >= receipt->number))
			continue;
		*receipt = next;
		found = true;
	}
	gh_bytes_finish(&bytes);
	if (status == GH_OK && !found)
		return gh_error_set(error, GH_NOT_FOUND, "no receipt of the centre");
	return status;
}
