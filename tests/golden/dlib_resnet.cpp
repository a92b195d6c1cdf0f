/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dlib's own embedder, to hold the converted one against: reads faces of 150 x 150 RGB from
 * standard input, writes 128 floats for each. Compiled and run by dlib_resnet.py.
 */
#include <dlib/dnn.h>
#include <cstdio>
#include <exception>

namespace
{

using dlib::add_prev1;
using dlib::add_prev2;
using dlib::affine;
using dlib::avg_pool;
using dlib::avg_pool_everything;
using dlib::con;
using dlib::fc_no_bias;
using dlib::max_pool;
using dlib::relu;
using dlib::skip1;
using dlib::tag1;
using dlib::tag2;

/* Two convolutions, the first with a stride. */
template <int n, int stride, typename below>
using block = affine<con<n, 3, 3, 1, 1, relu<affine<con<n, 3, 3, stride, stride, below>>>>>;

template <int n, typename below> using same = relu<add_prev1<block<n, 1, tag1<below>>>>;

template <int n, typename below>
using halved = relu<add_prev2<avg_pool<2, 2, 2, 2, skip1<tag2<block<n, 2, tag1<below>>>>>>>;

template <typename below> using level4 = same<32, same<32, same<32, max_pool<3, 3, 2, 2, below>>>>;
template <typename below> using level3 = same<64, same<64, same<64, halved<64, below>>>>;
template <typename below> using level2 = same<128, same<128, halved<128, below>>>;
template <typename below> using level1 = same<256, same<256, halved<256, below>>>;

using stem = relu<affine<con<32, 7, 7, 2, 2, dlib::input_rgb_image_sized<150>>>>;
using embedder = dlib::loss_metric<
	fc_no_bias<128, avg_pool_everything<halved<256, level1<level2<level3<level4<stem>>>>>>>>;

int run(const char *path)
{
	embedder network;
	dlib::matrix<dlib::rgb_pixel> face(150, 150);

	dlib::deserialize(path) >> network;
	while (std::fread(&face(0, 0), 3, 150 * 150, stdin) == 150 * 150) {
		dlib::matrix<float, 0, 1> values = network(face);

		if (values.size() != 128 || std::fwrite(&values(0), 4, 128, stdout) != 128)
			return 1;
	}
	return 0;
}

} /* namespace */

int main(int argc, char **argv)
{
	try {
		return argc == 2 ? run(argv[1]) : 2;
	} catch (const std::exception &exception) {
		std::fprintf(stderr, "dlib_resnet: %s\n", exception.what());
		return 1;
	}
}
