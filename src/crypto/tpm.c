/* SPDX-License-Identifier: Apache-2.0 */
/* The TPM by tpm2-tss: salted sessions with encrypted parameters, and its refusals in our words. */
#include "tpm.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tss2/tss2_esys.h>
#include <tss2/tss2_rc.h>
#include <tss2/tss2_tctildr.h>

#include "gatehouse/base/bytes.h"

#define NONE ESYS_TR_NONE

/* NO_DA: a wrong password is 256 bits away from the right one and must not lock others out. */
#define INDEX_ATTRIBUTES \
	(TPMA_NV_POLICYREAD | TPMA_NV_POLICYWRITE | TPMA_NV_NO_DA | \
		((TPMA_NV)TPM2_NT_ORDINARY << TPMA_NV_TPM2_NT_SHIFT))

struct gh_tpm {
	struct gh_tpm_place place;
	TSS2_TCTI_CONTEXT *tcti;
	ESYS_CONTEXT *esys;
	ESYS_TR storage;
	uint8_t storage_name[GH_TPM_NAME_BYTES];
};

/* What a code means, without the number of the handle, session or parameter it is about. */
static TSS2_RC kind_of(TSS2_RC code)
{
	if ((code & TSS2_RC_LAYER_MASK) != TSS2_TPM_RC_LAYER &&
		(code & TSS2_RC_LAYER_MASK) != TSS2_RESMGR_TPM_RC_LAYER)
		return code;
	code &= ~TSS2_RC_LAYER_MASK;
	return code & TPM2_RC_FMT1 ? code & (TPM2_RC_FMT1 | 0x3f) : code;
}

static enum gh_status refuse_pcrs(
	const struct gh_tpm *tpm, struct gh_error *error, const char *what)
{
	char list[128] = "";
	size_t used = 0;

	for (unsigned n = 0; n < 24 && used < sizeof(list); n++)
		if (tpm->place.pcr_mask >> n & 1)
			used += (size_t)snprintf(
				list + used, sizeof(list) - used, "%s%u", used > 0 ? "," : "", n);
	return gh_error_set(error, GH_DENIED,
		"%s: PCR %s not as when the keys were made: start what was started then, or, if "
		"firmware or secure boot were changed on purpose, begin with new keys",
		what, list);
}

/* The TPM's refusal, who has to do what about it, and under which status. */
static enum gh_status refusal(
	const struct gh_tpm *tpm, TSS2_RC code, struct gh_error *error, const char *what)
{
	switch (kind_of(code)) {
	case TPM2_RC_POLICY_FAIL:
	case TPM2_RC_PCR_CHANGED:
	case TPM2_RC_POLICY:
		return refuse_pcrs(tpm, error, what);
	case TPM2_RC_AUTH_FAIL:
	case TPM2_RC_BAD_AUTH:
		return gh_error_set(error, GH_DENIED, "%s: wrong password", what);
	case TPM2_RC_LOCKOUT:
		return gh_error_set(error, GH_BUSY,
			"%s: the TPM is locked out after wrong passwords: wait, or "
			"tpm2_dictionarylockout --clear-lockout",
			what);
	case TPM2_RC_NV_RATE:
		return gh_error_set(error, GH_BUSY, "%s: the TPM spares its memory: later", what);
	case TPM2_RC_NV_SPACE:
		return gh_error_set(error, GH_FULL,
			"%s: no room in the TPM: remove an index that nobody needs", what);
	case TPM2_RC_NV_DEFINED:
		return gh_error_set(error, GH_DENIED, "%s: the index is taken", what);
	case TSS2_TCTI_RC_IO_ERROR:
	case TSS2_TCTI_RC_NO_CONNECTION:
	case TSS2_TCTI_RC_GENERAL_FAILURE:
		return gh_error_set(error, GH_OFFLINE, "%s: the TPM no longer answers", what);
	case TSS2_ESYS_RC_MEMORY:
	case TSS2_TCTI_RC_MEMORY:
		return gh_error_set(error, GH_NO_MEMORY, "%s", what);
	default:
		return gh_error_set(error, GH_IO, "%s: %s", what, Tss2_RC_Decode(code));
	}
}

/* P-256 for storage as in TCG's EK/SRK templates: the TPM derives the same key every time. */
static const TPM2B_PUBLIC storage_template = {
	.publicArea = {
		.type = TPM2_ALG_ECC,
		.nameAlg = TPM2_ALG_SHA256,
		.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
			TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH |
			TPMA_OBJECT_NODA | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT,
		.parameters.eccDetail = {
			.symmetric = { .algorithm = TPM2_ALG_AES, .keyBits.aes = 128,
				.mode.aes = TPM2_ALG_CFB },
			.scheme.scheme = TPM2_ALG_NULL,
			.curveID = TPM2_ECC_NIST_P256,
			.kdf.scheme = TPM2_ALG_NULL,
		},
	},
};

static enum gh_status derive_storage(struct gh_tpm *tpm, struct gh_error *error)
{
	static const TPM2B_SENSITIVE_CREATE sensitive;
	static const TPM2B_DATA outside;
	static const TPML_PCR_SELECTION none;
	TPM2B_NAME *name = NULL;
	enum gh_status status = GH_OK;
	TSS2_RC code = Esys_CreatePrimary(tpm->esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, NONE, NONE,
		&sensitive, &storage_template, &outside, &none, &tpm->storage, NULL, NULL, NULL,
		NULL);

	if (code == TSS2_RC_SUCCESS)
		code = Esys_TR_GetName(tpm->esys, tpm->storage, &name);
	if (code != TSS2_RC_SUCCESS)
		status = refusal(tpm, code, error, "TPM, the owner's storage key");
	else if (name->size != GH_TPM_NAME_BYTES)
		status = gh_error_set(error, GH_IO, "TPM: a key's name of %u bytes", name->size);
	else
		memcpy(tpm->storage_name, name->name, GH_TPM_NAME_BYTES);
	Esys_Free(name);
	return status;
}

static enum gh_status connect_tpm(struct gh_tpm *tpm, struct gh_error *error)
{
	TSS2_RC code = Tss2_TctiLdr_Initialize(tpm->place.tcti, &tpm->tcti);

	if (code == TSS2_RC_SUCCESS)
		code = Esys_Initialize(&tpm->esys, tpm->tcti, NULL);
	if (code != TSS2_RC_SUCCESS)
		return gh_error_set(error, GH_UNSUPPORTED,
			"no TPM 2.0 at '%s' (%s): is it switched on in the firmware, and may this "
			"user open it (group tss)?",
			tpm->place.tcti, Tss2_RC_Decode(code));
	return GH_OK;
}

enum gh_status gh_tpm_open(
	const struct gh_tpm_place *place, struct gh_tpm **tpm, struct gh_error *error)
{
	struct gh_tpm *made = calloc(1, sizeof(*made));
	enum gh_status status;

	*tpm = NULL;
	if (!made)
		return gh_error_set(error, GH_NO_MEMORY, "TPM");
	made->place = *place;
	made->storage = NONE;
	status = connect_tpm(made, error);
	if (status == GH_OK)
		status = derive_storage(made, error);
	if (status != GH_OK) {
		gh_tpm_close(made);
		return status;
	}
	*tpm = made;
	return GH_OK;
}

void gh_tpm_close(struct gh_tpm *tpm)
{
	if (!tpm)
		return;
	if (tpm->storage != NONE)
		(void)Esys_FlushContext(tpm->esys, tpm->storage);
	if (tpm->esys)
		Esys_Finalize(&tpm->esys);
	if (tpm->tcti)
		Tss2_TctiLdr_Finalize(&tpm->tcti);
	free(tpm);
}

const uint8_t *gh_tpm_storage_name(const struct gh_tpm *tpm)
{
	return tpm->storage_name;
}

static TPML_PCR_SELECTION selection_of(const struct gh_tpm *tpm)
{
	TPML_PCR_SELECTION pcrs = { .count = 1 };

	pcrs.pcrSelections[0].hash = TPM2_ALG_SHA256;
	pcrs.pcrSelections[0].sizeofSelect = 3;
	for (unsigned i = 0; i < 3; i++)
		pcrs.pcrSelections[0].pcrSelect[i] = (BYTE)(tpm->place.pcr_mask >> 8 * i);
	return pcrs;
}

/*
 * A session whose key only this TPM can know, salted to the storage key. Parameters are encrypted
 * by it in both directions: neither master nor password crosses the bus in the clear.
 */
static TSS2_RC begin_session(struct gh_tpm *tpm, TPM2_SE type, ESYS_TR *session)
{
	static const TPMT_SYM_DEF aes = {
		.algorithm = TPM2_ALG_AES, .keyBits.aes = 128, .mode.aes = TPM2_ALG_CFB
	};
	TSS2_RC code = Esys_StartAuthSession(tpm->esys, tpm->storage, NONE, NONE, NONE, NONE, NULL,
		type, &aes, TPM2_ALG_SHA256, session);

	if (code != TSS2_RC_SUCCESS) {
		*session = NONE;
		return code;
	}
	return Esys_TRSess_SetAttributes(tpm->esys, *session,
		TPMA_SESSION_DECRYPT | TPMA_SESSION_ENCRYPT | TPMA_SESSION_CONTINUESESSION,
		TPMA_SESSION_DECRYPT | TPMA_SESSION_ENCRYPT | TPMA_SESSION_CONTINUESESSION);
}

static void end_session(struct gh_tpm *tpm, ESYS_TR session)
{
	if (session != NONE)
		(void)Esys_FlushContext(tpm->esys, session);
}

/* The policy of the index: these PCRs as they are, and the password. */
static TSS2_RC begin_policy(struct gh_tpm *tpm, TPM2_SE type, ESYS_TR *session)
{
	static const TPM2B_DIGEST as_they_are;
	TPML_PCR_SELECTION pcrs = selection_of(tpm);
	TSS2_RC code = begin_session(tpm, type, session);

	if (code == TSS2_RC_SUCCESS)
		code = Esys_PolicyPCR(tpm->esys, *session, NONE, NONE, NONE, &as_they_are, &pcrs);
	if (code == TSS2_RC_SUCCESS)
		code = Esys_PolicyAuthValue(tpm->esys, *session, NONE, NONE, NONE);
	return code;
}

static bool is_ours(const TPMS_NV_PUBLIC *public, uint16_t length_bytes)
{
	return (public->attributes & ~(TPMA_NV)TPMA_NV_WRITTEN) == INDEX_ATTRIBUTES &&
		public->nameAlg == TPM2_ALG_SHA256 && public->dataSize == length_bytes;
}

/* Whether there is anything at the index: asking for it by name would make the library complain. */
static TSS2_RC is_there(struct gh_tpm *tpm, bool *there)
{
	TPMS_CAPABILITY_DATA *found = NULL;
	TPMI_YES_NO more;
	TSS2_RC code = Esys_GetCapability(
		tpm->esys, NONE, NONE, NONE, TPM2_CAP_HANDLES, tpm->place.index, 1, &more, &found);

	*there = code == TSS2_RC_SUCCESS && found->data.handles.count > 0 &&
		found->data.handles.handle[0] == tpm->place.index;
	Esys_Free(found);
	return code;
}

static enum gh_status judge(struct gh_tpm *tpm, const TPMS_NV_PUBLIC *public, uint16_t length_bytes,
	enum gh_tpm_index *found, struct gh_error *error)
{
	if (!is_ours(public, length_bytes))
		return gh_error_set(error, GH_DENIED,
			"TPM index 0x%08x is taken by something else: choose another",
			tpm->place.index);
	*found = public->attributes & TPMA_NV_WRITTEN ? GH_TPM_INDEX_WRITTEN : GH_TPM_INDEX_EMPTY;
	return GH_OK;
}

enum gh_status gh_tpm_look(
	struct gh_tpm *tpm, uint16_t length_bytes, enum gh_tpm_index *found, struct gh_error *error)
{
	TPM2B_NV_PUBLIC *public = NULL;
	ESYS_TR index = NONE;
	bool there = false;
	enum gh_status status = GH_OK;
	TSS2_RC code = is_there(tpm, &there);

	*found = GH_TPM_INDEX_NONE;
	if (code == TSS2_RC_SUCCESS && there)
		code = Esys_TR_FromTPMPublic(tpm->esys, tpm->place.index, NONE, NONE, NONE, &index);
	if (code == TSS2_RC_SUCCESS && there)
		code = Esys_NV_ReadPublic(tpm->esys, index, NONE, NONE, NONE, &public, NULL);
	if (code != TSS2_RC_SUCCESS)
		status = refusal(tpm, code, error, "TPM, look at the index");
	else if (there)
		status = judge(tpm, &public->nvPublic, length_bytes, found, error);
	Esys_Free(public);
	if (index != NONE)
		(void)Esys_TR_Close(tpm->esys, &index);
	return status;
}

static TPM2B_AUTH auth_of(const uint8_t auth[GH_TPM_AUTH_BYTES])
{
	TPM2B_AUTH value = { .size = GH_TPM_AUTH_BYTES };

	memcpy(value.buffer, auth, GH_TPM_AUTH_BYTES);
	return value;
}

/* What the policy comes to, by the TPM's own reckoning. */
static TSS2_RC reckon_policy(struct gh_tpm *tpm, TPM2B_DIGEST *policy)
{
	TPM2B_DIGEST *digest = NULL;
	ESYS_TR trial = NONE;
	TSS2_RC code = begin_policy(tpm, TPM2_SE_TRIAL, &trial);

	if (code == TSS2_RC_SUCCESS)
		code = Esys_PolicyGetDigest(tpm->esys, trial, NONE, NONE, NONE, &digest);
	if (code == TSS2_RC_SUCCESS)
		*policy = *digest;
	Esys_Free(digest);
	end_session(tpm, trial);
	return code;
}

enum gh_status gh_tpm_define(struct gh_tpm *tpm, uint16_t length_bytes,
	const uint8_t auth[GH_TPM_AUTH_BYTES], struct gh_error *error)
{
	TPM2B_NV_PUBLIC public = { .nvPublic = {
					   .nvIndex = tpm->place.index,
					   .nameAlg = TPM2_ALG_SHA256,
					   .attributes = INDEX_ATTRIBUTES,
					   .dataSize = length_bytes,
				   } };
	TPM2B_AUTH value = auth_of(auth);
	ESYS_TR session = NONE;
	ESYS_TR index = NONE;
	TSS2_RC code = reckon_policy(tpm, &public.nvPublic.authPolicy);

	if (code == TSS2_RC_SUCCESS)
		code = begin_session(tpm, TPM2_SE_HMAC, &session);
	/* The answer has no parameter that could be encrypted. */
	if (code == TSS2_RC_SUCCESS)
		code = Esys_TRSess_SetAttributes(tpm->esys, session, 0, TPMA_SESSION_ENCRYPT);
	if (code == TSS2_RC_SUCCESS)
		code = Esys_NV_DefineSpace(tpm->esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, session,
			NONE, &value, &public, &index);
	end_session(tpm, session);
	if (index != NONE)
		(void)Esys_TR_Close(tpm->esys, &index);
	gh_wipe(&value, sizeof(value));
	return code == TSS2_RC_SUCCESS ? GH_OK : refusal(tpm, code, error, "TPM, make the index");
}

/* The index as ESYS sees it, with its password, and a session that may use it. */
static TSS2_RC begin_use(
	struct gh_tpm *tpm, const uint8_t auth[GH_TPM_AUTH_BYTES], ESYS_TR *index, ESYS_TR *session)
{
	TPM2B_AUTH value = auth_of(auth);
	TSS2_RC code = Esys_TR_FromTPMPublic(tpm->esys, tpm->place.index, NONE, NONE, NONE, index);

	if (code == TSS2_RC_SUCCESS)
		code = Esys_TR_SetAuth(tpm->esys, *index, &value);
	if (code == TSS2_RC_SUCCESS)
		code = begin_policy(tpm, TPM2_SE_POLICY, session);
	gh_wipe(&value, sizeof(value));
	return code;
}

static void end_use(struct gh_tpm *tpm, ESYS_TR index, ESYS_TR session)
{
	end_session(tpm, session);
	if (index != NONE)
		(void)Esys_TR_Close(tpm->esys, &index);
}

enum gh_status gh_tpm_read(struct gh_tpm *tpm, const uint8_t auth[GH_TPM_AUTH_BYTES],
	uint8_t *bytes, uint16_t length_bytes, struct gh_error *error)
{
	TPM2B_MAX_NV_BUFFER *content = NULL;
	ESYS_TR index = NONE;
	ESYS_TR session = NONE;
	enum gh_status status = GH_OK;
	TSS2_RC code = begin_use(tpm, auth, &index, &session);

	/* No parameter goes out that could be encrypted. */
	if (code == TSS2_RC_SUCCESS)
		code = Esys_TRSess_SetAttributes(tpm->esys, session, 0, TPMA_SESSION_DECRYPT);
	if (code == TSS2_RC_SUCCESS)
		code = Esys_NV_Read(
			tpm->esys, index, index, session, NONE, NONE, length_bytes, 0, &content);
	if (code != TSS2_RC_SUCCESS)
		status = refusal(tpm, code, error, "TPM, read the index");
	else if (content->size != length_bytes)
		status = gh_error_set(error, GH_IO, "TPM: %u bytes in the index", content->size);
	else
		memcpy(bytes, content->buffer, length_bytes);
	if (content)
		gh_wipe(content, sizeof(*content));
	Esys_Free(content);
	end_use(tpm, index, session);
	return status;
}

enum gh_status gh_tpm_write(struct gh_tpm *tpm, const uint8_t auth[GH_TPM_AUTH_BYTES],
	const uint8_t *bytes, uint16_t length_bytes, struct gh_error *error)
{
	TPM2B_MAX_NV_BUFFER content = { .size = length_bytes };
	ESYS_TR index = NONE;
	ESYS_TR session = NONE;
	TSS2_RC code;

	assert(length_bytes <= GH_TPM_INDEX_BYTES_MAX);
	memcpy(content.buffer, bytes, length_bytes);
	code = begin_use(tpm, auth, &index, &session);
	if (code == TSS2_RC_SUCCESS)
		code = Esys_TRSess_SetAttributes(tpm->esys, session, 0, TPMA_SESSION_ENCRYPT);
	if (code == TSS2_RC_SUCCESS)
		code = Esys_NV_Write(tpm->esys, index, index, session, NONE, NONE, &content, 0);
	gh_wipe(&content, sizeof(content));
	end_use(tpm, index, session);
	return code == TSS2_RC_SUCCESS ? GH_OK : refusal(tpm, code, error, "TPM, write the index");
}
