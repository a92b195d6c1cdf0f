/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target: the content of a bundle, JSON and portraits parted by the first NUL, under a header
 * that fits it; where the input begins with the magic word it is taken as the whole file instead.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gatehouse/manifest/bundle.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void put(uint8_t *place, size_t count, uint64_t value)
{
	while (count-- > 0) {
		place[count] = (uint8_t)value;
		value >>= 8;
	}
}

static void make_header(const uint8_t *content, size_t size, uint8_t header[GH_BUNDLE_HEADER_BYTES])
{
	const uint8_t *nul = size > 0 ? memchr(content, 0, size) : NULL;
	size_t json = nul ? (size_t)(nul - content) : size;
	struct gh_sha256 hash;

	memset(header, 0, GH_BUNDLE_HEADER_BYTES);
	memcpy(header, "GHVOYAGE", 8);
	put(header + 8, 4, 2);
	put(header + 12, 4, json);
	put(header + 16, 8, size - json);
	assert(gh_sha256_of((struct gh_view){ content, size }, &hash, NULL) == GH_OK);
	memcpy(header + 32, hash.bytes, sizeof(hash.bytes));
}

static void look(const char *path)
{
	struct gh_bytes picture = GH_BYTES_EMPTY;
	struct gh_error error = GH_ERROR_NONE;
	struct gh_bundle *bundle;
	const struct gh_voyage *voyage;

	if (gh_bundle_open(path, &bundle, &error) != GH_OK) {
		assert(error.text[0] != '\0' && !bundle);
		return;
	}
	voyage = gh_bundle_voyage(bundle);
	for (size_t i = 0; i < voyage->person_count; i++) {
		const struct gh_person *person = &voyage->persons[i];

		for (uint32_t k = 0; k < person->portrait_count; k++) {
			enum gh_status status =
				gh_bundle_portrait(bundle, person, k, &picture, NULL);

			assert(status == GH_OK || status == GH_INTEGRITY);
		}
	}
	gh_bytes_finish(&picture);
	gh_bundle_close(bundle);
}

static void write_all(int descriptor, const void *bytes, size_t size)
{
	assert(size == 0 || write(descriptor, bytes, size) == (ssize_t)size);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char name[] = "/tmp/gatehouse-fuzz-XXXXXX";
	uint8_t header[GH_BUNDLE_HEADER_BYTES];
	int descriptor = mkstemp(name);

	assert(descriptor >= 0);
	if (size < 8 || memcmp(bytes, "GHVOYAGE", 8) != 0) {
		make_header(bytes, size, header);
		write_all(descriptor, header, sizeof(header));
	}
	write_all(descriptor, bytes, size);
	close(descriptor);
	look(name);
	unlink(name);
	return 0;
}
