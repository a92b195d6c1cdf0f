/* SPDX-License-Identifier: Apache-2.0 */
/* The processor's switches for subnormal numbers: MXCSR on x86-64, FPCR on 64-bit ARM. */
#include "tiny_numbers.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define FLUSH_TO_ZERO (1u << 15)
#define DENORMALS_ARE_ZERO (1u << 6)

uint64_t gh_tiny_numbers_as_zero(void)
{
	uint32_t before = _mm_getcsr();

	_mm_setcsr(before | FLUSH_TO_ZERO | DENORMALS_ARE_ZERO);
	return before;
}

void gh_tiny_numbers_restore(uint64_t before)
{
	_mm_setcsr((uint32_t)before);
}

#elif defined(__aarch64__)

#define FLUSH_TO_ZERO (1ull << 24)

static void set_fpcr(uint64_t value)
{
	__asm__ volatile("msr fpcr, %0" : : "r"(value));
}

uint64_t gh_tiny_numbers_as_zero(void)
{
	uint64_t before;

	__asm__ volatile("mrs %0, fpcr" : "=r"(before));
	set_fpcr(before | FLUSH_TO_ZERO);
	return before;
}

void gh_tiny_numbers_restore(uint64_t before)
{
	set_fpcr(before);
}

#else

uint64_t gh_tiny_numbers_as_zero(void)
{
	return 0;
}

void gh_tiny_numbers_restore(uint64_t before)
{
	(void)before;
}

#endif
