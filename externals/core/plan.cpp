#include "core/plan.h"

#include <algorithm>
#include <cmath>

#include "core/clock_keeper.h"
#include "core/numbers.h"

namespace sideman {
namespace {

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string plain(double value) { return digits_of(value, 6); }

Status check_lead(int32_t lead, const ModelInfo& model) {
  if (lead >= model.lead_minimum && lead <= model.lead_maximum) return {};
  return Status::invalid("lead " + std::to_string(lead) + ": model " + model.name + " can do " +
                         std::to_string(model.lead_minimum) + " to " +
                         std::to_string(model.lead_maximum) + " frames; set one of these, or auto");
}

// What was printed with six digits, as messages and saved patches do, is the same number still.
constexpr double six_digits = 1e-5;

bool is_whole(double frames) {
  const double whole = std::round(frames);
  return whole >= 1.0 && std::abs(frames - whole) <= six_digits * whole;
}

// Whether hop, a lead of w hops and the slot are whole frames that the window holds.
bool fits(double hop_frames, double w, int32_t window_frames) {
  const double lead_frames = w * hop_frames;
  return is_whole(lead_frames) && 2.0 * hop_frames + std::round(lead_frames) <= window_frames;
}

// The model's longest hop up to `most` frames, else its shortest, that goes with a lead of w hops;
// 0 where none does.
int32_t nearest_hop(double most, double w, const ModelInfo& model) {
  std::vector<int32_t> hops = model.hop_frames;
  std::ranges::sort(hops);
  int32_t nearest = 0;
  for (const int32_t hop : hops) {
    const double lead = std::round(w * hop);
    const bool can = lead >= model.lead_minimum && lead <= model.lead_maximum;
    if (can && fits(hop, w, model.window_frames) && (nearest == 0 || hop <= most)) nearest = hop;
  }
  return nearest;
}

// What can be had instead of r and w: with this w, else with w 1.
std::string instead_of_window(double r, double w, const ModelInfo& model) {
  const double most = r * model.window_frames * (1.0 + six_digits);
  for (const double with : {w, 1.0}) {
    if (const int32_t hop = nearest_hop(most, with, model); hop > 0) {
      return "send window " + plain(double(hop) / model.window_frames) + " " + plain(with);
    }
  }
  return "set hop and lead in frames";
}

}  // namespace

Status choose_hop(const Settings& settings, const ModelInfo& model, int32_t& hop_frames) {
  if (model.hop_frames.empty()) {
    return Status::failed("model " + model.name + ": names no hop; its model.json is incomplete");
  }
  hop_frames = settings.hop == automatic ? model.hop_frames[0] : settings.hop;
  if (std::ranges::count(model.hop_frames, hop_frames) > 0) return {};
  std::vector<std::string> hops;
  for (const int32_t frames : model.hop_frames) hops.push_back(std::to_string(frames));
  return Status::invalid("hop " + std::to_string(hop_frames) + ": model " + model.name +
                         " can do " + listed(hops) + " frames; set one of these, or auto");
}

Status hop_and_lead(double r, double w, const ModelInfo& model, int32_t& hop, int32_t& lead) {
  const int32_t window = model.window_frames;
  const double hop_given = r * window, lead_given = w * std::round(hop_given);
  std::string why;
  if (!(r <= 1.0 && is_whole(hop_given))) {
    why = "a hop is whole frames of the window of " + std::to_string(window);
  } else if (!is_whole(lead_given)) {
    why = "the lead is w hops of " + plain(std::round(hop_given)) +
          " frames, and live it is whole frames, one at least";
  } else if (!fits(std::round(hop_given), w, window)) {
    why = "(w + 2) r is " + plain((w + 2.0) * r) +
          ", and hop, lead and slot must fit into the window";
  } else if (std::ranges::find(model.hop_frames, std::lround(hop_given)) == model.hop_frames.end()) {
    why = "the model has no hop of " + plain(std::round(hop_given)) + " frames";
  } else {
    hop = static_cast<int32_t>(std::round(hop_given));
    lead = static_cast<int32_t>(std::round(lead_given));
    return {};
  }
  return Status::invalid("window " + plain(r) + " " + plain(w) + ": " + why + "; " +
                         instead_of_window(r, w, model));
}

double vector_ms(const HostFormat& host) {
  return host.sample_rate > 0 ? 1000.0 * host.max_vector / host.sample_rate : 0.0;
}

int32_t longest_lead(int32_t hop_frames, const ModelInfo& model) {
  const int32_t most = std::min(model.lead_maximum, model.window_frames - hop_frames - 1);
  return std::max({most, model.lead_minimum, 1});
}

double longest_thinking_ms(double fade_ms, const HostFormat& host, const ModelInfo& model,
                           int32_t hop_frames) {
  const double frame_ms = 1000.0 * model.frame_samples / model.sample_rate;
  return longest_lead(hop_frames, model) * frame_ms - vector_ms(host) - poll_ms - fade_ms;
}

int32_t shortest_lead(double thinking_ms, double fade_ms, const HostFormat& host,
                      const ModelInfo& model) {
  const double needed_ms = thinking_ms + vector_ms(host) + poll_ms + fade_ms;
  const double frame_ms = 1000.0 * model.frame_samples / model.sample_rate;
  const auto frames = static_cast<int32_t>(std::ceil(needed_ms / frame_ms));
  return std::clamp(frames, std::max(model.lead_minimum, 1), std::max(model.lead_maximum, 1));
}

std::vector<std::string> parts_of(const Settings& settings, const ModelInfo& model) {
  if (settings.names_parts() || model.parts.empty()) return settings.parts;
  return {model.parts.front()};
}

Status check_parts(const Settings& settings, const ModelInfo& model) {
  if (model.parts.empty()) return {};
  for (const std::string& part : parts_of(settings, model)) {
    if (std::ranges::count(model.parts, part) > 0) continue;
    return Status::invalid("parts " + part + ": model " + model.name + " can play " +
                           listed(model.parts) + "; choose among these");
  }
  return {};
}

Status check_tags(const std::vector<Tag>& tags, const ModelInfo& model) {
  if (model.any_tag) return {};
  for (const Tag& tag : tags) {
    if (std::ranges::count(model.tags, tag.name) > 0) continue;
    return Status::invalid("tags " + tag.name + ": model " + model.name + " knows " +
                           (model.tags.empty() ? "none; send tags alone"
                                               : listed(model.tags) + "; choose among these"));
  }
  return {};
}

Controls make_controls(const Settings& settings, const Clock& clock) {
  return {.steps = settings.steps,
          .guidance = settings.guidance,
          .temperature = settings.temperature,
          .clock = clock,
          .track = !clock.known && may_listen(settings.clock),
          .tags = settings.tags,
          .mode = settings.mode,
          .inertia = settings.inertia,
          .sampler = settings.sampler,
          .feedback = settings.feedback,
          .mix = settings.mix,
          .patience = settings.patience};
}

Status plan_stream(const Settings& settings, const ModelInfo& model, const HostFormat& host,
                   double thinking_ms, StreamPlan& plan) {
  if (Status status = check_parts(settings, model); !status.ok()) return status;
  Grid grid;
  grid.sample_rate = model.sample_rate;
  grid.frame_samples = model.frame_samples;
  grid.window_frames = model.window_frames;
  if (Status status = choose_hop(settings, model, grid.hop_frames); !status.ok()) return status;
  grid.lead_frames = settings.lead;
  if (settings.lead == automatic) {
    grid.lead_frames = std::min(shortest_lead(thinking_ms, settings.fade, host, model),
                                longest_lead(grid.hop_frames, model));
  } else if (Status status = check_lead(settings.lead, model); !status.ok()) {
    return status;
  }
  const auto fade = std::lround(settings.fade * model.sample_rate / 1000.0);
  if (Status status = grid.validate_live(fade); !status.ok()) return status;
  plan = {.grid = grid,
          .parts = parts_of(settings, model),
          .seed = settings.seed,
          .ready_ms = settings.fade + vector_ms(host)};
  return {};
}

}  // namespace sideman
