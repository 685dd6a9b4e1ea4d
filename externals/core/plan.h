#pragma once
// From settings, model, host and measured speed to the grid of a stream, and from settings to the
// controls of a hop: pure functions, any thread but audio.

#include <cstdint>

#include "core/backend.h"
#include "core/grid.h"
#include "core/settings.h"
#include "core/status.h"

namespace sideman {

struct HostFormat {
  int32_t sample_rate = 0;  // 0: not known yet
  int max_vector = 0;
};

double vector_ms(const HostFormat& host);

// How often the worker looks for a complete hop.
inline constexpr double poll_ms = 1.0;

// The hop of the settings, or the model's own; refused when the model cannot do it.
Status choose_hop(const Settings& settings, const ModelInfo& model, int32_t& hop_frames);

// Hop and lead as the accompaniment paper says them (arXiv 2604.07612): r, the hop's share of the
// window, and w, the lead in hops. Refused when either is no whole frames, with what the model can
// do.
Status hop_and_lead(double r, double w, const ModelInfo& model, int32_t& hop, int32_t& lead);

// The shortest lead that a backend which thinks for `thinking_ms` keeps on this host, in frames.
int32_t shortest_lead(double thinking_ms, double fade_ms, const HostFormat& host,
                      const ModelInfo& model);

// The longest lead at hops of so many frames, which leaves something heard in the window.
int32_t longest_lead(int32_t hop_frames, const ModelInfo& model);
// The longest thinking time that it is worth on this host.
double longest_thinking_ms(double fade_ms, const HostFormat& host, const ModelInfo& model,
                           int32_t hop_frames);

// What the settings ask for; auto is the model's first part, or stays where it plays any.
std::vector<std::string> parts_of(const Settings& settings, const ModelInfo& model);
// Refused when the model does not know one of them.
Status check_parts(const Settings& settings, const ModelInfo& model);

// The tags, when the model knows them all.
Status check_tags(const std::vector<Tag>& tags, const ModelInfo& model);

// What the settings ask of one hop whose slot has this clock.
Controls make_controls(const Settings& settings, const Clock& clock);

// The whole plan, ready for `Backend::reset`, or the first reason against it.
Status plan_stream(const Settings& settings, const ModelInfo& model, const HostFormat& host,
                   double thinking_ms, StreamPlan& plan);

}  // namespace sideman
