/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a PAXLST file of 20,000 persons and bringing it into a voyage, beside what the memory can
 * do at best with the same bytes in the same run: memchr() for the terminator, and memcpy().
 *
 * manifest_paxlst [ROUNDS]: 9 rounds, the best of each counts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "support/manifest/list.h"

enum {
	PERSONS = GH_VOYAGE_PERSONS_MAX
};

/* Time of this process: what else the machine does counts for neither side. */
static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void must(enum gh_status status, const char *what)
{
	if (status == GH_OK)
		return;
	fprintf(stderr, "manifest_paxlst: %s: %s\n", what, gh_status_name(status));
	exit(1);
}

static double scan(const struct gh_bytes *text)
{
	const uint8_t *at = text->data;
	const uint8_t *end = at + text->length_bytes;
	size_t found = 0;
	double start = now_s();

	while ((at = memchr(at, '\'', (size_t)(end - at)))) {
		at++;
		found++;
	}
	if (found < PERSONS)
		exit(1);
	return now_s() - start;
}

static double copy(const struct gh_bytes *text, uint8_t *to)
{
	double start = now_s();

	memcpy(to, text->data, text->length_bytes);
	/* The copy must not be left out. */
	__asm__ __volatile__("" : : "r"(to) : "memory");
	return now_s() - start;
}

static double parse(const struct gh_bytes *text)
{
	struct gh_paxlst paxlst;
	double start = now_s();

	must(gh_paxlst_parse(gh_bytes_view(text), LIST_TODAY_MS, &paxlst, NULL), "parse");
	start = now_s() - start;
	if (paxlst.voyage.person_count != PERSONS)
		exit(1);
	gh_paxlst_finish(&paxlst);
	return start;
}

/* The list applied to a voyage that has all its persons already. */
static double apply(const struct gh_bytes *text)
{
	struct gh_voyage voyage = { .persons = NULL };
	struct gh_paxlst paxlst;
	double start;

	must(gh_paxlst_parse(gh_bytes_view(text), LIST_TODAY_MS, &paxlst, NULL), "parse");
	must(gh_voyage_apply(&voyage, &paxlst, 0, NULL), "first list");
	paxlst.sent_ms++;
	start = now_s();
	must(gh_voyage_apply(&voyage, &paxlst, 0, NULL), "second list");
	start = now_s() - start;
	gh_voyage_finish(&voyage);
	gh_paxlst_finish(&paxlst);
	return start;
}

static void keep_least(double *least, double value)
{
	if (*least <= 0 || value < *least)
		*least = value;
}

int main(int argc, char **argv)
{
	static const struct list list;
	int rounds = argc > 1 ? atoi(argv[1]) : 9;
	struct gh_bytes text = GH_BYTES_EMPTY;
	double best[4] = { 0, 0, 0, 0 };
	double megabytes;
	uint8_t *room;

	list_begin(&text, &list);
	for (unsigned n = 0; n < PERSONS; n++)
		list_specimen(&text, n);
	list_end(&text, &list);
	megabytes = (double)text.length_bytes / 1e6;
	room = malloc(text.length_bytes);
	if (!room)
		return 1;
	for (int round = 0; round < rounds; round++) {
		keep_least(&best[0], copy(&text, room));
		keep_least(&best[1], scan(&text));
		keep_least(&best[2], parse(&text));
		keep_least(&best[3], apply(&text));
	}
	printf("%d persons, %.2f MB, best of %d rounds\n", PERSONS, megabytes, rounds);
	printf("memcpy      %9.0f MB/s\n", megabytes / best[0]);
	printf("memchr      %9.0f MB/s\n", megabytes / best[1]);
	printf("parse       %9.0f MB/s, %.1f ms, %.1f %% of memchr, %.1f %% of memcpy\n",
		megabytes / best[2], best[2] * 1e3, 100 * best[1] / best[2],
		100 * best[0] / best[2]);
	printf("apply again %9.0f persons/s, %.1f ms\n", PERSONS / best[3], best[3] * 1e3);
	free(room);
	gh_bytes_finish(&text);
	return 0;
}
