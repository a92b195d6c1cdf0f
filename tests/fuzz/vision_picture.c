/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a picture: decoded, or refused with nothing left behind. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "gatehouse/vision/picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct gh_picture picture;
	enum gh_status status = gh_picture_decode((struct gh_view){ bytes, size }, &picture, NULL);

	if (status == GH_OK)
		assert(picture.rgb.length_bytes ==
			3 * (size_t)picture.width_px * picture.height_px);
	else
		assert(picture.rgb.data == NULL);
	gh_picture_finish(&picture);
	return 0;
}
