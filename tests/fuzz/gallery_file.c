/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A gallery file once it is open: a sequence of parts, each as 4 bytes of length, big-endian, and
 * its bytes. What is accepted is written again and must be accepted then, too.
 */
#include <stdlib.h>

#include "parts.h"

enum {
	ROWS_MAX = 64
};

static enum gh_status read_parts(struct gh_parts_reader *reader, const uint8_t *bytes, size_t size)
{
	enum gh_status status = GH_OK;

	while (status == GH_OK && size >= 4) {
		size_t length = (size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 |
			(size_t)bytes[2] << 8 | bytes[3];

		bytes += 4;
		size -= 4;
		if (length > size)
			length = size;
		status = gh_parts_read(reader, (struct gh_view){ bytes, length }, NULL);
		bytes += length;
		size -= length;
	}
	return status;
}

static void write_again(const struct gh_table *table, int64_t loaded_ms)
{
	struct gh_parts_reader reader = { .rows_max = ROWS_MAX };
	struct gh_table *again = NULL;
	struct gh_bytes part = GH_BYTES_EMPTY;

	for (uint32_t n = 0; n < gh_parts_count(table); n++)
		if (gh_parts_write(table, loaded_ms, n, &part, NULL) != GH_OK ||
			gh_parts_read(&reader, gh_bytes_view(&part), NULL) != GH_OK)
			abort();
	if (gh_parts_complete(&reader, &again, NULL) != GH_OK ||
		again->voyage.person_count != table->voyage.person_count ||
		gh_rows_count(&again->rows) != gh_rows_count(&table->rows))
		abort();
	gh_table_unref(again);
	gh_parts_finish(&reader);
	gh_bytes_finish(&part);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct gh_parts_reader reader = { .rows_max = ROWS_MAX };
	struct gh_table *table = NULL;

	if (read_parts(&reader, bytes, size) == GH_OK &&
		gh_parts_complete(&reader, &table, NULL) == GH_OK)
		write_again(table, reader.loaded_ms);
	gh_table_unref(table);
	gh_parts_finish(&reader);
	return 0;
}
