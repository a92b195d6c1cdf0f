/* SPDX-License-Identifier: Apache-2.0 */
/* Cutting an interchange into segments, elements and components. */
#include "edifact.h"

#include <stdlib.h>
#include <string.h>

/* What a byte is in this interchange. */
enum kind {
	PLAIN,
	COMPONENT,
	ELEMENT,
	REPEAT,
	RELEASE,
	TERMINATOR,
	BREAK, /* line breaks are the transport's, wherever they stand */
};

/* The service characters in the order of UNA; a blank means none. */
struct services {
	uint8_t component;
	uint8_t element;
	uint8_t mark;
	uint8_t release;
	uint8_t repeat;
	uint8_t terminator;
};

static bool is_break(uint8_t c)
{
	return c == '\r' || c == '\n';
}

static bool is_alnum(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* The next byte that is no line break, or -1; *at passes it. */
static int take(struct gh_view file, size_t *at)
{
	while (*at < file.length_bytes && is_break(file.data[*at]))
		(*at)++;
	return *at < file.length_bytes ? file.data[(*at)++] : -1;
}

static bool take_text(struct gh_view file, size_t *at, const char *text)
{
	while (*text)
		if (take(file, at) != (uint8_t)*text++)
			return false;
	return true;
}

/* UNB and what follows it: a separator and the four letters of the syntax identifier. */
static bool is_unb(struct gh_view file, size_t at, uint8_t *separator, char id[5])
{
	int c;

	if (!take_text(file, &at, "UNB"))
		return false;
	c = take(file, &at);
	if (c < 0 || is_alnum((uint8_t)c) || c == ' ')
		return false;
	*separator = (uint8_t)c;
	for (size_t i = 0; i < 4; i++) {
		c = take(file, &at);
		if (c < 0 || !is_alnum((uint8_t)c))
			return false;
		id[i] = (char)c;
	}
	id[4] = '\0';
	return true;
}

static bool is_una(struct gh_view file, size_t at, struct services *services, size_t *unb)
{
	uint8_t separator;
	uint8_t bytes[6];
	char id[5];

	if (!take_text(file, &at, "UNA"))
		return false;
	for (size_t i = 0; i < sizeof(bytes); i++) {
		int c = take(file, &at);

		if (c < 0)
			return false;
		bytes[i] = (uint8_t)c;
	}
	while (at < file.length_bytes && (is_break(file.data[at]) || file.data[at] == ' '))
		at++;
	*services = (struct services){ bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5] };
	*unb = at;
	return is_unb(file, at, &separator, id);
}

/* Version 4 of the syntax repeats by '*' unless UNA says otherwise. */
static bool is_version_4(struct gh_view file, size_t unb, uint8_t component)
{
	size_t at = unb;

	for (size_t i = 0; i < 8; i++)
		take(file, &at);
	return take(file, &at) == component && take(file, &at) == '4';
}

/* Without UNA: those of the standard, or what the separator behind UNB gives away. */
static struct services guess(struct gh_view file, size_t unb, uint8_t separator, const char *id)
{
	struct services services = { ':', '+', '.', '?', ' ', '\'' };

	if (separator == 0x1d)
		return (struct services){ 0x1f, 0x1d, ',', ' ', ' ', 0x1c };
	services.element = separator;
	if (strcmp(id, "SIRE") == 0)
		services.terminator = '"';
	if (is_version_4(file, unb, services.component))
		services.repeat = '*';
	return services;
}

static bool enter(struct gh_edifact *edifact, uint8_t c, enum kind kind)
{
	if (is_alnum(c) || edifact->kind[c] != PLAIN)
		return false;
	edifact->kind[c] = (uint8_t)kind;
	return true;
}

static enum gh_status set_services(
	struct gh_edifact *edifact, const struct services *services, struct gh_error *error)
{
	bool fit;

	memset(edifact->kind, PLAIN, sizeof(edifact->kind));
	edifact->kind['\r'] = edifact->kind['\n'] = BREAK;
	fit = enter(edifact, services->component, COMPONENT) &&
		enter(edifact, services->element, ELEMENT) &&
		enter(edifact, services->terminator, TERMINATOR) &&
		(services->release == ' ' || enter(edifact, services->release, RELEASE)) &&
		(services->repeat == ' ' || enter(edifact, services->repeat, REPEAT));
	if (!fit || edifact->kind[' '] != PLAIN)
		return gh_error_set(error, GH_MALFORMED,
			"offset %zu: separators of UNA that cannot be told apart", edifact->at);
	return GH_OK;
}

/* From where on there is an interchange; what stands before is the transport's. */
static bool find(
	struct gh_view file, size_t from, struct services *services, size_t *unb, char id[5])
{
	for (size_t at = from; at < file.length_bytes; at++) {
		const uint8_t *u = memchr(file.data + at, 'U', file.length_bytes - at);
		uint8_t separator;

		if (!u)
			return false;
		at = (size_t)(u - file.data);
		if (is_una(file, at, services, unb) && is_unb(file, *unb, &separator, id))
			return true;
		if (is_unb(file, at, &separator, id)) {
			*unb = at;
			*services = guess(file, at, separator, id);
			return true;
		}
	}
	return false;
}

enum gh_status gh_edifact_start(struct gh_edifact *edifact, struct gh_view file, size_t from_bytes,
	size_t segment_limit_bytes, struct gh_error *error)
{
	struct services services;
	size_t unb = 0;
	enum gh_status status;

	memset(edifact, 0, sizeof(*edifact));
	if (!find(file, from_bytes, &services, &unb, edifact->syntax_id))
		return gh_error_set(error, GH_MALFORMED, "no interchange: there is no UNB");
	edifact->data = file.data;
	edifact->length_bytes = file.length_bytes;
	edifact->at = unb;
	edifact->text_limit = segment_limit_bytes;
	status = set_services(edifact, &services, error);
	if (status != GH_OK)
		return status;
	edifact->text = malloc(segment_limit_bytes);
	if (!edifact->text)
		return gh_error_set(
			error, GH_NO_MEMORY, "segment of %zu bytes", segment_limit_bytes);
	return GH_OK;
}

void gh_edifact_finish(struct gh_edifact *edifact)
{
	gh_wipe(edifact->text, edifact->text ? edifact->text_limit : 0);
	free(edifact->text);
	edifact->text = NULL;
}

/* --- segments --- */

static enum gh_status ends_early(const struct gh_edifact *edifact, struct gh_error *error)
{
	return gh_error_set(error, GH_TRUNCATED, "segment %u, offset %zu: the file ends here",
		(unsigned)edifact->segment, edifact->length_bytes);
}

static enum gh_status append(
	struct gh_edifact *edifact, const uint8_t *data, size_t length, struct gh_error *error)
{
	if (length > edifact->text_limit - edifact->text_length)
		return gh_error_set(error, GH_TOO_LARGE,
			"segment %u, offset %zu: longer than %zu bytes", (unsigned)edifact->segment,
			edifact->offset_bytes, edifact->text_limit);
	memcpy(edifact->text + edifact->text_length, data, length);
	edifact->text_length += length;
	return GH_OK;
}

/* The character behind a release character, which a line break may part from it. */
static enum gh_status append_released(struct gh_edifact *edifact, struct gh_error *error)
{
	while (edifact->at < edifact->length_bytes && is_break(edifact->data[edifact->at]))
		edifact->at++;
	if (edifact->at == edifact->length_bytes)
		return gh_error_set(error, GH_TRUNCATED,
			"segment %u, offset %zu: a release character at the end",
			(unsigned)edifact->segment, edifact->length_bytes);
	return append(edifact, edifact->data + edifact->at++, 1, error);
}

/* Close the component that began at start; repetitions after the first are passed over. */
static void close_piece(struct gh_edifact *edifact, size_t start, bool repeated)
{
	struct gh_edifact_element *element;

	if (repeated)
		return;
	if (edifact->piece_count == GH_EDIFACT_PIECES_MAX ||
		edifact->element_count == GH_EDIFACT_ELEMENTS_MAX) {
		edifact->crowded = true;
		return;
	}
	element = &edifact->elements[edifact->element_count];
	if (element->count == 0)
		element->first = (uint16_t)edifact->piece_count;
	element->count++;
	edifact->pieces[edifact->piece_count++] = (struct gh_edifact_piece){ (uint32_t)start,
		(uint32_t)(edifact->text_length - start) };
}

static void close_element(struct gh_edifact *edifact)
{
	if (edifact->element_count == GH_EDIFACT_ELEMENTS_MAX)
		return;
	edifact->element_count++;
	if (edifact->element_count < GH_EDIFACT_ELEMENTS_MAX)
		edifact->elements[edifact->element_count] = (struct gh_edifact_element){ 0, 0 };
}

static enum gh_status append_run(struct gh_edifact *edifact, struct gh_error *error)
{
	size_t from = edifact->at;

	while (edifact->at < edifact->length_bytes &&
		edifact->kind[edifact->data[edifact->at]] == PLAIN)
		edifact->at++;
	return append(edifact, edifact->data + from, edifact->at - from, error);
}

static void begin_segment(struct gh_edifact *edifact)
{
	while (edifact->at < edifact->length_bytes &&
		(is_break(edifact->data[edifact->at]) || edifact->data[edifact->at] == ' ' ||
			edifact->data[edifact->at] == '\t'))
		edifact->at++;
	edifact->segment++;
	edifact->offset_bytes = edifact->at;
	edifact->crowded = false;
	edifact->element_count = 0;
	edifact->elements[0] = (struct gh_edifact_element){ 0, 0 };
	edifact->piece_count = 0;
	edifact->text_length = 0;
}

static void read_tag(struct gh_edifact *edifact)
{
	const uint8_t *tag = edifact->text;

	edifact->tag = 0;
	if (edifact->pieces[0].length == 3)
		edifact->tag = GH_EDIFACT_TAG(tag[0], tag[1], tag[2]);
}

enum gh_status gh_edifact_next(struct gh_edifact *edifact, struct gh_error *error)
{
	size_t start = 0;
	bool repeated = false;

	begin_segment(edifact);
	for (;;) {
		enum gh_status status = append_run(edifact, error);
		enum kind kind;

		if (status != GH_OK)
			return status;
		if (edifact->at == edifact->length_bytes)
			return ends_early(edifact, error);
		kind = (enum kind)edifact->kind[edifact->data[edifact->at++]];
		if (kind == BREAK)
			continue;
		if (kind == RELEASE) {
			status = append_released(edifact, error);
			if (status != GH_OK)
				return status;
			continue;
		}
		close_piece(edifact, start, repeated);
		start = edifact->text_length;
		repeated = kind == REPEAT || (kind == COMPONENT && repeated);
		if (kind == ELEMENT || kind == TERMINATOR)
			close_element(edifact);
		if (kind == TERMINATOR) {
			read_tag(edifact);
			return GH_OK;
		}
	}
}

struct gh_view gh_edifact_get(
	const struct gh_edifact *edifact, unsigned element, unsigned component)
{
	const struct gh_edifact_piece *piece;

	if (element >= edifact->element_count || component == 0 ||
		component > edifact->elements[element].count)
		return (struct gh_view){ NULL, 0 };
	piece = &edifact->pieces[edifact->elements[element].first + component - 1];
	return (struct gh_view){ edifact->text + piece->start, piece->length };
}

struct gh_view gh_edifact_trimmed(
	const struct gh_edifact *edifact, unsigned element, unsigned component)
{
	struct gh_view view = gh_edifact_get(edifact, element, component);

	while (view.length_bytes > 0 && view.data[0] == ' ') {
		view.data++;
		view.length_bytes--;
	}
	while (view.length_bytes > 0 && view.data[view.length_bytes - 1] == ' ')
		view.length_bytes--;
	return view;
}

bool gh_edifact_is(
	const struct gh_edifact *edifact, unsigned element, unsigned component, const char *text)
{
	struct gh_view view = gh_edifact_trimmed(edifact, element, component);
	size_t i = 0;

	while (i < view.length_bytes && text[i] != '\0' && (uint8_t)text[i] == view.data[i])
		i++;
	return i == view.length_bytes && text[i] == '\0';
}

bool gh_edifact_more(const struct gh_edifact *edifact)
{
	struct gh_view file = { edifact->data, edifact->length_bytes };
	struct services services;
	size_t unb;
	char id[5];

	return find(file, edifact->at, &services, &unb, id);
}
