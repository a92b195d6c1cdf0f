/* SPDX-License-Identifier: Apache-2.0 */
/* ONNX Runtime through its C table, loaded at run time: its package has no header. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"

/*
 * The table of functions is append-only: a slot keeps its number for good.
 * Version 17 of it is in every release from 1.17 on. Numbers as in
 * onnxruntime_c_api.h of release 1.21; the unit test drives each of them.
 */
#define API_VERSION 17

enum slot {
	GET_ERROR_MESSAGE = 2,
	CREATE_ENV = 3,
	CREATE_SESSION_FROM_ARRAY = 8,
	RUN = 9,
	CREATE_SESSION_OPTIONS = 10,
	SET_GRAPH_OPTIMIZATION_LEVEL = 23,
	SET_INTRA_OP_NUM_THREADS = 24,
	SET_INTER_OP_NUM_THREADS = 25,
	SESSION_GET_INPUT_COUNT = 30,
	SESSION_GET_OUTPUT_COUNT = 31,
	SESSION_GET_INPUT_TYPE_INFO = 33,
	SESSION_GET_OUTPUT_TYPE_INFO = 34,
	SESSION_GET_INPUT_NAME = 36,
	SESSION_GET_OUTPUT_NAME = 37,
	CREATE_TENSOR_WITH_DATA = 49,
	CAST_TYPE_INFO_TO_TENSOR_INFO = 55,
	GET_TENSOR_ELEMENT_TYPE = 60,
	GET_DIMENSIONS_COUNT = 61,
	GET_DIMENSIONS = 62,
	CREATE_CPU_MEMORY_INFO = 69,
	ALLOCATOR_FREE = 76,
	GET_DEFAULT_ALLOCATOR = 78,
	RELEASE_ENV = 92,
	RELEASE_STATUS = 93,
	RELEASE_MEMORY_INFO = 94,
	RELEASE_SESSION = 95,
	RELEASE_VALUE = 96,
	RELEASE_TYPE_INFO = 98,
	RELEASE_SESSION_OPTIONS = 100,
	ADD_SESSION_CONFIG_ENTRY = 130,
};

#define ELEMENT_FLOAT 1
#define LOG_LEVEL_ERROR 3
#define OPTIMIZE_ALL 99
#define ALLOCATOR_DEVICE (-1) /* not from the arena */
#define MEMORY_DEFAULT 0

/* The library's types are only pointed to. */
struct ort_status;
struct ort_env;
struct ort_session;
struct ort_options;
struct ort_value;
struct ort_memory;
struct ort_allocator;
struct ort_type;
struct ort_tensor_info;

typedef void (*function)(void);

struct base {
	const function *(*get_api)(uint32_t version);
	const char *(*get_version)(void);
};

/* Call slot n as a function of this type; the table itself is untyped. */
#define CALL(type, slot, ...) (((type)runtime.api[slot])(__VA_ARGS__))

/* One for the process: the library allows no second environment. */
static struct {
	pthread_mutex_t lock;
	unsigned users;
	void *library; /* stays loaded: its threads and tables do not survive dlclose() */
	const function *api;
	struct ort_env *env;
	struct ort_memory *memory;
	char version[32];
} runtime = { .lock = PTHREAD_MUTEX_INITIALIZER };

struct session {
	struct gh_network network; /* first: the interface's part */
	struct ort_session *session;
	struct ort_value *input;
	struct ort_value *outputs[NETWORK_OUTPUTS_MAX];
	const char *output_names[NETWORK_OUTPUTS_MAX];
};

/* A failure of the library becomes ours; its text names shapes and nodes, nothing else. */
static enum gh_status check(
	struct ort_status *failure, enum gh_status as, const char *what, struct gh_error *error)
{
	enum gh_status status = GH_OK;

	if (!failure)
		return GH_OK;
	status = gh_error_set(error, as, "onnxruntime, %s: %.300s", what,
		CALL(const char *(*)(const struct ort_status *), GET_ERROR_MESSAGE, failure));
	CALL(void (*)(struct ort_status *), RELEASE_STATUS, failure);
	return status;
}

static enum gh_status load(const char *path, struct gh_error *error)
{
	const struct base *(*get_base)(void);
	const struct base *base;
	void *symbol;

	if (!runtime.library)
		runtime.library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!runtime.library)
		return gh_error_set(error, GH_NOT_FOUND, "loading the engine: %s", dlerror());
	symbol = dlsym(runtime.library, "OrtGetApiBase");
	if (!symbol)
		return gh_error_set(error, GH_UNSUPPORTED, "%s is not ONNX Runtime", path);
	memcpy(&get_base, &symbol, sizeof(symbol));
	base = get_base();
	runtime.api = base->get_api(API_VERSION);
	snprintf(runtime.version, sizeof(runtime.version), "%s", base->get_version());
	if (!runtime.api)
		return gh_error_set(error, GH_UNSUPPORTED,
			"ONNX Runtime %s is too old: 1.17 or newer is needed", runtime.version);
	return GH_OK;
}

static enum gh_status start(const char *path, struct gh_error *error)
{
	enum gh_status status = load(path, error);

	if (status != GH_OK)
		return status;
	/* Newer releases report home unless told otherwise before the environment is made. */
	if (setenv("ORT_DISABLE_TELEMETRY", "1", 1) != 0)
		return gh_error_set(error, GH_NO_MEMORY, "environment of the engine");
	status = check(CALL(struct ort_status * (*)(int, const char *, struct ort_env **),
			       CREATE_ENV, LOG_LEVEL_ERROR, "gatehouse", &runtime.env),
		GH_INTERNAL, "environment", error);
	if (status != GH_OK)
		return status;
	status = check(
		CALL(struct ort_status * (*)(int, int, struct ort_memory **),
			CREATE_CPU_MEMORY_INFO, ALLOCATOR_DEVICE, MEMORY_DEFAULT, &runtime.memory),
		GH_INTERNAL, "memory", error);
	if (status != GH_OK) {
		CALL(void (*)(struct ort_env *), RELEASE_ENV, runtime.env);
		runtime.env = NULL;
	}
	return status;
}

static enum gh_status init(const char *library, char version[32], struct gh_error *error)
{
	enum gh_status status = GH_OK;

	if (!library || !*library)
		return gh_error_set(error, GH_NOT_FOUND, "no path of libonnxruntime is set");
	pthread_mutex_lock(&runtime.lock);
	if (runtime.users == 0)
		status = start(library, error);
	if (status == GH_OK) {
		runtime.users++;
		memcpy(version, runtime.version, sizeof(runtime.version));
	}
	pthread_mutex_unlock(&runtime.lock);
	return status;
}

static void finish(void)
{
	pthread_mutex_lock(&runtime.lock);
	if (--runtime.users == 0) {
		CALL(void (*)(struct ort_memory *), RELEASE_MEMORY_INFO, runtime.memory);
		CALL(void (*)(struct ort_env *), RELEASE_ENV, runtime.env);
		runtime.memory = NULL;
		runtime.env = NULL;
	}
	pthread_mutex_unlock(&runtime.lock);
}

static enum gh_status set_options(struct ort_options *options, struct gh_error *error)
{
	typedef struct ort_status *(*set_number)(struct ort_options *, int);
	static const struct {
		enum slot slot;
		int value;
		const char *what;
	} numbers[] = {
		{ SET_GRAPH_OPTIMIZATION_LEVEL, OPTIMIZE_ALL, "optimisation" },
		{ SET_INTRA_OP_NUM_THREADS, 1, "threads in an operation" },
		{ SET_INTER_OP_NUM_THREADS, 1, "threads between operations" },
	};
	enum gh_status status;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		status = check(CALL(set_number, numbers[i].slot, options, numbers[i].value),
			GH_INTERNAL, numbers[i].what, error);
		if (status != GH_OK)
			return status;
	}
	return check(
		CALL(struct ort_status * (*)(struct ort_options *, const char *, const char *),
			ADD_SESSION_CONFIG_ENTRY, options, "session.intra_op.allow_spinning", "0"),
		GH_INTERNAL, "spinning", error);
}

static enum gh_status make_session(
	struct session *session, struct gh_view bytes, struct gh_error *error)
{
	struct ort_options *options = NULL;
	enum gh_status status = check(CALL(struct ort_status * (*)(struct ort_options **),
					      CREATE_SESSION_OPTIONS, &options),
		GH_INTERNAL, "options", error);

	if (status != GH_OK)
		return status;
	status = set_options(options, error);
	if (status == GH_OK)
		status = check(
			CALL(struct ort_status *
					(*)(struct ort_env *, const void *, size_t,
						const struct ort_options *, struct ort_session **),
				CREATE_SESSION_FROM_ARRAY, runtime.env, bytes.data,
				bytes.length_bytes, options, &session->session),
			GH_INTEGRITY, "reading the network", error);
	CALL(void (*)(struct ort_options *), RELEASE_SESSION_OPTIONS, options);
	return status;
}

/* Inputs and outputs are asked for by the same shape of function. */
struct side {
	const char *word;
	enum slot count;
	enum slot name;
	enum slot type;
};

static const struct side input_side = { "input", SESSION_GET_INPUT_COUNT, SESSION_GET_INPUT_NAME,
	SESSION_GET_INPUT_TYPE_INFO };
static const struct side output_side = { "output", SESSION_GET_OUTPUT_COUNT,
	SESSION_GET_OUTPUT_NAME, SESSION_GET_OUTPUT_TYPE_INFO };

static enum gh_status compare_sizes(const struct ort_tensor_info *info,
	const struct gh_tensor *wanted, const char *model, struct gh_error *error)
{
	typedef struct ort_status *(*get_type)(const struct ort_tensor_info *, int *);
	typedef struct ort_status *(*get_count)(const struct ort_tensor_info *, size_t *);
	typedef struct ort_status *(*get_sizes)(const struct ort_tensor_info *, int64_t *, size_t);
	int64_t sizes[TENSOR_RANK_MAX] = { 0 };
	size_t rank = 0;
	int type = 0;
	bool same = false;
	enum gh_status status = check(CALL(get_type, GET_TENSOR_ELEMENT_TYPE, info, &type),
		GH_INTEGRITY, "type of a tensor", error);

	if (status == GH_OK)
		status = check(CALL(get_count, GET_DIMENSIONS_COUNT, info, &rank), GH_INTEGRITY,
			"rank of a tensor", error);
	if (status == GH_OK && type == ELEMENT_FLOAT && rank == wanted->rank) {
		status = check(CALL(get_sizes, GET_DIMENSIONS, info, sizes, rank), GH_INTEGRITY,
			"sizes of a tensor", error);
		same = !memcmp(sizes, wanted->sizes, rank * sizeof(sizes[0]));
	}
	if (status == GH_OK && !same)
		return gh_error_set(error, GH_INTEGRITY,
			"%s: tensor %s has type %d, rank %zu, sizes %lld %lld %lld %lld; the "
			"chain needs another",
			model, wanted->name, type, rank, (long long)sizes[0], (long long)sizes[1],
			(long long)sizes[2], (long long)sizes[3]);
	return status;
}

static enum gh_status compare_name(const struct session *session, const struct side *side,
	size_t index, const struct gh_tensor *wanted, struct gh_error *error)
{
	typedef struct ort_status *(*get_name)(
		const struct ort_session *, size_t, struct ort_allocator *, char **);
	struct ort_allocator *allocator = NULL;
	char *name = NULL;
	enum gh_status status = check(CALL(struct ort_status * (*)(struct ort_allocator **),
					      GET_DEFAULT_ALLOCATOR, &allocator),
		GH_INTERNAL, "allocator", error);

	if (status == GH_OK)
		status =
			check(CALL(get_name, side->name, session->session, index, allocator, &name),
				GH_INTEGRITY, "name of a tensor", error);
	if (status != GH_OK)
		return status;
	if (strcmp(name, wanted->name) != 0)
		status = gh_error_set(error, GH_INTEGRITY, "%s: %s %zu is called %.64s, not %s",
			session->network.contract->model, side->word, index, name, wanted->name);
	(void)check(CALL(struct ort_status * (*)(struct ort_allocator *, void *), ALLOCATOR_FREE,
			    allocator, name),
		GH_INTERNAL, "allocator", NULL);
	return status;
}

static enum gh_status compare_tensor(const struct session *session, const struct side *side,
	size_t index, const struct gh_tensor *wanted, struct gh_error *error)
{
	typedef struct ort_status *(*get_info)(
		const struct ort_session *, size_t, struct ort_type **);
	typedef struct ort_status *(*cast)(
		const struct ort_type *, const struct ort_tensor_info **);
	const char *model = session->network.contract->model;
	const struct ort_tensor_info *info = NULL;
	struct ort_type *type = NULL;
	enum gh_status status = compare_name(session, side, index, wanted, error);

	if (status != GH_OK)
		return status;
	status = check(CALL(get_info, side->type, session->session, index, &type), GH_INTEGRITY,
		"type", error);
	if (status != GH_OK)
		return status;
	status = check(CALL(cast, CAST_TYPE_INFO_TO_TENSOR_INFO, type, &info), GH_INTEGRITY, "type",
		error);
	if (status == GH_OK && !info)
		status = gh_error_set(
			error, GH_INTEGRITY, "%s: %s is no tensor", model, wanted->name);
	if (status == GH_OK)
		status = compare_sizes(info, wanted, model, error);
	CALL(void (*)(struct ort_type *), RELEASE_TYPE_INFO, type);
	return status;
}

static enum gh_status compare_side(const struct session *session, const struct side *side,
	const struct gh_tensor *wanted, size_t count, struct gh_error *error)
{
	typedef struct ort_status *(*get_count)(const struct ort_session *, size_t *);
	size_t found = 0;
	enum gh_status status = check(CALL(get_count, side->count, session->session, &found),
		GH_INTEGRITY, "number of tensors", error);

	if (status == GH_OK && found != count)
		return gh_error_set(error, GH_INTEGRITY, "%s has %zu %ss, the chain needs %zu",
			session->network.contract->model, found, side->word, count);
	for (size_t i = 0; status == GH_OK && i < count; i++)
		status = compare_tensor(session, side, i, &wanted[i], error);
	return status;
}

static enum gh_status make_value(const struct gh_tensor *tensor, float *memory,
	struct ort_value **value, struct gh_error *error)
{
	typedef struct ort_status *(*make)(const struct ort_memory *, void *, size_t,
		const int64_t *, size_t, int, struct ort_value **);

	return check(CALL(make, CREATE_TENSOR_WITH_DATA, runtime.memory, memory,
			     gh_tensor_length(tensor) * sizeof(float), tensor->sizes, tensor->rank,
			     ELEMENT_FLOAT, value),
		GH_INTERNAL, "tensor", error);
}

static void close_session(struct gh_network *network)
{
	struct session *session = (struct session *)network;

	if (session->input)
		CALL(void (*)(struct ort_value *), RELEASE_VALUE, session->input);
	for (uint32_t i = 0; i < NETWORK_OUTPUTS_MAX; i++)
		if (session->outputs[i])
			CALL(void (*)(struct ort_value *), RELEASE_VALUE, session->outputs[i]);
	if (session->session)
		CALL(void (*)(struct ort_session *), RELEASE_SESSION, session->session);
	gh_network_drop_tensors(network);
	free(session);
}

static enum gh_status fill_session(
	struct session *session, struct gh_view bytes, struct gh_error *error)
{
	const struct gh_network_contract *contract = session->network.contract;
	enum gh_status status = make_session(session, bytes, error);

	if (status == GH_OK)
		status = compare_side(session, &input_side, &contract->input, 1, error);
	if (status == GH_OK)
		status = compare_side(
			session, &output_side, contract->outputs, contract->output_count, error);
	if (status == GH_OK)
		status = gh_network_take_tensors(&session->network, error);
	if (status == GH_OK)
		status = make_value(
			&contract->input, session->network.input, &session->input, error);
	for (uint32_t i = 0; status == GH_OK && i < contract->output_count; i++) {
		session->output_names[i] = contract->outputs[i].name;
		status = make_value(&contract->outputs[i], session->network.outputs[i],
			&session->outputs[i], error);
	}
	return status;
}

static enum gh_status open_session(const struct gh_network_contract *contract, struct gh_view bytes,
	struct gh_network **network, struct gh_error *error)
{
	struct session *session = calloc(1, sizeof(*session));
	enum gh_status status;

	*network = NULL;
	if (!session)
		return gh_error_set(error, GH_NO_MEMORY, "session of %s", contract->model);
	session->network.contract = contract;
	session->network.kind = &gh_engine_onnxruntime;
	status = fill_session(session, bytes, error);
	if (status != GH_OK) {
		close_session(&session->network);
		return status;
	}
	*network = &session->network;
	return GH_OK;
}

static enum gh_status run(struct gh_network *network, struct gh_error *error)
{
	typedef struct ort_status *(*run_session)(struct ort_session *, const void *,
		const char *const *, const struct ort_value *const *, size_t, const char *const *,
		size_t, struct ort_value **);
	struct session *session = (struct session *)network;
	const struct gh_network_contract *contract = network->contract;
	const struct ort_value *const inputs[] = { session->input };

	return check(CALL(run_session, RUN, session->session, NULL, &contract->input.name, inputs,
			     1, session->output_names, contract->output_count, session->outputs),
		GH_INTERNAL, "run", error);
}

const struct gh_engine_kind gh_engine_onnxruntime = {
	.name = "onnxruntime",
	.needs_library = true,
	.init = init,
	.finish = finish,
	.open = open_session,
	.close = close_session,
	.run = run,
};
