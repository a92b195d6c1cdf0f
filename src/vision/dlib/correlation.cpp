/* SPDX-License-Identifier: Apache-2.0 */
/* dlib's correlation tracker; no exception and no type of it gets out. */
#include "correlation.h"

#include <cmath>
#include <exception>
#include <memory>
#include <new>

/*
 * The headers alone are enough for it: without the bindings to BLAS and LAPACK, which it calls for
 * matrices of 3 x 3 only, neither these nor dlib itself is linked for its sake.
 */
#include <dlib/test_for_odr_violations.h>
#include <dlib/algs.h>
#undef DLIB_USE_BLAS
#undef DLIB_USE_LAPACK
#include <dlib/image_transforms.h>
#include <dlib/image_processing/correlation_tracker.h>

struct gh_correlation {
	std::unique_ptr<dlib::correlation_tracker> tracker;
};

namespace
{

/* 32 x 32 would cost a quarter, but hardly tells a covered face from an empty place. */
constexpr unsigned long filter_log2 = 6;
constexpr unsigned long sizes_log2 = 4;

constexpr float side_min_px = 4.0f;

/* A grey picture that belongs to someone else, as dlib reads pictures. */
struct borrowed {
	const uint8_t *grey;
};

/* Found by dlib through the type's namespace. */
long num_rows(const borrowed &)
{
	return CORRELATION_SIDE_PX;
}

long num_columns(const borrowed &)
{
	return CORRELATION_SIDE_PX;
}

const void *image_data(const borrowed &picture)
{
	return picture.grey;
}

long width_step(const borrowed &)
{
	return CORRELATION_SIDE_PX;
}

} /* namespace */

template <> struct dlib::image_traits<borrowed> {
	typedef unsigned char pixel_type;
};

template <> struct dlib::image_traits<const borrowed> {
	typedef unsigned char pixel_type;
};

namespace
{

bool usable(const gh_box &box)
{
	float sum = box.left + box.top + box.right + box.bottom;

	return std::isfinite(sum) && gh_box_width(&box) >= side_min_px &&
		gh_box_height(&box) >= side_min_px && std::fabs(sum) < 1e6f;
}

dlib::drectangle rectangle(const gh_box &box)
{
	return dlib::drectangle(box.left, box.top, box.right, box.bottom);
}

gh_box box_of(const dlib::drectangle &found)
{
	return gh_box{ static_cast<float>(found.left()), static_cast<float>(found.top()),
		static_cast<float>(found.right()), static_cast<float>(found.bottom()) };
}

gh_status look(
	gh_correlation &correlation, const uint8_t *grey, gh_box *box, float *peak, gh_error *error)
{
	borrowed picture = { grey };
	double found = correlation.tracker->update(picture, rectangle(*box));
	gh_box now = box_of(correlation.tracker->get_position());

	if (!usable(now))
		return gh_error_set(error, GH_INTERNAL, "dlib: the tracker lost its box");
	*box = now;
	*peak = std::isfinite(found) ? static_cast<float>(found) : 0.0f;
	return GH_OK;
}

/* Run something of dlib; whatever it throws becomes a status. */
template <typename action> gh_status guarded(gh_error *error, action run)
{
	try {
		return run();
	} catch (const std::bad_alloc &) {
		return gh_error_set(error, GH_NO_MEMORY, "dlib: correlation tracker");
	} catch (const std::exception &exception) {
		return gh_error_set(error, GH_INTERNAL, "dlib: %.200s", exception.what());
	} catch (...) {
		return gh_error_set(error, GH_INTERNAL, "dlib: correlation tracker");
	}
}

} /* namespace */

gh_status gh_correlation_create(gh_correlation **correlation, gh_error *error)
{
	*correlation = new (std::nothrow) gh_correlation();
	return *correlation ? GH_OK : gh_error_set(error, GH_NO_MEMORY, "correlation tracker");
}

void gh_correlation_destroy(gh_correlation *correlation)
{
	delete correlation;
}

gh_status gh_correlation_learn(
	gh_correlation *correlation, const uint8_t *grey, const gh_box *box, gh_error *error)
{
	if (!usable(*box))
		return gh_error_set(error, GH_MALFORMED, "a box that cannot be tracked");
	return guarded(error, [&] {
		borrowed picture = { grey };

		if (!correlation->tracker)
			correlation->tracker = std::make_unique<dlib::correlation_tracker>(
				filter_log2, sizes_log2);
		correlation->tracker->start_track(picture, rectangle(*box));
		return GH_OK;
	});
}

gh_status gh_correlation_look(
	gh_correlation *correlation, const uint8_t *grey, gh_box *box, float *peak, gh_error *error)
{
	*peak = 0.0f;
	if (!correlation->tracker)
		return gh_error_set(error, GH_NOT_FOUND, "the tracker has learnt nothing");
	if (!usable(*box))
		return gh_error_set(error, GH_MALFORMED, "a box that cannot be tracked");
	return guarded(error, [&] { return look(*correlation, grey, box, peak, error); });
}

void gh_correlation_forget(gh_correlation *correlation)
{
	correlation->tracker.reset();
}
