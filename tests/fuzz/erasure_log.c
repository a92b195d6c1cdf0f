/* SPDX-License-Identifier: Apache-2.0 */
/* An erasure log from a disk that may have lost or changed anything. */
#define _GNU_SOURCE

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "batch.h"

/* What was accepted is what would have been written. */
static enum gh_status write_again(void *ctx, const struct batch *batch, struct gh_error *error)
{
	uint8_t header[GH_ERASURE_HEADER_BYTES];
	uint8_t entry[GH_ERASURE_ENTRY_BYTES];
	uint64_t *entries = ctx;

	(void)error;
	header_encode(&batch->header, header);
	if (memcmp(header, batch->header_bytes.data, sizeof(header)) != 0)
		abort();
	for (uint32_t i = 0; i < batch->header.count; i++) {
		const uint8_t *at = batch->entries.data + i * sizeof(entry);
		struct gh_erasing row;

		if (entry_decode((struct gh_view){ at, sizeof(entry) }, &row, NULL) != GH_OK)
			abort();
		entry_encode(&row, entry);
		if (memcmp(entry, at, sizeof(entry)) != 0)
			abort();
	}
	*entries += batch->header.count;
	return GH_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	uint64_t entries = 0;
	struct walk walk = { .call = write_again, .ctx = &entries };
	int descriptor = memfd_create("log", MFD_CLOEXEC);

	if (descriptor < 0)
		return 0;
	if (size == 0 || write(descriptor, bytes, size) == (ssize_t)size) {
		enum gh_status status = walk_log(descriptor, &walk, NULL);

		if (status == GH_OK && walk.end_bytes + walk.tail_bytes != size)
			abort();
		if (walk.end_bytes > size)
			abort();
	}
	close(descriptor);
	return 0;
}
