/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the description of a network and as a set of models. */
#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "networks.h"
#include "set.h"

static void look_at_tensor(const struct gh_tensor *tensor)
{
	assert(tensor->rank >= 2 && tensor->rank <= TENSOR_RANK_MAX);
	assert(strlen(tensor->name) < WORDLINE_WORD_BYTES);
	for (uint32_t i = 0; i < tensor->rank; i++)
		assert(tensor->sizes[i] >= 1);
	assert(gh_tensor_length(tensor) <= 1u << 20);
}

/* What was accepted can be used without another look. */
static void look_at_form(const struct gh_form *form)
{
	const struct gh_network_contract *contract = &form->contract;

	assert(contract->kind < GH_NETWORK_KINDS && contract->order < GH_ORDERS);
	assert(contract->convention < GH_CONVENTIONS);
	assert(contract->output_count <= NETWORK_OUTPUTS_MAX);
	if (contract->kind == GH_NETWORK_DLIB_FIVE)
		return;
	look_at_tensor(&contract->input);
	assert(contract->input.sizes[2] <= CROP_SIDE_MAX_PX);
	assert(contract->input.sizes[3] <= CROP_SIDE_MAX_PX);
	for (uint32_t i = 0; i < contract->output_count; i++)
		look_at_tensor(&contract->outputs[i]);
	for (int i = 0; i < 3; i++)
		assert(isfinite(contract->scalings[i].mean) && contract->scalings[i].scale > 0);
	if (contract->kind == GH_NETWORK_EMBEDDING)
		assert(gh_tensor_length(&contract->outputs[0]) <= GH_TEMPLATE_VALUES);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct gh_form form;
	static struct gh_model_set set;
	struct gh_view text = { bytes, size };

	if (gh_form_parse(text, &form, NULL) == GH_OK)
		look_at_form(&form);
	if (gh_model_set_parse(text, &set, NULL) == GH_OK)
		assert(set.has[GH_ROLE_DETECTOR] && set.has[GH_ROLE_EMBEDDER]);
	return 0;
}
