/* SPDX-License-Identifier: Apache-2.0 */
/* What runs a neural network: one interface, an implementation for each engine. */
#ifndef GATEHOUSE_SRC_VISION_ENGINE_H
#define GATEHOUSE_SRC_VISION_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TENSOR_RANK_MAX 4
#define NETWORK_OUTPUTS_MAX 4

/** A tensor of 32-bit floats: its name in the file and its sizes. */
struct gh_tensor {
	const char *name;
	uint32_t rank;
	int64_t sizes[TENSOR_RANK_MAX];
};

/** What the chain needs of a network; anything else in the file is refused. */
struct gh_network_contract {
	const char *model; /**< its name in models/MANIFEST */
	struct gh_tensor input;
	uint32_t output_count;
	struct gh_tensor outputs[NETWORK_OUTPUTS_MAX];
};

/** How many floats a tensor has. */
size_t gh_tensor_length(const struct gh_tensor *tensor);

/**
 * A loaded network. Callers write input, call run, and read outputs: memory of
 * the network, taken when it is opened, in the order and sizes of its contract.
 */
struct gh_network {
	const struct gh_network_contract *contract;
	const struct gh_engine_kind *kind;
	float *input;
	float *outputs[NETWORK_OUTPUTS_MAX];
};

/** One engine: "onnxruntime", "opencv". */
struct gh_engine_kind {
	const char *name;

	/** Whether init wants the path of a library. */
	bool needs_library;

	/**
	 * Make the engine ready. library is a path, or an open descriptor's path,
	 * and may be unused. Writes a version such as "1.28.0". May be called
	 * again; each call that succeeded is matched by one of finish.
	 */
	enum gh_status (*init)(const char *library, char version[32], struct gh_error *error);

	void (*finish)(void);

	/**
	 * Read a network from bytes, which may go afterwards. GH_INTEGRITY: its
	 * tensors are not those of the contract, or it is no network at all.
	 */
	enum gh_status (*open)(const struct gh_network_contract *contract, struct gh_view bytes,
		struct gh_network **network, struct gh_error *error);

	/** Wipe its tensors and free it. */
	void (*close)(struct gh_network *network);

	/** Run once, on the calling thread. GH_OK or GH_INTERNAL. */
	enum gh_status (*run)(struct gh_network *network, struct gh_error *error);
};

extern const struct gh_engine_kind gh_engine_onnxruntime;
extern const struct gh_engine_kind gh_engine_opencv;

/** The kind of a name. GH_OK, or GH_UNSUPPORTED and a list of those there are. */
GH_MUST_USE enum gh_status gh_engine_find(
	const char *name, const struct gh_engine_kind **kind, struct gh_error *error);

/** Take input and outputs in one block that is zero. GH_OK or GH_NO_MEMORY. */
GH_MUST_USE enum gh_status gh_network_take_tensors(
	struct gh_network *network, struct gh_error *error);

/** Wipe and free that block. */
void gh_network_drop_tensors(struct gh_network *network);

/** Overwrite input and outputs. */
void gh_network_wipe(struct gh_network *network);

/** Close through its kind. NULL safe. */
void gh_network_close(struct gh_network *network);

/**
 * Run through its kind and look at what came out: a value that is not finite
 * is GH_INTERNAL, so that nothing behind this needs to expect one.
 */
GH_MUST_USE enum gh_status gh_network_run(struct gh_network *network, struct gh_error *error);

#ifdef __cplusplus
}
#endif

#endif
