/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptions of networks: one table of keys, one of what each kind needs. */
#include "form.h"

#include <stdio.h>
#include <string.h>

#include "gatehouse/base/file.h"
#include "gatehouse/vision/template.h"

#include "networks.h"

#define FORM_VERSION "1"

/* Largest output; a detector's largest has some fifty thousand values. */
#define OUTPUT_VALUES_MAX (1 << 20)

static const char *const kind_names[GH_NETWORK_KINDS] = { "boxes", "cells", "landmarks",
	"dlib_five", "embedding", "pose", "eye", "liveness" };
static const char *const order_names[GH_ORDERS] = { "rgb", "bgr", "grey" };
static const char *const convention_names[GH_CONVENTIONS] = { "centres", "corners" };

/* What has been read, a bit each. */
enum key {
	MODEL,
	KIND,
	INPUT,
	OUTPUT,
	ORDER,
	MEAN,
	DIVISOR,
	GROWTH,
	BIAS,
	SCORE,
	OVERLAP,
	CONVENTION,
	POINT,
	KEYS
};

struct reading {
	struct gh_wordlines lines;
	struct gh_form *form;
	uint32_t seen;
	uint32_t points;
	struct gh_error *error;
};

static enum gh_status wrong(const struct reading *reading, const char *what)
{
	return gh_wordlines_wrong(&reading->lines, what, reading->error);
}

static bool find(const char *word, const char *const *names, int count, int *place)
{
	for (*place = 0; *place < count; (*place)++)
		if (!strcmp(names[*place], word))
			return true;
	return false;
}

static enum gh_status read_word(
	struct reading *reading, const char *const *names, int count, int *place)
{
	if (find(reading->lines.words[1], names, count, place))
		return GH_OK;
	return wrong(reading, "no such word for this");
}

static enum gh_status read_model(struct reading *reading)
{
	struct gh_form *form = reading->form;

	memcpy(form->model, reading->lines.words[1], sizeof(form->model));
	form->contract.model = form->model;
	return GH_OK;
}

static enum gh_status read_kind(struct reading *reading)
{
	int place;
	enum gh_status status = read_word(reading, kind_names, GH_NETWORK_KINDS, &place);

	reading->form->contract.kind = (enum gh_network_kind)place;
	return status;
}

static enum gh_status read_order(struct reading *reading)
{
	int place;
	enum gh_status status = read_word(reading, order_names, GH_ORDERS, &place);

	reading->form->contract.order = (enum gh_colour_order)place;
	return status;
}

static enum gh_status read_convention(struct reading *reading)
{
	int place;
	enum gh_status status = read_word(reading, convention_names, GH_CONVENTIONS, &place);

	reading->form->contract.convention = (enum gh_convention)place;
	return status;
}

/* A name and two to four sizes. */
static enum gh_status read_tensor(
	struct reading *reading, struct gh_tensor *tensor, char name[WORDLINE_WORD_BYTES])
{
	const struct gh_wordlines *lines = &reading->lines;
	int64_t values = 1;

	if (lines->count < 4 || lines->count > 2 + TENSOR_RANK_MAX)
		return wrong(reading, "a tensor is a name and two to four sizes");
	memcpy(name, lines->words[1], WORDLINE_WORD_BYTES);
	tensor->name = name;
	tensor->rank = lines->count - 2;
	for (uint32_t i = 0; i < tensor->rank; i++) {
		int64_t *size = &tensor->sizes[i];

		if (!gh_word_whole(lines->words[2 + i], size) || *size < 1 ||
			*size > OUTPUT_VALUES_MAX / values)
			return wrong(reading, "sizes are whole numbers, at most 1048576 together");
		values *= *size;
	}
	return GH_OK;
}

static enum gh_status read_input(struct reading *reading)
{
	struct gh_form *form = reading->form;

	return read_tensor(reading, &form->contract.input, form->tensors[0]);
}

static enum gh_status read_output(struct reading *reading)
{
	struct gh_form *form = reading->form;
	uint32_t number = form->contract.output_count;

	if (number == NETWORK_OUTPUTS_MAX)
		return wrong(reading, "at most 4 outputs");
	form->contract.output_count++;
	return read_tensor(reading, &form->contract.outputs[number], form->tensors[1 + number]);
}

/* One number for all three colours, or three. */
static enum gh_status read_colours(struct reading *reading, float values[3])
{
	const struct gh_wordlines *lines = &reading->lines;

	for (uint32_t i = 0; i < 3; i++) {
		uint32_t word = lines->count == 2 ? 1 : 1 + i;

		if ((lines->count != 2 && lines->count != 4) ||
			!gh_word_number(lines->words[word], &values[i]))
			return wrong(reading, "one number, or those of red, green and blue");
	}
	return GH_OK;
}

static enum gh_status read_mean(struct reading *reading)
{
	float values[3];
	enum gh_status status = read_colours(reading, values);

	for (int i = 0; i < 3 && status == GH_OK; i++)
		reading->form->contract.scalings[i].mean = values[i];
	return status;
}

static enum gh_status read_divisor(struct reading *reading)
{
	float values[3];
	enum gh_status status = read_colours(reading, values);

	for (int i = 0; i < 3 && status == GH_OK; i++) {
		if (!(values[i] >= 0.001f))
			return wrong(reading, "a divisor is at least 0.001");
		reading->form->contract.scalings[i].scale = 1.0f / values[i];
	}
	return status;
}

static enum gh_status read_number(struct reading *reading, float minimum, float maximum, float *to)
{
	if (!gh_word_number(reading->lines.words[1], to) || *to < minimum || *to > maximum)
		return wrong(reading, "a number within its limits");
	return GH_OK;
}

static enum gh_status read_growth(struct reading *reading)
{
	return read_number(reading, 0.1f, 10.0f, &reading->form->contract.growth);
}

static enum gh_status read_bias(struct reading *reading)
{
	return read_number(reading, -30.0f, 30.0f, &reading->form->contract.bias);
}

static enum gh_status read_score(struct reading *reading)
{
	return read_number(reading, 0.0f, 1.0f, &reading->form->contract.score_min);
}

static enum gh_status read_overlap(struct reading *reading)
{
	return read_number(reading, 0.0f, 1.0f, &reading->form->contract.overlap_max);
}

static enum gh_status read_point(struct reading *reading)
{
	const struct gh_wordlines *lines = &reading->lines;
	struct gh_point *point;

	if (reading->points == FIVE_POINTS)
		return wrong(reading, "five points");
	point = &reading->form->contract.points[reading->points++];
	if (!gh_word_number(lines->words[1], &point->x) ||
		!gh_word_number(lines->words[2], &point->y))
		return wrong(reading, "a point is two numbers");
	return GH_OK;
}

static const struct key_row {
	const char *name;
	uint32_t words; /* exactly, with the key; 0: it looks itself */
	bool again;     /* may come more than once */
	enum gh_status (*read)(struct reading *reading);
} keys[KEYS] = {
	[MODEL] = { "model", 2, false, read_model },
	[KIND] = { "kind", 2, false, read_kind },
	[INPUT] = { "input", 0, false, read_input },
	[OUTPUT] = { "output", 0, true, read_output },
	[ORDER] = { "order", 2, false, read_order },
	[MEAN] = { "mean", 0, false, read_mean },
	[DIVISOR] = { "divisor", 0, false, read_divisor },
	[GROWTH] = { "growth", 2, false, read_growth },
	[BIAS] = { "bias", 2, false, read_bias },
	[SCORE] = { "score", 2, false, read_score },
	[OVERLAP] = { "overlap", 2, false, read_overlap },
	[CONVENTION] = { "convention", 2, false, read_convention },
	[POINT] = { "point", 3, true, read_point },
};

#define BIT(key) (1u << (key))
#define SHOWN \
	(BIT(MODEL) | BIT(KIND) | BIT(INPUT) | BIT(OUTPUT) | BIT(ORDER) | BIT(MEAN) | BIT(DIVISOR))

/* What each kind says of itself: no less, no more. */
static const uint32_t needed[GH_NETWORK_KINDS] = {
	[GH_NETWORK_BOXES] = SHOWN | BIT(SCORE) | BIT(OVERLAP),
	[GH_NETWORK_CELLS] = SHOWN | BIT(SCORE) | BIT(OVERLAP),
	[GH_NETWORK_LANDMARKS] = SHOWN | BIT(GROWTH),
	[GH_NETWORK_DLIB_FIVE] = BIT(MODEL) | BIT(KIND),
	[GH_NETWORK_EMBEDDING] = SHOWN | BIT(CONVENTION) | BIT(POINT),
	[GH_NETWORK_POSE] = SHOWN | BIT(GROWTH) | BIT(BIAS),
	[GH_NETWORK_EYE] = SHOWN | BIT(GROWTH),
	[GH_NETWORK_LIVENESS] = SHOWN | BIT(GROWTH),
};

static enum gh_status read_key(struct reading *reading)
{
	const struct gh_wordlines *lines = &reading->lines;

	for (int i = 0; i < KEYS; i++) {
		const struct key_row *row = &keys[i];

		if (strcmp(row->name, lines->words[0]) != 0)
			continue;
		if ((reading->seen & BIT(i)) && !row->again)
			return wrong(reading, "this stood there already");
		if (row->words ? lines->count != row->words : lines->count < 2)
			return wrong(reading, "too few or too many words");
		reading->seen |= BIT(i);
		return row->read(reading);
	}
	return wrong(reading, "no such key");
}

/* Rank and sizes; 0 stands for any. */
static bool is(const struct gh_tensor *tensor, uint32_t rank, const int64_t sizes[4])
{
	if (tensor->rank != rank)
		return false;
	for (uint32_t i = 0; i < rank; i++)
		if (sizes[i] && tensor->sizes[i] != sizes[i])
			return false;
	return true;
}

#define IS(tensor, rank, ...) is(tensor, rank, (const int64_t[4]){ __VA_ARGS__ })

static bool input_fits(const struct gh_network_contract *contract)
{
	const struct gh_tensor *input = &contract->input;
	int64_t channels = contract->order == GH_ORDER_GREY ? 1 : 3;
	bool square = contract->kind != GH_NETWORK_BOXES && contract->kind != GH_NETWORK_CELLS;

	return IS(input, 4, 1, channels, 0, 0) && input->sizes[2] >= 8 &&
		input->sizes[2] <= CROP_SIDE_MAX_PX && input->sizes[3] >= 8 &&
		input->sizes[3] <= CROP_SIDE_MAX_PX &&
		(!square || input->sizes[2] == input->sizes[3]);
}

static bool cells_fit(const struct gh_network_contract *contract)
{
	const struct gh_tensor *out = contract->outputs;
	int64_t rows = contract->input.sizes[2] / 4, columns = contract->input.sizes[3] / 4;

	return contract->output_count == 4 && IS(&out[0], 4, 1, 1, rows, columns) &&
		IS(&out[1], 4, 1, 2, rows, columns) && IS(&out[2], 4, 1, 2, rows, columns) &&
		IS(&out[3], 4, 1, 2 * FIVE_POINTS, rows, columns);
}

static bool outputs_fit(const struct gh_network_contract *contract)
{
	const struct gh_tensor *out = contract->outputs;
	uint32_t count = contract->output_count;

	switch (contract->kind) {
	case GH_NETWORK_BOXES:
		return count == 2 && IS(&out[0], 3, 1, 0, 2) &&
			IS(&out[1], 3, 1, out[0].sizes[1], 4);
	case GH_NETWORK_CELLS:
		return cells_fit(contract);
	case GH_NETWORK_LANDMARKS:
		return count == 1 && IS(&out[0], 2, 1, 2 * ALL_POINTS);
	case GH_NETWORK_EMBEDDING:
		return count == 1 && IS(&out[0], 2, 1, 0) && out[0].sizes[1] >= 2 &&
			out[0].sizes[1] <= GH_TEMPLATE_VALUES && contract->order != GH_ORDER_GREY;
	case GH_NETWORK_POSE:
		return count == 3 && IS(&out[0], 2, 1, POSE_BINS) && IS(&out[1], 2, 1, POSE_BINS) &&
			IS(&out[2], 2, 1, POSE_BINS);
	case GH_NETWORK_EYE:
		return count == 1 && IS(&out[0], 2, 1, 2);
	case GH_NETWORK_LIVENESS:
		return count == 1 && IS(&out[0], 2, 1, 3);
	default:
		return count == 0;
	}
}

static enum gh_status check(const struct reading *reading)
{
	const struct gh_network_contract *contract = &reading->form->contract;

	if (!(reading->seen & BIT(KIND)) || reading->seen != needed[contract->kind])
		return wrong(reading, "lines are missing, or are not of this kind");
	if (contract->kind == GH_NETWORK_DLIB_FIVE)
		return GH_OK;
	if (contract->kind == GH_NETWORK_EMBEDDING && reading->points != FIVE_POINTS)
		return wrong(reading, "five points");
	if (!input_fits(contract))
		return wrong(reading, "the input is not one this kind can have");
	if (!outputs_fit(contract))
		return wrong(reading, "the outputs are not those of this kind");
	return GH_OK;
}

static enum gh_status read_head(struct reading *reading)
{
	const struct gh_wordlines *lines = &reading->lines;
	enum gh_status status = gh_wordlines_next(&reading->lines, reading->error);

	if (status == GH_OK &&
		(lines->count != 2 || strcmp(lines->words[0], "gatehouse-network") != 0 ||
			strcmp(lines->words[1], FORM_VERSION) != 0))
		status = wrong(reading, "\"gatehouse-network 1\" was expected");
	return status;
}

enum gh_status gh_form_parse(struct gh_view text, struct gh_form *form, struct gh_error *error)
{
	struct reading reading = { .lines = { .text = text }, .form = form, .error = error };
	enum gh_status status;

	memset(form, 0, sizeof(*form));
	status = read_head(&reading);
	while (status == GH_OK) {
		status = gh_wordlines_next(&reading.lines, error);
		if (status != GH_OK)
			return status;
		if (reading.lines.count == 1 && !strcmp(reading.lines.words[0], "end"))
			break;
		status = read_key(&reading);
	}
	if (status == GH_OK && !gh_wordlines_over(&reading.lines))
		status = wrong(&reading, "nothing may follow \"end\"");
	return status == GH_OK ? check(&reading) : status;
}

static enum gh_status path_of(
	const char *folder, const char *name, char path[4096], struct gh_error *error)
{
	char inside[WORDLINE_WORD_BYTES + 16];

	if (!*name || strchr(name, '/') || name[0] == '.' || strlen(name) >= WORDLINE_WORD_BYTES)
		return gh_error_set(error, GH_MALFORMED, "\"%.32s\" names no model", name);
	snprintf(inside, sizeof(inside), "%s/network", name);
	return gh_path_join(folder, inside, path, 4096, error);
}

enum gh_status gh_form_read(
	const char *folder, const char *name, struct gh_form *form, struct gh_error *error)
{
	struct gh_bytes text = GH_BYTES_EMPTY;
	char path[4096];
	enum gh_status status = path_of(folder, name, path, error);

	if (status == GH_OK)
		status = gh_file_read(path, WORDLINES_BYTES_MAX, &text, error);
	if (status != GH_OK)
		return status;
	status = gh_form_parse(gh_bytes_view(&text), form, error);
	if (status == GH_OK && strcmp(form->model, name) != 0)
		status = gh_error_set(
			error, GH_MALFORMED, "it describes %.32s", form->contract.model);
	if (status != GH_OK)
		gh_error_wrap(error, "%s", path);
	gh_bytes_finish(&text);
	return status;
}

static enum gh_status print_tensor(
	const struct gh_tensor *tensor, struct gh_bytes *text, struct gh_error *error)
{
	return gh_bytes_print(text, error, " %s %u %lld %lld %lld %lld", tensor->name, tensor->rank,
		(long long)tensor->sizes[0], (long long)tensor->sizes[1],
		(long long)tensor->sizes[2], (long long)tensor->sizes[3]);
}

static enum gh_status print_numbers(
	const struct gh_network_contract *contract, struct gh_bytes *text, struct gh_error *error)
{
	enum gh_status status = gh_bytes_print(text, error, " %a %a %a %a",
		(double)contract->growth, (double)contract->bias, (double)contract->score_min,
		(double)contract->overlap_max);

	for (int i = 0; i < 3 && status == GH_OK; i++)
		status = gh_bytes_print(text, error, " %a %a", (double)contract->scalings[i].mean,
			(double)contract->scalings[i].scale);
	for (int i = 0; i < FIVE_POINTS && status == GH_OK; i++)
		status = gh_bytes_print(text, error, " %a %a", (double)contract->points[i].x,
			(double)contract->points[i].y);
	return status;
}

enum gh_status gh_form_print(
	const struct gh_form *form, struct gh_bytes *text, struct gh_error *error)
{
	const struct gh_network_contract *contract = &form->contract;
	enum gh_status status = gh_bytes_print(text, error, "%s %s %s %s", contract->model,
		kind_names[contract->kind], order_names[contract->order],
		convention_names[contract->convention]);

	if (status == GH_OK && contract->kind != GH_NETWORK_DLIB_FIVE)
		status = print_tensor(&contract->input, text, error);
	for (uint32_t i = 0; i < contract->output_count && status == GH_OK; i++)
		status = print_tensor(&contract->outputs[i], text, error);
	if (status == GH_OK)
		status = print_numbers(contract, text, error);
	return status == GH_OK ? gh_bytes_print(text, error, "\n") : status;
}

const char *gh_form_kind_name(enum gh_network_kind kind)
{
	return kind < GH_NETWORK_KINDS ? kind_names[kind] : "none";
}
