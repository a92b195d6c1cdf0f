/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ten thousand lanes come back together after an outage: what the centre meets, second by second,
 * with the product's own back-off and with two that would not do.
 *
 * central_herd [LANES [RATE [ITEMS [OUTAGE_S]]]]: 10,000 lanes; a centre that stores 1,000 items a
 * second; 100 items waiting at each lane; an outage of an hour. A simulation, event by event, of the
 * rules in docs/decisions/0047: a lane whose centre fails pauses and then tries with one transfer;
 * the first answer opens four. The centre holds as many requests as it has connections and turns
 * others away at the door. The same arguments give the same figures.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "gatehouse/settings/settings.h"
#include "gatehouse/uplink/uplink.h"

#define SLOTS 4
#define CONNECTIONS 4096
#define LIMIT_S 36000

enum pace {
	PACE_PRODUCT,
	PACE_FIXED,
	PACE_NO_JITTER,
	PACE_COUNT
};

struct lane {
	uint32_t failures;
	uint32_t waiting; /* items */
	uint32_t under_way;
	uint64_t random;
};

/* A lane's pause is over. A heap by time. */
struct event {
	double at_s;
	uint32_t lane;
};

struct world {
	struct gh_settings_uplink settings;
	enum pace pace;
	double rate;
	double end_of_outage_s;
	struct lane *lanes;
	uint32_t lane_count;
	struct event *heap;
	size_t heap_count;
	uint32_t *line; /* lanes whose request is at the centre, a ring */
	size_t line_first, line_count;
	double now_s;
	double credit; /* answers the centre has time for */
	uint32_t this_second, peak, refused_in_peak;
	uint64_t attempts, refused;
	uint32_t done;
	double half_s, most_s, all_s;
};

static uint64_t draw(struct lane *lane)
{
	lane->random ^= lane->random << 13;
	lane->random ^= lane->random >> 7;
	lane->random ^= lane->random << 17;
	return lane->random;
}

static void push(struct world *world, double at_s, uint32_t lane)
{
	size_t at = world->heap_count++;

	while (at > 0 && world->heap[(at - 1) / 2].at_s > at_s) {
		world->heap[at] = world->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	world->heap[at] = (struct event){ at_s, lane };
}

static struct event pop(struct world *world)
{
	struct event first = world->heap[0];
	struct event last = world->heap[--world->heap_count];
	size_t at = 0;

	for (;;) {
		size_t next = 2 * at + 1;

		if (next >= world->heap_count)
			break;
		if (next + 1 < world->heap_count &&
			world->heap[next + 1].at_s < world->heap[next].at_s)
			next++;
		if (world->heap[next].at_s >= last.at_s)
			break;
		world->heap[at] = world->heap[next];
		at = next;
	}
	world->heap[at] = last;
	return first;
}

static double pause_s(const struct world *world, struct lane *lane)
{
	const struct gh_settings_uplink *settings = &world->settings;
	uint64_t exact = settings->backoff_first_ms;

	switch (world->pace) {
	case PACE_FIXED:
		return 1;
	case PACE_NO_JITTER:
		for (uint32_t i = 0; i < lane->failures && exact < settings->backoff_max_ms; i++)
			exact *= 2;
		if (exact > settings->backoff_max_ms)
			exact = settings->backoff_max_ms;
		return (double)exact / 1000;
	default:
		return (double)gh_uplink_backoff_ms(lane->failures, settings->backoff_first_ms,
			       settings->backoff_max_ms, 0, (uint32_t)(draw(lane) >> 32)) /
			1000;
	}
}

static void fail(struct world *world, uint32_t index)
{
	struct lane *lane = &world->lanes[index];

	push(world, world->now_s + pause_s(world, lane), index);
	lane->failures++;
}

static void attempt(struct world *world, uint32_t index)
{
	world->attempts++;
	world->this_second++;
	if (world->now_s < world->end_of_outage_s) {
		fail(world, index);
		return;
	}
	if (world->line_count == CONNECTIONS) {
		world->refused++;
		fail(world, index);
		return;
	}
	world->line[(world->line_first + world->line_count++) % CONNECTIONS] = index;
	world->lanes[index].under_way++;
}

/* As many transfers as a lane may have: one after a failure, all after an answer. */
static void fill_slots(struct world *world, uint32_t index)
{
	struct lane *lane = &world->lanes[index];
	uint32_t slots = lane->failures ? 1 : SLOTS;
	uint32_t before = lane->failures;

	while (lane->under_way < slots && lane->under_way < lane->waiting &&
		lane->failures == before)
		attempt(world, index);
}

static void note_done(struct world *world)
{
	world->done++;
	if (world->done == world->lane_count / 2)
		world->half_s = world->now_s - world->end_of_outage_s;
	if (world->done == world->lane_count * 9 / 10)
		world->most_s = world->now_s - world->end_of_outage_s;
	if (world->done == world->lane_count)
		world->all_s = world->now_s - world->end_of_outage_s;
}

static void answer(struct world *world)
{
	uint32_t index = world->line[world->line_first];
	struct lane *lane = &world->lanes[index];

	world->line_first = (world->line_first + 1) % CONNECTIONS;
	world->line_count--;
	lane->under_way--;
	lane->waiting--;
	lane->failures = 0;
	if (lane->waiting == 0)
		note_done(world);
	else
		fill_slots(world, index);
}

/* A tenth of a second: pauses that end in it, then what the centre has time for. */
static void step(struct world *world)
{
	world->now_s += 0.1;
	while (world->heap_count > 0 && world->heap[0].at_s <= world->now_s)
		fill_slots(world, pop(world).lane);
	if (world->now_s < world->end_of_outage_s)
		return;
	world->credit += world->rate / 10;
	while (world->credit >= 1 && world->line_count > 0) {
		world->credit -= 1;
		answer(world);
	}
	if (world->line_count == 0)
		world->credit = 0;
}

static void run(struct world *world)
{
	uint64_t refused = 0;

	for (uint32_t i = 0; i < world->lane_count; i++)
		push(world, (double)(world->lanes[i].random % 10000) / 1000, i);
	for (uint32_t tick = 1; world->done < world->lane_count && tick < LIMIT_S * 10; tick++) {
		step(world);
		if (tick % 10)
			continue;
		if (world->now_s > world->end_of_outage_s && world->this_second > world->peak) {
			world->peak = world->this_second;
			world->refused_in_peak = (uint32_t)(world->refused - refused);
		}
		refused = world->refused;
		world->this_second = 0;
	}
}

static void simulate(enum pace pace, uint32_t lanes, double rate, uint32_t items, double outage_s)
{
	static const char *const names[] = { "the product's", "1 s, fixed", "doubled, exact" };
	struct gh_settings settings;
	struct world world = { .pace = pace, .rate = rate, .end_of_outage_s = outage_s };

	gh_settings_default(&settings);
	world.settings = settings.uplink;
	world.lane_count = lanes;
	world.lanes = calloc(lanes, sizeof(*world.lanes));
	world.heap = calloc(lanes * (size_t)SLOTS, sizeof(*world.heap));
	world.line = calloc(CONNECTIONS, sizeof(*world.line));
	if (!world.lanes || !world.heap || !world.line)
		exit(1);
	for (uint32_t i = 0; i < lanes; i++) {
		world.lanes[i].waiting = items;
		world.lanes[i].random = UINT64_C(0x9e3779b97f4a7c15) * (i + 1);
	}
	run(&world);
	printf("%-16s %9u %10u %11.2f %9.0f %9.0f %9.0f\n", names[pace], world.peak,
		world.refused_in_peak,
		(double)(world.refused) / ((double)lanes * items + (double)world.refused),
		world.half_s, world.most_s, world.all_s);
	free(world.lanes);
	free(world.heap);
	free(world.line);
}

int main(int argc, char **argv)
{
	uint32_t lanes = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 10000;
	double rate = argc > 2 ? strtod(argv[2], NULL) : 1000;
	uint32_t items = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 100;
	double outage_s = argc > 4 ? strtod(argv[4], NULL) : 3600;

	printf("%u lanes, %.0f items a second, %u items each, %.0f s away: at best %.0f s\n", lanes,
		rate, items, outage_s, (double)lanes * items / rate);
	printf("%-16s %9s %10s %11s %9s %9s %9s\n", "pause", "peak/s", "of it away", "share away",
		"50 % s", "90 % s", "all s");
	for (int pace = 0; pace < PACE_COUNT; pace++)
		simulate((enum pace)pace, lanes, rate, items, outage_s);
	return 0;
}
