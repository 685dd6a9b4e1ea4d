#pragma once
// The seam. A backend turns what was heard into what is to be played. All calls come from one thread,
// a worker's or a stand-in's, except `cancel`, which any thread may call at any time. A backend
// may be slow, fail or never return: the worker, not the host, owns waiting. One that answers from
// elsewhere is `Pipelined` too: several hops may be under way.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/hop.h"
#include "core/status.h"

namespace sideman {

// Beyond this, or where it is no number, an answer is not sound.
inline constexpr float loudest_sample = 4.0f;

struct OpenRequest {
  std::string model;
  std::vector<std::string> parts;
  std::string device;
  std::string python;   // venv folder; empty: the package's default places
  int32_t threads = 1;
  bool can_make_room = false;  // who plays now leaves if the answer is busy
  bool to_the_end = false;     // nobody else may play on in the middle
};

struct ModelInfo {
  std::string name;
  std::string backend;                    // which backend answers: "echo", "embedded", ...
  int32_t sample_rate = 44100;
  int32_t frame_samples = 2048;
  std::vector<int32_t> hop_frames = {4};  // what the model can do; the first is its own choice
  int32_t lead_frames = 3;                // its own choice
  int32_t lead_minimum = 1;
  int32_t lead_maximum = 64;
  int32_t window_frames = 128;
  std::vector<std::string> parts;         // what it can play; empty: any
  std::vector<std::string> tags;          // the words that it knows
  bool any_tag = false;                   // it takes every word
};

// A new session of music: from here on hop ids count from 0.
struct StreamPlan {
  Grid grid;
  std::vector<std::string> parts;
  int64_t seed = 0;
  double ready_ms = 0.0;  // so long before its slot an answer is due: a fade and a vector of the host

  bool operator==(const StreamPlan&) const = default;
};

// One line for the host's console, from any thread but audio.
using ConsoleLine = std::function<void(const std::string&)>;

// What became of a hop that was asked for.
struct Answer {
  int64_t hop_id = 0;
  Status status;
  std::string backend;  // who played it; empty: as ModelInfo said
  double held_ms = 0.0;  // how long it was kept back on purpose
};

// The calls of a backend that takes hops while earlier ones are under way. None of them waits.
class Pipelined {
 public:
  virtual ~Pipelined() = default;

  // Every hop asked for without an error is answered once, by its deadline or soon after, in any
  // order; a reset forgets those that were not. `request` is valid during the call.
  virtual Status ask(const HopRequest& request) = 0;
  // The next answer, if any; fills the result when its status is ok.
  virtual std::optional<Answer> take(HopResult& result) = 0;
};

class Backend {
 public:
  virtual ~Backend() = default;

  virtual Status open(const OpenRequest& request, ModelInfo& info) = 0;
  virtual Status reset(const StreamPlan& plan) = 0;
  virtual Status generate(const HopRequest& request, HopResult& result) = 0;
  virtual void close() = 0;
  // Asks a running call to return soon. Cheap, never blocks.
  virtual void cancel() noexcept = 0;
  // Null: one hop at a time, by `generate`.
  virtual Pipelined* pipelined() { return nullptr; }
};

}  // namespace sideman
