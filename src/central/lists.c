/* SPDX-License-Identifier: Apache-2.0 */
/* What can be read: rows without anything personal, voyages, passages, health. */
#include <stdio.h>
#include <string.h>

#include "desk.h"
#include "listing.h"

json_t *listing_time(int64_t real_ms)
{
	char text[GH_TIME_TEXT_BYTES];

	if (real_ms == 0)
		return json_null();
	gh_time_format(real_ms, text);
	return json_string(text);
}

static json_t *id_text(const struct gh_id *id)
{
	char text[GH_ID_TEXT_BYTES];

	gh_id_format(id, text);
	return json_string(text);
}

/* Words joined by spaces as an array. */
static json_t *words(const char *text)
{
	json_t *array = json_array();

	while (*text) {
		size_t length = strcspn(text, " ");

		if (json_array_append_new(array, json_stringn(text, length)) != 0) {
			json_decref(array);
			return NULL;
		}
		text += length;
		while (*text == ' ')
			text++;
	}
	return array;
}

/* "kind" or "disposition:proceed", joined by spaces, as objects. */
static json_t *addenda(const char *text)
{
	json_t *array = json_array();

	while (*text) {
		size_t length = strcspn(text, " ");
		size_t kind = strcspn(text, " :");
		json_t *item = json_pack("{s:o*}", "kind", json_stringn(text, kind));

		if (kind < length)
			json_object_set_new(item, "disposition",
				json_stringn(text + kind + 1, length - kind - 1));
		if (json_array_append_new(array, item) != 0) {
			json_decref(array);
			return NULL;
		}
		text += length;
		while (*text == ' ')
			text++;
	}
	return array;
}

static const char *photo_word(enum photo_state state)
{
	switch (state) {
	case PHOTO_AWAITED:
		return "awaited";
	case PHOTO_STORED:
		return "stored";
	case PHOTO_DESTROYED:
		return "destroyed";
	case PHOTO_NONE:
		break;
	}
	return "none";
}

static json_t *row_json(const struct store_row *row)
{
	return json_pack("{s:o, s:s, s:b, s:o, s:o, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o,"
			 " s:I, s:I, s:s, s:o}",
		"id", id_text(&row->id), "lane", row->lane, "test", (int)row->test, "event_time",
		listing_time(row->event_ms), "uploaded_time", listing_time(row->uploaded_ms),
		"capture", row->capture, "reason", row->reason, "comparison", row->comparison,
		"outcome", row->outcome, "decision", row->decision, "referrals",
		words(row->referrals), "score",
		row->has_score ? json_real(row->score) : json_null(), "threshold",
		row->has_threshold ? json_real(row->threshold) : json_null(), "answer_ms",
		(json_int_t)row->answer_ms, "waiting_ms", (json_int_t)row->waiting_ms, "photo",
		photo_word(row->photo), "addenda", addenda(row->addenda));
}

void listing_add(struct listing *listing, json_t *item)
{
	if (json_array_append_new(listing->items, item) != 0)
		listing->failed = true;
}

static void add_row(void *ctx, const struct store_row *row)
{
	struct listing *listing = ctx;

	listing_add(listing, row_json(row));
	listing->next = row->number;
}

void listing_answer(struct answer *answer, struct listing *listing, const char *name, bool paged,
	enum gh_status status)
{
	if (status != GH_OK) {
		json_decref(listing->items);
		answer_failure(answer, status);
		return;
	}
	answer->nothing_new = paged && json_array_size(listing->items) == 0;
	if (listing->failed) {
		json_decref(listing->items);
		listing->items = NULL;
	}
	if (paged)
		answer_json(answer, 200,
			json_pack("{s:I, s:o}", "next", (json_int_t)listing->next, name,
				listing->items));
	else
		answer_json(answer, 200, json_pack("{s:o}", name, listing->items));
}

void desk_list_encounters(struct desk *desk, const struct request *request, struct answer *answer)
{
	struct listing listing = { json_array(), request->since, false };
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status = store_list_records(
		desk->store, request->since, request->limit, add_row, &listing, &error);

	listing_answer(answer, &listing, "encounters", true, status);
}

static void add_voyage(void *ctx, const struct store_voyage *voyage)
{
	struct listing *listing = ctx;
	char etag[GH_SHA256_TEXT_BYTES];

	gh_sha256_format(&voyage->hash, etag);
	listing_add(listing,
		json_pack("{s:o, s:I, s:s, s:b, s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "id",
			id_text(&voyage->id), "version", (json_int_t)voyage->version, "etag", etag,
			"test", (int)voyage->test, "carrier", voyage->carrier, "number",
			voyage->number, "from", voyage->from, "to", voyage->to, "departure_time",
			listing_time(voyage->departure_ms), "arrival_time",
			listing_time(voyage->arrival_ms), "passage_end_time",
			listing_time(voyage->passage_end_ms)));
}

/* The voyages that somebody sees. */
struct seen {
	struct listing listing;
	const struct request *by;
};

static void add_seen(void *ctx, const struct store_voyage *voyage)
{
	struct seen *seen = ctx;

	if (desk_shows(seen->by, voyage))
		add_voyage(&seen->listing, voyage);
}

void desk_list_voyages(struct desk *desk, const struct request *request, struct answer *answer)
{
	struct seen seen = { { json_array(), 0, false }, request };
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status = store_list_voyages(desk->store, add_seen, &seen, &error);

	listing_answer(answer, &seen.listing, "voyages", false, status);
}

static void add_passage(void *ctx, int64_t number, const struct gh_id *person)
{
	struct listing *listing = ctx;

	listing_add(listing, id_text(person));
	listing->next = number;
}

void desk_list_passages(struct desk *desk, const struct request *request, struct answer *answer)
{
	struct store_voyage voyage;
	struct listing listing;
	struct gh_error error = GH_ERROR_NONE;
	enum gh_status status = store_find_voyage(desk->store, &request->id, &voyage, &error);

	if (status == GH_NOT_FOUND || (status == GH_OK && !desk_shows(request, &voyage))) {
		answer_error(answer, 404, "no_such_voyage", "there is no such voyage", NULL);
		return;
	}
	listing = (struct listing){ json_array(), request->since, false };
	if (status == GH_OK)
		status = store_list_passages(desk->store, &request->id, request->since,
			request->limit, add_passage, &listing, &error);
	listing_answer(answer, &listing, "passages", true, status);
}

void desk_health(struct desk *desk, const struct request *request, struct answer *answer)
{
	struct store_counts counts = { 0, 0, 0, 0 };
	struct gh_error error;
	enum gh_status status = store_count(desk->store, &counts, &error);

	(void)request;
	if (status != GH_OK) {
		answer_failure(answer, status);
		return;
	}
	answer_json(answer, 200,
		json_pack("{s:s, s:s, s:s, s:o, s:I, s:I, s:I, s:I}", "status", "ok", "version",
			GATEHOUSE_VERSION, "purpose", gh_purpose_name(desk->purpose), "time",
			listing_time(desk->clock->real_ms(desk->clock)), "encounters",
			(json_int_t)counts.encounters, "addenda", (json_int_t)counts.addenda,
			"photos", (json_int_t)counts.photos, "voyages",
			(json_int_t)counts.voyages));
}
