/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a picture, decoded into every format its size allows. */
#include <stdint.h>
#include <stdlib.h>

#include "picture.h"

/* Larger ones are slow under a fuzzer and take the same way. */
#define SIDE_MAX_PX 512

static void decode(struct gh_view file, const struct gh_replay_shape *shape)
{
	size_t memory_bytes = gh_replay_shape_bytes(shape);
	uint8_t *memory = malloc(memory_bytes > 0 ? memory_bytes : 1);
	struct gh_replay_decoder *decoder;
	struct gh_plane planes[2];
	if (!memory || gh_replay_decoder_create(shape, &decoder, NULL) != GH_OK)
		abort();
	gh_replay_shape_planes(shape, memory, planes);
	/* Twice: what the first left behind must not change the second. */
	enum gh_status first = gh_replay_decode(decoder, file, planes, NULL);
	if (gh_replay_decode(decoder, file, planes, NULL) != first)
		abort();
	gh_replay_decoder_destroy(decoder);
	free(memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct gh_view file = { bytes, size };
	uint32_t width_px = 0;
	uint32_t height_px = 0;
	if (gh_replay_picture_size(file, &width_px, &height_px, NULL) != GH_OK)
		return 0;
	if (width_px == 0 || height_px == 0 || width_px > GH_FRAME_SIDE_MAX_PX ||
		height_px > GH_FRAME_SIDE_MAX_PX)
		abort();
	if (width_px > SIDE_MAX_PX || height_px > SIDE_MAX_PX)
		return 0;
	for (int format = GH_PIXEL_GREY; format <= GH_PIXEL_MJPEG; format++) {
		struct gh_replay_shape shape = { (enum gh_pixel_format)format, width_px,
			height_px };
		if (format == GH_PIXEL_YUYV && width_px % 2 != 0)
			continue;
		if (format == GH_PIXEL_NV12 && (width_px % 2 != 0 || height_px % 2 != 0))
			continue;
		decode(file, &shape);
	}
	return 0;
}
