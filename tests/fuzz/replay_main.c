/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a fuzz target without a fuzzer: every file of its corpus, the empty input, every truncation
 * of small files, and seeded mutations. GATEHOUSE_SEED changes the seed, GATEHOUSE_LONG the count.
 */
#include <dirent.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	FILES_MAX = 4096,
	FILE_MAX_BYTES = 4 << 20,
	TRUNCATED_MAX_BYTES = 2048,
	MUTATIONS = 2000,
	MUTATIONS_LONG = 200000,
	MUTATED_TOTAL_BYTES = 64 << 20,
	EDITS_MAX = 8,
	GROWTH_BYTES = 64,
};

struct input {
	uint8_t *bytes;
	size_t size;
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
/* A target may set itself up once, as with libFuzzer. */
__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv);

static struct input inputs[FILES_MAX];
static size_t input_count;
static uint64_t random_state;

static void die(const char *what, const char *name)
{
	fprintf(stderr, "replay: %s: %s\n", what, name);
	exit(1);
}

static void *allocate(size_t size)
{
	void *block = malloc(size > 0 ? size : 1);

	if (block == NULL)
		die("no memory", "");
	return block;
}

/* xorshift64*: any seed but 0 will do. */
static uint64_t next_random(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * UINT64_C(0x2545f4914f6cdd1d);
}

static size_t below(size_t limit)
{
	return limit == 0 ? 0 : (size_t)(next_random() % limit);
}

/* Each input in a block of its own exact size, so that a sanitizer sees a read past its end. */
static void run(const uint8_t *bytes, size_t size)
{
	uint8_t *copy = allocate(size);

	if (size > 0)
		memcpy(copy, bytes, size);
	(void)LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static void load(const char *folder, const char *name)
{
	char path[4096];
	FILE *file;
	struct input *input = &inputs[input_count];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "rb");
	if (file == NULL)
		die("cannot open", path);
	input->bytes = allocate(FILE_MAX_BYTES);
	input->size = fread(input->bytes, 1, FILE_MAX_BYTES, file);
	if (ferror(file) || fgetc(file) != EOF)
		die("cannot read, or over 4 MiB", path);
	fclose(file);
	uint8_t *fitted = realloc(input->bytes, input->size > 0 ? input->size : 1);
	if (fitted != NULL)
		input->bytes = fitted;
	input_count++;
}

static int by_name(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

/* By name, so that a seed means the same everywhere. */
static void load_folder(const char *folder)
{
	static char *names[FILES_MAX];
	size_t count = 0;
	DIR *dir = opendir(folder);

	if (dir == NULL)
		die("a fuzz target needs a corpus; cannot open", folder);
	for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
		if (entry->d_name[0] == '.')
			continue;
		if (count == FILES_MAX)
			die("over 4096 files", folder);
		names[count] = allocate(strlen(entry->d_name) + 1);
		memcpy(names[count++], entry->d_name, strlen(entry->d_name) + 1);
	}
	closedir(dir);
	qsort(names, count, sizeof(names[0]), by_name);
	for (size_t i = 0; i < count; i++) {
		load(folder, names[i]);
		free(names[i]);
	}
	if (input_count == 0)
		die("a fuzz target needs a corpus; none in", folder);
}

static void truncate_all(void)
{
	for (size_t i = 0; i < input_count; i++) {
		if (inputs[i].size > TRUNCATED_MAX_BYTES)
			continue;
		for (size_t size = 0; size < inputs[i].size; size++)
			run(inputs[i].bytes, size);
	}
}

/* One edit in place; the block has GROWTH_BYTES to spare at its end. */
static size_t edit(uint8_t *bytes, size_t size, size_t room)
{
	static const uint8_t telling[] = { 0x00, 0x01, 0x7f, 0x80, 0xff, '\'', '+', ':', '?', '"' };
	size_t at = below(size);
	size_t length = below(GROWTH_BYTES / EDITS_MAX) + 1;

	switch (next_random() % 6) {
	case 0: /* a bit */
		if (size > 0)
			bytes[at] ^= (uint8_t)(1u << (next_random() % 8));
		return size;
	case 1: /* a telling byte */
		if (size > 0)
			bytes[at] = telling[below(sizeof(telling))];
		return size;
	case 2: /* cut the end */
		return at;
	case 3: /* take bytes out */
		if (at + length > size)
			return size;
		memmove(bytes + at, bytes + at + length, size - at - length);
		return size - length;
	case 4: /* say bytes twice */
		if (at + length > size || size + length > room)
			return size;
		memmove(bytes + at + length, bytes + at, size - at);
		return size + length;
	default: { /* bytes of another input */
		const struct input *other = &inputs[below(input_count)];
		size_t from = below(other->size);

		if (from + length <= other->size && at + length <= size)
			memcpy(bytes + at, other->bytes + from, length);
		return size;
	}
	}
}

static size_t mutate_all(size_t count)
{
	size_t total_bytes = 0;
	size_t done = 0;

	for (; done < count && total_bytes < MUTATED_TOTAL_BYTES; done++) {
		const struct input *input = &inputs[below(input_count)];
		size_t room = input->size + GROWTH_BYTES;
		uint8_t *bytes = allocate(room);
		size_t size = input->size;

		if (size > 0)
			memcpy(bytes, input->bytes, size);
		for (size_t edits = below(EDITS_MAX) + 1; edits > 0; edits--)
			size = edit(bytes, size, room);
		run(bytes, size);
		free(bytes);
		total_bytes += room;
	}
	return done;
}

int main(int argc, char **argv)
{
	const char *seed = getenv("GATEHOUSE_SEED");
	const char *is_long = getenv("GATEHOUSE_LONG");

	if (argc != 2)
		die("usage", "fuzz_ROOM_NOUN CORPUS-FOLDER");
	random_state = seed != NULL ? strtoull(seed, NULL, 0) : 1;
	if (random_state == 0)
		random_state = 1;
	printf("seed %" PRIu64 "\n", random_state);
	if (LLVMFuzzerInitialize != NULL && LLVMFuzzerInitialize(&argc, &argv) != 0)
		die("the target could not be set up", argv[0]);
	load_folder(argv[1]);
	run(NULL, 0);
	for (size_t i = 0; i < input_count; i++)
		run(inputs[i].bytes, inputs[i].size);
	truncate_all();

	size_t done = mutate_all(is_long != NULL && is_long[0] == '1' ? MUTATIONS_LONG : MUTATIONS);

	printf("%zu corpus files, %zu mutations\n", input_count, done);
	for (size_t i = 0; i < input_count; i++)
		free(inputs[i].bytes);
	return 0;
}
