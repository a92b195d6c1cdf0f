/* SPDX-License-Identifier: Apache-2.0 */
/* An outbox in a folder of its own, with a clock moved by hand and a sealer that can refuse. */
#include "box.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MASK 0x5a

static void die(const char *what, const char *why)
{
	fprintf(stderr, "box: %s: %s\n", what, why);
	abort();
}

/* A wrapped key: its generation, and bytes that tell the place. */
static enum gh_status wrap(const struct box *box, struct gh_view context, struct gh_bytes *wrapped,
	struct gh_error *error)
{
	enum gh_status status;

	gh_bytes_clear(wrapped);
	status = gh_bytes_append(wrapped, &box->generation, 1, error);
	if (status == GH_OK)
		status = gh_bytes_append(wrapped, context.data, context.length_bytes, error);
	return status;
}

static enum gh_status unwrap(const struct box *box, struct gh_view context, struct gh_view wrapped,
	struct gh_error *error)
{
	struct gh_view rest = { wrapped.data + 1, wrapped.length_bytes - 1 };

	if (wrapped.length_bytes == 0)
		return gh_error_set(error, GH_TRUNCATED, "no key");
	if (!gh_view_equal(rest, context))
		return gh_error_set(error, GH_INTEGRITY, "wrapped for another place");
	if (wrapped.data[0] + 1 < box->generation)
		return gh_error_set(error, GH_GONE, "its master is gone");
	return GH_OK;
}

/* The context in front, every byte turned: enough to notice a body in the wrong place. */
static enum gh_status seal(void *ctx, struct gh_view context, struct gh_view plain,
	struct gh_bytes *wrapped, struct gh_bytes *sealed, struct gh_error *error)
{
	struct box *box = ctx;
	enum gh_status status;

	gh_bytes_clear(sealed);
	if (box->seal_says != GH_OK)
		return gh_error_set(error, box->seal_says, "the sealer refuses");
	status = wrap(box, context, wrapped, error);
	if (status == GH_OK)
		status = gh_bytes_append(sealed, context.data, context.length_bytes, error);
	if (status == GH_OK)
		status = gh_bytes_append(sealed, plain.data, plain.length_bytes, error);
	for (size_t i = 0; status == GH_OK && i < sealed->length_bytes; i++)
		sealed->data[i] ^= MASK;
	return status;
}

static enum gh_status rewrap(void *ctx, struct gh_view context, struct gh_view wrapped,
	struct gh_bytes *rewrapped, struct gh_error *error)
{
	struct box *box = ctx;
	enum gh_status status = unwrap(box, context, wrapped, error);

	if (box->rewrap_says != GH_OK)
		return gh_error_set(error, box->rewrap_says, "the sealer refuses");
	return status == GH_OK ? wrap(box, context, rewrapped, error) : status;
}

static enum gh_status open_sealed(void *ctx, struct gh_view context, struct gh_view wrapped,
	struct gh_view sealed, struct gh_bytes *plain, struct gh_error *error)
{
	struct box *box = ctx;
	size_t n = context.length_bytes;
	enum gh_status status;

	gh_bytes_clear(plain);
	if (box->open_says != GH_OK)
		return gh_error_set(error, box->open_says, "the sealer refuses");
	status = unwrap(box, context, wrapped, error);
	if (status != GH_OK)
		return status;
	if (sealed.length_bytes < n)
		return gh_error_set(error, GH_TRUNCATED, "shorter than its context");
	for (size_t i = 0; i < n; i++) {
		if ((sealed.data[i] ^ MASK) != context.data[i])
			return gh_error_set(error, GH_INTEGRITY, "sealed for another place");
	}
	status = gh_bytes_append(plain, sealed.data + n, sealed.length_bytes - n, error);
	for (size_t i = 0; status == GH_OK && i < plain->length_bytes; i++)
		plain->data[i] ^= MASK;
	return status;
}

void box_make(struct box *box, const char *parent)
{
	const char *given = getenv("TMPDIR");

	memset(box, 0, sizeof(*box));
	/* In memory a sync costs nothing, and what is tested are the steps, not the disk. */
	if (!parent && given)
		parent = given;
	else if (!parent)
		parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	snprintf(box->folder, sizeof(box->folder), "%s/outbox-XXXXXX", parent);
	if (!mkdtemp(box->folder))
		die("mkdtemp", box->folder);
	gh_clock_manual_init(&box->clock, 1000000, INT64_C(1764000000000));
	box->generation = 1;
	box->options = (struct gh_outbox_options){
		.folder = box->folder,
		.size_max_bytes = UINT64_C(1) << 40,
		.free_disk_min_bytes = 0,
		.items_max = UINT64_C(1) << 40,
		.sealer = { box, seal, open_sealed, rewrap },
		.generation = 1,
		.boot = box_id('b', 1),
		.clock = &box->clock.clock,
	};
}

void box_remove(struct box *box)
{
	DIR *folder;
	struct dirent *entry;

	box_close(box);
	folder = opendir(box->folder);
	while (folder && (entry = readdir(folder)))
		unlink(box_path(box, entry->d_name));
	if (folder)
		closedir(folder);
	rmdir(box->folder);
}

void box_open(struct box *box)
{
	struct gh_error error;

	if (gh_outbox_open(&box->options, &box->outbox, &error) != GH_OK)
		die("open", error.text);
}

void box_close(struct box *box)
{
	gh_outbox_close(box->outbox);
	box->outbox = NULL;
}

void box_reopen(struct box *box)
{
	box_close(box);
	box_open(box);
}

const char *box_path(const struct box *box, const char *name)
{
	static char paths[2][512];
	static int turn;

	turn = !turn;
	snprintf(paths[turn], sizeof(paths[turn]), "%s/%s", box->folder, name);
	return paths[turn];
}

struct gh_id box_id(char family, uint32_t n)
{
	struct gh_id id = { { 0 } };

	id.bytes[0] = (uint8_t)family;
	for (int i = 0; i < 4; i++)
		id.bytes[12 + i] = (uint8_t)(n >> (24 - 8 * i));
	return id;
}

uint32_t box_number(const struct gh_id *id)
{
	uint32_t n = 0;

	for (int i = 0; i < 4; i++)
		n = n << 8 | id->bytes[12 + i];
	return n;
}

struct gh_view box_json(uint32_t n)
{
	static char text[256];

	snprintf(text, sizeof(text),
		"{\"record\":%u,\"lane\":\"lane-1\",\"given_names\":\"ANNA MARIA\","
		"\"filler\":\"%0*u\"}",
		n, (int)(n % 100), n);
	return gh_view_of_text(text);
}

struct gh_view box_photo(uint32_t n, size_t length_bytes)
{
	static uint8_t *photo;
	static size_t room;

	if (room < length_bytes) {
		free(photo);
		photo = malloc(length_bytes);
		room = photo ? length_bytes : 0;
		if (!photo)
			die("photo", "no memory");
	}
	for (size_t i = 0; i < length_bytes; i++)
		photo[i] = (uint8_t)(n + i * 7);
	return (struct gh_view){ photo, length_bytes };
}

enum gh_status box_put(struct box *box, uint32_t n, size_t photo_bytes, struct gh_error *error)
{
	struct gh_outbox_put put = { .id = box_id('e', n), .json = box_json(n) };

	if (photo_bytes > 0) {
		put.photo = box_photo(n, photo_bytes);
		put.destroy_by_ms = box->clock.real_ms + 3600000;
	}
	return gh_outbox_put(box->outbox, &put, error);
}

enum gh_status box_take(struct box *box, struct gh_item *item)
{
	uint64_t due_in_ms;

	return gh_outbox_take(box->outbox, item, &due_in_ms, NULL);
}

void box_deliver(struct box *box, enum gh_item_kind kind, const struct gh_id *id)
{
	struct gh_item item;
	struct gh_error error;

	if (box_take(box, &item) != GH_OK)
		die("deliver", "nothing is due");
	if (item.kind != kind || !gh_id_equal(&item.id, id))
		die("deliver", "another item came");
	if (gh_outbox_acknowledge(box->outbox, &item, NULL, &error) != GH_OK)
		die("acknowledge", error.text);
	gh_item_finish(&item);
}

struct gh_receipt box_receipt(const struct gh_item *item, uint8_t key, int64_t received_ms)
{
	static const enum gh_receipt_kind kinds[] = { GH_RECEIPT_ENCOUNTER, GH_RECEIPT_PHOTO,
		GH_RECEIPT_ADDENDUM };
	struct gh_receipt receipt = {
		.kind = kinds[item->kind],
		.id = item->id,
		.received_ms = received_ms,
	};

	if (gh_sha256_of(gh_bytes_view(&item->body), &receipt.hash, NULL) != GH_OK)
		die("receipt", "no hash");
	memset(receipt.public_key, key, sizeof(receipt.public_key));
	memset(receipt.signature, (int)(received_ms % 251), sizeof(receipt.signature));
	return receipt;
}

struct gh_outbox_state box_state(struct box *box)
{
	struct gh_outbox_state state;
	struct gh_error error;

	if (gh_outbox_state(box->outbox, &state, &error) != GH_OK)
		die("state", error.text);
	return state;
}

uint32_t box_seed(uint32_t usual)
{
	const char *given = getenv("GATEHOUSE_SEED");
	uint32_t seed = given ? (uint32_t)strtoul(given, NULL, 0) : usual;

	printf("seed %u\n", seed);
	return seed;
}

bool box_long(void)
{
	const char *given = getenv("GATEHOUSE_LONG");

	return given && strcmp(given, "1") == 0;
}
