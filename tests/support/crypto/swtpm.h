/* SPDX-License-Identifier: Apache-2.0 */
/* A TPM 2.0 in software (swtpm), of this test alone, on two ports that the kernel had free. */
#ifndef GATEHOUSE_TESTS_SUPPORT_CRYPTO_SWTPM_H
#define GATEHOUSE_TESTS_SUPPORT_CRYPTO_SWTPM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct swtpm {
	char folder[4096]; /* what a real one would keep in its chip */
	char tcti[64];     /* for struct gh_provider_options */
	unsigned short port;
	pid_t process;
};

/* Whether the program is there; says so where it is not. */
bool swtpm_is_there(void);

/* Switch it on, with its memory in folder, which is made. Ends the program on failure. */
void swtpm_start(struct swtpm *tpm, const char *folder);

/* Pull the plug; what it has in its memory stays. */
void swtpm_stop(struct swtpm *tpm);

/* Switch it on again, on the ports it had: PCRs begin anew. */
void swtpm_resume(struct swtpm *tpm);

/* Both. */
void swtpm_restart(struct swtpm *tpm);

/* Measure something into a PCR (TPM2_PCR_Extend, SHA-256), as other firmware would. */
void swtpm_extend(const struct swtpm *tpm, unsigned pcr);

/* Remove an index of the owner's (TPM2_NV_UndefineSpace). */
void swtpm_undefine(const struct swtpm *tpm, uint32_t index);

/* Forget all of the owner's (TPM2_Clear), as firmware does on request. */
void swtpm_clear(const struct swtpm *tpm);

#endif
