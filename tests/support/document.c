/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of documents that are made of the code, and held to it. */
#include "document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/file.h"

enum {
	PATH_BYTES = 1024,
	DOCUMENT_BYTES_MAX = 1 << 20
};

/* Where a part stands: from the line after its beginning to its end. */
struct place {
	size_t begin;
	size_t end;
};

static bool path_of(const char *name, char path[PATH_BYTES])
{
	const char *source = getenv("GATEHOUSE_SOURCE_DIR");
	int length = snprintf(path, PATH_BYTES, "%s/docs/%s", source ? source : ".", name);

	return length > 0 && length < PATH_BYTES;
}

static bool find(const struct gh_bytes *document, const char *part, struct place *place)
{
	char begin[128];
	char end[128];
	const char *text = (const char *)document->data;
	const char *from;
	const char *to;

	snprintf(begin, sizeof(begin), "<!-- begin %s -->\n", part);
	snprintf(end, sizeof(end), "<!-- end %s -->\n", part);
	from = strstr(text, begin);
	to = from ? strstr(from, end) : NULL;
	if (!to)
		return false;
	place->begin = (size_t)(from - text) + strlen(begin);
	place->end = (size_t)(to - text);
	return true;
}

static bool write_part(const char *path, const struct gh_bytes *document, const struct place *place,
	const struct gh_bytes *text)
{
	struct gh_bytes made = GH_BYTES_EMPTY;
	size_t rest = document->length_bytes - 1 - place->end;
	bool written = gh_bytes_append(&made, document->data, place->begin, NULL) == GH_OK &&
		gh_bytes_append(&made, text->data, text->length_bytes, NULL) == GH_OK &&
		gh_bytes_append(&made, document->data + place->end, rest, NULL) == GH_OK &&
		gh_file_replace(path, gh_bytes_view(&made), 0644, NULL) == GH_OK;

	gh_bytes_finish(&made);
	return written;
}

static void print_line(const char *title, const char *text, size_t length)
{
	const char *end = memchr(text, '\n', length);

	printf("%s %.*s\n", title, (int)(end ? (size_t)(end - text) : length), text);
}

static void print_difference(
	const char *path, const char *part, struct gh_view has, struct gh_view wants)
{
	size_t line = 0;
	size_t i = 0;

	for (; i < has.length_bytes && i < wants.length_bytes; i++) {
		if (has.data[i] != wants.data[i])
			break;
		if (wants.data[i] == '\n')
			line = i + 1;
	}
	printf("%s, part %s, is not what the code says.\n", path, part);
	print_line("  document:", (const char *)has.data + line, has.length_bytes - line);
	print_line("  code:    ", (const char *)wants.data + line, wants.length_bytes - line);
	printf("GATEHOUSE_WRITE=1 in the environment of this test writes it anew.\n");
}

static bool compare(
	const char *path, const char *part, struct gh_bytes *document, const struct gh_bytes *text)
{
	const char *write = getenv("GATEHOUSE_WRITE");
	struct place place;
	struct gh_view has;

	if (!find(document, part, &place)) {
		printf("%s has no part %s\n", path, part);
		return false;
	}
	has = (struct gh_view){ document->data + place.begin, place.end - place.begin };
	if (has.length_bytes == text->length_bytes &&
		memcmp(has.data, text->data, text->length_bytes) == 0)
		return true;
	if (write && strcmp(write, "1") == 0)
		return write_part(path, document, &place, text);
	print_difference(path, part, has, gh_bytes_view(text));
	return false;
}

bool document_has(const char *name, const char *part, const struct gh_bytes *text)
{
	struct gh_bytes document = GH_BYTES_EMPTY;
	struct gh_error error = GH_ERROR_NONE;
	char path[PATH_BYTES];
	bool same = false;

	if (!path_of(name, path))
		return false;
	if (gh_file_read(path, DOCUMENT_BYTES_MAX, &document, &error) != GH_OK ||
		gh_bytes_append(&document, "", 1, &error) != GH_OK)
		printf("%s\n", error.text);
	else
		same = compare(path, part, &document, text);
	gh_bytes_finish(&document);
	return same;
}
