#include "backends/python/python_session.h"

#include <cstring>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <pybind11/stl.h>

namespace py = pybind11;

namespace sideman {

namespace {

py::list names(int32_t count, const char* const* text) {
  py::list result;
  for (int32_t i = 0; i < count; ++i) result.append(py::str(text[i]));
  return result;
}

void copy_name(char (&to)[SIDEMAN_BRIDGE_NAME], const std::string& from) {
  if (from.size() >= SIDEMAN_BRIDGE_NAME) {
    throw std::length_error("the name '" + from + "' is longer than " +
                            std::to_string(SIDEMAN_BRIDGE_NAME - 1) + " bytes");
  }
  std::memcpy(to, from.c_str(), from.size() + 1);
}

int32_t few_enough(size_t count, const char* what) {
  if (count > SIDEMAN_BRIDGE_NAMES) {
    throw std::length_error("the model names " + std::to_string(count) + " " + what + "; at most " +
                            std::to_string(SIDEMAN_BRIDGE_NAMES) + " are possible");
  }
  return static_cast<int32_t>(count);
}

void describe_model(const py::dict& info, sideman_bridge_model& model) {
  model = {};
  copy_name(model.name, info["name"].cast<std::string>());
  model.sample_rate = info["sample_rate"].cast<int32_t>();
  model.frame_samples = info["frame_samples"].cast<int32_t>();
  const auto hops = info["hops"].cast<std::vector<int32_t>>();
  model.hops = few_enough(hops.size(), "hops");
  std::copy(hops.begin(), hops.end(), model.hop_frames);
  model.lead_frames = info["lead_frames"].cast<int32_t>();
  const auto leads = info["leads"].cast<std::pair<int32_t, int32_t>>();
  model.lead_minimum = leads.first;
  model.lead_maximum = leads.second;
  model.window_frames = info["window_frames"].cast<int32_t>();
  const auto parts = info["parts"].cast<std::vector<std::string>>();
  model.parts = few_enough(parts.size(), "parts");
  for (int32_t i = 0; i < model.parts; ++i) copy_name(model.part_names[i], parts[i]);
  const auto tags = info["tags"].cast<std::vector<std::string>>();
  model.tags = few_enough(tags.size(), "tags");
  for (int32_t i = 0; i < model.tags; ++i) copy_name(model.tag_names[i], tags[i]);
  model.any_tag = info.contains("any_tag") && info["any_tag"].cast<bool>() ? 1 : 0;
}

py::dict controls_of(const sideman_bridge_hop& hop) {
  py::dict controls;
  controls["steps"] = hop.steps;
  controls["guidance"] = hop.guidance;
  controls["temperature"] = hop.temperature;
  controls["clock"] = py::none();
  if (hop.clock_known) controls["clock"] = py::make_tuple(hop.bpm, hop.beat, hop.beats_per_bar);
  py::tuple tags(hop.tags);
  for (int32_t i = 0; i < hop.tags; ++i) {
    tags[i] = py::make_tuple(py::str(hop.tag_names[i]), hop.tag_weights[i]);
  }
  controls["tags"] = tags;
  controls["mode"] = py::str(hop.mode);
  controls["inertia"] = hop.inertia;
  controls["sampler"] = py::str(hop.sampler);
  controls["feedback"] = hop.feedback;
  controls["mix"] = hop.mix;
  controls["patience"] = hop.patience;
  controls["track"] = hop.track != 0;
  return controls;
}

// (bpm, beat, beats per bar, confidence) or None.
void take_clock(const py::object& heard, sideman_bridge_hop& hop) {
  hop.heard_clock_known = heard.is_none() ? 0 : 1;
  if (heard.is_none()) return;
  std::tie(hop.heard_bpm, hop.heard_beat, hop.heard_beats_per_bar, hop.heard_confidence) =
      heard.cast<std::tuple<double, double, int32_t, double>>();
}

}  // namespace

PythonSession::PythonSession(const sideman_bridge_open& request, CancelFlag cancelled,
                             sideman_bridge_model& model) {
  const py::cpp_function is_cancelled([cancelled] { return cancelled->load(); });
  client_ = py::module_::import("sideman.bridge")
                .attr("open")(py::str(request.model), names(request.parts, request.part_names),
                              py::str(request.device), request.threads, is_cancelled);
  describe_model(client_.attr("info").cast<py::dict>(), model);
}

void PythonSession::reset(const sideman_bridge_plan& plan) {
  client_.attr("reset")(plan.hop_frames, plan.lead_frames, names(plan.parts, plan.part_names),
                        plan.seed);
}

void PythonSession::step(sideman_bridge_hop& hop, const py::memoryview& window,
                         const py::memoryview& out) {
  const auto [continues, heard] = client_.attr("step")(hop.hop_id, window, controls_of(hop), out)
                                      .cast<std::pair<bool, py::object>>();
  hop.continuous = continues ? 1 : 0;
  take_clock(heard, hop);
}

}  // namespace sideman
