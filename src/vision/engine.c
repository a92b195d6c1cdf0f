/* SPDX-License-Identifier: Apache-2.0 */
/* The list of engines, and the memory that networks share with their callers. */
#include "engine.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tiny_numbers.h"

/* Tensors begin where the widest vector loads of any processor like it. */
#define TENSOR_ALIGN_BYTES 64

static const struct gh_engine_kind *const kinds[] = { &gh_engine_onnxruntime, &gh_engine_opencv };

enum gh_status gh_engine_find(
	const char *name, const struct gh_engine_kind **kind, struct gh_error *error)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (name && !strcmp(kinds[i]->name, name)) {
			*kind = kinds[i];
			return GH_OK;
		}
	*kind = NULL;
	return gh_error_set(error, GH_UNSUPPORTED, "engine \"%.32s\": there are %s and %s",
		name ? name : "", kinds[0]->name, kinds[1]->name);
}

size_t gh_tensor_length(const struct gh_tensor *tensor)
{
	size_t length = 1;

	for (uint32_t i = 0; i < tensor->rank; i++)
		length *= (size_t)tensor->sizes[i];
	return length;
}

static size_t room(const struct gh_tensor *tensor)
{
	size_t bytes = gh_tensor_length(tensor) * sizeof(float);

	return (bytes + TENSOR_ALIGN_BYTES - 1) / TENSOR_ALIGN_BYTES * TENSOR_ALIGN_BYTES;
}

static size_t room_of_all(const struct gh_network_contract *contract)
{
	size_t bytes = room(&contract->input);

	for (uint32_t i = 0; i < contract->output_count; i++)
		bytes += room(&contract->outputs[i]);
	return bytes;
}

enum gh_status gh_network_take_tensors(struct gh_network *network, struct gh_error *error)
{
	const struct gh_network_contract *contract = network->contract;
	size_t bytes = room_of_all(contract);
	char *block = aligned_alloc(TENSOR_ALIGN_BYTES, bytes);

	if (!block)
		return gh_error_set(error, GH_NO_MEMORY, "tensors of %s", contract->model);
	memset(block, 0, bytes);
	network->input = (float *)(void *)block;
	block += room(&contract->input);
	for (uint32_t i = 0; i < contract->output_count; i++) {
		network->outputs[i] = (float *)(void *)block;
		block += room(&contract->outputs[i]);
	}
	return GH_OK;
}

void gh_network_wipe(struct gh_network *network)
{
	if (network->input)
		gh_wipe(network->input, room_of_all(network->contract));
}

void gh_network_drop_tensors(struct gh_network *network)
{
	gh_network_wipe(network);
	free(network->input);
	network->input = NULL;
	memset(network->outputs, 0, sizeof(network->outputs));
}

void gh_network_close(struct gh_network *network)
{
	if (network)
		network->kind->close(network);
}

enum gh_status gh_network_run(struct gh_network *network, struct gh_error *error)
{
	const struct gh_network_contract *contract = network->contract;
	uint64_t before = gh_tiny_numbers_as_zero();
	enum gh_status status = network->kind->run(network, error);

	gh_tiny_numbers_restore(before);
	if (status != GH_OK) {
		gh_error_wrap(error, "running %s", contract->model);
		return status;
	}
	for (uint32_t i = 0; i < contract->output_count; i++) {
		size_t length = gh_tensor_length(&contract->outputs[i]);
		const float *values = network->outputs[i];
		float sum = 0.0f;

		/* 0 * x is 0 for every finite x and nothing else. */
		for (size_t j = 0; j < length; j++)
			sum += 0.0f * values[j];
		if (!(sum == 0.0f))
			return gh_error_set(error, GH_INTERNAL,
				"%s gave values that are not finite", contract->model);
	}
	return GH_OK;
}
