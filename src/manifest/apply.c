/* SPDX-License-Identifier: Apache-2.0 */
/* A voyage brought to its next version by a message. */
#include <stdlib.h>
#include <string.h>

#include "document.h"
#include "gatehouse/manifest/paxlst.h"

#define HOUR_MS INT64_C(3600000)
#define MINUTE_MS INT64_C(60000)

/* --- keys: what makes two rows the same person, from the surest on --- */

static int compare_text(const struct gh_personal *a, const struct gh_personal *b)
{
	return strcmp(a->text, b->text);
}

static int compare_names(const struct gh_person *a, const struct gh_person *b)
{
	int order = compare_text(&a->surname, &b->surname);

	return order ? order : compare_text(&a->given_names, &b->given_names);
}

static int by_reference(const struct gh_person *a, const struct gh_person *b)
{
	return compare_text(&a->reference, &b->reference);
}

static bool has_reference(const struct gh_person *person)
{
	return person->reference.text[0] != '\0';
}

static int by_name(const struct gh_person *a, const struct gh_person *b)
{
	int order = compare_text(&a->locator, &b->locator);

	return order ? order : compare_names(a, b);
}

static bool has_name(const struct gh_person *person)
{
	return person->surname.text[0] || person->given_names.text[0];
}

/* A namesake with a birth date and a document of his own is somebody else. */
static bool has_name_only(const struct gh_person *person)
{
	return has_name(person) && !person->birth[0] && !person->document.number.text[0];
}

static int by_name_birth(const struct gh_person *a, const struct gh_person *b)
{
	int order = by_name(a, b);

	return order ? order : strcmp(a->birth, b->birth);
}

static bool has_name_birth(const struct gh_person *person)
{
	return has_name(person) && person->birth[0];
}

static int by_all(const struct gh_person *a, const struct gh_person *b)
{
	int order = by_name_birth(a, b);

	return order ? order : gh_document_order(&a->document, &b->document);
}

static bool has_all(const struct gh_person *person)
{
	return has_name(person) && (person->birth[0] || person->document.number.text[0]);
}

static int by_name_document(const struct gh_person *a, const struct gh_person *b)
{
	int order = by_name(a, b);

	return order ? order : gh_document_order(&a->document, &b->document);
}

static bool has_name_document(const struct gh_person *person)
{
	return has_name(person) && person->document.number.text[0];
}

static int by_document_birth(const struct gh_person *a, const struct gh_person *b)
{
	int order = gh_document_order(&a->document, &b->document);

	return order ? order : strcmp(a->birth, b->birth);
}

static bool has_document(const struct gh_person *person)
{
	return person->document.number.text[0] != '\0';
}

static int by_locator(const struct gh_person *a, const struct gh_person *b)
{
	return compare_text(&a->locator, &b->locator);
}

static bool has_locator_only(const struct gh_person *person)
{
	return person->locator.text[0] && !has_name(person);
}

enum {
	KEY_REFERENCE,
	KEY_ALL,
	KEY_NAME_BIRTH,
	KEY_NAME_DOCUMENT,
	KEY_DOCUMENT_BIRTH,
	KEY_NAME,
	KEY_LOCATOR,
	KEYS
};

/*
 * A person named in a message is looked for by one key after the other. `lone` keys count only when
 * they fit one row; `sure` ones also tell which entries of one message are the same person; those
 * for `state` do for removal and boarding, but not for taking data over.
 */
static const struct key {
	int (*compare)(const struct gh_person *a, const struct gh_person *b);
	bool (*usable)(const struct gh_person *person);
	bool lone;
	bool sure;
	bool state;
} keys[KEYS] = {
	[KEY_REFERENCE] = { by_reference, has_reference, false, true, false },
	[KEY_ALL] = { by_all, has_all, false, true, false },
	[KEY_NAME_BIRTH] = { by_name_birth, has_name_birth, true, false, false },
	[KEY_NAME_DOCUMENT] = { by_name_document, has_name_document, true, false, false },
	[KEY_DOCUMENT_BIRTH] = { by_document_birth, has_document, true, false, false },
	[KEY_NAME] = { by_name, has_name_only, true, false, false },
	[KEY_LOCATOR] = { by_locator, has_locator_only, true, false, true },
};

/* Rows sorted by one key. */
struct index {
	const struct key *key;
	const struct gh_person **rows;
	size_t count;
};

/* qsort() has no context: one comparison function for each key. */
#define SORTER(name) \
	static int sort_##name(const void *left, const void *right) \
	{ \
		const struct gh_person *a = *(const struct gh_person *const *)left; \
		const struct gh_person *b = *(const struct gh_person *const *)right; \
		int order = name(a, b); \
		return order ? order : (a > b) - (a < b); \
	}
SORTER(by_reference)
SORTER(by_all)
SORTER(by_name_birth)
SORTER(by_name_document)
SORTER(by_document_birth)
SORTER(by_name)
SORTER(by_locator)

static int (*const sorters[KEYS])(const void *left, const void *right) = {
	[KEY_REFERENCE] = sort_by_reference,
	[KEY_ALL] = sort_by_all,
	[KEY_NAME_BIRTH] = sort_by_name_birth,
	[KEY_NAME_DOCUMENT] = sort_by_name_document,
	[KEY_DOCUMENT_BIRTH] = sort_by_document_birth,
	[KEY_NAME] = sort_by_name,
	[KEY_LOCATOR] = sort_by_locator,
};

static enum gh_status index_make(struct index *index, size_t key, const struct gh_person *persons,
	size_t count, struct gh_error *error)
{
	*index = (struct index){ &keys[key], calloc(count + 1, sizeof(index->rows[0])), 0 };
	if (!index->rows)
		return gh_error_set(error, GH_NO_MEMORY, "index of %zu persons", count);
	for (size_t i = 0; i < count; i++)
		index->rows[index->count++] = &persons[i];
	qsort(index->rows, index->count, sizeof(index->rows[0]), sorters[key]);
	return GH_OK;
}

/* The first row equal to person by the index's key, or NULL; *several: it is not the only one. */
static const struct gh_person *const *index_find(
	const struct index *index, const struct gh_person *person, bool *several)
{
	size_t low = 0;
	size_t high = index->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (index->key->compare(index->rows[middle], person) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == index->count || index->key->compare(index->rows[low], person) != 0)
		return NULL;
	*several = low + 1 < index->count && index->key->compare(index->rows[low + 1], person) == 0;
	return &index->rows[low];
}

/* --- the update at work --- */

struct update {
	struct gh_voyage next;
	const struct gh_voyage *before;
	const struct gh_paxlst *message;
	struct index old[KEYS];   /* the rows before, which stay as they are meanwhile */
	struct index fresh[KEYS]; /* the message's, sure keys only */
	size_t *targets;          /* of each entry of the message: row + 1, 0 none */
	struct gh_voyage_changes changes;
};

static void update_finish(struct update *update)
{
	for (size_t key = 0; key < KEYS; key++) {
		free(update->old[key].rows);
		free(update->fresh[key].rows);
	}
	free(update->targets);
	gh_voyage_finish(&update->next);
}

/* Room for all rows that there can be. */
static enum gh_status copy_rows(
	struct update *update, const struct gh_voyage *voyage, struct gh_error *error)
{
	size_t room = voyage->person_count + update->message->voyage.person_count;
	struct gh_person *persons = calloc(room + 1, sizeof(persons[0]));

	if (!persons)
		return gh_error_set(error, GH_NO_MEMORY, "%zu persons", room);
	if (voyage->person_count > 0)
		memcpy(persons, voyage->persons, voyage->person_count * sizeof(persons[0]));
	update->next = *voyage;
	update->next.persons = persons;
	return GH_OK;
}

static enum gh_status update_begin(struct update *update, const struct gh_voyage *voyage,
	const struct gh_paxlst *message, struct gh_error *error)
{
	const struct gh_voyage *named = &message->voyage;
	enum gh_status status;

	memset(update, 0, sizeof(*update));
	update->before = voyage;
	update->message = message;
	status = copy_rows(update, voyage, error);
	for (size_t key = 0; status == GH_OK && key < KEYS; key++) {
		status = index_make(
			&update->old[key], key, voyage->persons, voyage->person_count, error);
		if (status == GH_OK && keys[key].sure)
			status = index_make(&update->fresh[key], key, named->persons,
				named->person_count, error);
	}
	if (status != GH_OK)
		return status;
	update->targets = calloc(named->person_count + 1, sizeof(update->targets[0]));
	if (!update->targets)
		return gh_error_set(error, GH_NO_MEMORY, "%zu persons", named->person_count);
	return GH_OK;
}

/* Whether a message gives data of persons. */
static bool is_list(const struct gh_paxlst *message)
{
	return message->purpose == GH_PAXLST_PASSENGERS || message->purpose == GH_PAXLST_CREW ||
		message->purpose == GH_PAXLST_CHANGE;
}

/* The row that entry i of the message speaks of: row + 1, or 0. */
static size_t find_target(const struct update *update, size_t i)
{
	const struct gh_person *entry = &update->message->voyage.persons[i];

	for (size_t key = 0; key < KEYS; key++) {
		const struct gh_person *const *found;
		bool several = false;

		if (!keys[key].usable(entry) || (keys[key].state && is_list(update->message)))
			continue;
		found = index_find(&update->old[key], entry, &several);
		if (found && !(keys[key].lone && several))
			return (size_t)(*found - update->before->persons) + 1;
		if (!keys[key].sure)
			continue;
		found = index_find(&update->fresh[key], entry, &several);
		if (found && *found < entry &&
			update->targets[*found - update->message->voyage.persons])
			return update->targets[*found - update->message->voyage.persons];
	}
	return 0;
}

static void keep_text(struct gh_personal *text, const struct gh_personal *before)
{
	if (!text->text[0])
		*text = *before;
}

/* The carrier's newer data in the row, the older where it says nothing. */
static void replace(struct gh_person *row, const struct gh_person *entry)
{
	struct gh_person before = *row;

	*row = *entry;
	row->id = before.id;
	row->row = before.row;
	row->boarding =
		before.boarding == GH_BOARDING_REMOVED ? GH_BOARDING_LISTED : before.boarding;
	row->portrait_count = before.portrait_count;
	memcpy(row->portraits, before.portraits, sizeof(row->portraits));
	if (!has_name(row)) {
		row->surname = before.surname;
		row->given_names = before.given_names;
	}
	keep_text(&row->locator, &before.locator);
	keep_text(&row->reference, &before.reference);
	if (row->sex == ' ')
		row->sex = before.sex;
	if (!row->birth[0])
		memcpy(row->birth, before.birth, sizeof(row->birth));
	if (!row->nationality[0])
		memcpy(row->nationality, before.nationality, sizeof(row->nationality));
	if (!row->document.number.text[0])
		row->document = before.document;
	gh_wipe(&before, sizeof(before));
}

static enum gh_status add(struct update *update, size_t i, struct gh_error *error)
{
	struct gh_voyage *next = &update->next;
	struct gh_person *row;

	if (next->person_count >= GH_VOYAGE_PERSONS_MAX)
		return gh_error_set(
			error, GH_TOO_LARGE, "more than %d persons", GH_VOYAGE_PERSONS_MAX);
	row = &next->persons[next->person_count++];
	*row = update->message->voyage.persons[i];
	row->row = (uint32_t)next->person_count;
	row->boarding = GH_BOARDING_LISTED;
	row->portrait_count = 0;
	update->targets[i] = next->person_count;
	update->changes.added++;
	return gh_id_make(&row->id, error);
}

static enum gh_status apply_list(struct update *update, size_t i, struct gh_error *error)
{
	size_t target = update->targets[i];

	if (target == 0)
		return add(update, i, error);
	replace(&update->next.persons[target - 1], &update->message->voyage.persons[i]);
	update->changes.replaced++;
	return GH_OK;
}

static void set_boarding(struct update *update, struct gh_person *row, enum gh_boarding boarding)
{
	if (row->boarding == boarding)
		return;
	row->boarding = boarding;
	if (boarding == GH_BOARDING_REMOVED)
		update->changes.removed++;
	else
		update->changes.boarding++;
}

/* Removal and boarding state: of rows that are there. */
static void apply_state(struct update *update, size_t i)
{
	size_t target = update->targets[i];
	const struct gh_paxlst *message = update->message;

	if (target == 0)
		update->changes.unmatched++;
	else if (message->purpose == GH_PAXLST_REDUCE)
		set_boarding(update, &update->next.persons[target - 1], GH_BOARDING_REMOVED);
	else if (message->boarding_stated)
		set_boarding(update, &update->next.persons[target - 1],
			message->on_board_list ? GH_BOARDING_ON_BOARD : GH_BOARDING_NOT_ON_BOARD);
}

static enum gh_status apply_entries(struct update *update, struct gh_error *error)
{
	enum gh_status status = GH_OK;

	for (size_t i = 0; i < update->message->voyage.person_count && status == GH_OK; i++) {
		update->targets[i] = find_target(update, i);
		if (is_list(update->message))
			status = apply_list(update, i, error);
		else if (update->message->purpose != GH_PAXLST_CANCEL)
			apply_state(update, i);
	}
	return status;
}

/* A list that replaces speaks of the kinds of person that it names. */
static void remove_unnamed(struct update *update)
{
	const struct gh_voyage *named = &update->message->voyage;
	bool kinds[3] = { false, false, false };

	for (size_t i = 0; i < named->person_count; i++) {
		kinds[named->persons[i].kind] = true;
		if (update->targets[i] > 0)
			update->next.persons[update->targets[i] - 1].row = 0;
	}
	for (size_t i = 0; i < update->next.person_count; i++) {
		struct gh_person *row = &update->next.persons[i];

		if (row->row != 0 && kinds[row->kind])
			set_boarding(update, row, GH_BOARDING_REMOVED);
		row->row = (uint32_t)i + 1;
	}
}

static void remove_all(struct update *update)
{
	for (size_t i = 0; i < update->next.person_count; i++)
		set_boarding(update, &update->next.persons[i], GH_BOARDING_REMOVED);
}

/* --- the voyage itself --- */

static int64_t to_utc(int64_t local_ms, int utc_offset_minutes)
{
	return local_ms ? local_ms - utc_offset_minutes * MINUTE_MS : 0;
}

static enum gh_status check_voyage(const struct gh_voyage *voyage, const struct gh_paxlst *message,
	int utc_offset_minutes, struct gh_error *error)
{
	int64_t departure_ms = to_utc(message->departure_local_ms, utc_offset_minutes);

	if (gh_id_is_none(&voyage->id)) {
		if (message->purpose == GH_PAXLST_PASSENGERS || message->purpose == GH_PAXLST_CREW)
			return GH_OK;
		return gh_error_set(error, GH_CONFLICT, "a change, but there is no list yet");
	}
	if (strcmp(voyage->carrier, message->voyage.carrier) != 0 ||
		strcmp(voyage->number, message->voyage.number) != 0)
		return gh_error_set(error, GH_CONFLICT, "another voyage: carrier or number differ");
	if (voyage->departure_ms && departure_ms &&
		llabs(voyage->departure_ms - departure_ms) > 12 * HOUR_MS)
		return gh_error_set(error, GH_CONFLICT, "another voyage: the day differs");
	return GH_OK;
}

static int compare_revisions(const char *a, const char *b)
{
	size_t length_a = strlen(a);
	size_t length_b = strlen(b);

	if (length_a != length_b)
		return length_a < length_b ? -1 : 1;
	return strcmp(a, b);
}

static const char *without_zeros(const char *revision)
{
	while (revision[0] == '0' && revision[1])
		revision++;
	return revision;
}

/* Messages are ordered by revision, then by when they were sent; a repeat is dropped. */
static enum gh_status check_order(const struct gh_voyage_message *last,
	const struct gh_paxlst *message, struct gh_error *error)
{
	int order = 0;

	if (last->revision[0] && message->revision[0])
		order = compare_revisions(
			without_zeros(message->revision), without_zeros(last->revision));
	if (order == 0 && last->sent_ms && message->sent_ms)
		order = (message->sent_ms > last->sent_ms) - (message->sent_ms < last->sent_ms);
	if (order == 0 && message->sent_ms == last->sent_ms && last->reference.text[0] &&
		strcmp(last->reference.text, message->reference.text) == 0)
		return gh_error_set(error, GH_EXISTS, "this message has been applied before");
	if (order < 0)
		return gh_error_set(error, GH_EXISTS, "a later message has been applied before");
	return GH_OK;
}

static void take_text(char *place, const char *text, size_t size)
{
	if (text[0])
		memcpy(place, text, size);
}

static enum gh_status take_voyage(struct gh_voyage *next, const struct gh_paxlst *message,
	int utc_offset_minutes, struct gh_error *error)
{
	const struct gh_voyage *named = &message->voyage;
	enum gh_status status = GH_OK;

	if (gh_id_is_none(&next->id))
		status = gh_id_make(&next->id, error);
	next->version++;
	take_text(next->carrier, named->carrier, sizeof(next->carrier));
	take_text(next->number, named->number, sizeof(next->number));
	take_text(next->from, named->from, sizeof(next->from));
	take_text(next->to, named->to, sizeof(next->to));
	if (message->departure_local_ms)
		next->departure_ms = to_utc(message->departure_local_ms, utc_offset_minutes);
	if (message->arrival_local_ms)
		next->arrival_ms = to_utc(message->arrival_local_ms, utc_offset_minutes);
	return status;
}

static struct gh_voyage_message *last_message(
	struct gh_voyage *voyage, const struct gh_paxlst *message)
{
	return message->purpose == GH_PAXLST_CREW ? &voyage->crew_message
						  : &voyage->passenger_message;
}

static void note_message(struct gh_voyage_message *last, const struct gh_paxlst *message)
{
	memcpy(last->revision, message->revision, sizeof(last->revision));
	last->sent_ms = message->sent_ms;
	last->reference = message->reference;
}

enum gh_status gh_voyage_update(struct gh_voyage *voyage, const struct gh_paxlst *paxlst,
	int utc_offset_minutes, struct gh_voyage_changes *changes, struct gh_error *error)
{
	struct update update = { .targets = NULL };
	enum gh_status status = check_voyage(voyage, paxlst, utc_offset_minutes, error);

	if (status == GH_OK)
		status = check_order(last_message(voyage, paxlst), paxlst, error);
	if (status == GH_OK)
		status = update_begin(&update, voyage, paxlst, error);
	if (status == GH_OK)
		status = apply_entries(&update, error);
	if (status == GH_OK)
		status = take_voyage(&update.next, paxlst, utc_offset_minutes, error);
	if (status == GH_OK) {
		if (paxlst->replaces_list && is_list(paxlst))
			remove_unnamed(&update);
		if (paxlst->purpose == GH_PAXLST_CANCEL)
			remove_all(&update);
		note_message(last_message(&update.next, paxlst), paxlst);
		gh_voyage_finish(voyage);
		*voyage = update.next;
		update.next = (struct gh_voyage){ .persons = NULL };
		if (changes)
			*changes = update.changes;
	}
	update_finish(&update);
	return status;
}

enum gh_status gh_voyage_apply(struct gh_voyage *voyage, const struct gh_paxlst *paxlst,
	int utc_offset_minutes, struct gh_error *error)
{
	return gh_voyage_update(voyage, paxlst, utc_offset_minutes, NULL, error);
}
