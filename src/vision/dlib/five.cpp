/* SPDX-License-Identifier: Apache-2.0 */
/* dlib's shape predictor; no exception and no type of it gets out. */
#include "five.h"

#include <cmath>
#include <exception>
#include <istream>
#include <memory>
#include <new>
#include <streambuf>

/* The headers alone are enough for it; see correlation.cpp. */
#include <dlib/test_for_odr_violations.h>
#include <dlib/algs.h>
#undef DLIB_USE_BLAS
#undef DLIB_USE_LAPACK
#include <dlib/image_processing/shape_predictor.h>

struct gh_five {
	dlib::shape_predictor predictor;
};

namespace
{

/* The box that it was trained on, against the height of the face. */
constexpr float side_of_height = 0.789f;
constexpr float down_of_height = 0.078f;

/* Boxes beyond this are no faces; dlib counts pixels in long. */
constexpr float far_px = 1e6f;

/* Bytes of someone else, to be read once. */
class borrowed_bytes : public std::streambuf
{
      public:
	explicit borrowed_bytes(gh_view bytes)
	{
		char *from = reinterpret_cast<char *>(const_cast<uint8_t *>(bytes.data));

		setg(from, from, from + bytes.length_bytes);
	}
};

/* A picture of someone else, as dlib reads pictures. */
struct borrowed {
	const gh_image *image;
};

long num_rows(const borrowed &picture)
{
	return static_cast<long>(picture.image->height_px);
}

long num_columns(const borrowed &picture)
{
	return static_cast<long>(picture.image->width_px);
}

const void *image_data(const borrowed &picture)
{
	return picture.image->rgb;
}

long width_step(const borrowed &picture)
{
	return static_cast<long>(picture.image->stride_bytes);
}

dlib::rectangle square_of(const gh_box *box)
{
	float height = gh_box_height(box);
	float half = 0.5f * side_of_height * height;
	gh_point centre = gh_box_centre(box);

	centre.y += down_of_height * height;
	return dlib::rectangle(std::lround(centre.x - half), std::lround(centre.y - half),
		std::lround(centre.x + half), std::lround(centre.y + half));
}

bool usable(const gh_box *box)
{
	return std::fabs(box->left) < far_px && std::fabs(box->right) < far_px &&
		std::fabs(box->top) < far_px && std::fabs(box->bottom) < far_px &&
		gh_box_height(box) > 1.0f;
}

} /* namespace */

namespace dlib
{
template <> struct image_traits<borrowed> {
	typedef rgb_pixel pixel_type;
};
} /* namespace dlib */

extern "C" gh_status gh_five_open(gh_view bytes, gh_five **five, gh_error *error)
{
	*five = nullptr;
	try {
		borrowed_bytes buffer(bytes);
		std::istream stream(&buffer);
		auto made = std::make_unique<gh_five>();

		dlib::deserialize(made->predictor, stream);
		if (made->predictor.num_parts() != FIVE_POINTS)
			return gh_error_set(error, GH_INTEGRITY, "dlib: %lu points, not five",
				made->predictor.num_parts());
		*five = made.release();
		return GH_OK;
	} catch (const std::bad_alloc &) {
		return gh_error_set(error, GH_NO_MEMORY, "dlib: shape predictor");
	} catch (const std::exception &exception) {
		return gh_error_set(error, GH_INTEGRITY, "dlib: %.200s", exception.what());
	} catch (...) {
		return gh_error_set(error, GH_INTEGRITY, "dlib: shape predictor");
	}
}

extern "C" void gh_five_close(gh_five *five)
{
	delete five;
}

extern "C" gh_status gh_five_points(gh_five *five, const gh_image *image, const gh_box *box,
	gh_landmarks *landmarks, gh_error *error)
{
	if (!usable(box))
		return gh_error_set(error, GH_INTERNAL, "dlib: no box of a face");
	try {
		dlib::full_object_detection found =
			five->predictor(borrowed{ image }, square_of(box));

		for (unsigned long i = 0; i < FIVE_POINTS; i++) {
			landmarks->corners[i].x = static_cast<float>(found.part(i).x());
			landmarks->corners[i].y = static_cast<float>(found.part(i).y());
		}
	} catch (const std::bad_alloc &) {
		return gh_error_set(error, GH_NO_MEMORY, "dlib: five points");
	} catch (const std::exception &exception) {
		return gh_error_set(error, GH_INTERNAL, "dlib: %.200s", exception.what());
	} catch (...) {
		return gh_error_set(error, GH_INTERNAL, "dlib: five points");
	}
	gh_five_centres(landmarks);
	return GH_OK;
}
