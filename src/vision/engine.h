/* SPDX-License-Identifier: Apache-2.0 */
/* What runs a neural network: one interface, an implementation for each engine. */
#ifndef GATEHOUSE_SRC_VISION_ENGINE_H
#define GATEHOUSE_SRC_VISION_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gatehouse/base/bytes.h"
#include "gatehouse/base/error.h"

#include "image.h"

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

/** How the outputs of a network are read; there is a source file for each. */
enum gh_network_kind {
	GH_NETWORK_BOXES,     /**< faces: scores and boxes */
	GH_NETWORK_CELLS,     /**< faces: heat, extent, offset and five points of cells */
	GH_NETWORK_LANDMARKS, /**< 68 points of a crop */
	GH_NETWORK_DLIB_FIVE, /**< no tensors: a shape predictor that dlib reads */
	GH_NETWORK_EMBEDDING, /**< a template of an aligned face */
	GH_NETWORK_POSE,      /**< three angles in bins */
	GH_NETWORK_EYE,       /**< closed or open */
	GH_NETWORK_LIVENESS,  /**< live or not */
	GH_NETWORK_KINDS,
};

enum gh_colour_order {
	GH_ORDER_RGB,
	GH_ORDER_BGR,
	GH_ORDER_GREY, /**< luma of ITU-R BT.601 */
	GH_ORDERS,
};

/** Which five points of a face are meant. */
enum gh_convention {
	/** Centres of the eyes, tip of the nose, corners of the mouth; image-left ones first. */
	GH_CENTRES,
	/** Corners of the image-right eye, of the image-left one, outer first; base of the nose. */
	GH_CORNERS,
	GH_CONVENTIONS,
};

/**
 * What the chain needs of a network, anything else in the file is refused; and
 * how it is shown pictures and read, as its description says.
 */
struct gh_network_contract {
	const char *model; /**< its name in models/MANIFEST */
	struct gh_tensor input;
	uint32_t output_count;
	struct gh_tensor outputs[NETWORK_OUTPUTS_MAX];
	enum gh_network_kind kind;
	enum gh_colour_order order;
	struct gh_scaling scalings[3];       /**< of red, green, blue; of grey the first */
	float growth;                        /**< the crop against the face or the eye */
	float bias;                          /**< degrees of yaw, taken off */
	float score_min;                     /**< of a face */
	float overlap_max;                   /**< of two faces, intersection over union */
	enum gh_convention convention;       /**< of the five points of an embedder */
	struct gh_point points[FIVE_POINTS]; /**< where they lie in its input */
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
