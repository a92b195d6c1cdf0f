/* SPDX-License-Identifier: Apache-2.0 */
/* OpenCV dnn behind the engine interface; no exception and no type of it gets out. */
#include "engine.h"

#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/dnn.hpp>

namespace
{

struct session {
	gh_network network; /* first: the interface's part */
	cv::dnn::Net net;
	cv::Mat input;
	std::string input_name;
	std::vector<cv::String> output_names;
	std::vector<cv::Mat> outputs;
};

session *session_of(gh_network *network)
{
	return reinterpret_cast<session *>(network);
}

/* An OpenCV message has line breaks and paths of its build; the first line tells enough. */
gh_status failed(gh_error *error, gh_status status, const char *model, const char *what)
{
	int length = static_cast<int>(std::strcspn(what, "\n"));

	return gh_error_set(
		error, status, "opencv, %s: %.*s", model, length > 300 ? 300 : length, what);
}

std::vector<int> sizes_of(const gh_tensor &tensor)
{
	std::vector<int> sizes;

	for (uint32_t i = 0; i < tensor.rank; i++)
		sizes.push_back(static_cast<int>(tensor.sizes[i]));
	return sizes;
}

bool same_sizes(const cv::Mat &mat, const gh_tensor &tensor)
{
	if (mat.type() != CV_32F || mat.dims != static_cast<int>(tensor.rank))
		return false;
	for (int i = 0; i < mat.dims; i++)
		if (mat.size[i] != tensor.sizes[i])
			return false;
	return mat.isContinuous();
}

/* Run, and copy what comes out to where the interface promises it. */
gh_status forward(session *session, gh_status mismatch, gh_error *error)
{
	const gh_network_contract *contract = session->network.contract;

	session->net.setInput(session->input, session->input_name);
	session->net.forward(session->outputs, session->output_names);
	if (session->outputs.size() != contract->output_count)
		return gh_error_set(error, mismatch, "%s: %zu outputs came, %u were asked for",
			contract->model, session->outputs.size(), contract->output_count);
	for (uint32_t i = 0; i < contract->output_count; i++) {
		const gh_tensor &wanted = contract->outputs[i];
		const cv::Mat &found = session->outputs[i];

		if (!same_sizes(found, wanted))
			return gh_error_set(error, mismatch,
				"%s: tensor %s has another shape or type than the chain needs",
				contract->model, wanted.name);
		std::memcpy(session->network.outputs[i], found.ptr<float>(),
			gh_tensor_length(&wanted) * sizeof(float));
	}
	return GH_OK;
}

gh_status init(const char *, char version[32], gh_error *)
{
	cv::setNumThreads(1);
	cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
	std::snprintf(version, 32, "%s", CV_VERSION);
	return GH_OK;
}

void finish()
{
}

void close_session(gh_network *network)
{
	session *session = session_of(network);

	gh_network_drop_tensors(network);
	try {
		for (cv::Mat &mat : session->outputs)
			if (!mat.empty())
				gh_wipe(mat.data, mat.total() * mat.elemSize());
		delete session;
	} catch (...) {
		/* A destructor of OpenCV that throws leaves nothing that could be done. */
	}
}

/* The file tells OpenCV no shape of its input: a first run shows whether it takes ours. */
gh_status fill(session *session, gh_view bytes, gh_error *error)
{
	const gh_network_contract *contract = session->network.contract;
	gh_status status = gh_network_take_tensors(&session->network, error);

	if (status != GH_OK)
		return status;
	session->net = cv::dnn::readNetFromONNX(
		reinterpret_cast<const char *>(bytes.data), bytes.length_bytes);
	session->net.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
	session->net.setPreferableTarget(cv::dnn::DNN_TARGET_CPU);
	session->input = cv::Mat(sizes_of(contract->input), CV_32F, session->network.input);
	session->input_name = contract->input.name;
	for (uint32_t i = 0; i < contract->output_count; i++)
		session->output_names.push_back(contract->outputs[i].name);
	return forward(session, GH_INTEGRITY, error);
}

gh_status open_session(
	const gh_network_contract *contract, gh_view bytes, gh_network **network, gh_error *error)
{
	session *made = nullptr;
	gh_status status;

	*network = nullptr;
	try {
		made = new session();
		made->network.contract = contract;
		made->network.kind = &gh_engine_opencv;
		status = fill(made, bytes, error);
	} catch (const std::bad_alloc &) {
		status = gh_error_set(error, GH_NO_MEMORY, "network %s", contract->model);
	} catch (const std::exception &exception) {
		status = failed(error, GH_INTEGRITY, contract->model, exception.what());
	} catch (...) {
		status = gh_error_set(error, GH_INTEGRITY, "opencv, %s", contract->model);
	}
	if (status == GH_OK)
		*network = &made->network;
	else if (made)
		close_session(&made->network);
	return status;
}

gh_status run(gh_network *network, gh_error *error)
{
	try {
		return forward(session_of(network), GH_INTERNAL, error);
	} catch (const std::bad_alloc &) {
		return gh_error_set(error, GH_NO_MEMORY, "network %s", network->contract->model);
	} catch (const std::exception &exception) {
		return failed(error, GH_INTERNAL, network->contract->model, exception.what());
	} catch (...) {
		return gh_error_set(error, GH_INTERNAL, "opencv, %s", network->contract->model);
	}
}

} /* namespace */

extern "C" const gh_engine_kind gh_engine_opencv = {
	"opencv",
	false,
	init,
	finish,
	open_session,
	close_session,
	run,
};
