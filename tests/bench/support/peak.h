/* SPDX-License-Identifier: Apache-2.0 */
/* What one core can do at most: fused multiply-adds from registers. */
#ifndef GATEHOUSE_TESTS_BENCH_SUPPORT_PEAK_H
#define GATEHOUSE_TESTS_BENCH_SUPPORT_PEAK_H

/* CPU time of this thread. */
double peak_now_ms(void);

/* GFLOP/s of the fastest loop this processor can run; takes a few milliseconds. */
double peak_gflops(void);

#endif
