/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of every format become RGB of the zone and its margin, and nothing outside is unpacked. */
#include "scene.h"

#include <stdlib.h>
#include <string.h>

#include "gatehouse/base/bytes.h"

#include "kernels.h"

/* So much of the zone's size is seen around it: faces half in the zone are seen whole. */
#define MARGIN_SHARE 8

static bool possible(const struct gh_vision_options *options)
{
	const struct gh_zone *zone = &options->zone;

	return zone->left_permille < zone->right_permille && zone->right_permille <= 1000 &&
		zone->top_permille < zone->bottom_permille && zone->bottom_permille <= 1000 &&
		options->width_max_px >= 16 && options->width_max_px <= GH_FRAME_SIDE_MAX_PX &&
		options->height_max_px >= 16 && options->height_max_px <= GH_FRAME_SIDE_MAX_PX;
}

enum gh_status gh_viewer_init(
	struct gh_viewer *viewer, const struct gh_vision_options *options, struct gh_error *error)
{
	enum gh_status status;

	memset(viewer, 0, sizeof(*viewer));
	if (!possible(options))
		return gh_error_set(error, GH_SETTINGS,
			"the stand-here zone needs left < right and top < bottom up to 1000, the "
			"frame 16 to %d pixels a side",
			GH_FRAME_SIDE_MAX_PX);
	viewer->zone = options->zone;
	viewer->width_max_px = options->width_max_px;
	viewer->height_max_px = options->height_max_px;
	viewer->capacity_bytes = 3 * (size_t)options->width_max_px * options->height_max_px;
	viewer->rgb = calloc(1, viewer->capacity_bytes);
	if (!viewer->rgb)
		return gh_error_set(
			error, GH_NO_MEMORY, "scratch of %zu bytes", viewer->capacity_bytes);
	status = gh_jpeg_create(&viewer->jpeg, error);
	if (status != GH_OK)
		gh_viewer_finish(viewer);
	return status;
}

void gh_viewer_finish(struct gh_viewer *viewer)
{
	gh_viewer_wipe(viewer);
	free(viewer->rgb);
	gh_jpeg_destroy(viewer->jpeg);
	memset(viewer, 0, sizeof(*viewer));
}

void gh_viewer_wipe(struct gh_viewer *viewer)
{
	if (viewer->rgb)
		gh_wipe(viewer->rgb, viewer->capacity_bytes);
}

/* A part of one axis of the frame, in pixels. */
struct stretch {
	uint32_t first;
	uint32_t length;
	float zone_low; /* the zone within it */
	float zone_high;
};

/* Even at both ends, because chroma comes in pairs; the frame's end may be odd. */
static struct stretch stretch_of(uint32_t side_px, uint32_t low_permille, uint32_t high_permille)
{
	uint32_t margin = (high_permille - low_permille) / MARGIN_SHARE;
	uint32_t from = low_permille > margin ? low_permille - margin : 0;
	uint32_t to = high_permille + margin < 1000 ? high_permille + margin : 1000;
	uint32_t first = from * side_px / 1000 & ~1u;
	uint32_t end = (to * side_px / 1000 + 1) & ~1u;
	struct stretch stretch;

	if (end <= first)
		end = first + 2;
	if (end > side_px)
		end = side_px;
	stretch.first = first;
	stretch.length = end - first;
	stretch.zone_low = (float)(low_permille * side_px) / 1000.0f - (float)first;
	stretch.zone_high = (float)(high_permille * side_px) / 1000.0f - (float)first;
	return stretch;
}

static void unpack_rows(struct gh_viewer *viewer, const struct gh_frame *frame,
	const struct stretch *across, const struct stretch *down)
{
	const struct gh_plane *plane = frame->planes;
	uint8_t *out = viewer->rgb;
	size_t left = across->first;

	for (uint32_t y = down->first; y < down->first + down->length; y++) {
		const uint8_t *row = plane[0].data + (size_t)y * plane[0].stride_bytes;

		if (frame->format == GH_PIXEL_NV12)
			gh_kernel_rgb_of_nv12(row + left,
				plane[1].data + (size_t)(y / 2) * plane[1].stride_bytes + left, out,
				across->length);
		else if (frame->format == GH_PIXEL_YUYV)
			gh_kernel_rgb_of_yuyv(row + 2 * left, out, across->length);
		else
			gh_kernel_rgb_of_grey(row + left, out, across->length);
		out += 3 * (size_t)across->length;
	}
}

static enum gh_status unpack_jpeg(struct gh_viewer *viewer, const struct gh_frame *frame,
	const struct stretch *across, const struct stretch *down, struct gh_scene *scene,
	struct gh_error *error)
{
	struct gh_view file = { frame->planes[0].data, frame->planes[0].length_bytes };
	struct gh_jpeg_region region = { across->first, down->first, across->length, down->length };
	struct gh_jpeg_head head;
	enum gh_status status = gh_jpeg_begin(viewer->jpeg, file, &head, error);

	if (status != GH_OK)
		return status;
	if (head.width_px != frame->width_px || head.height_px != frame->height_px)
		return gh_error_set(error, GH_MALFORMED,
			"a frame of %u x %u pixels holds a JPEG of %u x %u", frame->width_px,
			frame->height_px, head.width_px, head.height_px);
	status = gh_jpeg_read(viewer->jpeg, &region, viewer->rgb, error);
	if (status != GH_OK)
		return status;
	scene->image.rgb = viewer->rgb + 3 * (size_t)(across->first - region.left);
	scene->image.stride_bytes = 3 * (size_t)region.width;
	scene->stage.jpeg = (struct gh_jpeg_trace){ true, head.luma_step, true, across->first % 8,
		down->first % 8 };
	return GH_OK;
}

static enum gh_status check(
	const struct gh_viewer *viewer, const struct gh_frame *frame, struct gh_error *error)
{
	enum gh_status status = gh_frame_check(frame, error);

	if (status != GH_OK)
		return status;
	if (frame->damaged)
		return gh_error_set(error, GH_MALFORMED, "the driver calls this frame damaged");
	if (frame->width_px > viewer->width_max_px || frame->height_px > viewer->height_max_px)
		return gh_error_set(error, GH_UNSUPPORTED,
			"a frame of %u x %u pixels, at most %u x %u are prepared for",
			frame->width_px, frame->height_px, viewer->width_max_px,
			viewer->height_max_px);
	return GH_OK;
}

enum gh_status gh_viewer_show(struct gh_viewer *viewer, const struct gh_frame *frame,
	struct gh_scene *scene, struct gh_error *error)
{
	const struct gh_zone *zone = &viewer->zone;
	struct stretch across, down;
	enum gh_status status = check(viewer, frame, error);

	memset(scene, 0, sizeof(*scene));
	if (status != GH_OK)
		return status;
	across = stretch_of(frame->width_px, zone->left_permille, zone->right_permille);
	down = stretch_of(frame->height_px, zone->top_permille, zone->bottom_permille);
	scene->stage = (struct gh_stage){
		.seen_width_px = across.length,
		.seen_height_px = down.length,
		.frame_width_px = frame->width_px,
		.frame_height_px = frame->height_px,
		.left_px = across.first,
		.top_px = down.first,
	};
	scene->zone =
		(struct gh_box){ across.zone_low, down.zone_low, across.zone_high, down.zone_high };
	scene->image = (struct gh_image){ viewer->rgb, across.length, down.length,
		3 * (size_t)across.length };
	switch (frame->format) {
	case GH_PIXEL_RGB24:
		scene->image.stride_bytes = frame->planes[0].stride_bytes;
		scene->image.rgb = frame->planes[0].data +
			(size_t)down.first * scene->image.stride_bytes + 3 * (size_t)across.first;
		return GH_OK;
	case GH_PIXEL_MJPEG:
		return unpack_jpeg(viewer, frame, &across, &down, scene, error);
	case GH_PIXEL_NV12:
	case GH_PIXEL_YUYV:
	case GH_PIXEL_GREY:
		unpack_rows(viewer, frame, &across, &down);
		return GH_OK;
	}
	return gh_error_set(error, GH_UNSUPPORTED, "pixel format %d", (int)frame->format);
}
