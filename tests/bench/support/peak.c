/* SPDX-License-Identifier: Apache-2.0 */
/* The peak by the widest vectors there are and by narrower ones, which may be faster. */
#include "peak.h"

#include <math.h>
#include <stdint.h>
#include <time.h>

double peak_now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

/* Twelve independent chains hide the latency of a fused multiply-add on any processor of today. */
#define PEAK_LOOP(name, bytes, target) \
	target __attribute__((noinline, optimize("O3", "fp-contract=fast"))) static float name( \
		uint32_t rounds, float factor) \
	{ \
		typedef float vector __attribute__((vector_size(bytes))); \
		vector chain[12], by, sum = { 0 }; \
\
		for (uint32_t i = 0; i < sizeof(by) / sizeof(float); i++) \
			by[i] = factor; \
		for (uint32_t c = 0; c < 12; c++) \
			chain[c] = by * (float)(c + 1); \
		for (uint32_t round = 0; round < rounds; round++) \
			for (uint32_t c = 0; c < 12; c++) \
				chain[c] = chain[c] * by + by; \
		for (uint32_t c = 0; c < 12; c++) \
			sum += chain[c]; \
		return sum[0]; \
	} \
	enum { \
		name##_lanes = bytes / sizeof(float) \
	}

#if defined(__x86_64__)
PEAK_LOOP(peak_512, 64, __attribute__((target("avx512f,fma"))));
PEAK_LOOP(peak_256, 32, __attribute__((target("avx2,fma"))));
#endif
PEAK_LOOP(peak_128, 16, );

static double gflops_of(float (*loop)(uint32_t, float), int lanes)
{
	const uint32_t rounds = 400000;
	volatile float factor = 0.5f, sink;
	double from = peak_now_ms();

	sink = loop(rounds, factor);
	(void)sink;
	return 2.0 * 12 * lanes * rounds / (peak_now_ms() - from) / 1e6;
}

/* The fastest loop this processor can run: the widest vectors are not always that. */
double peak_gflops(void)
{
	double best = gflops_of(peak_128, peak_128_lanes);

#if defined(__x86_64__)
	if (__builtin_cpu_supports("fma") && __builtin_cpu_supports("avx2"))
		best = fmax(best, gflops_of(peak_256, peak_256_lanes));
	if (__builtin_cpu_supports("avx512f"))
		best = fmax(best, gflops_of(peak_512, peak_512_lanes));
#endif
	return best;
}
