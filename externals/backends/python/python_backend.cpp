#include "backends/python/python_backend.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "backends/python/console_voice.h"

namespace sideman {

namespace {

struct ErrorLine {
  std::array<char, 1024> text{};
  sideman_bridge_error error{text.data(), static_cast<uint32_t>(text.size())};

  Status status(int code) const {
    if (code == SIDEMAN_BRIDGE_OK) return {};
    if (code == SIDEMAN_BRIDGE_CANCELLED) return Status::cancelled();
    return Status::failed(text.data());
  }
};

std::vector<const char*> pointers(const std::vector<std::string>& names) {
  std::vector<const char*> result;
  for (const std::string& name : names) result.push_back(name.c_str());
  return result;
}

int32_t count(int32_t said) { return std::clamp<int32_t>(said, 0, SIDEMAN_BRIDGE_NAMES); }

ModelInfo to_info(const sideman_bridge_model& model) {
  ModelInfo info;
  info.name = model.name;
  info.sample_rate = model.sample_rate;
  info.frame_samples = model.frame_samples;
  info.hop_frames.assign(model.hop_frames, model.hop_frames + count(model.hops));
  info.lead_frames = model.lead_frames;
  info.lead_minimum = model.lead_minimum;
  info.lead_maximum = model.lead_maximum;
  info.window_frames = model.window_frames;
  for (int32_t i = 0; i < count(model.parts); ++i) info.parts.emplace_back(model.part_names[i]);
  for (int32_t i = 0; i < count(model.tags); ++i) info.tags.emplace_back(model.tag_names[i]);
  info.any_tag = model.any_tag != 0;
  info.backend = "embedded";
  return info;
}

// The tags as C has them, for as long as a call takes.
struct TagList {
  std::vector<const char*> names;
  std::vector<double> weights;

  explicit TagList(const std::vector<Tag>& tags) {
    for (const Tag& tag : tags) {
      names.push_back(tag.name.c_str());
      weights.push_back(tag.weight);
    }
  }
};

void write_controls(const Controls& controls, const TagList& tags, sideman_bridge_hop& hop) {
  hop.steps = controls.steps;
  hop.guidance = controls.guidance;
  hop.temperature = controls.temperature;
  hop.clock_known = controls.clock.known ? 1 : 0;
  hop.bpm = controls.clock.bpm;
  hop.beat = controls.clock.beat;
  hop.beats_per_bar = controls.clock.beats_per_bar;
  hop.track = controls.track ? 1 : 0;
  hop.mode = controls.mode.c_str();
  hop.tags = static_cast<int32_t>(tags.names.size());
  hop.tag_names = tags.names.data();
  hop.tag_weights = tags.weights.data();
  hop.inertia = controls.inertia;
  hop.sampler = controls.sampler.c_str();
  hop.feedback = controls.feedback;
  hop.mix = controls.mix;
  hop.patience = controls.patience;
}

HeardClock heard_clock(const sideman_bridge_hop& hop) {
  return {.clock = {.known = hop.heard_clock_known != 0,
                    .bpm = hop.heard_bpm,
                    .beat = hop.heard_beat,
                    .beats_per_bar = hop.heard_beats_per_bar},
          .confidence = hop.heard_confidence};
}

sideman_bridge_hop to_hop(const HopRequest& request, const TagList& tags, HopResult& result) {
  sideman_bridge_hop hop{};
  hop.hop_id = request.hop_id;
  hop.slot_begin = request.slot.begin;
  hop.slot_end = request.slot.end;
  hop.window = request.window.data();
  hop.channels = request.channels;
  hop.window_samples = static_cast<int64_t>(request.window.size()) / std::max(request.channels, 1);
  write_controls(request.controls, tags, hop);
  hop.audio = result.audio.data();
  hop.hop_samples = request.grid.hop_samples();
  hop.parts = result.parts;
  hop.continuous = 1;
  return hop;
}

}  // namespace

PythonBackend::PythonBackend(ConsoleLine console, BridgeSource source)
    : source_(std::move(source)), voice_(std::make_unique<ConsoleVoice>(std::move(console))) {}

PythonBackend::~PythonBackend() { close(); }

Status PythonBackend::open(const OpenRequest& request, ModelInfo& info) {
  close();
  const ConsoleVoice::Turn turn(*voice_);
  const sideman_bridge_table* table = nullptr;
  if (Status found = source_(request, table); !found.ok()) return found;

  const std::vector<const char*> parts = pointers(request.parts);
  sideman_bridge_open asked{request.model.c_str(), request.device.c_str(), request.threads,
                            static_cast<int32_t>(parts.size()), parts.data()};
  sideman_bridge_model model{};
  sideman_bridge_session* session = nullptr;
  ErrorLine line;
  const int code = table->open(&asked, &model, &session, &line.error);
  if (code != SIDEMAN_BRIDGE_OK) return line.status(code);
  {
    const std::lock_guard lock(mutex_);
    table_ = table;
    session_ = session;
  }
  info = to_info(model);
  return {};
}

Status PythonBackend::reset(const StreamPlan& plan) {
  if (!session_) return Status::unavailable("no model is open; send load");
  const ConsoleVoice::Turn turn(*voice_);
  const std::vector<const char*> parts = pointers(plan.parts);
  const sideman_bridge_plan asked{plan.grid.hop_frames,
                                  plan.grid.lead_frames,
                                  plan.grid.window_frames,
                                  static_cast<int32_t>(parts.size()),
                                  parts.data(),
                                  plan.seed};
  ErrorLine line;
  return line.status(table_->reset(session_, &asked, &line.error));
}

Status PythonBackend::generate(const HopRequest& request, HopResult& result) {
  if (!session_) return Status::unavailable("no model is open; send load");
  const ConsoleVoice::Turn turn(*voice_);
  const TagList tags(request.controls.tags);
  sideman_bridge_hop hop = to_hop(request, tags, result);
  ErrorLine line;
  const int code = table_->generate(session_, &hop, &line.error);
  result.continuous = hop.continuous != 0;
  result.heard = heard_clock(hop);
  return line.status(code);
}

void PythonBackend::close() {
  if (sideman_bridge_session* session = take_session()) {
    const ConsoleVoice::Turn turn(*voice_);
    table_->close(session);
  }
}

void PythonBackend::cancel() noexcept {
  const std::lock_guard lock(mutex_);
  if (session_) table_->cancel(session_);
}

sideman_bridge_session* PythonBackend::take_session() noexcept {
  const std::lock_guard lock(mutex_);
  sideman_bridge_session* session = session_;
  session_ = nullptr;
  return session;
}

}  // namespace sideman
