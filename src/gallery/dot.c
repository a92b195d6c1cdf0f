/* SPDX-License-Identifier: Apache-2.0 */
/* The innermost loop of the search, compiled once for each instruction set. */
#include "dot.h"

#define ALWAYS_INLINE inline __attribute__((always_inline))

/* Streams read side by side: one stream alone does not fill the memory's queues. */
enum {
	STREAMS = 4
};

/*
 * Codes are kept in pairs because compilers know a multiply-and-add of 16-bit words (pmaddwd and
 * its successors) and take it only when both factors are 16-bit; two sums, because a sum of both
 * products in one statement is not recognised either.
 */
static ALWAYS_INLINE int32_t dot(const int16_t *row, const struct gh_dot_query *query)
{
	int32_t low_sum = 0;
	int32_t high_sum = 0;

	for (size_t i = 0; i < GH_DOT_WORDS; i++) {
		int16_t high = (int16_t)(row[i] >> 8);
		int16_t low = (int16_t)((int16_t)((uint16_t)row[i] << 8) >> 8);

		low_sum += low * query->even[i];
		high_sum += high * query->odd[i];
	}
	return low_sum + high_sum;
}

static ALWAYS_INLINE void dot_rows(
	const int16_t *rows, size_t count, const struct gh_dot_query *query, int32_t *dots)
{
	size_t stride = count / STREAMS;

	for (size_t i = 0; i < stride; i++)
		for (size_t stream = 0; stream < STREAMS; stream++)
			dots[i + stream * stride] =
				dot(gh_dot_row(rows, i + stream * stride), query);
	for (size_t i = stride * STREAMS; i < count; i++)
		dots[i] = dot(gh_dot_row(rows, i), query);
}

#define KERNEL(name, attribute) \
	attribute static void rows_##name(const int16_t *rows, size_t count, \
		const struct gh_dot_query *query, int32_t *dots) \
	{ \
		dot_rows(rows, count, query, dots); \
	}

#define SUPPORTED(name, condition) \
	static bool supports_##name(void) \
	{ \
		return condition; \
	}

KERNEL(baseline, )
SUPPORTED(baseline, true)

#if defined(__x86_64__)
KERNEL(avx2, __attribute__((target("avx2"))))
SUPPORTED(avx2, __builtin_cpu_supports("avx2"))
KERNEL(vnni, __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni"))))
SUPPORTED(vnni,
	__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
		__builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni"))
#endif

/* clang-format off */
const struct gh_dot_kernel gh_dot_kernels[] = {
#if defined(__x86_64__)
	{ "avx512vnni", supports_vnni,     rows_vnni },
	{ "avx2",       supports_avx2,     rows_avx2 },
#endif
	{ "baseline",   supports_baseline, rows_baseline },
};
/* clang-format on */

const size_t gh_dot_kernel_count = sizeof(gh_dot_kernels) / sizeof(gh_dot_kernels[0]);

const struct gh_dot_kernel *gh_dot_kernel(void)
{
	size_t i = 0;

	while (!gh_dot_kernels[i].supported())
		i++;
	return &gh_dot_kernels[i];
}

void gh_dot_pack(const int8_t codes[GH_TEMPLATE_VALUES], int16_t words[GH_DOT_WORDS])
{
	for (size_t i = 0; i < GH_DOT_WORDS; i++) {
		uint16_t low = (uint8_t)codes[2 * i];
		uint16_t high = (uint8_t)codes[2 * i + 1];

		words[i] = (int16_t)(uint16_t)(low | (uint16_t)(high << 8));
	}
}
