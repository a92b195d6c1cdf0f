/* SPDX-License-Identifier: Apache-2.0 */
/* One drawing of a gallery and the searches in it. */
#include "search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/bytes.h"

#include "product.h"
#include "random.h"

enum {
	BLOCK = GH_PRODUCT_BLOCK
};

enum gh_status gh_people_make(
	const struct gh_template_set *set, struct gh_people *people, struct gh_error *error)
{
	*people = (struct gh_people){ .set = set };
	people->first = calloc(set->count + 1, sizeof(*people->first));
	people->templates = calloc(set->count + 1, sizeof(*people->templates));
	if (!people->first || !people->templates) {
		gh_people_finish(people);
		return gh_error_set(error, GH_NO_MEMORY, "people of %zu templates", set->count);
	}
	for (size_t i = 0; i < set->count; i++) {
		if (i == 0 || set->identities[i] != set->identities[i - 1])
			people->first[people->count++] = (uint32_t)i;
		people->templates[people->count - 1]++;
	}
	return GH_OK;
}

void gh_people_finish(struct gh_people *people)
{
	free(people->first);
	free(people->templates);
	*people = (struct gh_people){ .set = NULL };
}

/* References and probes of one drawing, as places in the set. */
struct chosen {
	uint32_t *references;
	uint32_t *reference_people;
	size_t reference_count;
	uint32_t *probes;
	struct gh_found *found; /* per probe */
	size_t probe_count;
	uint32_t *order; /* of one person's templates */
};

static void add_probe(struct chosen *chosen, uint32_t place, uint32_t person)
{
	chosen->probes[chosen->probe_count] = place;
	chosen->found[chosen->probe_count] = (struct gh_found){ -INFINITY, person, false };
	chosen->probe_count++;
}

static void choose_of(
	const struct gh_drawing *drawing, uint32_t person, uint64_t *random, struct chosen *chosen)
{
	uint32_t templates = drawing->people->templates[person];
	uint32_t first = drawing->people->first[person];
	uint32_t references = templates > drawing->references ? drawing->references : 1;

	for (uint32_t i = 0; i < templates; i++)
		chosen->order[i] = first + i;
	gh_random_shuffle(random, chosen->order, templates);
	for (uint32_t i = 0; i < references; i++) {
		chosen->references[chosen->reference_count] = chosen->order[i];
		chosen->reference_people[chosen->reference_count++] = person;
	}
	for (uint32_t i = references; templates >= drawing->pictures_least && i < templates; i++)
		add_probe(chosen, chosen->order[i], person);
}

static bool take_memory(size_t templates, struct chosen *chosen)
{
	chosen->references = calloc(templates, sizeof(*chosen->references));
	chosen->reference_people = calloc(templates, sizeof(*chosen->reference_people));
	chosen->probes = calloc(templates, sizeof(*chosen->probes));
	chosen->found = calloc(templates, sizeof(*chosen->found));
	chosen->order = calloc(templates, sizeof(*chosen->order));
	return chosen->references && chosen->reference_people && chosen->probes && chosen->found &&
		chosen->order;
}

static void choose(const struct gh_drawing *drawing, uint64_t *random, struct chosen *chosen,
	struct gh_searches *searches)
{
	for (uint32_t i = 0; i < drawing->gallery_count; i++)
		choose_of(drawing, drawing->gallery[i], random, chosen);
	searches->mated = chosen->probe_count;
	searches->templates = chosen->reference_count;
	for (uint32_t i = 0; i < drawing->stranger_count; i++) {
		uint32_t person = drawing->strangers[i];

		for (uint32_t k = 0; k < drawing->people->templates[person]; k++)
			add_probe(chosen, drawing->people->first[person] + k, person);
	}
	searches->strangers = chosen->probe_count - searches->mated;
}

/* A block of probes and of references, next to each other. */
struct blocks {
	struct gh_template rows[BLOCK];
	struct gh_template columns[BLOCK];
	struct gh_product_side side;
	float scores[BLOCK][BLOCK];
};

static void gather(const struct gh_template_set *set, const uint32_t *places, size_t count,
	struct gh_template *to)
{
	for (size_t i = 0; i < count; i++)
		to[i] = set->templates[places[i]];
}

static void note_best(struct chosen *chosen, const struct blocks *blocks, size_t first_row,
	size_t rows, size_t first_column, size_t columns)
{
	for (size_t row = 0; row < rows; row++) {
		struct gh_found *found = &chosen->found[first_row + row];

		for (size_t column = 0; column < columns; column++) {
			if (blocks->scores[row][column] <= found->score)
				continue;
			found->score = blocks->scores[row][column];
			found->own =
				chosen->reference_people[first_column + column] == found->person;
		}
	}
}

static void search(const struct gh_template_set *set, struct chosen *chosen, struct blocks *blocks)
{
	for (size_t c = 0; c < chosen->reference_count; c += BLOCK) {
		size_t columns =
			chosen->reference_count - c < BLOCK ? chosen->reference_count - c : BLOCK;

		gather(set, chosen->references + c, columns, blocks->columns);
		gh_product_lay_out(blocks->columns, columns, &blocks->side);
		for (size_t r = 0; r < chosen->probe_count; r += BLOCK) {
			size_t rows =
				chosen->probe_count - r < BLOCK ? chosen->probe_count - r : BLOCK;

			gather(set, chosen->probes + r, rows, blocks->rows);
			gh_product(blocks->rows, rows, &blocks->side, blocks->scores);
			note_best(chosen, blocks, r, rows, c, columns);
		}
	}
}

enum gh_status gh_search_all(const struct gh_drawing *drawing, uint64_t *random,
	struct gh_searches *searches, struct gh_error *error)
{
	struct chosen chosen = { .references = NULL };
	void *aligned = NULL;
	bool fine = take_memory(drawing->people->set->count, &chosen) &&
		posix_memalign(&aligned, _Alignof(struct blocks), sizeof(struct blocks)) == 0;

	*searches = (struct gh_searches){ .found = NULL };
	if (fine) {
		choose(drawing, random, &chosen, searches);
		search(drawing->people->set, &chosen, aligned);
		gh_wipe(aligned, sizeof(struct blocks));
		free(aligned);
		searches->found = chosen.found;
		chosen.found = NULL;
	}
	free(chosen.references);
	free(chosen.reference_people);
	free(chosen.probes);
	free(chosen.found);
	free(chosen.order);
	return fine ? GH_OK : gh_error_set(error, GH_NO_MEMORY, "searches of a gallery");
}
